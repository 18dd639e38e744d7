"""Values within groups and participants (or units), the first of the two steps of averaging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from imi_desktop.analysis.selection import require_column

PARTICIPANT = ("study", "participant")
UNIT = ("model", "layer", "channel")
_LARGEST = 2**62


@dataclass(frozen=True)
class CellMeans:
    """Means (or medians) within participants (or units), one row per group and participant.

    Parameters
    ----------
    table : DataFrame
        The `by` columns, the columns averaged within, ``mean`` (float64) and ``n_trials`` (int).
    """

    table: pd.DataFrame
    by: tuple[str, ...]
    within: tuple[str, ...]


@dataclass(frozen=True)
class GroupedRows:
    """Which group and participant each row belongs to.

    Parameters
    ----------
    codes : ndarray of int64, shape (n_rows_kept,)
        Row of `table` for every row kept.
    table : DataFrame
        One row per group and participant, with the columns that name them.
    """

    codes: np.ndarray
    table: pd.DataFrame
    within: tuple[str, ...]


def group_rows(
    trials: pd.DataFrame, by: Sequence[str], kept: np.ndarray, within: Sequence[str] = PARTICIPANT
) -> GroupedRows:
    """Number the groups and participants among the rows kept.

    Parameters
    ----------
    by : sequence of str
        Columns that make the groups; missing values make a group of their own.
    kept : ndarray of bool, shape (n_trials,)
    within : sequence of str
        Columns that name the participant (or the unit).
    """
    keys = list(dict.fromkeys([*(require_column(name) for name in by), *within]))
    places = np.flatnonzero(kept)
    codes, first = distinct(trials[keys], places)
    return GroupedRows(
        codes, trials[keys].take(places[first]).reset_index(drop=True), tuple(within)
    )


def cell_means(
    trials: pd.DataFrame,
    by: Sequence[str],
    values: np.ndarray,
    *,
    within: Sequence[str] = PARTICIPANT,
) -> CellMeans:
    """Average `values` within each group and participant.

    Parameters
    ----------
    values : ndarray of float64, shape (n_trials,)
        NaN is left out.
    """
    kept = np.isfinite(values)
    grouped = group_rows(trials, by, kept, within)
    cells = len(grouped.table)
    counts = np.bincount(grouped.codes, minlength=cells)
    sums = np.bincount(grouped.codes, weights=values[kept], minlength=cells)
    table = grouped.table
    table["mean"] = sums / np.maximum(counts, 1)
    table["n_trials"] = counts
    return CellMeans(table, tuple(by), tuple(within))


def cell_medians(
    trials: pd.DataFrame,
    by: Sequence[str],
    values: np.ndarray,
    *,
    within: Sequence[str] = PARTICIPANT,
) -> CellMeans:
    """Median of `values` within each group and participant, in the column ``mean``."""
    kept = np.isfinite(values)
    grouped = group_rows(trials, by, kept, within)
    table = grouped.table
    counts = np.bincount(grouped.codes, minlength=len(table))
    order = np.lexsort((values[kept], grouped.codes))
    ordered = values[kept][order]
    start = np.cumsum(counts) - counts
    table["mean"] = (ordered[start + (counts - 1) // 2] + ordered[start + counts // 2]) / 2
    table["n_trials"] = counts
    return CellMeans(table, tuple(by), tuple(within))


def row_keys(table: pd.DataFrame, columns: Sequence[str], separator: str = "\x1f") -> pd.Series:
    """The values of several columns of each row as one text; missing is empty."""
    keys = pd.Series("", index=table.index, dtype="string")
    for place, name in enumerate(columns):
        text = table[name].astype("string").fillna("")
        keys = keys + separator + text if place else text
    return keys


def distinct(rows: pd.DataFrame, places: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct rows: codes of shape (n,), and the first place of each code.

    Parameters
    ----------
    places : ndarray of int, shape (n,), or None
        Rows that count; None for all.
    """
    count = len(rows) if places is None else len(places)
    codes = np.zeros(count, dtype=np.int64)
    levels = 1
    for name in rows.columns:
        column, values = _column_codes(rows[name], places)
        if levels * (values + 1) > _LARGEST:
            codes, kept = pd.factorize(codes)
            levels = len(kept)
        codes = codes * (values + 1) + (column + 1)
        levels *= values + 1
    codes, kept = pd.factorize(codes)
    first = np.empty(len(kept), dtype=np.int64)
    first[codes[::-1]] = np.arange(count)[::-1]
    return codes, first


def number(values: pd.Series) -> np.ndarray:
    """Values as float64, missing as NaN; shape (n,)."""
    return values.to_numpy(dtype="float64", na_value=np.nan)


def _column_codes(values: pd.Series, places: np.ndarray | None) -> tuple[np.ndarray, int]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        known = values.cat.codes.to_numpy()
        chosen = known if places is None else known[places]
        return chosen.astype(np.int64), len(values.cat.categories)
    codes, levels = pd.factorize(
        values if places is None else values.take(places), use_na_sentinel=True
    )
    return codes.astype(np.int64), len(levels)
