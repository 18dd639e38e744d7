"""What is measured: proportion correct, reaction time, confidence, ratings, scores.

Means are taken within participants first and over participants then (Borowski et al. 2021,
section 4), except for the interpretability score, which is taken within units first and over
units then (Zimmermann et al. 2023, section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.cells import (
    PARTICIPANT,
    UNIT,
    CellMeans,
    cell_means,
    cell_medians,
    distinct,
    number,
    row_keys,
)
from imi_desktop.analysis.confidence import confidence_discrimination
from imi_desktop.analysis.figure_data import level_rank
from imi_desktop.analysis.intervals import MINIMUM_N, RESAMPLES, bootstrap_intervals, two_sem

__all__ = ["PARTICIPANT", "UNIT", "CellMeans", "cell_means", "measure", "number", "row_keys"]

_SHARE = (0.0, 1.0)
LIMITS = {
    "proportion_correct": _SHARE,
    "confidence": _SHARE,
    "accuracy_at_confidence": _SHARE,
    "confidence_discrimination": _SHARE,
    "interpretability_score": _SHARE,
    "reaction_time_ms": (0.0, np.inf),
    "reaction_time_median_ms": (0.0, np.inf),
    "rating": (-100.0, 100.0),
}
"""Between which values a measure lies; intervals end there."""


@dataclass(frozen=True)
class Quantity:
    """One number per trial that can be averaged.

    Parameters
    ----------
    measure : str
        Name as in ``analyze --json``.
    values : ndarray of float64, shape (n_trials,)
        NaN where the trial does not count.
    on : {"correct", "incorrect", "all"} or None
        Answers that count, where the measure makes that difference.
    level : int or None
        Level of confidence whose share, or at which the accuracy, this is.
    averaged_within : tuple of str
        Columns that name the participant, or the unit.
    typical : {"mean", "median", "discrimination"}
        What is taken of the values within a participant.
    """

    measure: str
    values: np.ndarray
    on: str | None = None
    level: int | None = None
    averaged_within: tuple[str, ...] = PARTICIPANT
    typical: str = "mean"


@dataclass(frozen=True)
class MeasureRow:
    """The mean of one measure in one group of trials.

    Parameters
    ----------
    group : dict
        Value of each `by` column; None where missing.
    mean : float
        Mean of the participants' (or units') means.
    sem2 : float or None
        Two standard errors of that mean; None under two participants.
    ci95 : tuple of float or None
        Bootstrap 95 % interval; None under five participants, and where all are the same.
    averaged_within : {"participants", "units"}
        What was averaged first, and over what `mean`, `sem2` and `ci95` are taken.
    n_units : int or None
        Number of units averaged over, for the interpretability score.
    """

    measure: str
    group: dict[str, Any]
    on: str | None
    level: int | None
    mean: float
    sem2: float | None
    ci95: tuple[float, float] | None
    n_participants: int
    n_trials: int
    averaged_within: str = "participants"
    n_units: int | None = None


def quantities(trials: pd.DataFrame) -> list[Quantity]:
    """Every quantity that these trials have at least one value of."""
    correct = number(trials["correct"])
    time = number(trials["reaction_time_ms"])
    confidence = number(trials["confidence"])
    answers = {"correct": correct == 1, "incorrect": correct == 0, "all": np.isfinite(correct)}
    found = [Quantity("proportion_correct", correct)]
    found += [
        Quantity("reaction_time_ms", np.where(rows, time, np.nan), on)
        for on, rows in answers.items()
    ]
    found += [
        Quantity("reaction_time_median_ms", np.where(rows, time, np.nan), on, typical="median")
        for on, rows in answers.items()
    ]
    for on, rows in answers.items():
        known = rows & np.isfinite(confidence)
        found += [
            Quantity("confidence", np.where(known, confidence == level, np.nan), on, level)
            for level in (1, 2, 3)
        ]
    if np.isfinite(confidence).any():
        found += [
            Quantity(
                "accuracy_at_confidence",
                np.where(confidence == level, correct, np.nan),
                level=level,
            )
            for level in (1, 2, 3)
        ]
        found.append(Quantity("confidence_discrimination", correct, typical="discrimination"))
    found.append(Quantity("rating", number(trials["rating"])))
    found.append(Quantity("interpretability_score", correct, averaged_within=UNIT))
    return [quantity for quantity in found if np.isfinite(quantity.values).any()]


def measure(
    trials: pd.DataFrame,
    by: Sequence[str] = ("condition",),
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[MeasureRow]:
    """Compute every measure in every group of trials.

    Parameters
    ----------
    trials : DataFrame
        Selected trials (see :class:`imi_desktop.analysis.selection.Selection`).
    by : sequence of str
        Columns that make the groups; empty for one group of all.
    resamples : int
        Bootstrap samples per interval; 0 for no intervals.

    Returns
    -------
    list of MeasureRow
        In the order of the measures, then of the groups.
    """
    summaries = [
        summary for quantity in quantities(trials) for summary in _summaries(trials, quantity, by)
    ]
    bounds = _intervals([summary.means for summary in summaries], seed, resamples)
    return [
        replace(summary.row, ci95=_within(LIMITS[summary.row.measure], interval))
        for summary, interval in zip(summaries, bounds, strict=True)
    ]


@dataclass(frozen=True)
class _Summary:
    row: MeasureRow
    means: np.ndarray


def _summaries(trials: pd.DataFrame, quantity: Quantity, by: Sequence[str]) -> list[_Summary]:
    cells = _cells(trials, quantity, by)
    table = cells.table
    names = list(cells.by)
    groups = distinct(table[names])[0] if names else np.zeros(len(table), dtype=int)
    of_units = quantity.averaged_within == UNIT
    members = [np.flatnonzero(groups == group) for group in _group_order(table, names, groups)]
    people = _participants_per_group(trials, names, quantity, table, members) if of_units else None
    means = table["mean"].to_numpy()
    counts = table["n_trials"].to_numpy()
    return [
        _Summary(
            MeasureRow(
                measure=quantity.measure,
                group={name: plain(table[name].iloc[rows[0]]) for name in names},
                on=quantity.on,
                level=quantity.level,
                mean=float(means[rows].mean()),
                sem2=two_sem(means[rows]),
                ci95=None,
                n_participants=people[position] if people else len(rows),
                n_trials=int(counts[rows].sum()),
                averaged_within="units" if of_units else "participants",
                n_units=len(rows) if of_units else None,
            ),
            means[rows],
        )
        for position, rows in enumerate(members)
    ]


def _cells(trials: pd.DataFrame, quantity: Quantity, by: Sequence[str]) -> CellMeans:
    if quantity.typical == "discrimination":
        return confidence_discrimination(
            trials, tuple(by), quantity.values, number(trials["confidence"])
        )
    typical = cell_medians if quantity.typical == "median" else cell_means
    return typical(trials, by, quantity.values, within=quantity.averaged_within)


def _intervals(
    samples: list[np.ndarray], seed: int, resamples: int
) -> list[tuple[float, float] | None]:
    """Intervals of many means; those over equally many participants share their samples."""
    bounds: list[tuple[float, float] | None] = [None] * len(samples)
    sizes: dict[int, list[int]] = {}
    for position, sample in enumerate(samples):
        sizes.setdefault(len(sample), []).append(position)
    for size, positions in sizes.items():
        if size < MINIMUM_N or not resamples:
            continue
        stacked = np.column_stack([samples[position] for position in positions])
        low, high = bootstrap_intervals(stacked, seed=seed, resamples=resamples)
        for column, position in enumerate(positions):
            if np.isfinite(low[column]) and np.isfinite(high[column]):
                bounds[position] = (float(low[column]), float(high[column]))
    return bounds


def _within(
    limits: tuple[float, float], interval: tuple[float, float] | None
) -> tuple[float, float] | None:
    if interval is None:
        return None
    return max(limits[0], interval[0]), min(limits[1], interval[1])


def _participants_per_group(
    trials: pd.DataFrame,
    by: list[str],
    quantity: Quantity,
    table: pd.DataFrame,
    members: list[np.ndarray],
) -> list[int]:
    people = cell_means(trials, by, quantity.values).table
    if not by:
        return [len(people)]
    keys = row_keys(people, by)
    counts = keys.value_counts()
    wanted = row_keys(table, by)
    return [int(counts[wanted.iloc[rows[0]]]) for rows in members]


def _group_order(table: pd.DataFrame, by: list[str], groups: np.ndarray) -> list[int]:
    if not by:
        return [0] if len(table) else []
    numbers, first = np.unique(groups, return_index=True)
    levels = {name: [plain(value) for value in table[name].iloc[first]] for name in by}
    places = sorted(
        range(len(first)), key=lambda p: tuple(level_rank(name, levels[name][p]) for name in by)
    )
    return [int(numbers[place]) for place in places]


def plain(value: Any) -> Any:
    """A table's value as JSON knows it; missing becomes None."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value
