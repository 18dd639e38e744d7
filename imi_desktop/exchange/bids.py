"""Export as behavioural data of the Brain Imaging Data Structure (BIDS 1.10, ``beh``)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from imi_desktop import __version__, atomic
from imi_desktop.exchange.data_dictionary import DESCRIPTIONS, LEVELS, UNITS

VERSION = "1.10.0"


def export_bids(
    trials: pd.DataFrame,
    into: Path,
    name: str,
    people: Mapping[str, Mapping[str, str | int | float | bool | None]] | None = None,
) -> list[Path]:
    """Write one ``sub-<label>/beh/sub-<label>_task-<task>_beh.tsv`` per participant and task.

    Beside them ``dataset_description.json``, ``participants.tsv``, and one sidecar per task that
    explains the columns. `reaction_time_ms` is also given as ``response_time`` in seconds, BIDS'
    own name. Missing values are ``n/a``.

    Parameters
    ----------
    people : mapping or None
        By participant, what they told about themselves and may leave the laboratory.

    Returns
    -------
    list of Path
        The files written.
    """
    written = [_json(into / "dataset_description.json", _description(name))]
    labels = _labels(trials)
    ids = trials["participant"].astype("string").fillna("unknown")
    rows = _people(dict(zip(labels, ids, strict=True)), people or {})
    written.append(_text(into / "participants.tsv", rows))
    written.append(_text(into / "README", f"{name}, exported by IMI Desktop {__version__}.\n"))
    table = trials.assign(response_time=trials["reaction_time_ms"] / 1000)
    columns = [column for column in table.columns if table[column].notna().any()]
    tasks = table["task"].astype("string").fillna("forward_prediction")
    for task in sorted(tasks.unique()):
        word = re.sub(r"[^A-Za-z0-9]", "", task)
        written.append(_json(into / f"task-{word}_beh.json", _sidecar(columns, task)))
        for label in sorted(set(labels[tasks == task])):
            rows = table.loc[(labels == label) & (tasks == task), columns]
            path = into / f"sub-{label}" / "beh" / f"sub-{label}_task-{word}_beh.tsv"
            text = rows.to_csv(sep="\t", index=False, na_rep="n/a", lineterminator="\n")
            written.append(_text(path, text))
    return written


def _people(
    ids: Mapping[str, str], people: Mapping[str, Mapping[str, str | int | float | bool | None]]
) -> str:
    """``participants.tsv``: one row per label; fields that nobody answered are left out."""
    told = {label: people.get(ids[label], {}) for label in sorted(ids)}
    names = sorted({n for fields in told.values() for n, v in fields.items() if v is not None})
    table = pd.DataFrame(
        [
            {"participant_id": f"sub-{label}", **{name: fields.get(name) for name in names}}
            for label, fields in told.items()
        ],
        columns=["participant_id", *names],
        dtype=object,
    )
    return str(table.to_csv(sep="\t", index=False, na_rep="n/a", lineterminator="\n"))


def _labels(trials: pd.DataFrame) -> pd.Series:
    """Participants as BIDS labels: letters and digits, unlike ids staying unlike."""
    ids = trials["participant"].astype("string").fillna("unknown")
    plain = ids.str.replace(r"[^A-Za-z0-9]", "", regex=True)
    known = pd.DataFrame({"id": ids, "label": plain}).drop_duplicates()
    clashing = known["label"].duplicated(keep=False) | (known["label"] == "")
    numbers = {
        row: f"{label}x{place + 1}"
        for place, (row, label) in enumerate(known.loc[clashing, ["id", "label"]].to_numpy())
    }
    return plain.where(~ids.isin(list(numbers)), ids.map(numbers))


def _description(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "BIDSVersion": VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "IMI Desktop", "Version": __version__}],
    }


def _sidecar(columns: list[str], task: str) -> dict[str, Any]:
    sidecar: dict[str, Any] = {"TaskName": task.replace("_", " ")}
    for column in columns:
        if column == "response_time":
            sidecar[column] = {"Description": "From stimulus onset to answer.", "Units": "s"}
            continue
        entry: dict[str, Any] = {"Description": DESCRIPTIONS[column]}
        if column in LEVELS:
            entry["Levels"] = LEVELS[column]
        if column in UNITS:
            entry["Units"] = UNITS[column]
        sidecar[column] = entry
    return sidecar


def _json(path: Path, value: dict[str, Any]) -> Path:
    return _text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _text(path: Path, text: str) -> Path:
    atomic.write_text(path, text)
    return path
