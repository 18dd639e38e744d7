"""Whether the counterfactual task is easier where the two occlusions differ more in activation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from imi_desktop.analysis.agreement import agreement
from imi_desktop.analysis.agreement_data import Agreement
from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.counterfactual_baselines import (
    QUERY,
    BaselineAccuracy,
    baseline_accuracies,
    baseline_answers,
    counterfactual_queries,
    query_records,
)
from imi_desktop.analysis.figure_data import QueryAccuracy, Row, level_rank, query_rows
from imi_desktop.analysis.group_tests import spearman
from imi_desktop.analysis.measures import PARTICIPANT, cell_means, number, plain, row_keys
from imi_desktop.experiment.study import Study
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Manifest
from imi_desktop.stimuli.pack import occlusion_path

ALL = "all"


@dataclass(frozen=True)
class Counterfactual:
    """What is computed for trials of the counterfactual task.

    Parameters
    ----------
    queries : tuple of QueryAccuracy
        Accuracy and relative activation difference per condition, unit and image set.
    correlations : tuple of ComparisonResult
        Spearman of the two, per condition and branch.
    baselines : tuple of BaselineAccuracy
        Observers that need no references.
    missing : int
        Queries whose activations are not in the manifest.
    answers : DataFrame or None
        The observers' answers; see
        :func:`imi_desktop.analysis.counterfactual_baselines.baseline_answers`.
    """

    queries: tuple[QueryAccuracy, ...] = ()
    correlations: tuple[ComparisonResult, ...] = ()
    baselines: tuple[BaselineAccuracy, ...] = ()
    missing: int = 0
    answers: pd.DataFrame | None = field(default=None, compare=False, repr=False)
    agreement: Agreement = field(default_factory=Agreement)

    def rows(self) -> list[Row]:
        """One row per condition, unit and image set, for CSV."""
        return query_rows(self.queries)

    def to_json(self) -> dict[str, Any]:
        """The analyses as JSON-able values."""
        return {
            "queries": self.rows(),
            "correlations": [test.to_json() for test in self.correlations],
            "baselines": [baseline.to_json() for baseline in self.baselines],
            "queries_without_activations": self.missing,
        }


def analyse_counterfactual(
    studies: Sequence[Study], trials: pd.DataFrame, known: pd.DataFrame | None = None
) -> Counterfactual:
    """Accuracy against activation difference, baselines, and agreement with them.

    Parameters
    ----------
    studies : sequence of Study
        Where manifests and images lie.
    trials : DataFrame
        Selected trials of any task.
    known : DataFrame or None
        Observers' answers that need not be found again.

    Returns
    -------
    Counterfactual
        Empty of counterfactual values, but with the participants' agreement, for other tasks.
    """
    if not len(counterfactual_queries(trials)):
        return Counterfactual(agreement=agreement(trials))
    answers = baseline_answers(studies, trials, known)
    queries, missing = query_accuracies(trials, activation_differences(studies, trials))
    return Counterfactual(
        queries=queries,
        correlations=tuple(difference_correlations(queries)),
        baselines=tuple(baseline_accuracies(answers)),
        missing=missing,
        answers=answers,
        agreement=agreement(trials, observers=answers),
    )


def activation_differences(
    studies: Sequence[Study], trials: pd.DataFrame
) -> dict[tuple[str, str, str, int, str], float]:
    """Relative activation difference of each query.

    (activation of the target − activation of the distractor) / activation of the image without
    occlusion, all on the network itself (Zimmermann et al. 2021, appendix B.3).

    Returns
    -------
    dict
        By study, model, layer, channel and image set. Queries that the manifest does not know, or
        whose image without occlusion activates the unit not at all, are left out.
    """
    by_name = {study.name: study for study in studies}
    manifests: dict[str, Manifest] = {}
    found = {}
    for query in query_records(trials):
        name, image_set = str(query["study"]), str(query["image_set"])
        if name not in by_name or not image_set.isdigit():
            continue
        study = by_name[name]
        if name not in manifests:
            manifests[name] = Manifest.read(study.folder)
        unit = Unit(str(query["model"]), str(query["layer"]), int(query["channel"]))
        difference = _difference(
            manifests[name], unit, int(image_set), study.stimuli.occlusion.patch_px
        )
        if difference is not None:
            found[name, unit.model, unit.layer, unit.channel, image_set] = difference
    return found


def query_accuracies(
    trials: pd.DataFrame, differences: dict[tuple[str, str, str, int, str], float]
) -> tuple[tuple[QueryAccuracy, ...], int]:
    """Share of participants who were right, per condition, unit and image set.

    Returns
    -------
    queries : tuple of QueryAccuracy
    missing : int
        How many of them have no activation difference.
    """
    rows = trials["task"].eq("counterfactual") & trials["correct"].notna()
    judged = trials[rows.fillna(False).to_numpy(dtype=bool)].reset_index(drop=True)
    keys = [name for name in QUERY if name not in {"task", "difficulty"}]
    table = cell_means(judged, ("condition",), number(judged["correct"]), within=keys).table
    people = judged.assign(person=row_keys(judged, PARTICIPANT))
    cells = row_keys(people, ("condition", *keys))
    counts = people.groupby(cells.to_numpy())["person"].nunique()
    queries = []
    for cell, key in zip(
        table.to_dict("records"), row_keys(table, ("condition", *keys)), strict=True
    ):
        address = (
            str(cell["study"]), str(cell["model"]), str(cell["layer"]), int(cell["channel"]),
            str(cell["image_set"]),
        )  # fmt: skip
        queries.append(
            QueryAccuracy(
                *address,
                branch=plain(cell["branch"]),
                condition=str(cell["condition"]),
                difference=differences.get(address),
                accuracy=float(cell["mean"]),
                n_participants=int(counts[key]),
            )
        )
    queries.sort(key=lambda one: (level_rank("condition", one.condition), one.layer, one.channel))
    return tuple(queries), sum(one.difference is None for one in queries)


def difference_correlations(queries: Sequence[QueryAccuracy]) -> list[ComparisonResult]:
    """Spearman of accuracy and activation difference, per condition and branch (figure 8)."""
    conditions = list(dict.fromkeys(one.condition for one in queries))
    branches = sorted({one.branch for one in queries if one.branch})
    cells = [(c, b) for c in conditions for b in ([*branches, ALL] if len(branches) > 1 else [ALL])]
    results = []
    for condition, branch in cells:
        here = [
            one for one in queries if one.condition == condition and branch in {ALL, one.branch}
        ]
        found = pd.DataFrame(
            {"x": [one.difference for one in here], "y": [one.accuracy for one in here]},
            dtype="float64",
        )
        where = f"{condition}, {branch}" if branch != ALL else condition
        results.append(
            spearman(
                found["x"].to_numpy(), found["y"].to_numpy(),
                f"accuracy × activation difference, {where}", n_of="queries",
            )
        )  # fmt: skip
    return results


def _difference(manifest: Manifest, unit: Unit, batch: int, patch: int) -> float | None:
    target = manifest.get(occlusion_path(unit, batch, "target", patch))
    distractor = manifest.get(occlusion_path(unit, batch, "distractor", patch))
    if target is None or distractor is None:
        return None
    unoccluded = target.parameters.get("unoccluded")
    if not isinstance(unoccluded, (int, float)) or unoccluded == 0:
        return None
    return (target.activation - distractor.activation) / float(unoccluded)
