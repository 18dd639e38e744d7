"""The released answers of the online experiments: ``responses_*.csv`` (Zimmermann et al. 2023).

Columns and coding: https://github.com/brendel-group/imi. Buttons 0 to 2 are the upper row with
confidence 1 to 3, buttons 3 to 5 the lower row; catch trials have mode ``catch_trial`` and batch
−1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from imi_desktop.analysis.csv_chunks import csv_chunks
from imi_desktop.analysis.load import study_name
from imi_desktop.exchange.imported_table import (
    ForeignFormatError,
    ImportReport,
    imported_table,
    sha256_of,
)

_NEEDED = ("participant_id", "task_id", "rt", "correct", "confidence", "catch_trial", "is_demo",
           "batch", "layer", "channel", "mode", "model")  # fmt: skip
_CONDITIONS = {"natural": "natural", "optimized": "synthetic", "synthetic": "synthetic",
               "none": "none"}  # fmt: skip
_CATCH = "catch_trial"
_CHECK, _RESULT = "passed_", "_result"
_USED = ("button_pressed", "passed_checks")
_DROPPED = {
    "query_a": "the min query (a = min, b = max); it follows from the unit and the batch",
    "query_b": "the max query (a = min, b = max); it follows from the unit and the batch",
    "query_path": "path on the authors' computer",
}


def import_imi(source: Path, into: Path) -> ImportReport:
    """Import one or many ``responses_*.csv`` files of the online experiments.

    Parameters
    ----------
    source : Path
        A file, or a folder of such files.

    Raises
    ------
    ForeignFormatError
        If there is no such file, a column is missing or a value cannot be.
    """
    files = sorted(source.glob("responses_*.csv")) if source.is_dir() else [source]
    if not files or not files[0].is_file():
        raise ForeignFormatError(f"{source} holds no responses_*.csv.")
    report = ImportReport("imi", str(source))
    study = study_name(into)
    with imported_table(into, "imi", report) as table:
        for path in files:
            numbers: dict[str, int] = {}
            rows, known = 0, np.zeros(0, dtype=np.uint64)
            for first, chunk in csv_chunks(path):
                _require(chunk, path)
                known = _refuse_copies(chunk, path.name, first, known)
                table.append(_translate(chunk, path, first, study, numbers, report),
                             first_row=first)  # fmt: skip
                rows += len(chunk)
            report.files.append({"name": path.name, "sha256": sha256_of(path), "rows": rows})
    report.mapped += [
        "mode optimized is condition synthetic; is_demo trials are practice.",
        "The task_id is the session. Trials are numbered in the order of the file.",
        "Sessions whose passed_checks is false are kept and marked as excluded.",
        "Buttons 0 to 2 are the upper row, 3 to 5 the lower one; the right query's place follows.",
        "Catch trials of mode catch_trial tell no condition, model or batch: these are missing.",
    ]
    return report


def _require(chunk: pd.DataFrame, path: Path) -> None:
    missing = [name for name in _NEEDED if name not in chunk.columns]
    if missing:
        raise ForeignFormatError(f"{path} lacks the columns {', '.join(missing)}.")


def _refuse_copies(chunk: pd.DataFrame, source: str, first: int, known: np.ndarray) -> np.ndarray:
    """Marks of all rows so far; the files number no trials, so that copies are alike rows."""
    marks: np.ndarray = pd.util.hash_pandas_object(chunk.fillna(""), index=False).to_numpy()
    twice = chunk.duplicated().to_numpy() | np.isin(marks, known)
    if twice.any():
        raise ForeignFormatError(
            f"{source} holds {int(twice.sum())} rows twice, first row "
            f"{first + int(np.flatnonzero(twice)[0])}. Remove the copies and try again."
        )
    return np.concatenate([known, marks])


def _translate(
    chunk: pd.DataFrame,
    path: Path,
    first: int,
    study: str,
    numbers: dict[str, int],
    report: ImportReport,
) -> pd.DataFrame:
    mode = chunk["mode"].str.strip().str.lower()
    for name in ("catch_trial", "is_demo", "passed_checks"):
        if name in chunk.columns:
            _refuse_untold(chunk[name], path.name, first)
    catch = _true(chunk["catch_trial"]) | (mode == _CATCH).fillna(False)
    unknown = mode.notna() & ~mode.isin([*_CONDITIONS, _CATCH])
    if unknown.any():
        place = int(np.flatnonzero(unknown.to_numpy(dtype=bool))[0])
        raise ForeignFormatError(
            f"{path.name}, row {first + place}: mode is “{chunk['mode'].iloc[place]}”, which is "
            "neither natural nor optimized. Nothing was imported."
        )
    times = pd.to_numeric(chunk["rt"], errors="coerce")
    impossible = chunk["rt"].notna() & (times.isna() | (times < 0))
    if impossible.any():
        report.problems["A reaction time that is not possible became missing"] += int(
            impossible.sum()
        )
    for name in chunk.columns:
        if name not in (*_NEEDED, *_USED) and name not in _checks(chunk):
            report.dropped.setdefault(name, _DROPPED.get(name, "no column of the trial table"))
    chosen = _chosen(chunk, path.name, first, report)
    correct = _true(chunk["correct"])
    target = chosen.where(correct, chosen.map({"upper": "lower", "lower": "upper"}))
    told = mode != _CATCH
    demo = _true(chunk["is_demo"])
    session = chunk["participant_id"].astype("string") + "\x1f" + chunk["task_id"].astype("string")
    passed = _true(chunk["passed_checks"]) if "passed_checks" in chunk else _all(chunk)
    return pd.DataFrame(
        {
            "study": study,
            "participant": chunk["participant_id"],
            "session": chunk["task_id"],
            "task": "forward_prediction",
            "phase": np.where(demo, "practice", "main"),
            "catch": catch,
            "trial": _numbered(session, numbers),
            "attempt": 1,
            "condition": mode.map(_CONDITIONS),
            "scheme": np.where((mode == "none").fillna(False), "none", "min_max_9"),
            "model": chunk["model"].where(told),
            "layer": chunk["layer"],
            "channel": chunk["channel"],
            "unit_selection": "random",
            "image_set": chunk["batch"].where(told & (chunk["batch"].str.strip() != "-1")),
            "target_position": target.where(chunk["correct"].notna()),
            "chosen_position": chosen,
            "correct": chunk["correct"],
            "confidence": chunk["confidence"],
            "reaction_time_ms": times.mask(impossible),
            "included": passed,
            "exclusion_reasons": _reasons(chunk, passed),
        }
    )


def _checks(chunk: pd.DataFrame) -> list[str]:
    """Columns with the outcome of one check each: ``passed_<check>`` or ``<check>_result``."""
    return [
        name
        for name in chunk.columns
        if (name.startswith(_CHECK) or name.endswith(_RESULT)) and name != "passed_checks"
    ]


def _chosen(chunk: pd.DataFrame, source: str, first: int, report: ImportReport) -> pd.Series:
    """Row chosen by the button pressed; missing where the button is not told."""
    nothing = pd.Series(pd.NA, index=chunk.index, dtype="string")
    if "button_pressed" not in chunk.columns:
        report.problems["button_pressed is not there, so positions are missing"] += len(chunk)
        return nothing
    button = pd.to_numeric(chunk["button_pressed"], errors="coerce")
    wrong = chunk["button_pressed"].notna() & ~button.isin(range(6))
    if wrong.any():
        place = int(np.flatnonzero(wrong.to_numpy(dtype=bool))[0])
        raise ForeignFormatError(
            f"{source}, row {first + place}: button_pressed is "
            f"“{chunk['button_pressed'].iloc[place]}” but must be 0 to 5. Nothing was imported."
        )
    confidence = pd.to_numeric(chunk["confidence"], errors="coerce")
    differs = (button.notna() & confidence.notna() & (button % 3 + 1 != confidence)).fillna(False)
    if differs.any():
        report.problems["button_pressed contradicts the confidence, which was kept"] += int(
            differs.sum()
        )
    return nothing.mask((button < 3).fillna(False), "upper").mask(
        (button >= 3).fillna(False), "lower"
    )


def _numbered(session: pd.Series, numbers: dict[str, int]) -> list[int]:
    placed = []
    for key in session.tolist():
        numbers[key] = numbers.get(key, 0) + 1
        placed.append(numbers[key])
    return placed


def _reasons(chunk: pd.DataFrame, passed: pd.Series) -> pd.Series:
    checks = _checks(chunk)
    reasons = pd.Series("", index=chunk.index, dtype="string")
    for name in checks:
        failed = chunk[name].notna() & ~_true(chunk[name])
        words = name.removeprefix(_CHECK).removesuffix(_RESULT).replace("_", " ")
        reasons = reasons.mask(failed, reasons + f"{words}; ")
    reasons = reasons.str.removesuffix("; ")
    reasons = reasons.mask((reasons == "") & ~passed, "did not pass the published checks")
    return reasons.mask(passed)


def _refuse_untold(values: pd.Series, source: str, first: int) -> None:
    wrong = ~(_true(values) | values.str.strip().str.lower().isin(["false", "0", "0.0"]))
    if wrong.any():
        place = int(np.flatnonzero(wrong.to_numpy(dtype=bool))[0])
        value = values.iloc[place]
        raise ForeignFormatError(
            f"{source}, row {first + place}: {values.name} is "
            f"“{'' if pd.isna(value) else value}” but must be true or false. Nothing was imported."
        )


def _true(values: pd.Series) -> pd.Series:
    return values.str.strip().str.lower().isin(["true", "1", "1.0"])


def _all(chunk: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=chunk.index)
