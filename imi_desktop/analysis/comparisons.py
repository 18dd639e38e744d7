"""Which tests are run on a study when nobody names any; all of them are exploratory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from imi_desktop.analysis import anova
from imi_desktop.analysis.comparison_result import ComparisonResult, Correction, corrected
from imi_desktop.analysis.figure_data import level_rank
from imi_desktop.analysis.group_tests import (
    binomial_against_chance,
    chi_squared,
    kruskal_wallis,
    mann_whitney,
    spearman,
)
from imi_desktop.analysis.layer_depth import depths_of
from imi_desktop.analysis.measures import PARTICIPANT, UNIT, cell_means, number, row_keys
from imi_desktop.analysis.signed_rank import (
    APPROXIMATE,
    EXACT,
    mostly_paired,
    signed_rank,
)

MOST_LEVELS = 6
ACCURACY = "accuracy"
TIME = "reaction time"


def default_tests(
    trials: pd.DataFrame, by: Sequence[str], *, correction: Correction = "holm"
) -> list[ComparisonResult]:
    """Run the tests that the papers report, as far as the trials allow.

    Pairs of levels of every `by` column by accuracy and by reaction time on right answers (Wilcoxon
    signed-rank
    where the same participants answered both, else Mann–Whitney); confidence against condition
    (χ²); selection mode and expertise against reference type (ANOVA); models (Kruskal–Wallis over
    units); every condition against chance; ratings before and after.

    Parameters
    ----------
    trials : DataFrame
        Selected trials.
    correction : {"holm", "bonferroni", "none"}
        Across the pairs of one measure and column.
    """
    judged = trials[trials["correct"].notna().to_numpy()].reset_index(drop=True)
    correct = number(judged["correct"])
    times = np.where(correct == 1, number(judged["reaction_time_ms"]), np.nan)
    results: list[ComparisonResult] = []
    for factor in by:
        if factor == "model":
            results += _models(judged, correct)
        elif 1 < judged[factor].nunique() <= MOST_LEVELS:
            results += _pairs(judged, factor, correct, ACCURACY)
            if np.isfinite(times).any():
                results += _pairs(judged, factor, times, TIME)
    results += _confidence(judged, correct)
    results += _anovas(judged, correct)
    results += _against_chance(judged, correct)
    results += _depth(judged, correct)
    results += _ratings(trials)
    return corrected(results, correction)


def paired_means(
    trials: pd.DataFrame, factor: str, values: np.ndarray
) -> tuple[list[str], np.ndarray]:
    """Participants' means at each level of a column.

    Returns
    -------
    levels : list of str
        Sorted.
    means : ndarray of float64, shape (n_participants, n_levels)
        NaN where a participant has no value at a level.
    """
    table = cell_means(trials, (factor,), values).table
    table = table[table[factor].notna().to_numpy()]
    if not len(table):
        return [], np.empty((0, 0))
    person = row_keys(table, PARTICIPANT)
    wide = pd.DataFrame(
        {"person": person, "level": table[factor].astype(str), "mean": table["mean"]}
    ).pivot(index="person", columns="level", values="mean")
    levels = sorted((str(level) for level in wide.columns), key=lambda v: level_rank(factor, v))
    return levels, wide[levels].to_numpy(dtype=float)


def _pairs(
    trials: pd.DataFrame, factor: str, values: np.ndarray, measure: str
) -> list[ComparisonResult]:
    levels, means = paired_means(trials, factor, values)
    results: list[ComparisonResult] = []
    approximations: list[ComparisonResult] = []
    for first, second in combinations(range(len(levels)), 2):
        a, b = means[:, first], means[:, second]
        comparison = f"{levels[first]} – {levels[second]}, {measure}"
        family = f"{factor}, {measure}"
        if mostly_paired(a, b):
            results.append(signed_rank(a, b, comparison, method=EXACT, family=family))
            approximations.append(
                signed_rank(a, b, comparison, method=APPROXIMATE, family=f"{family}, approximate")
            )
        else:
            results.append(_between(a, b, comparison, family))
    return results + approximations


def _between(
    first: np.ndarray, second: np.ndarray, comparison: str, family: str
) -> ComparisonResult:
    """Groups of people; those in both count in each, which the result says."""
    in_both = int((np.isfinite(first) & np.isfinite(second)).sum())
    result = mann_whitney(
        first[np.isfinite(first)], second[np.isfinite(second)], comparison, family=family
    )
    if not in_both or result.p is None:
        return result
    caveat = f"{in_both} of the participants are in both groups and count as different people."
    return replace(result, assumptions=(*result.assumptions, caveat))


def _confidence(judged: pd.DataFrame, correct: np.ndarray) -> list[ComparisonResult]:
    confidence = number(judged["confidence"])
    condition = judged["condition"].astype("string")
    shown = ((condition != "none") & condition.notna()).to_numpy(dtype=bool)
    results = []
    for word, answer in (("right", 1), ("wrong", 0)):
        rows = shown & (correct == answer) & np.isfinite(confidence)
        if condition[rows].nunique() > 1:
            counts = pd.crosstab(condition[rows].astype(str), confidence[rows]).to_numpy()
            results.append(chi_squared(counts, f"confidence × condition, {word} answers"))
    return results


def _anovas(judged: pd.DataFrame, correct: np.ndarray) -> list[ComparisonResult]:
    condition = judged["condition"].astype("string")
    shown = ((condition != "none") & condition.notna()).to_numpy(dtype=bool)
    trials, values = judged[shown].reset_index(drop=True), correct[shown]
    if trials["condition"].nunique() < 2:
        return []
    results: list[ComparisonResult] = []
    if trials["unit_selection"].nunique() > 1:
        known = trials["unit_selection"].notna().to_numpy()
        means = _person_cells(trials[known], ("unit_selection", "condition"), values[known])
        results += anova.repeated_measures(means, ("unit_selection", "condition"), ACCURACY)
    if trials["expert_level"].notna().any():
        known = trials["expert_level"].notna().to_numpy()
        means = _person_cells(trials[known], ("expert_level", "condition"), values[known])
        results += _expertise(means)
    return results


def _expertise(means: pd.DataFrame) -> list[ComparisonResult]:
    comparison = "expert level × reference type"
    found = anova.mixed(means, "condition", "expert_level", ACCURACY)
    if len(found) == 1 and found[0].reason:
        return [replace(found[0], comparison=f"{comparison}, {ACCURACY}")]
    return found


def _person_cells(trials: pd.DataFrame, by: tuple[str, ...], values: np.ndarray) -> pd.DataFrame:
    table = cell_means(trials.reset_index(drop=True), by, values).table
    person = row_keys(table, PARTICIPANT)
    return table.drop(columns=list(PARTICIPANT)).assign(participant=person)


def _against_chance(judged: pd.DataFrame, correct: np.ndarray) -> list[ComparisonResult]:
    condition = judged["condition"].astype("string")
    results = []
    for level in sorted(condition.dropna().unique(), key=lambda v: level_rank("condition", v)):
        answers = correct[(condition == level).fillna(False).to_numpy(dtype=bool)]
        answers = answers[np.isfinite(answers)]
        results.append(
            binomial_against_chance(
                int(answers.sum()), len(answers), f"{level} – chance, {ACCURACY}"
            )
        )
    return results


def _models(judged: pd.DataFrame, correct: np.ndarray) -> list[ComparisonResult]:
    results: list[ComparisonResult] = []
    for condition in sorted(judged["condition"].astype("string").dropna().unique()):
        rows = (judged["condition"] == condition).fillna(False).to_numpy(dtype=bool)
        scores = cell_means(judged[rows], (), correct[rows], within=UNIT).table
        groups = {
            str(model): part["mean"].to_numpy()
            for model, part in scores.groupby("model", observed=True)
        }
        if len(groups) > 1:
            results += kruskal_wallis(groups, f"interpretability score, {condition}")
    return results


def _depth(judged: pd.DataFrame, correct: np.ndarray) -> list[ComparisonResult]:
    """Zimmermann et al. 2023, section 4.3: score against relative layer position."""
    results = []
    for model in judged["model"].dropna().unique():
        depths = depths_of([model])
        for condition in sorted(judged["condition"].dropna().unique()):
            rows = ((judged["model"] == model) & (judged["condition"] == condition)).fillna(False)
            kept = rows.to_numpy(dtype=bool)
            scores = cell_means(judged[kept], (), correct[kept], within=UNIT).table
            depth = scores["layer"].astype(object).map(depths).to_numpy(dtype=float)
            if condition != "none" and len(np.unique(depth[np.isfinite(depth)])) > 2:
                comparison = f"score × layer depth, {model}, {condition}"
                results.append(spearman(scores["mean"].to_numpy(), depth, comparison))
    return results


def _ratings(trials: pd.DataFrame) -> list[ComparisonResult]:
    """Ratings of the same units before and after the main trials (Borowski et al. 2021, A.1.1)."""
    rated = trials[trials["rating"].notna().to_numpy()].reset_index(drop=True)
    showing = showings(rated)
    if not len(rated) or showing.max() < 2:
        return []
    table = pd.DataFrame(
        {
            "person": row_keys(rated, PARTICIPANT),
            "unit": row_keys(rated, ("session", *UNIT)),
            "showing": showing,
            "rating": number(rated["rating"]),
        }
    )
    last = table.groupby(["person", "unit"])["showing"].transform("max")
    once = (last == 1).to_numpy()
    before = table[(table["showing"] == 1) & ~once].groupby("person")["rating"].mean()
    after = table[(table["showing"] == last) & ~once].groupby("person")["rating"].mean()
    people = before.index.union(after.index)
    result = signed_rank(
        after.reindex(people).to_numpy(dtype=float),
        before.reindex(people).to_numpy(dtype=float),
        "intuitiveness after – before",
    )
    if once.any():
        left_out = f"{int(once.sum())} ratings of units rated once"
        dropped = f"{result.dropped} and {left_out}" if result.dropped else left_out
        result = replace(result, dropped=dropped)
    return [result]


def showings(rated: pd.DataFrame) -> np.ndarray:
    """How often a participant had rated the unit by then, this time counted; shape (n_trials,).

    Released answers tell before from after by `attempt`, sessions recorded here by `block`; where
    neither differs, ratings of one unit that follow each other count as one after the other.
    """
    if not len(rated):
        return np.zeros(0, dtype=int)
    unit = row_keys(rated, (*PARTICIPANT, "session", *UNIT))
    order = ["attempt", "block"]
    if rated["channel"].notna().all():
        order.append("trial")
    places = np.nan_to_num(np.column_stack([number(rated[name]) for name in order]))
    _, place = np.unique(places, axis=0, return_inverse=True)
    return pd.Series(place.ravel()).groupby(unit.to_numpy()).rank(method="dense").to_numpy(int)
