"""The outcome of one statistical test, and corrections for many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Alternative = Literal["two-sided", "greater", "less"]
Correction = Literal["holm", "bonferroni", "none"]


@dataclass(frozen=True)
class EffectSize:
    """How large an effect is.

    Parameters
    ----------
    name : str
        ``rank_biserial``, ``cramers_v``, ``partial_eta_squared``, ``spearman_rho`` …
    ci95 : tuple of float or None
        Bootstrap 95 % interval where one was computed.
    """

    name: str
    value: float
    ci95: tuple[float, float] | None = None


@dataclass(frozen=True)
class ComparisonResult:
    """One test on one comparison.

    Parameters
    ----------
    name : str
        The test: ``Wilcoxon signed-rank``.
    comparison : str
        What was compared: ``natural – synthetic, proportion correct``.
    method : str
        How p was obtained: ``exact``, ``normal approximation with continuity correction`` …
    statistic : float or None
        None if the test could not run.
    symbol : str
        Name of the statistic: ``W``, ``U``, ``χ²``, ``F``, ``H``.
    df : tuple of float
        Degrees of freedom; empty for tests without.
    n : int or None
        Cases (participants, pairs or trials; `n_of` says which) that entered.
    status : {"planned", "exploratory"}
    reason : str or None
        Why the test could not run.
    dropped : str or None
        Cases left out and why.
    dropped_by_rule : str or None
        That part of `dropped` which the test's own rule or the plan asks for.
    assumptions : tuple of str
        Outcomes of checks and caveats, one sentence each.
    family : str
        Tests of one family are corrected together; empty for none.
    """

    name: str
    comparison: str
    method: str
    alternative: Alternative | None = "two-sided"
    statistic: float | None = None
    symbol: str = ""
    df: tuple[float, ...] = ()
    p: float | None = None
    p_adjusted: float | None = None
    correction: Correction = "none"
    n: int | None = None
    n_of: str = "participants"
    effect_size: EffectSize | None = None
    status: Literal["planned", "exploratory"] = "exploratory"
    reason: str | None = None
    dropped: str | None = None
    dropped_by_rule: str | None = None
    assumptions: tuple[str, ...] = ()
    family: str = ""

    def to_json(self) -> dict[str, Any]:
        """The result as JSON-able values; what could not be computed is None, never NaN."""
        effect = self.effect_size
        return {
            "name": self.name,
            "comparison": self.comparison,
            "method": self.method,
            "alternative": self.alternative,
            "statistic": finite(self.statistic),
            "df": [finite(df) for df in self.df] or None,
            "p": finite(self.p),
            "p_adjusted": finite(self.p_adjusted),
            "n": self.n,
            "effect_size": None if effect is None else finite(effect.value),
            "effect_size_name": None if effect is None else effect.name,
            "effect_size_ci95": list(effect.ci95) if effect and effect.ci95 else None,
            "correction": self.correction,
            "status": self.status,
            "n_of": self.n_of,
            "dropped": self.dropped,
            "assumptions": list(self.assumptions),
            "reason": self.reason,
        }


def planned_first(
    planned: Sequence[ComparisonResult], exploratory: Sequence[ComparisonResult]
) -> list[ComparisonResult]:
    """Planned tests, then the exploratory ones that are not among them already."""
    known = {(t.name, t.method, t.alternative, t.comparison) for t in planned}
    others = [
        t for t in exploratory if (t.name, t.method, t.alternative, t.comparison) not in known
    ]
    return [*planned, *others]


def corrected(
    results: Sequence[ComparisonResult], correction: Correction
) -> list[ComparisonResult]:
    """Adjust the p values of each family of tests, in place order.

    Bonferroni multiplies each p by the number of tests; Holm (1979, Scandinavian Journal of
    Statistics 6, 65–70) steps down from the smallest. Tests that did not run do not count.
    """
    adjusted = list(results)
    families: dict[str, list[int]] = {}
    for position, result in enumerate(results):
        if result.family and result.p is not None:
            families.setdefault(result.family, []).append(position)
    for positions in families.values():
        values = [p for position in positions if (p := results[position].p) is not None]
        for position, p in zip(positions, adjust(values, correction), strict=True):
            adjusted[position] = replace(
                results[position],
                p_adjusted=None if correction == "none" else p,
                correction=correction,
            )
    return adjusted


def adjust(p_values: Sequence[float], correction: Correction) -> list[float]:
    """Adjusted p values, each at most 1, in the order given."""
    count = len(p_values)
    if correction == "none":
        return list(p_values)
    if correction == "bonferroni":
        return [min(1.0, p * count) for p in p_values]
    order = sorted(range(count), key=lambda place: p_values[place])
    adjusted = [0.0] * count
    largest = 0.0
    for step, place in enumerate(order):
        largest = max(largest, min(1.0, (count - step) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def finite(value: float | None) -> float | None:
    """`value` as a float, or None where it is missing, NaN or infinite."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)
