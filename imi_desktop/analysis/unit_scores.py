"""How interpretable each unit is: score with interval, references compared, difficulty levels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.figure_data import Row, level_rank, wilson
from imi_desktop.analysis.group_tests import spearman
from imi_desktop.analysis.intervals import two_sem
from imi_desktop.analysis.measures import (
    PARTICIPANT,
    UNIT,
    number,
    plain,
)
from imi_desktop.analysis.signed_rank import signed_rank

DIFFICULTIES = ("easy", "medium", "hard", "very_hard")


@dataclass(frozen=True)
class UnitInterval:
    """Interpretability score of one unit in one condition (Zimmermann et al. 2023, section 3).

    Parameters
    ----------
    difficulty : str or None
        None where trials have none.
    score : float
        Share of right answers.
    ci95 : tuple of float
        Wilson 95 % interval; takes answers as independent, as they are where each participant
        answers about a unit once.
    """

    model: str | None
    layer: str | None
    branch: str | None
    channel: int
    condition: str | None
    difficulty: str | None
    score: float
    ci95: tuple[float, float]
    n_participants: int
    n_trials: int

    @property
    def unit(self) -> tuple[str | None, str | None, int]:
        """Model, layer and channel."""
        return self.model, self.layer, self.channel

    def to_json(self) -> Row:
        """The score as JSON-able values."""
        return {
            "model": self.model,
            "layer": self.layer,
            "branch": self.branch,
            "channel": self.channel,
            "condition": self.condition,
            "difficulty": self.difficulty,
            "interpretability_score": self.score,
            "ci95": list(self.ci95),
            "n_participants": self.n_participants,
            "n_trials": self.n_trials,
        }


@dataclass(frozen=True)
class DifficultyMean:
    """Mean score at one difficulty over the units that were asked about at every difficulty."""

    model: str | None
    condition: str
    difficulty: str
    mean: float
    sem2: float | None
    n_units: int

    def to_json(self) -> dict[str, Any]:
        """The mean as JSON-able values."""
        return {
            "model": self.model,
            "condition": self.condition,
            "difficulty": self.difficulty,
            "mean": self.mean,
            "sem2": self.sem2,
            "n_units": self.n_units,
        }


def unit_intervals(trials: pd.DataFrame) -> list[UnitInterval]:
    """Score and interval of every unit, per condition and difficulty.

    Parameters
    ----------
    trials : DataFrame
        Selected trials; those that cannot be right or wrong, or of no known unit, are left out.
    """
    known = trials["correct"].notna() & trials["channel"].notna()
    judged = trials[known.to_numpy(dtype=bool)].reset_index(drop=True)
    correct = number(judged["correct"])
    columns = (*UNIT, "branch", "condition", "difficulty")
    cell = _numbered(judged, columns)
    n = np.bincount(cell)
    right = np.bincount(cell, weights=correct)
    person = _numbered(judged, PARTICIPANT)
    answered = np.unique(np.stack([cell, person]), axis=1)
    people = np.bincount(answered[0], minlength=len(n))
    first = np.unique(cell, return_index=True)[1]
    low, high = wilson(right, n)
    names = zip(*(judged[name].iloc[first].astype(object) for name in columns), strict=True)
    found = [
        UnitInterval(
            model=plain(model),
            layer=plain(layer),
            branch=plain(branch),
            channel=int(channel),
            condition=plain(condition),
            difficulty=plain(difficulty),
            score=float(right[i] / n[i]),
            ci95=(float(low[i]), float(high[i])),
            n_participants=int(people[i]),
            n_trials=int(n[i]),
        )
        for i, (model, layer, channel, branch, condition, difficulty) in enumerate(names)
    ]
    found.sort(
        key=lambda one: (
            one.model or "",
            level_rank("condition", one.condition),
            difficulty_rank(one.difficulty),
            one.score,
        )
    )
    return found


def natural_against_synthetic(scores: list[UnitInterval]) -> list[ComparisonResult]:
    """Natural against synthetic references unit by unit, for each model and difficulty.

    Zimmermann et al. 2023, figure 5: whether natural images explain the same units better
    (Wilcoxon signed-rank over units), and whether the same units are easy (Spearman).
    """
    results = []
    several = len({one.difficulty for one in scores}) > 1
    for model, difficulty in _groups(scores):
        wide = _wide(scores, model, difficulty=difficulty)
        pairs = [row for row in wide.values() if "natural" in row and "synthetic" in row]
        if not pairs:
            continue
        natural = np.array([row["natural"] for row in pairs])
        synthetic = np.array([row["synthetic"] for row in pairs])
        where = ", ".join(word for word in (model, difficulty if several else None) if word)
        ending = f", {where}" if where else ""
        paired = signed_rank(natural, synthetic, f"natural – synthetic, score per unit{ending}")
        results.append(replace(paired, n_of="units"))
        results.append(spearman(natural, synthetic, f"natural × synthetic, score per unit{ending}"))
    return results


def difficulty_levels(
    scores: list[UnitInterval],
) -> tuple[list[DifficultyMean], list[ComparisonResult]]:
    """Scores per difficulty on the units that have every difficulty, and their comparisons.

    Zimmermann et al. 2023, section 4.4: harder queries for the same units. Pairs of levels are
    compared over units by Wilcoxon signed-rank; the tests of one model and condition are a family.
    """
    means: list[DifficultyMean] = []
    tests: list[ComparisonResult] = []
    keys = dict.fromkeys((one.model, one.condition) for one in scores)
    for model, condition in keys:
        wide = _wide(scores, model, condition=condition)
        named = {one.difficulty for one in scores if one.model == model and one.difficulty}
        levels = sorted((level for level in named if level), key=difficulty_rank)
        levels = [level for level in levels if any(level in row for row in wide.values())]
        shared = [row for row in wide.values() if all(level in row for level in levels)]
        if len(levels) < 2 or not shared or condition is None:
            continue
        values = {level: np.array([row[level] for row in shared]) for level in levels}
        means += [
            DifficultyMean(
                model, condition, level, float(values[level].mean()), two_sem(values[level]),
                len(shared),
            )
            for level in levels
        ]  # fmt: skip
        where = f"{condition}, {model}" if model else condition
        for first, second in combinations(levels, 2):
            result = signed_rank(
                values[first], values[second],
                f"{first} – {second}, score per unit, {where}".replace("_", " "),
                family=f"difficulty, {where}",
            )  # fmt: skip
            tests.append(replace(result, n_of="units"))
    return means, tests


def difficulty_rank(level: str | None) -> tuple[int, str]:
    """Sort key of difficulties: easy to very hard, others by letter, none first."""
    if level is None:
        return (-1, "")
    if level in DIFFICULTIES:
        return (DIFFICULTIES.index(level), "")
    return (len(DIFFICULTIES), level)


def _numbered(trials: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Number of each row's combination of values, from 0; missing values are values."""
    groups = trials.groupby(list(columns), observed=True, dropna=False, sort=False)
    return groups.ngroup().to_numpy()


def _groups(scores: list[UnitInterval]) -> list[tuple[str | None, str | None]]:
    return list(dict.fromkeys((one.model, one.difficulty) for one in scores))


def _wide(
    scores: list[UnitInterval],
    model: str | None,
    *,
    difficulty: str | None = None,
    condition: str | None = None,
) -> dict[tuple[Any, ...], dict[str, float]]:
    """Scores of each unit by condition, or by difficulty where the condition is given."""
    wide: dict[tuple[Any, ...], dict[str, float]] = {}
    for one in scores:
        if one.model != model:
            continue
        if condition is None:
            name, taken = one.condition, one.difficulty == difficulty
        else:
            name, taken = one.difficulty, one.condition == condition
        if taken and name is not None:
            wide.setdefault(one.unit, {})[name] = one.score
    return wide
