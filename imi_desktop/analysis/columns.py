"""The columns of the trial table, and how a table is brought to them.

One row is one answered (or timed-out) trial. Missing is missing: never −1 and never "".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from imi_desktop.errors import UserError

Kind = Literal["text", "whole", "number", "truth"]


class TrialTableError(UserError):
    """A trial table lacks a column or holds a value that cannot be."""


@dataclass(frozen=True)
class Column:
    """One column of the trial table.

    Parameters
    ----------
    kind : {"text", "whole", "number", "truth"}
        pandas types ``string``, ``Int64``, ``float64`` and ``boolean``.
    values : tuple of str
        The only texts allowed; empty if any.
    low, high : float or None
        Smallest and largest number allowed, both included.
    """

    name: str
    kind: Kind
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


COLUMNS: tuple[Column, ...] = (
    Column("study", "text"),
    Column("site", "text"),
    Column("participant", "text"),
    Column("session", "text"),
    Column("expert_level", "text"),
    Column("task", "text", ("forward_prediction", "counterfactual", "intuitiveness")),
    Column("phase", "text", ("instruction", "practice", "main", "repeated")),
    Column("catch", "truth"),
    Column("block", "whole", low=0),
    Column("trial", "whole", low=0),
    Column("attempt", "whole", low=1),
    Column("condition", "text", ("synthetic", "natural", "mixed", "blurred", "none")),
    Column("scheme", "text"),
    Column("difficulty", "text"),
    Column("model", "text"),
    Column("layer", "text"),
    Column("branch", "text"),
    Column("channel", "whole", low=0),
    Column("unit_selection", "text", ("random", "hand_picked")),
    Column("image_set", "text"),
    Column("target_position", "text", ("upper", "lower", "left", "right")),
    Column("chosen_position", "text", ("upper", "lower", "left", "right")),
    Column("correct", "truth"),
    Column("confidence", "whole", low=1, high=3),
    Column("rating", "number", low=-100, high=100),
    Column("reaction_time_ms", "number", low=0, high=1e9),
    Column("onset_ns", "whole"),
    Column("response_ns", "whole"),
    Column("timeout", "truth"),
    Column("included", "truth"),
    Column("exclusion_reasons", "text"),
)
NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
REQUIRED: tuple[str, ...] = ("participant", "phase", "catch", "condition", "correct")
NEVER_MISSING: tuple[str, ...] = ("participant", "phase", "catch")
IDENTITY: tuple[str, ...] = (
    "study", "site", "participant", "session", "task", "phase", "block", "trial", "attempt",
)  # fmt: skip
_TYPES = {"text": "string", "whole": "Int64", "number": "float64", "truth": "boolean"}
_TRUE = frozenset({"true", "1", "1.0", "yes"})
_MANY = 1000
_FALSE = frozenset({"false", "0", "0.0", "no"})
_CONTROL = r"[\x00-\x1f\x7f]"
_LARGEST = 2.0**63


def empty_trials() -> pd.DataFrame:
    """A trial table without rows."""
    return pd.DataFrame({c.name: pd.Series([], dtype=_TYPES[c.kind]) for c in COLUMNS})


def conform(frame: pd.DataFrame, source: str, *, first_row: int = 1) -> pd.DataFrame:
    """Give `frame` exactly the columns of the trial table, in their types and order.

    Columns that are not there become missing; columns that do not belong there are dropped.

    Parameters
    ----------
    frame : DataFrame
        Values as text or already typed.
    source : str
        Where it comes from, for the sentences of errors.
    first_row : int
        Number of the first row in the source, for the sentences of errors.

    Raises
    ------
    TrialTableError
        If a required column is missing, a value is of the wrong type, out of range or not there
        though it must be, or `correct` contradicts the positions; names the column, the row and
        the value.
    """
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise TrialTableError(
            f"{source} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
            "A trial table needs at least " + ", ".join(REQUIRED) + "."
        )
    columns = {}
    for column in COLUMNS:
        if column.name in frame.columns:
            columns[column.name] = _typed(frame[column.name], column, source, first_row)
        else:
            columns[column.name] = pd.Series(
                pd.NA if column.kind != "number" else np.nan,
                index=frame.index,
                dtype=_TYPES[column.kind],
            )
    for name in NEVER_MISSING:
        _refuse_row(columns[name].isna(), f"{name} is missing", source, first_row)
    contradicts = (columns["chosen_position"] == columns["target_position"]) != columns["correct"]
    _refuse_row(contradicts, "correct contradicts the positions", source, first_row)
    return pd.DataFrame(columns).reset_index(drop=True)


def check_unique(trials: pd.DataFrame, source: str) -> None:
    """Refuse a table that holds the same trial twice.

    Raises
    ------
    TrialTableError
        Naming how many there are and the first of them.
    """
    numbered = trials.loc[trials["trial"].notna(), list(IDENTITY)]
    twice = numbered.duplicated(list(IDENTITY), keep="first")
    if twice.any():
        row = numbered[twice].iloc[0]
        raise TrialTableError(
            f"{source} holds {int(twice.sum())} trials twice, first trial {row['trial']} of block "
            f"{row['block']} of participant {row['participant']}. Remove the copies and try again."
        )


def check_sites(people: dict[tuple[str, str], str], trials: pd.DataFrame, source: str) -> None:
    """Refuse a table with one participant at two sites: two people, or one who must be told so.

    Parameters
    ----------
    people : dict
        Site of each study and participant seen so far; those of `trials` are added.

    Raises
    ------
    TrialTableError
        Naming the participant and both sites.
    """
    found = trials[["study", "participant", "site"]].drop_duplicates().astype("string").fillna("")
    for study, participant, site in found.itertuples(index=False, name=None):
        known = people.setdefault((study, participant), site)
        if known != site:
            raise TrialTableError(
                f"{source}: participant {participant} is at two sites, {known or 'none'} and "
                f"{site or 'none'}. Give each person one site, and different people different "
                "names."
            )


def check_apart(tables: Sequence[tuple[str, pd.DataFrame]]) -> None:
    """Refuse tables that hold the same trial, each of them being without copies of its own.

    Parameters
    ----------
    tables : sequence of (str, DataFrame)
        Where each comes from, for the sentence, and its trials.

    Raises
    ------
    TrialTableError
        Naming both places of the first such trial, and how many there are.
    """
    if len(tables) < 2:
        return
    keys = pd.concat(
        [trials[list(IDENTITY)].assign(source=name) for name, trials in tables], ignore_index=True
    )
    keys = keys[keys["trial"].notna()]
    shared = keys[keys.duplicated(list(IDENTITY), keep=False)]
    if not len(shared):
        return
    group = shared.groupby(list(IDENTITY), dropna=False, sort=False).ngroup()
    first, second = shared[group == group.iloc[0]].iloc[:2].to_dict("records")
    raise TrialTableError(
        f"{second['source']} holds {group.nunique()} trials that are in {first['source']} too, "
        f"first trial {first['trial']} of block {first['block']} of participant "
        f"{first['participant']}. Leave one of the two out; if they are other people's, give the "
        "studies different names."
    )


def _typed(values: pd.Series, column: Column, source: str, first_row: int) -> pd.Series:
    if column.kind == "text":
        typed = _text(values)
        levels = pd.Series(typed.unique(), dtype="string")
        if levels.str.contains(_CONTROL).any():
            wrong = typed.str.contains(_CONTROL)
            _refuse(
                wrong, values, column, source, first_row, "without line breaks or control signs"
            )
        if column.values:
            wrong = typed.notna() & ~typed.isin(column.values)
            _refuse(wrong, values, column, source, first_row, "one of " + ", ".join(column.values))
        return typed
    if column.kind == "truth":
        return _truth(values, column, source, first_row)
    return _numeric(values, column, source, first_row)


def _truth(values: pd.Series, column: Column, source: str, first_row: int) -> pd.Series:
    if values.dtype == bool or str(values.dtype) == "boolean":
        return values.astype("boolean")
    text = _text(values).str.lower()
    wrong = text.notna() & ~text.isin(_TRUE | _FALSE)
    _refuse(wrong, values, column, source, first_row, "true or false")
    return text.isin(_TRUE).astype("boolean").mask(text.isna())


def _text(values: pd.Series) -> pd.Series:
    text = values.astype("string").str.strip()
    return text.mask(text == "")


def _numeric(values: pd.Series, column: Column, source: str, first_row: int) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(values) and len(values) > _MANY:
        codes, levels = pd.factorize(values, use_na_sentinel=False)
        if len(levels) * 4 < len(values):  # reading each text once is several times faster
            once = _read_numbers(pd.Series(levels), column)
            if once is not None:
                return once.take(codes).set_axis(values.index)
    return _checked_numbers(values, column, source, first_row)


def _read_numbers(levels: pd.Series, column: Column) -> pd.Series | None:
    """The distinct values as numbers; None if one is not possible, whose row is then looked for."""
    try:
        return _checked_numbers(levels, column, "", 1)
    except TrialTableError:
        return None


def _checked_numbers(values: pd.Series, column: Column, source: str, first_row: int) -> pd.Series:
    if column.kind == "whole" and str(values.dtype) in {"int64", "Int64"}:
        numbers: pd.Series = values.astype(
            "Int64"
        )  # nanoseconds do not survive a detour through float64
        wrong = pd.Series(False, index=values.index)
    else:
        if not pd.api.types.is_numeric_dtype(values):
            values = _text(values)
        floats = pd.to_numeric(values, errors="coerce").astype("float64")
        wrong = (values.notna() & floats.isna()) | np.isinf(floats)
        if column.kind == "whole":
            wrong |= floats.notna() & ((floats % 1 != 0) | (floats.abs() >= _LARGEST))
        sort = "a whole number" if column.kind == "whole" else "a number"
        _refuse(wrong, values, column, source, first_row, sort)
        if column.kind == "number":
            numbers = floats
        elif pd.api.types.is_numeric_dtype(values):
            numbers = floats.astype("Int64")
        else:
            exact = values.where(values.str.fullmatch(r"[+-]?\d+"), floats.astype("Int64"))
            numbers = pd.to_numeric(exact.astype("string")).astype("Int64")
    if column.low is not None:
        _refuse(numbers < column.low, values, column, source, first_row, f"{column.low:g} or more")
    if column.high is not None:
        _refuse(
            numbers > column.high, values, column, source, first_row, f"at most {column.high:g}"
        )
    return numbers


def _refuse(
    wrong: pd.Series, values: pd.Series, column: Column, source: str, first_row: int, rule: str
) -> None:
    wrong = wrong.fillna(False).astype(bool)
    if wrong.any():
        position = int(np.flatnonzero(wrong.to_numpy())[0])
        more = int(wrong.sum()) - 1
        others = f" ({more} more rows like it)" if more else ""
        value = re.sub(_CONTROL, "␣", str(values.iloc[position]))
        raise TrialTableError(
            f"{source}, row {first_row + position}: {column.name} is “{value}” "
            f"but must be {rule}{others}."
        )


def _refuse_row(wrong: pd.Series, what: str, source: str, first_row: int) -> None:
    wrong = wrong.fillna(False).astype(bool)
    if wrong.any():
        row = first_row + int(np.flatnonzero(wrong.to_numpy())[0])
        more = int(wrong.sum()) - 1
        others = f" ({more} more rows like it)" if more else ""
        raise TrialTableError(f"{source}, row {row}: {what}{others}.")
