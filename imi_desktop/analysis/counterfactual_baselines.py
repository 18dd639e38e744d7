"""Baseline observers of the counterfactual task, on the very queries that people judged.

Zimmermann et al. 2021, appendix B.1: how far does one get by looking only at where the patches lie
and what they cover? The answers depend on the queries alone, so each query is judged once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.intervals import two_sem
from imi_desktop.analysis.measures import number, row_keys
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import Trial
from imi_desktop.experiment.trial_images import trial_images
from imi_desktop.models.unit import Unit
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.observer import Observer
from imi_desktop.observers.patch_observers import (
    CentreObserver,
    SaliencyObserver,
    VarianceObserver,
)
from imi_desktop.seeds import generator

QUERY = ("study", "task", "difficulty", "model", "layer", "branch", "channel", "image_set")


@dataclass(frozen=True)
class BaselineAccuracy:
    """How often an observer is right.

    Parameters
    ----------
    accuracy : float
        Mean over image sets of the share of right answers, as participants' means are taken.
    sem2 : float or None
        Two standard errors over image sets; None under two.
    n_queries, n_image_sets : int
        What the observer judged.
    """

    observer: str
    accuracy: float
    sem2: float | None
    n_queries: int
    n_image_sets: int

    def to_json(self) -> dict[str, Any]:
        """The accuracy as JSON-able values."""
        return {
            "observer": self.observer,
            "proportion_correct": self.accuracy,
            "sem2": self.sem2,
            "n_queries": self.n_queries,
            "n_image_sets": self.n_image_sets,
        }


def counterfactual_queries(trials: pd.DataFrame) -> pd.DataFrame:
    """The distinct queries of counterfactual trials, one per row, with the columns QUERY."""
    rows = trials[(trials["task"] == "counterfactual").fillna(False).to_numpy(dtype=bool)]
    rows = rows[rows["channel"].notna().to_numpy() & rows["image_set"].notna().to_numpy()]
    return rows[list(QUERY)].drop_duplicates().reset_index(drop=True)


def query_records(trials: pd.DataFrame) -> list[dict[str, Any]]:
    """:func:`counterfactual_queries` as one dictionary per query."""
    queries = counterfactual_queries(trials)
    columns = [queries[name].astype(object).tolist() for name in QUERY]
    return [dict(zip(QUERY, values, strict=True)) for values in zip(*columns, strict=True)]


def baseline_answers(
    studies: Sequence[Study], trials: pd.DataFrame, known: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Let the baseline observers judge every counterfactual query whose images are there.

    Parameters
    ----------
    studies : sequence of Study
        Where the images lie, found by the study's name.
    trials : DataFrame
        Selected trials.
    known : DataFrame or None
        What this function returned for other trials of these studies; its queries are not looked
        at again.

    Returns
    -------
    DataFrame
        The columns QUERY, ``observer`` and ``correct``; empty without such queries or images.

    Raises
    ------
    UnreadableImageError
        If an image is there but cannot be read.
    """
    by_name = {study.name: study for study in studies}
    observers: tuple[Observer, ...] = (
        CentreObserver(), VarianceObserver(), SaliencyObserver(), ChanceObserver(),
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    judged = _by_query(known)
    for query in query_records(trials):
        if (found := judged.get(tuple(map(str, query.values())))) is not None:
            rows += found
            continue
        study = by_name.get(str(query["study"]))
        trial = None if study is None else _trial_of(study, query)
        if study is None or trial is None:
            continue
        for observer in observers:
            names = (trial.unit.address, trial.image_set)
            random = generator(study.seed, "baseline", observer.name, *names)
            answer = observer.respond(trial, study.folder, random)
            right = answer.position == trial.target_position
            rows.append({**query, "observer": observer.name, "correct": float(right)})
    return pd.DataFrame(rows, columns=[*QUERY, "observer", "correct"])


def baseline_accuracies(answers: pd.DataFrame) -> list[BaselineAccuracy]:
    """Accuracy of each observer, averaged within image sets first."""
    results = []
    for name, rows in answers.groupby("observer", sort=False):
        keys = row_keys(rows, ("study", "image_set"))
        means = pd.Series(number(rows["correct"])).groupby(keys.to_numpy()).mean().to_numpy()
        results.append(
            BaselineAccuracy(
                str(name), float(np.mean(means)), two_sem(means), len(rows), len(means)
            )
        )
    return results


def _by_query(known: pd.DataFrame | None) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    if known is not None:
        columns = [known[name].astype(object).tolist() for name in known.columns]
        for values in zip(*columns, strict=True):
            row = dict(zip(known.columns, values, strict=True))
            found.setdefault(tuple(str(row[name]) for name in QUERY), []).append(row)
    return found


def _trial_of(study: Study, query: dict[str, Any]) -> Trial | None:
    """A trial with the query's images, its target on the left; None if they are not there."""
    if not str(query["image_set"]).isdigit():
        return None
    unit = Unit(str(query["model"]), str(query["layer"]), int(query["channel"]))
    images = trial_images(
        "counterfactual", "none", "none", unit, int(query["image_set"]),
        patch_px=study.stimuli.occlusion.patch_px,
    )  # fmt: skip
    if images.original is None or images.target is None or images.distractor is None:
        return None
    if not all((study.folder / file).is_file() for file in images.files):
        return None
    return Trial(
        number=1,
        task="counterfactual",
        phase="main",
        block=1,
        condition="none",
        scheme="none",
        unit=unit,
        unit_selection="random",
        catch=False,
        image_set=str(query["image_set"]),
        references_min=(),
        references_max=(),
        queries={"upper": images.original, "left": images.target, "right": images.distractor},
        target_position="left",
        feedback=False,
    )
