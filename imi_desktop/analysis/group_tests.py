"""Tests of independent groups and of tables of counts: Mann–Whitney, Kruskal–Wallis, χ²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from imi_desktop.analysis.comparison_result import (
    Alternative,
    ComparisonResult,
    EffectSize,
    adjust,
)
from imi_desktop.analysis.effect_intervals import (
    cramers_v_interval,
    dominance_interval,
    epsilon_squared_interval,
    spearman_interval,
)

DEPENDENT = (
    "Answers of one participant are not independent; the test and its interval treat them so."
)


def mann_whitney(
    first: np.ndarray,
    second: np.ndarray,
    comparison: str,
    *,
    alternative: Alternative = "two-sided",
    n_of: str = "participants",
    family: str = "",
) -> ComparisonResult:
    """Mann–Whitney U for two groups of participants (Zimmermann et al. 2021, section 4).

    p is exact for up to eight values per group without ties, otherwise the normal approximation
    with continuity correction, corrected for ties. The effect is the rank-biserial correlation
    2U/(n₁n₂) − 1.

    Parameters
    ----------
    first, second : ndarray of float, shape (n_participants_of_group,)
    """
    given = len(first) + len(second)
    first, second = first[np.isfinite(first)], second[np.isfinite(second)]
    unknown = given - len(first) - len(second)
    frame = ComparisonResult(
        "Mann–Whitney U", comparison, "exact", alternative, symbol="U",
        n=len(first) + len(second), n_of=n_of, family=family,
        dropped=f"{unknown} without a value" if unknown else None,
    )  # fmt: skip
    if min(len(first), len(second)) < 2:
        return replace(frame, reason=f"fewer than two {n_of} in one of the groups")
    together = np.concatenate([first, second])
    if np.ptp(together) == 0:
        return replace(frame, reason="all values are the same")
    exact = max(len(first), len(second)) <= 8 and len(np.unique(together)) == len(together)
    result = stats.mannwhitneyu(
        first, second, alternative=alternative, method="exact" if exact else "asymptotic"
    )
    effect = 2 * float(result.statistic) / (len(first) * len(second)) - 1
    return replace(
        frame,
        method="exact" if exact else "normal approximation with continuity correction",
        statistic=float(result.statistic),
        p=float(result.pvalue),
        effect_size=EffectSize("rank_biserial", effect, dominance_interval(first, second)),
        assumptions=_ties(together),
    )


def kruskal_wallis(
    groups: dict[str, np.ndarray], comparison: str, *, family: str = ""
) -> list[ComparisonResult]:
    """Kruskal–Wallis over groups, then Conover's comparisons with Holm's correction.

    Zimmermann et al. 2023 compare models so, with units as cases (section 4.1).

    Parameters
    ----------
    groups : dict of str to ndarray of float, shape (n_units,)
    """
    given = sum(len(values) for values in groups.values())
    groups = {name: values[np.isfinite(values)] for name, values in groups.items()}
    cases = sum(len(values) for values in groups.values())
    frame = ComparisonResult(
        "Kruskal–Wallis", comparison, "χ² approximation", None, symbol="H", n=cases,
        n_of="units", family=family,
        dropped=f"{given - cases} without a value" if given > cases else None,
    )  # fmt: skip
    if len(groups) < 2 or min(len(values) for values in groups.values()) < 2:
        return [replace(frame, reason="fewer than two groups of two")]
    together = np.concatenate(list(groups.values()))
    if np.ptp(together) == 0:
        return [replace(frame, reason="all values are the same")]
    result = stats.kruskal(*groups.values())
    epsilon = float(result.statistic) / (cases - 1)
    overall = replace(
        frame,
        statistic=float(result.statistic),
        df=(float(len(groups) - 1),),
        p=float(result.pvalue),
        effect_size=EffectSize(
            "epsilon_squared",
            epsilon,
            epsilon_squared_interval(float(result.statistic), len(groups), cases),
        ),
        assumptions=_ties(together),
    )
    return [overall, *_conover(groups, comparison)]


def chi_squared(
    counts: np.ndarray, comparison: str, *, n_of: str = "trials", family: str = ""
) -> ComparisonResult:
    """Pearson's χ² of a contingency table, without continuity correction; effect Cramér's V.

    Parameters
    ----------
    counts : ndarray of int, shape (n_rows, n_columns)
        Rows and columns without any count are left out.
    """
    counts = np.asarray(counts, dtype=float)
    kept = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    frame = ComparisonResult(
        "Chi-squared", comparison, "χ² approximation", None, symbol="χ²", n=int(counts.sum()),
        n_of=n_of, family=family,
    )  # fmt: skip
    if min(kept.shape, default=0) < 2:
        return replace(frame, reason="fewer than two rows or columns hold any answer")
    result = stats.chi2_contingency(kept, correction=False)
    smallest = float(result.expected_freq.min())
    under = ", under 5: the approximation is rough" if smallest < 5 else ""
    caveats = [DEPENDENT, f"The smallest expected count is {smallest:.1f}{under}."]
    effect = np.sqrt(result.statistic / (kept.sum() * (min(kept.shape) - 1)))
    return replace(
        frame,
        statistic=float(result.statistic),
        df=(float(result.dof),),
        p=float(result.pvalue),
        effect_size=EffectSize(
            "cramers_v",
            float(effect),
            cramers_v_interval(
                float(result.statistic), float(result.dof), float(kept.sum()), min(kept.shape)
            ),
        ),
        assumptions=tuple(caveats),
    )


def binomial_against_chance(
    right: int, answered: int, comparison: str, *, chance: float = 0.5, family: str = ""
) -> ComparisonResult:
    """Exact binomial test of the number of right answers against chance."""
    frame = ComparisonResult(
        "Binomial", comparison, "exact", "two-sided", symbol="k", n=answered, n_of="trials",
        family=family,
    )  # fmt: skip
    if answered < 1:
        return replace(frame, reason="no answers")
    result = stats.binomtest(right, answered, chance)
    interval = result.proportion_ci(method="wilson")
    return replace(
        frame,
        statistic=float(right),
        p=float(result.pvalue),
        effect_size=EffectSize(
            "proportion", right / answered, (float(interval.low), float(interval.high))
        ),
        assumptions=(DEPENDENT, "The interval is Wilson's."),
    )


def spearman(
    first: np.ndarray, second: np.ndarray, comparison: str, *, n_of: str = "units", family: str = ""
) -> ComparisonResult:
    """Spearman's rank correlation with Fisher's 95 % interval (Bonett & Wright 2000).

    Parameters
    ----------
    first, second : ndarray of float, shape (n,)
    """
    together = np.isfinite(first) & np.isfinite(second)
    unpaired = int((~together).sum())
    first, second = first[together], second[together]
    frame = ComparisonResult(
        "Spearman", comparison, "t approximation", "two-sided", symbol="ρ", n=len(first),
        n_of=n_of, family=family,
        dropped=f"{unpaired} without both values" if unpaired else None,
    )  # fmt: skip
    if len(first) < 4:
        return replace(frame, reason="fewer than four pairs")
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return replace(frame, reason="one of the two does not vary")
    result = stats.spearmanr(first, second)
    rho = float(result.statistic)
    return replace(
        frame,
        statistic=rho,
        df=(float(len(first) - 2),),
        p=float(result.pvalue),
        effect_size=EffectSize("spearman_rho", rho, spearman_interval(rho, len(first))),
        assumptions=_ties(first) or _ties(second),
    )


def _ties(values: np.ndarray) -> tuple[str, ...]:
    ties = len(values) - len(np.unique(values))
    return (
        (f"{ties} of {len(values)} values are tied with another; p allows for it.",) if ties else ()
    )


def _conover(groups: dict[str, np.ndarray], comparison: str) -> list[ComparisonResult]:
    from scikit_posthocs import posthoc_conover

    names: Sequence[str] = list(groups)
    long = pd.DataFrame(
        {
            "value": np.concatenate(list(groups.values())),
            "group": np.repeat(names, [len(groups[name]) for name in names]),
        }
    )
    raw = posthoc_conover(long, val_col="value", group_col="group")
    pairs = list(combinations(names, 2))
    found = [float(raw.loc[a, b]) for a, b in pairs]
    return [
        ComparisonResult(
            "Conover", f"{a} – {b}, {comparison}", "after Kruskal–Wallis",
            p=p, p_adjusted=p_holm, correction="holm",
            n=len(groups[a]) + len(groups[b]), n_of="units",
            effect_size=EffectSize(
                "rank_biserial",
                float(np.sign(np.subtract.outer(groups[a], groups[b])).mean()),
                dominance_interval(groups[a], groups[b]),
            ),
        )
        for (a, b), p, p_holm in zip(pairs, found, adjust(found, "holm"), strict=True)
    ]  # fmt: skip
