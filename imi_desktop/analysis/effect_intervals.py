"""95 % intervals of effect sizes, in closed form or by inverting a noncentral distribution.

None of them is drawn at random, so that the same data always give the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

Interval = tuple[float, float]
_TAIL = 0.025
_FURTHEST = 1e7


def walsh_interval(differences: np.ndarray) -> Interval | None:
    """Interval of the matched-pairs rank-biserial correlation.

    The correlation estimates 2 P(Dᵢ + Dⱼ > 0) − 1 over pairs of differences (Walsh averages), a
    U statistic whose variance follows from its means per difference (taken as at least half that
    of as many signs, because it is estimated too small where nearly all differences agree); the
    bounds are skewed as Feng & Cliff (2004) skew those of δ, so that they stay within ±1.

    Parameters
    ----------
    differences : ndarray of float, shape (n,)
        None of them 0.
    """
    n = len(differences)
    if n < 3:
        return None
    signs = np.sign(np.add.outer(differences, differences))
    effect = float(signs[np.triu_indices(n)].mean())
    projections = (signs.sum(axis=1) - signs.diagonal()) / (n - 1)
    variance = 4 * float(projections.var(ddof=1)) / n
    return _skewed(effect, max(variance, (1 - effect**2) / (2 * n)), n, n - 1)


def dominance_interval(first: np.ndarray, second: np.ndarray) -> Interval | None:
    """Interval of the rank-biserial correlation of two groups (Cliff's δ; Feng & Cliff 2004).

    Parameters
    ----------
    first, second : ndarray of float, shapes (n₁,) and (n₂,)
    """
    n, m = len(first), len(second)
    if min(n, m) < 3:
        return None
    signs = np.sign(np.subtract.outer(first, second))
    effect = float(signs.mean())
    rows, columns = signs.mean(axis=1) - effect, signs.mean(axis=0) - effect
    spread = float(((signs - effect) ** 2).sum())
    variance = (m**2 * float(rows @ rows) + n**2 * float(columns @ columns) - spread) / (
        n * m * (n - 1) * (m - 1)
    )
    least = (1 - effect**2) / (n * m - 1)
    return _skewed(effect, max(variance, least), min(n, m), n + m - 2)


def cohens_d_interval(t: float, df: float, scale: float) -> Interval | None:
    """Interval of Cohen's d from the noncentral t distribution.

    Parameters
    ----------
    scale : float
        d of a noncentrality of 1: 1/√n for paired differences, √(1/n₁ + 1/n₂) for two groups.
    """
    if not math.isfinite(t):
        return None
    reach = 4.0 + abs(t) / math.sqrt(df)
    low = high = None
    while (low is None or high is None) and reach < 64 + 8 * abs(t):
        low = _root(lambda shift: float(stats.nct.sf(t, df, shift)) - _TAIL, t - reach, t)
        high = _root(lambda shift: float(stats.nct.cdf(t, df, shift)) - _TAIL, t, t + reach)
        reach *= 1.5
    return None if low is None or high is None else (low * scale, high * scale)


def partial_eta_squared_interval(f: float, df1: float, df2: float) -> Interval | None:
    """Interval of partial η² from the noncentral F distribution (Smithson 2003)."""
    bounds = _noncentralities(lambda shift: float(stats.ncf.cdf(f, df1, df2, shift)))
    if bounds is None:
        return None
    low, high = (shift / (shift + df1 + df2 + 1) for shift in bounds)
    return low, high


def cramers_v_interval(chi2: float, df: float, n: float, least: int) -> Interval | None:
    """Interval of Cramér's V from the noncentral χ² distribution (Smithson 2003).

    Parameters
    ----------
    least : int
        The smaller of the numbers of rows and columns.
    """
    bounds = _noncentralities(lambda shift: float(stats.ncx2.cdf(chi2, df, shift)))
    if bounds is None:
        return None
    low, high = (min(1.0, math.sqrt(shift / (n * (least - 1)))) for shift in bounds)
    return low, high


def epsilon_squared_interval(h: float, groups: int, n: int) -> Interval | None:
    """Interval of ε² of a Kruskal–Wallis test.

    ε² = H / (n − 1) is η² of an analysis of variance of the ranks; its interval comes from the
    noncentral F distribution of that.
    """
    if h >= n - 1 - 1e-9:
        return None
    df1, df2 = groups - 1, n - groups
    f = (h / df1) / ((n - 1 - h) / df2)
    bounds = _noncentralities(lambda shift: float(stats.ncf.cdf(f, df1, df2, shift)))
    if bounds is None:
        return None
    low, high = (shift / (shift + n) for shift in bounds)
    return low, high


def spearman_interval(rho: float, n: int) -> Interval | None:
    """Interval of Spearman's ρ by Fisher's z with the variance of Bonett & Wright (2000)."""
    if abs(rho) >= 1 or n < 4:
        return None
    reach = float(stats.norm.ppf(1 - _TAIL)) * math.sqrt((1 + rho**2 / 2) / (n - 3))
    return math.tanh(math.atanh(rho) - reach), math.tanh(math.atanh(rho) + reach)


def kappa_interval(first: np.ndarray, second: np.ndarray) -> Interval | None:
    """Interval of Cohen's kappa; see :func:`kappa_interval_of`.

    Parameters
    ----------
    first, second : ndarray, shape (n_trials,)
        Answers to the same trials.
    """
    levels, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    counts = np.zeros((len(levels), len(levels)))
    np.add.at(counts, (codes[: len(first)], codes[len(first) :]), 1)
    return kappa_interval_of(counts)


def kappa_interval_of(counts: np.ndarray) -> Interval | None:
    """Interval of Cohen's kappa with the asymptotic variance of Fleiss, Cohen & Everitt (1969).

    Parameters
    ----------
    counts : ndarray, shape (n_levels, n_levels)
        Trials by the answers of the first (row) and the second (column).

    Returns
    -------
    tuple of float or None
        None where the variance is not known: for a single level or trial, where both always agree,
        and where one always answers alike.
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    total = counts.sum()
    constant = any((counts.sum(axis=axis) > 0).sum() < 2 for axis in (0, 1))
    if constant or total < 2 or np.trace(counts) == total:
        return None
    found = cohens_kappa(counts)
    if not (math.isfinite(found.kappa_low) and math.isfinite(found.kappa_upp)):
        return None
    return max(-1.0, float(found.kappa_low)), min(1.0, float(found.kappa_upp))


def _skewed(effect: float, variance: float, n: int, df: float) -> Interval:
    reach = float(stats.t.ppf(1 - _TAIL, df))
    if abs(effect) > 1 - 1e-12:  # all one way: the bound for n such cases in a row
        inner = (n - reach**2) / (n + reach**2)
        return (inner, 1.0) if effect > 0 else (-1.0, -inner)
    centre = effect - effect**3
    width = reach * math.sqrt(variance) * math.sqrt((1 - effect**2) ** 2 + reach**2 * variance)
    base = 1 - effect**2 + reach**2 * variance
    return max(-1.0, (centre - width) / base), min(1.0, (centre + width) / base)


def _noncentralities(cdf: Callable[[float], float]) -> Interval | None:
    """Noncentralities under which what was observed lies at either end of the middle 95 %."""
    highest = 10.0
    while cdf(highest) > _TAIL:
        highest *= 4
        if highest > _FURTHEST:
            return None
    high = _root(lambda shift: cdf(shift) - _TAIL, 0.0, highest) if cdf(0.0) > _TAIL else 0.0
    low = 0.0
    if cdf(0.0) > 1 - _TAIL:
        found = _root(lambda shift: cdf(shift) - (1 - _TAIL), 0.0, highest)
        low = 0.0 if found is None else found
    return None if high is None else (low, high)


def _root(function: Callable[[float], float], low: float, high: float) -> float | None:
    at_low, at_high = function(low), function(high)
    if not (math.isfinite(at_low) and math.isfinite(at_high)) or at_low * at_high > 0:
        return None
    return float(optimize.brentq(function, low, high, xtol=1e-9))
