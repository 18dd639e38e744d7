"""Bringing tables to the trial table's columns."""

from __future__ import annotations

import pandas as pd
import pytest

from imi_desktop.analysis import columns
from imi_desktop.analysis.columns import TrialTableError, check_unique, conform
from imi_desktop.recording import trial_table

ROW = {
    "participant": "P1", "phase": "main", "catch": "false", "condition": "natural",
    "correct": "true", "confidence": "2", "trial": "1", "block": "1",
}  # fmt: skip


def table(**changes: object) -> pd.DataFrame:
    return pd.DataFrame([ROW | changes])


def test_columns_are_those_of_the_journals_table():
    kinds = {"text": "string", "whole": "Int64", "number": "float64", "truth": "boolean"}
    assert {c.name: kinds[c.kind] for c in columns.COLUMNS} == trial_table.COLUMNS


def test_missing_stays_missing():
    typed = conform(table(confidence="", rating="", branch="  "), "t.csv")
    assert typed.loc[0, ["confidence", "rating", "branch"]].isna().all()


def test_nanoseconds_keep_their_digits():
    typed = conform(table(onset_ns="1760000000123456789"), "t.csv")
    assert typed.loc[0, "onset_ns"] == 1760000000123456789


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"confidence": "4"}, "confidence is “4” but must be at most 3"),
        ({"confidence": "−2"}, "confidence is “−2” but must be a whole number"),
        ({"confidence": "2.5"}, "a whole number"),
        ({"condition": "optimized"}, "condition is “optimized” but must be one of synthetic"),
        ({"correct": "maybe"}, "correct is “maybe” but must be true or false"),
        ({"reaction_time_ms": "-5"}, "reaction_time_ms is “-5” but must be 0 or more"),
        ({"reaction_time_ms": "inf"}, "must be a number"),
    ],
)
def test_impossible_values_are_refused_with_their_row(changes, words):
    with pytest.raises(TrialTableError) as error:
        conform(table(**changes), "t.csv", first_row=41)
    assert words in error.value.sentence
    assert "t.csv, row 41" in error.value.sentence


def test_required_columns():
    with pytest.raises(TrialTableError, match="lacks the columns phase, correct"):
        conform(table().drop(columns=["phase", "correct"]), "t.csv")


def test_a_trial_twice_is_refused():
    twice = conform(pd.concat([table(), table()]), "t.csv")
    with pytest.raises(TrialTableError, match="holds 1 trials twice, first trial 1 of block 1"):
        check_unique(twice, "t.csv")


def test_large_tables_are_read_alike_and_refused_with_the_row():
    rows = [ROW | {"trial": str(i), "confidence": str(1 + i % 3)} for i in range(1500)]
    rows[7]["confidence"] = ""
    typed = conform(pd.DataFrame(rows).astype("string"), "t.csv")
    assert list(typed["trial"]) == list(range(1500))
    assert typed["confidence"].isna().sum() == 1
    assert typed["confidence"].dtype.name == "Int64"
    assert typed["confidence"].drop(7).to_list() == [1 + i % 3 for i in range(1500) if i != 7]
    rows[1400]["confidence"] = "9"
    with pytest.raises(TrialTableError, match="row 1401: confidence is “9” but must be at most 3"):
        conform(pd.DataFrame(rows).astype("string"), "t.csv")
