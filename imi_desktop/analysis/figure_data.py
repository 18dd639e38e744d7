"""What figures hold; the app draws it, the report draws it, CSV files hold it.

Needs no pandas, so that the window can import it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from imi_desktop.analysis.comparison_result import ComparisonResult

CHANCE = 0.5
CONDITION_ORDER = ("natural", "synthetic", "mixed", "blurred", "none")
Row = dict[str, Any]


@dataclass(frozen=True)
class ConditionAccuracy:
    """Accuracy in one condition.

    Parameters
    ----------
    participants : tuple of str
        Who answered, in a fixed order.
    means : tuple of float
        Proportion correct of each.
    sem2 : float or None
        Two standard errors over participants.
    """

    condition: str
    participants: tuple[str, ...]
    means: tuple[float, ...]
    mean: float
    sem2: float | None
    n_trials: int


@dataclass(frozen=True)
class ConfidenceRow:
    """Answers per level of confidence, of right or of wrong answers in one condition.

    Parameters
    ----------
    counts : tuple of int
        Answers with confidence 1, 2 and 3.
    """

    condition: str
    right: bool
    counts: tuple[int, int, int]

    @property
    def total(self) -> int:
        """Answers in all."""
        return sum(self.counts)


@dataclass(frozen=True)
class TimeHistogram:
    """Reaction times of one condition.

    Parameters
    ----------
    edges_s : ndarray of float, shape (n_bins + 1,)
        Bin edges in seconds, equally wide on a log scale; the same for all conditions.
    counts : ndarray of int, shape (n_bins,)
        The outermost bins hold what lies beyond them.
    """

    condition: str
    edges_s: np.ndarray
    counts: np.ndarray
    median_s: float
    n_trials: int


@dataclass(frozen=True)
class LevelMean:
    """Accuracy at one level of a column (a layer, a branch) in one condition."""

    level: str
    condition: str
    mean: float
    sem2: float | None
    n_participants: int
    n_trials: int


@dataclass(frozen=True)
class LevelFigure:
    """Accuracy over the levels of a column.

    Parameters
    ----------
    ordered : bool
        Whether the levels have an order, so that lines may join them.
    """

    column: str
    levels: tuple[str, ...]
    means: tuple[LevelMean, ...]
    ordered: bool

    def at(self, condition: str, level: str) -> LevelMean | None:
        """The mean of one condition at one level."""
        return next((m for m in self.means if m.condition == condition and m.level == level), None)


@dataclass(frozen=True)
class UnitScore:
    """Accuracy of one unit per condition.

    Parameters
    ----------
    scores : dict of str to float
        Mean correct per condition.
    answers : dict of str to int
    """

    model: str | None
    layer: str | None
    branch: str | None
    channel: int | None
    scores: dict[str, float]
    answers: dict[str, int]


@dataclass(frozen=True)
class QueryAccuracy:
    """How people judged one pair of occlusions.

    Parameters
    ----------
    difference : float or None
        Relative activation difference: (target − distractor) / without occlusion; None if it is
        not known.
    accuracy : float
        Mean over participants.
    """

    study: str
    model: str
    layer: str
    channel: int
    image_set: str
    branch: str | None
    condition: str
    difference: float | None
    accuracy: float
    n_participants: int


@dataclass(frozen=True)
class UnitPoint:
    """One unit in a plot of score against another of its numbers, `x`."""

    model: str
    layer: str
    channel: int
    x: float
    score: float
    n_trials: int


@dataclass(frozen=True)
class Correlate:
    """Units' scores against another of their numbers.

    Parameters
    ----------
    name, words : str
        Of the number, for programs and for people.
    test : ComparisonResult
        Spearman's correlation with its interval.
    """

    name: str
    words: str
    model: str
    condition: str
    difficulty: str | None
    points: tuple[UnitPoint, ...]
    test: ComparisonResult


@dataclass(frozen=True)
class Figures:
    """Everything that is drawn about one selection of trials."""

    conditions: tuple[str, ...]
    n_participants: int
    n_trials: int
    accuracy: tuple[ConditionAccuracy, ...]
    confidence: tuple[ConfidenceRow, ...]
    times: tuple[TimeHistogram, ...]
    layers: LevelFigure
    branches: LevelFigure
    studies: LevelFigure
    units: tuple[UnitScore, ...]


def wilson(
    right: np.ndarray, n: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of shares (Brown, Cai & DasGupta 2001, Statistical Science 16).

    Parameters
    ----------
    right, n : ndarray, shape (n_units,)
        Right answers and answers; n at least 1.

    Returns
    -------
    low, high : ndarray of float64, shape (n_units,)
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = right / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.clip(centre - reach, 0, 1), np.clip(centre + reach, 0, 1)


def level_rank(column: str, level: object) -> tuple[int, float, str]:
    """Sort key of a column's values: conditions in our order, numbers by size, texts by letter.

    Anything that is neither text nor number is missing and comes last.
    """
    if column == "condition" and level in CONDITION_ORDER:
        return (0, float(CONDITION_ORDER.index(str(level))), "")
    if isinstance(level, str):
        return (2, 0.0, level)
    if isinstance(level, (int, float, np.number)) and level == level:
        return (1, float(level), "")
    return (3, 0.0, "")


def accuracy_rows(accuracy: tuple[ConditionAccuracy, ...]) -> list[Row]:
    """What the accuracy figure shows, one row per participant and condition, means last."""
    rows = [
        {"condition": one.condition, "participant": person, "proportion_correct": mean}
        for one in accuracy
        for person, mean in zip(one.participants, one.means, strict=True)
    ]
    rows += [
        {
            "condition": one.condition,
            "participant": "mean over participants",
            "proportion_correct": one.mean,
            "two_sem": one.sem2,
            "n_participants": len(one.means),
            "n_trials": one.n_trials,
        }
        for one in accuracy
    ]
    return rows


def confidence_rows(confidence: tuple[ConfidenceRow, ...]) -> list[Row]:
    """What the confidence figure shows, one row per condition, answer and level."""
    return [
        {
            "condition": row.condition,
            "answers": "right" if row.right else "wrong",
            "confidence": level,
            "n_trials": count,
            "share": count / row.total if row.total else None,
        }
        for row in confidence
        for level, count in enumerate(row.counts, start=1)
    ]


def time_rows(times: tuple[TimeHistogram, ...]) -> list[Row]:
    """What the reaction time figure shows, one row per condition and bin."""
    return [
        {
            "condition": one.condition,
            "from_s": float(one.edges_s[i]),
            "to_s": float(one.edges_s[i + 1]),
            "n_trials": int(count),
            "median_s": one.median_s,
        }
        for one in times
        for i, count in enumerate(one.counts)
    ]


def level_rows(figure: LevelFigure) -> list[Row]:
    """What a figure by layer or branch shows, one row per level and condition."""
    return [
        {
            figure.column: one.level,
            "condition": one.condition,
            "proportion_correct": one.mean,
            "two_sem": one.sem2,
            "n_participants": one.n_participants,
            "n_trials": one.n_trials,
        }
        for one in figure.means
    ]


def unit_rows(units: tuple[UnitScore, ...]) -> list[Row]:
    """Scores per unit, one row per unit and condition."""
    return [
        {
            "model": unit.model,
            "layer": unit.layer,
            "branch": unit.branch,
            "channel": unit.channel,
            "condition": condition,
            "proportion_correct": score,
            "n_trials": unit.answers[condition],
        }
        for unit in units
        for condition, score in unit.scores.items()
    ]


def query_rows(queries: tuple[QueryAccuracy, ...]) -> list[Row]:
    """Accuracy and activation difference, one row per condition, unit and image set."""
    return [
        {
            "study": one.study,
            "model": one.model,
            "layer": one.layer,
            "branch": one.branch,
            "channel": one.channel,
            "image_set": one.image_set,
            "condition": one.condition,
            "activation_difference": one.difference,
            "proportion_correct": one.accuracy,
            "n_participants": one.n_participants,
        }
        for one in queries
    ]


def correlate_rows(one: Correlate) -> list[Row]:
    """Scores against another number, one row per unit."""
    return [
        {
            "model": point.model,
            "layer": point.layer,
            "channel": point.channel,
            "condition": one.condition,
            one.name: point.x,
            "interpretability_score": point.score,
            "n_trials": point.n_trials,
        }
        for point in one.points
    ]
