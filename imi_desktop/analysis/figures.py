"""Computes the numbers behind every figure from selected trials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.cells import PARTICIPANT, UNIT, cell_means, distinct, number
from imi_desktop.analysis.figure_data import (
    ConditionAccuracy,
    ConfidenceRow,
    Figures,
    LevelFigure,
    LevelMean,
    TimeHistogram,
    UnitScore,
    level_rank,
)
from imi_desktop.analysis.intervals import two_sem
from imi_desktop.analysis.layer_depth import depths_of
from imi_desktop.analysis.measures import plain

BINS_PER_DECADE = 20
SHORTEST_S, LONGEST_S = 0.4, 130.0
_COLUMNS = (*PARTICIPANT, *UNIT, "branch", "condition", "unit_selection", "correct", "confidence",
            "reaction_time_ms")  # fmt: skip


def figures(trials: pd.DataFrame) -> Figures:
    """Compute the figures of selected trials.

    Parameters
    ----------
    trials : DataFrame
        Selected trials; those that cannot be right or wrong are left out.
    """
    answered = np.flatnonzero(trials["correct"].notna().to_numpy())
    judged = trials[list(_COLUMNS)].take(answered).reset_index(drop=True)
    correct = number(judged["correct"])
    names = {str(value) for value in judged["condition"].dropna().unique()}
    conditions = tuple(sorted(names, key=lambda name: level_rank("condition", name)))
    return Figures(
        conditions=conditions,
        n_participants=len(distinct(judged[list(PARTICIPANT)])[1]),
        n_trials=len(judged),
        accuracy=_accuracy(judged, correct, conditions),
        confidence=_confidence(judged, correct, conditions),
        times=_times(judged, conditions),
        layers=_levels(judged, correct, "layer"),
        branches=_levels(judged, correct, "branch"),
        studies=_levels(judged, correct, "study"),
        units=_units(judged, correct),
    )


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
    """Accuracy by a column; condition none shows no references and is left out but of studies."""
    shown = np.ones(len(judged), dtype=bool)
    if column != "study":
        shown = (judged["condition"] != "none").to_numpy(dtype=bool)
    known = shown & judged[column].notna().to_numpy() & judged["condition"].notna().to_numpy()
    trials, values = judged, np.where(known, correct, np.nan)
    if column == "branch" and known.any() and trials["unit_selection"].nunique() > 1:
        # Borowski et al. 2021, figure 5: only pool units were hand-picked besides drawn.
        trials, values = judged[known].reset_index(drop=True), correct[known]
        level = trials[column].astype("string")
        both = trials.groupby(level)["unit_selection"].transform("nunique").to_numpy() > 1
        picked = (trials["unit_selection"] == "hand_picked").fillna(False).to_numpy(dtype=bool)
        level = level.mask(both & picked, level + ", hand-picked")
        level = level.mask(both & ~picked, level + ", random")
        trials = trials.assign(**{column: level})
    several = column == "layer" and trials["model"][known].nunique() > 1
    depths = _places(trials, known, several) if column == "layer" else {}
    if several:  # networks share names of layers
        level = trials["layer"].astype("string") + ", " + trials["model"].astype("string")
        trials = trials.assign(layer=level)
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
    names = {mean.level for mean in means}
    nowhere = ("", 0.0)
    levels = tuple(sorted(names, key=lambda name: (*depths.get(name, nowhere), _level_key(name))))
    means.sort(key=lambda m: (levels.index(m.level), level_rank("condition", m.condition)))
    return LevelFigure(column, levels, tuple(means), ordered=column == "layer")


def _places(trials: pd.DataFrame, known: np.ndarray, several: bool) -> dict[str, tuple[str, float]]:
    """Network and relative depth by the name of a level, for sorting."""
    places: dict[str, tuple[str, float]] = {}
    for model in trials["model"][known].dropna().unique():
        for layer, depth in depths_of([model]).items():
            name = f"{layer}, {model}" if several else layer
            places.setdefault(name, (str(model) if several else "", depth))
    if several:
        pairs = trials.loc[known, ["layer", "model"]].drop_duplicates().dropna().astype(str)
        for layer, model in pairs.itertuples(index=False, name=None):
            places.setdefault(f"{layer}, {model}", (model, 0.0))
    return places


def _units(judged: pd.DataFrame, correct: np.ndarray) -> tuple[UnitScore, ...]:
    known = judged["channel"].notna().to_numpy() & judged["condition"].notna().to_numpy()
    keys = (*UNIT, "branch")
    values = np.where(known, correct, np.nan)
    table = cell_means(judged, ("condition",), values, within=keys).table
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
