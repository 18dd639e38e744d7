"""The numbers behind every figure; the app draws them, the report draws them, CSV holds them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.intervals import two_sem
from imi_desktop.analysis.measures import PARTICIPANT, UNIT, cell_means, number, plain
from imi_desktop.analysis.selection import level_rank

CHANCE = 0.5
BINS_PER_DECADE = 20
SHORTEST_S, LONGEST_S = 0.4, 130.0
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
    units: tuple[UnitScore, ...]


def figures(trials: pd.DataFrame) -> Figures:
    """Compute the figures of selected trials.

    Parameters
    ----------
    trials : DataFrame
        Selected trials; those that cannot be right or wrong are left out.
    """
    judged = trials[trials["correct"].notna().to_numpy()].reset_index(drop=True)
    correct = number(judged["correct"])
    names = {str(value) for value in judged["condition"].dropna().unique()}
    conditions = tuple(sorted(names, key=lambda name: level_rank("condition", name)))
    return Figures(
        conditions=conditions,
        n_participants=len(judged[list(PARTICIPANT)].drop_duplicates()),
        n_trials=len(judged),
        accuracy=_accuracy(judged, correct, conditions),
        confidence=_confidence(judged, correct, conditions),
        times=_times(judged, conditions),
        layers=_levels(judged, correct, "layer"),
        branches=_levels(judged, correct, "branch"),
        units=_units(judged, correct),
    )


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


def _accuracy(
    judged: pd.DataFrame, correct: np.ndarray, conditions: tuple[str, ...]
) -> tuple[ConditionAccuracy, ...]:
    table = cell_means(judged, ("condition",), correct).table
    several = judged["study"].nunique() > 1
    person = table["participant"].astype("string").fillna("")
    if several:
        person = table["study"].astype("string").fillna("") + " / " + person
    result = []
    for condition in conditions:
        rows = np.flatnonzero((table["condition"] == condition).to_numpy(dtype=bool))
        rows = rows[np.argsort(person.iloc[rows].to_numpy(dtype=str), kind="stable")]
        means = table["mean"].to_numpy()[rows]
        result.append(
            ConditionAccuracy(
                condition=condition,
                participants=tuple(person.iloc[rows]),
                means=tuple(float(mean) for mean in means),
                mean=float(means.mean()),
                sem2=two_sem(means),
                n_trials=int(table["n_trials"].to_numpy()[rows].sum()),
            )
        )
    return tuple(result)


def _confidence(
    judged: pd.DataFrame, correct: np.ndarray, conditions: tuple[str, ...]
) -> tuple[ConfidenceRow, ...]:
    confidence = number(judged["confidence"])
    result = []
    for condition in conditions:
        here = (judged["condition"] == condition).to_numpy(dtype=bool)
        for right in (True, False):
            rows = here & (correct == right)
            one, two, three = (int((confidence[rows] == level).sum()) for level in (1, 2, 3))
            result.append(ConfidenceRow(condition, right, (one, two, three)))
    return tuple(result) if np.isfinite(confidence).any() else ()


def _times(judged: pd.DataFrame, conditions: tuple[str, ...]) -> tuple[TimeHistogram, ...]:
    seconds = number(judged["reaction_time_ms"]) / 1000
    bins = math.ceil(math.log10(LONGEST_S / SHORTEST_S) * BINS_PER_DECADE)
    edges = np.geomspace(SHORTEST_S, LONGEST_S, bins + 1)
    result = []
    for condition in conditions:
        here = (judged["condition"] == condition).to_numpy(dtype=bool) & np.isfinite(seconds)
        if not here.any():
            continue
        times = seconds[here]
        counts, _ = np.histogram(np.clip(times, SHORTEST_S, LONGEST_S), edges)
        result.append(TimeHistogram(condition, edges, counts, float(np.median(times)), len(times)))
    return tuple(result)


def _levels(judged: pd.DataFrame, correct: np.ndarray, column: str) -> LevelFigure:
    """Accuracy by a column; condition none shows no references and is left out."""
    shown = (judged["condition"] != "none").to_numpy(dtype=bool)
    known = shown & judged[column].notna().to_numpy() & judged["condition"].notna().to_numpy()
    trials, values = judged[known].reset_index(drop=True), correct[known]
    level = trials[column].astype("string")
    if column == "branch" and trials["unit_selection"].nunique() > 1:
        # Borowski et al. 2021, figure 5: only pool units were hand-picked besides drawn.
        both = trials.groupby(level)["unit_selection"].transform("nunique").to_numpy() > 1
        picked = (trials["unit_selection"] == "hand_picked").fillna(False).to_numpy(dtype=bool)
        level = level.mask(both & picked, level + ", hand-picked")
        level = level.mask(both & ~picked, level + ", random")
    trials = trials.assign(**{column: level})
    table = cell_means(trials, (column, "condition"), values).table
    means = []
    for (name, condition), rows in table.groupby([column, "condition"], observed=True):
        cells = rows["mean"].to_numpy()
        means.append(
            LevelMean(
                str(name), str(condition), float(cells.mean()), two_sem(cells), len(cells),
                int(rows["n_trials"].sum()),
            )
        )  # fmt: skip
    levels = tuple(sorted({mean.level for mean in means}, key=_level_key))
    means.sort(key=lambda m: (levels.index(m.level), level_rank("condition", m.condition)))
    return LevelFigure(column, levels, tuple(means), ordered=column == "layer")


def _units(judged: pd.DataFrame, correct: np.ndarray) -> tuple[UnitScore, ...]:
    known = judged["channel"].notna().to_numpy() & judged["condition"].notna().to_numpy()
    trials, values = judged[known].reset_index(drop=True), correct[known]
    keys = (*UNIT, "branch")
    table = cell_means(trials, ("condition",), values, within=keys).table
    found: dict[tuple[Any, ...], tuple[dict[str, float], dict[str, int]]] = {}
    columns = [table[name].astype(object).tolist() for name in (*keys, "condition")]
    for *unit, condition, mean, answers in zip(
        *columns, table["mean"].tolist(), table["n_trials"].tolist(), strict=True
    ):
        scores, counts = found.setdefault(tuple(plain(part) for part in unit), ({}, {}))
        scores[str(condition)] = mean
        counts[str(condition)] = answers
    units = [
        UnitScore(model, layer, branch, channel, scores, answers)
        for (model, layer, channel, branch), (scores, answers) in found.items()
    ]
    return tuple(units)


def _natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort ``blocks.10`` after ``blocks.9`` and ``mixed3b`` after ``mixed3a``."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for letter in [*name, ""]:
        if letter.isdigit():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        if letter:
            parts.append((1, 0, letter))
    return parts


def _level_key(name: str) -> tuple[list[tuple[int, int, str]], bool]:
    base = name.removesuffix(", hand-picked").removesuffix(", random")
    return _natural_key(base), name.endswith(", hand-picked")
