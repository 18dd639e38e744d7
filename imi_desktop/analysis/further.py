"""Everything beyond measures and default tests: units, counterfactual, agreement, models, machine.

All of it is exploratory: no hypothesis names any of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.counterfactual import Counterfactual, analyse_counterfactual
from imi_desktop.analysis.figure_data import Correlate
from imi_desktop.analysis.machine_score import MachineResult, machine_results
from imi_desktop.analysis.per_model import ModelScore, model_correlations, model_scores
from imi_desktop.analysis.unit_correlates import correlate_json, read_measured, unit_correlates
from imi_desktop.analysis.unit_scores import (
    DifficultyMean,
    UnitInterval,
    difficulty_levels,
    natural_against_synthetic,
    unit_intervals,
)
from imi_desktop.experiment.study import Study


@dataclass(frozen=True)
class Further:
    """Results about units, models and agreement.

    Parameters
    ----------
    comparisons : tuple of ComparisonResult
        Natural against synthetic per unit, and difficulty levels on shared units.
    models : tuple of ModelScore
        Empty unless several models were asked about, or values were given.
    notes : tuple of str
        What a reader of the units' numbers should know.
    """

    units: tuple[UnitInterval, ...] = ()
    comparisons: tuple[ComparisonResult, ...] = ()
    difficulties: tuple[DifficultyMean, ...] = ()
    correlates: tuple[Correlate, ...] = ()
    machine: tuple[MachineResult, ...] = ()
    models: tuple[ModelScore, ...] = ()
    model_tests: tuple[ComparisonResult, ...] = ()
    counterfactual: Counterfactual = field(default_factory=Counterfactual)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The results as JSON-able values, keyed as in ``analyze --json``."""
        return {
            "units": {
                "scores": [unit.to_json() for unit in self.units],
                "tests": [test.to_json() for test in self.comparisons],
                "difficulty": [mean.to_json() for mean in self.difficulties],
                "correlates": [correlate_json(one) for one in self.correlates],
                "notes": list(self.notes),
            },
            "models": {
                "scores": [model.to_json() for model in self.models],
                "tests": [test.to_json() for test in self.model_tests],
            },
            "machine_score": [result.to_json() for result in self.machine],
            "counterfactual": self.counterfactual.to_json(),
            "agreement": self.counterfactual.agreement.to_json(),
        }


def analyse_further(
    studies: Sequence[Study],
    trials: pd.DataFrame,
    model_values: dict[str, dict[str, float]] | None = None,
    known: pd.DataFrame | None = None,
) -> Further:
    """Compute everything beyond measures and tests.

    Parameters
    ----------
    studies : sequence of Study
        Whose stimuli and computed measures are looked at.
    trials : DataFrame
        Selected trials.
    model_values : dict or None
        See :func:`imi_desktop.analysis.per_model.read_model_values`.
    known : DataFrame or None
        Observers' answers that need not be found again
        (:attr:`imi_desktop.analysis.counterfactual.Counterfactual.answers`).

    Raises
    ------
    UserError
        If a manifest, an image or a file of computed measures cannot be read.
    """
    scores = unit_intervals(trials)
    measured = read_measured(studies)
    correlates = unit_correlates(scores, measured)
    difficulties, harder = difficulty_levels(scores)
    models = model_scores(scores, model_values or {})
    several = len({one.model for one in models}) > 1 or bool(model_values)
    return Further(
        units=tuple(scores),
        comparisons=(*natural_against_synthetic(scores), *harder),
        difficulties=tuple(difficulties),
        correlates=tuple(correlates),
        machine=tuple(machine_results(measured.of_kind("machine_score"), correlates, trials)),
        models=tuple(models) if several else (),
        model_tests=tuple(model_correlations(models)) if several else (),
        counterfactual=analyse_counterfactual(studies, trials, known),
        notes=measured.notes,
    )
