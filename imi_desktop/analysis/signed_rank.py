"""Wilcoxon signed-rank test for paired measures (Borowski et al. 2021, section 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from scipy import stats

from imi_desktop.analysis.comparison_result import Alternative, ComparisonResult, EffectSize
from imi_desktop.analysis.effect_intervals import walsh_interval

Method = Literal["exact", "normal approximation with continuity correction"]
EXACT: Method = "exact"
APPROXIMATE: Method = "normal approximation with continuity correction"
NAME = "Wilcoxon signed-rank"
_DIGITS = 12
_MOST_EXACT = 500


def signed_rank(
    first: np.ndarray,
    second: np.ndarray,
    comparison: str,
    *,
    method: Method = "exact",
    alternative: Alternative = "two-sided",
    family: str = "",
) -> ComparisonResult:
    """Test whether paired differences `first` − `second` are symmetric about 0.

    Differences of 0 are dropped (Wilcoxon's own rule). The exact p comes from the permutation
    distribution of the ranks at hand, so that ties are allowed. The approximation with continuity
    correction is what JASP prints; like JASP it takes the differences as floating-point numbers
    are, of which equal ones can differ in the last digit and are no ties then. Where that changes
    p, the result says so. It also stands in for the exact p of more than 500 differences.

    Parameters
    ----------
    first, second : ndarray of float, shape (n_participants,)
        One value per participant; pairs with a NaN are dropped.

    Returns
    -------
    ComparisonResult
        `statistic` is the smaller rank sum W (two-sided) or the sum of positive ranks.

    Examples
    --------
    >>> import numpy as np
    >>> result = signed_rank(np.arange(1.0, 7.0), np.zeros(6), "a – b")
    >>> result.statistic, result.p
    (0.0, 0.03125)
    """
    together = np.isfinite(first) & np.isfinite(second)
    differences = first[together] - second[together]
    # Means of 0/1 answers differ by rounding noise where they are equal.
    differences[np.abs(differences) < 1e-12] = 0
    nonzero = differences[differences != 0]
    unpaired, zeros = int((~together).sum()), len(differences) - len(nonzero)
    frame = ComparisonResult(
        NAME, comparison, method, alternative, symbol="W", n=len(differences), family=family,
        dropped=_dropped(unpaired, zeros), dropped_by_rule=_dropped(0, zeros),
    )  # fmt: skip
    if len(differences) < 2:
        return replace(frame, reason="fewer than two participants answered in both")
    if not len(nonzero):
        return replace(frame, reason="no participant differs between the two")
    if len(nonzero) > _MOST_EXACT:
        method = APPROXIMATE
        frame = replace(frame, method=method)
    rounded = np.round(nonzero, _DIGITS)
    ranks = stats.rankdata(np.abs(rounded))
    positive = float(ranks[nonzero > 0].sum())
    negative = float(ranks[nonzero < 0].sum())
    if method == EXACT:
        p = exact_p(ranks, positive, alternative)
    else:
        p = _approximate_p(nonzero, alternative)
    statistic = min(positive, negative) if alternative == "two-sided" else positive
    effect = EffectSize(
        "rank_biserial", (positive - negative) / (positive + negative), walsh_interval(rounded)
    )
    ties = len(ranks) - len(np.unique(ranks))
    assumptions = [_symmetry(nonzero)] if len(nonzero) > 2 else []
    if ties:
        assumptions.append(f"{ties} tied ranks share their mean rank.")
    if method == APPROXIMATE and abs((tied := _approximate_p(rounded, alternative)) - p) > 1e-9:
        assumptions.append(
            "Some differences are equal but for the last digit of floating-point numbers. As in "
            f"JASP they are not counted as ties in p; if they were, p = {tied:.4f}."
        )
    return replace(
        frame, statistic=statistic, p=p, effect_size=effect, assumptions=tuple(assumptions)
    )


def mostly_paired(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether a paired comparison speaks for the sample: half of the cases have both values.

    Between participants, a few people who took part in both conditions make no paired design.

    Parameters
    ----------
    first, second : ndarray of float, shape (n_cases,)
        NaN where a case has no value.
    """
    both = int((np.isfinite(first) & np.isfinite(second)).sum())
    return both >= 2 and 2 * both >= int((np.isfinite(first) | np.isfinite(second)).sum())


def _approximate_p(differences: np.ndarray, alternative: Alternative) -> float:
    found = stats.wilcoxon(
        differences, correction=True, alternative=alternative, method="asymptotic"
    )
    return float(found.pvalue)


def exact_p(ranks: np.ndarray, positive: float, alternative: Alternative) -> float:
    """Exact p of the sum of positive ranks under random signs.

    Parameters
    ----------
    ranks : ndarray of float, shape (n,)
        Mean ranks of the absolute differences, multiples of ½.
    positive : float
        Observed sum of the ranks of positive differences.
    """
    doubled = np.rint(2 * ranks).astype(int)
    ways = np.zeros(int(doubled.sum()) + 1)
    ways[0] = 1.0
    for rank in doubled:
        shifted = np.zeros_like(ways)
        shifted[rank:] = ways[: len(ways) - rank]
        ways = (ways + shifted) / 2
    observed = round(2 * positive)
    greater = float(ways[observed:].sum())
    less = float(ways[: observed + 1].sum())
    if alternative == "greater":
        return min(1.0, greater)
    if alternative == "less":
        return min(1.0, less)
    return min(1.0, 2 * min(greater, less))


def _symmetry(differences: np.ndarray) -> str:
    """The test takes the differences as symmetric about their median."""
    spread = float(np.std(differences, ddof=1))
    skew = float(np.mean(differences) - np.median(differences)) / spread if spread else 0.0
    apart = f"{abs(skew):.2f} standard deviations apart"
    return f"Symmetry of the differences: mean and median lie {apart}."


def _dropped(unpaired: int, zeros: int) -> str | None:
    parts = []
    if unpaired:
        parts.append(f"{unpaired} without both values")
    if zeros:
        parts.append(f"{zeros} with no difference")
    return " and ".join(parts) or None
