"""Repeated-measures and mixed analyses of variance of participant means."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from imi_desktop.analysis.comparison_result import ComparisonResult, EffectSize
from imi_desktop.analysis.effect_intervals import partial_eta_squared_interval

_NAMES = {
    "condition": "reference type",
    "unit_selection": "selection mode",
    "expert_level": "expert level",
    "scheme": "presentation scheme",
    "branch": "branch",
    "layer": "layer",
}


def repeated_measures(
    means: pd.DataFrame, factors: Sequence[str], comparison: str
) -> list[ComparisonResult]:
    """Repeated-measures ANOVA with one or two factors within participants.

    Each participant's mean in a cell is one value, however many trials it stands for. p is
    corrected for lack of sphericity by Greenhouse and Geisser's ε where a factor has more than
    two levels.

    Parameters
    ----------
    means : DataFrame
        Columns ``participant``, `factors` and ``mean``; one row per participant and cell.
    factors : sequence of str
        One or two columns.

    Returns
    -------
    list of ComparisonResult
        One per effect.
    """
    import pingouin

    cells = means[["participant", *factors, "mean"]].copy()
    for name in ("participant", *factors):
        cells[name] = cells[name].astype(str)
    name = "Repeated-measures ANOVA"
    design = " × ".join(str(cells[factor].nunique()) for factor in factors)
    frame = ComparisonResult(name, comparison, design, None, symbol="F")
    expected = int(np.prod([cells[factor].nunique() for factor in factors]))
    full = cells.groupby("participant")["mean"].transform("count") == expected
    left_out = cells.loc[~full, "participant"].nunique()
    cells = cells[full]
    people = cells["participant"].nunique()
    frame = replace(
        frame,
        n=people,
        dropped=f"{left_out} without all {expected} cells" if left_out else None,
    )
    if expected < 2 or any(cells[factor].nunique() < 2 for factor in factors):
        return [replace(frame, reason="a factor has only one level")]
    if people < 3:
        return [replace(frame, reason="fewer than three participants have all cells")]
    if cells["mean"].std() < 1e-12:
        return [replace(frame, reason="all values are the same")]
    with warnings.catch_warnings():  # cells without variance divide by zero inside pingouin
        warnings.simplefilter("ignore")
        table = pingouin.rm_anova(
            cells, dv="mean", within=list(factors), subject="participant", correction=True,
            effsize="np2",
        )  # fmt: skip
    frame = replace(frame, assumptions=_normality(cells, list(factors)))
    return [
        _effect(frame, row, comparison)
        for row in table.to_dict("records")
        if row["Source"] != "Error"
    ]


def mixed(
    means: pd.DataFrame, within: str, between: str, comparison: str
) -> list[ComparisonResult]:
    """Mixed ANOVA: one factor within and one between participants.

    p is corrected for lack of sphericity as in :func:`repeated_measures`. Sums of squares are of
    type I, so that with groups of different size the effects are not independent; participants
    without all levels of `within` are left out.

    Parameters
    ----------
    means : DataFrame
        Columns ``participant``, `within`, `between` and ``mean``.
    """
    import pingouin

    cells = means[["participant", within, between, "mean"]].copy()
    for name in ("participant", within, between):
        cells[name] = cells[name].astype(str)
    design = f"{_NAMES.get(within, within)} within, {_NAMES.get(between, between)} between"
    levels = cells[within].nunique()
    full = cells.groupby("participant")["mean"].transform("count") == levels
    left_out = cells.loc[~full, "participant"].nunique()
    cells = cells[full]
    frame = ComparisonResult("Mixed ANOVA", comparison, design, None,
                       symbol="F", n=cells["participant"].nunique(),
                       dropped=f"{left_out} without all {levels} cells" if left_out else None,
                       )  # fmt: skip
    sizes = cells.groupby(between)["participant"].nunique()
    if len(sizes) < 2:
        level = sizes.index[0] if len(sizes) else "the same"
        return [replace(frame, reason=f"all {frame.n} participants are {_people(level)}")]
    if sizes.min() < 2:
        return [replace(frame, reason=f"only one participant is of level {sizes.idxmin()}")]
    if levels < 2:
        return [replace(frame, reason="a factor has only one level")]
    if cells["mean"].std() < 1e-12:
        return [replace(frame, reason="all values are the same")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pingouin.mixed_anova(
            cells, dv="mean", within=within, between=between, subject="participant", effsize="np2"
        )
    unequal = () if sizes.nunique() == 1 else (
        "Groups differ in size: " + ", ".join(f"{n} {name}" for name, n in sizes.items()) + ".",
    )  # fmt: skip
    checks = (*unequal, *_normality(cells, [within, between]), *_equal_spread(cells, between))
    frame = replace(frame, assumptions=checks)
    rows = [
        row | {"Source": f"{between} * {within}"} if row["Source"] == "Interaction" else row
        for row in table.to_dict("records")
    ]
    return [_effect(frame, row, comparison) for row in rows]


def _normality(cells: pd.DataFrame, factors: list[str]) -> tuple[str, ...]:
    """Shapiro–Wilk test of what cells and participants leave of the values."""
    people = cells.groupby("participant")["mean"].transform("mean")
    means = cells.groupby(factors)["mean"].transform("mean")
    left = (cells["mean"] - people - means + cells["mean"].mean()).to_numpy()
    if len(left) < 3 or np.ptp(left) < 1e-12:
        return ()
    return (shapiro_wilk("residuals", left),)


def shapiro_wilk(of: str, values: np.ndarray) -> str:
    """Outcome of a test of normality, in one sentence; at most the first 5 000 values."""
    found = stats.shapiro(values[:5000])
    return f"Shapiro–Wilk test of the {of}: W = {found.statistic:.3f}, p = {found.pvalue:.3f}."


def _equal_spread(cells: pd.DataFrame, between: str) -> tuple[str, ...]:
    means = cells.groupby(["participant", between])["mean"].mean().reset_index()
    groups = [rows["mean"].to_numpy() for _, rows in means.groupby(between)]
    if min(len(group) for group in groups) < 3 or all(np.ptp(group) < 1e-12 for group in groups):
        return ()
    found = stats.levene(*groups)
    return (
        f"Levene's test of equal variances between groups: F = {found.statistic:.2f}, "
        f"p = {found.pvalue:.3f}.",
    )


def _people(level: object) -> str:
    return {"expert": "experts", "lay": "lay people"}.get(str(level), f"of level {level}")


def _effect(frame: ComparisonResult, row: dict[str, Any], comparison: str) -> ComparisonResult:
    source = " × ".join(
        _NAMES.get(part.strip(), part.strip()) for part in str(row["Source"]).split("*")
    )
    epsilon = _value(row, "eps")
    p = _value(row, "p-unc", "p_unc")
    checks: list[str] = []
    first, second = _value(row, "ddof1", "DF1", "DF"), _value(row, "ddof2", "DF2")
    effect = _value(row, "np2")
    statistic = _value(row, "F")
    scale = 1.0
    if first is not None and first > 1 and epsilon is not None and epsilon < 1 - 1e-9:
        scale = epsilon
        mauchly, sure = _value(row, "W-spher", "W_spher"), _value(row, "p-spher", "p_spher")
        if mauchly is not None and sure is not None:
            checks.append(f"Mauchly's test of sphericity: W = {mauchly:.3f}, p = {sure:.3f}.")
        checks.append(f"Corrected for sphericity, Greenhouse–Geisser ε = {epsilon:.2f}.")
    interval = None
    if statistic is not None and first is not None and second is not None and second > 0:
        interval = partial_eta_squared_interval(statistic, scale * first, scale * second)
        if scale < 1:
            p = float(stats.f.sf(statistic, scale * first, scale * second))
    return replace(
        frame,
        comparison=f"{source}, {comparison}",
        statistic=statistic,
        df=tuple(df for df in (first, second) if df is not None),
        p=p,
        effect_size=EffectSize("partial_eta_squared", effect, interval)
        if effect is not None
        else None,
        assumptions=(*checks, *frame.assumptions),
        reason=None if statistic is not None else "the values do not vary within participants",
    )


def _value(row: dict[str, Any], *names: str) -> float | None:
    for name in names:
        value = row.get(name)
        if isinstance(value, (int, float, np.number)) and np.isfinite(value):
            return float(value)
    return None
