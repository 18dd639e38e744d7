"""What goes with a unit's score: depth, sparseness, contrast, selectivity, ablation, machine score.

Zimmermann et al. 2023, section 4.3 and appendix B.4. All of it is exploratory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.figure_data import Correlate, UnitPoint
from imi_desktop.analysis.group_tests import spearman
from imi_desktop.analysis.layer_depth import depths_of
from imi_desktop.analysis.unit_scores import UnitInterval
from imi_desktop.experiment.study import Study
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.unit_measures import MeasureKind, UnitMeasures

DEPTH = "layer_depth"
PROPERTIES: tuple[tuple[str, str], ...] = (
    (DEPTH, "layer depth"),
    ("pixel_sparseness", "sparseness of maps"),
    ("channel_sparseness", "sparseness over images"),
    ("local_contrast", "local contrast of maps"),
    ("selectivity", "class selectivity"),
    ("accuracy_lost", "accuracy lost by ablation"),
    ("accuracy_lost_preferred", "accuracy lost on the preferred class"),
    ("machine_score", "machine score"),
)
WORDS = dict(PROPERTIES)
_KINDS: tuple[MeasureKind, ...] = ("activation_maps", "selectivity", "machine_score")


@dataclass(frozen=True)
class Measured:
    """Numbers about units that were computed for the studies, and how.

    Parameters
    ----------
    values : dict of Unit to dict of str to float
        Only what is known.
    sources : tuple of (str, UnitMeasures)
        The files they come from, each with the name of its study.
    notes : tuple of str
        What a reader should know, one sentence each.
    """

    values: dict[Unit, dict[str, float]]
    sources: tuple[tuple[str, UnitMeasures], ...] = ()
    notes: tuple[str, ...] = ()

    def of_kind(self, kind: MeasureKind) -> tuple[tuple[str, UnitMeasures], ...]:
        """Sources of one kind."""
        return tuple(source for source in self.sources if source[1].kind == kind)

    def value(self, unit: Unit, name: str, condition: str | None) -> float | None:
        """A unit's number; that of the condition where it differs between conditions."""
        known = self.values.get(unit, {})
        return known.get(name, known.get(f"{name}_{condition}"))


def read_measured(studies: Sequence[Study]) -> Measured:
    """Read what ``imi-desktop measure`` computed for these studies.

    Raises
    ------
    UnitMeasuresError, StorageError
        If a file cannot be read.
    """
    values: dict[Unit, dict[str, float]] = {}
    sources: list[tuple[str, UnitMeasures]] = []
    differing: set[Unit] = set()
    for study in studies:
        for kind in _KINDS:
            found = UnitMeasures.read(study.folder, kind)
            if found is None:
                continue
            sources.append((study.name, found))
            for unit, numbers in found.values.items():
                known = {name: value for name, value in numbers.items() if value is not None}
                before = values.setdefault(unit, {})
                if any(before.get(name, value) != value for name, value in known.items()):
                    differing.add(unit)
                before.update(known)
    notes = [note for _, source in sources for note in source.notes]
    if differing:
        notes.append(
            f"The studies give different numbers for the same units ({len(differing)} of them); "
            "those of the last study are shown."
        )
    return Measured(values, tuple(sources), tuple(dict.fromkeys(notes)))


def unit_correlates(scores: Sequence[UnitInterval], measured: Measured) -> list[Correlate]:
    """Spearman of score and each property, per model, condition and difficulty.

    Condition none shows no references and is left out. Properties that are not known of any unit
    are left out; those that cannot be tested carry the reason.
    """
    groups: dict[tuple[str, str, str | None], list[UnitInterval]] = {}
    for one in scores:
        if one.model is not None and one.condition not in {None, "none"}:
            groups.setdefault((one.model, str(one.condition), one.difficulty), []).append(one)
    depths = {model: depths_of([model]) for model in {key[0] for key in groups}}
    several = len({key[2] for key in groups}) > 1
    found = []
    for name, words in PROPERTIES:
        for (model, condition, difficulty), rows in groups.items():
            points = tuple(
                UnitPoint(model, one.layer, one.channel, x, one.score, one.n_trials)
                for one in rows
                if one.layer is not None
                and (x := _property(name, one, depths[model], measured)) is not None
            )
            if not points:
                continue
            level = difficulty if several else None
            where = ", ".join(word for word in (model, condition, level) if word)
            test = _test(points, f"score × {words}, {where}")
            found.append(Correlate(name, words, model, condition, difficulty, points, test))
    return found


def correlate_json(one: Correlate) -> dict[str, Any]:
    """A correlation as JSON-able values, without its points."""
    return {
        "property": one.name,
        "model": one.model,
        "condition": one.condition,
        "difficulty": one.difficulty,
        **one.test.to_json(),
    }


def _property(
    name: str, one: UnitInterval, depths: dict[str, float], measured: Measured
) -> float | None:
    layer = str(one.layer)
    if name == DEPTH:
        return depths.get(layer)
    return measured.value(Unit(str(one.model), layer, one.channel), name, one.condition)


def _test(points: Sequence[UnitPoint], comparison: str) -> ComparisonResult:
    x = np.array([point.x for point in points])
    return spearman(x, np.array([point.score for point in points]), comparison)
