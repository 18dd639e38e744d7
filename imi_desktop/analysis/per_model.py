"""Models' mean scores against any value per model, such as their top-1 accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.group_tests import spearman
from imi_desktop.analysis.intervals import two_sem
from imi_desktop.analysis.unit_scores import UnitInterval
from imi_desktop.csv_rows import csv_rows
from imi_desktop.errors import UserError


class ModelValuesError(UserError):
    """A CSV of values per model is not one."""


@dataclass(frozen=True)
class ModelScore:
    """Mean interpretability score of one model's units.

    Parameters
    ----------
    values : dict of str to float
        What the CSV says about the model.
    """

    model: str
    condition: str
    difficulty: str | None
    mean: float
    sem2: float | None
    n_units: int
    values: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """The score as JSON-able values."""
        return {
            "model": self.model,
            "condition": self.condition,
            "difficulty": self.difficulty,
            "interpretability_score": self.mean,
            "sem2": self.sem2,
            "n_units": self.n_units,
            "values": self.values,
        }


def read_model_values(path: Path) -> dict[str, dict[str, float]]:
    """Read a CSV with the column ``model`` and further columns of numbers.

    Returns
    -------
    dict of str to dict of str to float
        Named values by model; empty cells are left out.

    Raises
    ------
    ModelValuesError
        If the file is not such a table, names a model twice, or holds something that is no number.
    StorageError
        If it cannot be read.
    """
    found: dict[str, dict[str, float]] = {}
    for place, row in csv_rows(path, ["model"], ModelValuesError):
        model = row.pop("model")
        if not model:
            raise ModelValuesError(f"{place}: no model is named.")
        if model in found:
            raise ModelValuesError(f"{place}: {model} is there twice.")
        found[model] = {
            name: _number(cell, f"{place}, {name}") for name, cell in row.items() if cell
        }
    if not any(found.values()):
        raise ModelValuesError(f"{path} holds no value beside the column model.")
    return found


def model_scores(
    scores: Sequence[UnitInterval], values: dict[str, dict[str, float]]
) -> list[ModelScore]:
    """Mean score of each model's units, per condition and difficulty; without condition none."""
    groups: dict[tuple[str, str, str | None], list[float]] = {}
    for one in scores:
        if one.model is not None and one.condition not in {None, "none"}:
            key = (one.model, str(one.condition), one.difficulty)
            groups.setdefault(key, []).append(one.score)
    return [
        ModelScore(
            model, condition, difficulty, float(np.mean(group)), two_sem(np.array(group)),
            len(group), values.get(model, {}),
        )
        for (model, condition, difficulty), group in groups.items()
    ]  # fmt: skip


def model_correlations(models: Sequence[ModelScore]) -> list[ComparisonResult]:
    """Spearman of models' mean scores and each value, per condition and difficulty.

    Zimmermann et al. 2023, figure 4: interpretability against top-1 accuracy.
    """
    names = sorted({name for one in models for name in one.values})
    groups = dict.fromkeys((one.condition, one.difficulty) for one in models)
    results = []
    for name in names:
        for condition, difficulty in groups:
            here = [
                one
                for one in models
                if (one.condition, one.difficulty) == (condition, difficulty) and name in one.values
            ]
            where = ", ".join(word for word in (condition, difficulty) if word)
            x = np.array([one.values[name] for one in here])
            y = np.array([one.mean for one in here])
            comparison = f"score × {name.replace('_', ' ')}, {where}"
            results.append(spearman(x, y, comparison, n_of="models"))
    return results


def _number(cell: str, place: str) -> float:
    try:
        value = float(cell)
    except ValueError as error:
        raise ModelValuesError(f"{place}: “{cell}” is not a number.") from error
    if not math.isfinite(value):
        raise ModelValuesError(f"{place}: “{cell}” is not a number.")
    return value
