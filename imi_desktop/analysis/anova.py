"""Repeated-measures and mixed analyses of variance of participant means."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.comparison_result import ComparisonResult, EffectSize

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
    return [
        _effect(frame, row, comparison)
        for row in table.to_dict("records")
        if row["Source"] != "Error"
    ]


def mixed(
    means: pd.DataFrame, within: str, between: str, comparison: str
) -> list[ComparisonResult]:
    """Mixed ANOVA: one factor within and one between participants.

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
    frame = ComparisonResult("Mixed ANOVA", comparison, design, None,
                       symbol="F", n=cells["participant"].nunique())  # fmt: skip
    sizes = cells.groupby(between)["participant"].nunique()
    if len(sizes) < 2:
        level = sizes.index[0] if len(sizes) else "the same"
        return [replace(frame, reason=f"all {frame.n} participants are {_people(level)}")]
    if sizes.min() < 2:
        return [replace(frame, reason=f"only one participant is of level {sizes.idxmin()}")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pingouin.mixed_anova(
            cells, dv="mean", within=within, between=between, subject="participant", effsize="np2"
        )
    unequal = () if sizes.nunique() == 1 else (
        "Groups differ in size: " + ", ".join(f"{n} {name}" for name, n in sizes.items()) + ".",
    )  # fmt: skip
    return [
        replace(_effect(frame, row, comparison), assumptions=unequal)
        for row in table.to_dict("records")
    ]


def _people(level: object) -> str:
    return {"expert": "experts", "lay": "lay people"}.get(str(level), f"of level {level}")


def _effect(frame: ComparisonResult, row: dict[str, Any], comparison: str) -> ComparisonResult:
    source = " × ".join(
        _NAMES.get(part.strip(), part.strip()) for part in str(row["Source"]).split("*")
    )
    epsilon = _value(row, "eps")
    corrected = _value(row, "p-GG-corr", "p_GG_corr")
    p = _value(row, "p-unc", "p_unc")
    assumptions: tuple[str, ...] = ()
    first, second = _value(row, "ddof1", "DF1", "DF"), _value(row, "ddof2", "DF2")
    if epsilon is not None and epsilon < 1 - 1e-9 and corrected is not None:
        assumptions = (f"Corrected for sphericity, Greenhouse–Geisser ε = {epsilon:.2f}.",)
        p = corrected
    effect = _value(row, "np2")
    statistic = _value(row, "F")
    return replace(
        frame,
        comparison=f"{source}, {comparison}",
        statistic=statistic,
        df=tuple(df for df in (first, second) if df is not None),
        p=p,
        effect_size=EffectSize("partial_eta_squared", effect) if effect is not None else None,
        assumptions=assumptions,
        reason=None if statistic is not None else "the values do not vary within participants",
    )


def _value(row: dict[str, Any], *names: str) -> float | None:
    for name in names:
        value = row.get(name)
        if isinstance(value, (int, float, np.number)) and np.isfinite(value):
            return float(value)
    return None
