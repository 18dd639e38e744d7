"""Numbers and names as people read them (0.92 ± 0.02, p = .0039, −0.10)."""

from __future__ import annotations

import math

from imi_desktop.analysis.comparison_result import ComparisonResult

MISSING = "–"
MEASURES = {
    "proportion_correct": "Proportion correct",
    "reaction_time_ms": "Reaction time (s)",
    "reaction_time_median_ms": "Median reaction time (s)",
    "confidence": "Share of confidence",
    "accuracy_at_confidence": "Proportion correct at confidence",
    "confidence_discrimination": "Confidence, area under ROC",
    "rating": "Rating",
    "interpretability_score": "Interpretability score",
}
ANSWERS = {"correct": "right answers", "incorrect": "wrong answers", "all": "all answers"}
EFFECTS = {
    "rank_biserial": "r_rb",
    "cramers_v": "V",
    "partial_eta_squared": "η_p²",
    "epsilon_squared": "ε²",
    "spearman_rho": "ρ",
    "cohens_d": "d",
    "cohens_dz": "d_z",
    "odds_ratio": "OR",
    "area_under_roc": "AUC",
    "proportion": "share",
}


def decimal(value: float | None, digits: int = 2) -> str:
    """A number with a real minus sign; missing is "–"."""
    if value is None or not math.isfinite(value):
        return MISSING
    rounded = round(value, digits)
    return f"{rounded + 0.0:.{digits}f}".replace("-", "−")


def count(value: int | None) -> str:
    """A whole number with thin spaces between thousands."""
    return MISSING if value is None else f"{value:,}".replace(",", "\u2009")


def p_value(p: float | None, *, exact: bool = False) -> str:
    """``.0039``, ``.10`` or ``< .001``: no leading zero, two digits that matter.

    With `exact`, four decimals for everything from .0001 on.
    """
    if p is None:
        return MISSING
    if exact:
        return "< .0001" if p < 0.0001 else f"{p:.4f}".removeprefix("0")
    if p < 0.001:
        return "< .001"
    digits = 4 if p < 0.00995 else 3 if p < 0.0995 else 2
    return f"{p:.{digits}f}".removeprefix("0")


def statistic(test: ComparisonResult, digits: int = 2) -> str:
    """``W = 0``, ``χ²(2) = 83.87``, ``F(1, 9) = 6.14``; the reason where there is none."""
    if test.statistic is None:
        return f"Not run: {test.reason}" if test.reason else MISSING
    df = ", ".join(f"{df:g}" if df % 1 == 0 else f"{df:.1f}" for df in test.df)
    if test.symbol in {"W", "U", "k"}:  # sums of ranks and counts, in halves at most
        value = f"{test.statistic:,.1f}".removesuffix(".0").replace(",", "\u2009")
    else:
        value = decimal(test.statistic, digits)
    return f"{test.symbol}{f'({df})' if df else ''} = {value}"


def effect(test: ComparisonResult) -> str:
    """``r_rb = 1.00``."""
    if test.effect_size is None:
        return MISSING
    return f"{EFFECTS[test.effect_size.name]} = {decimal(test.effect_size.value)}"


def effect_with_interval(test: ComparisonResult) -> str:
    """``r_rb = 1.00 [0.32, 1.00]``: an effect size and its 95 % interval."""
    if test.effect_size is None or test.effect_size.ci95 is None:
        return effect(test)
    low, high = (decimal(bound) for bound in test.effect_size.ci95)
    return f"{effect(test)} [{low}, {high}]"


def method(test: ComparisonResult) -> str:
    """Name and method of a test: ``Wilcoxon signed-rank, exact``."""
    return f"{test.name}, {test.method}" if test.method else test.name


def label(value: object) -> str:
    """A value of a column as shown: underscores are spaces, missing is "–"."""
    return MISSING if value is None else str(value).replace("_", " ")
