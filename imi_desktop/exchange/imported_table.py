"""Trials that were recorded elsewhere: ``<study>/imported/<name>.parquet`` and their provenance.

Beside each table lies ``<name>.json`` with the files it was made from, their hashes, and what was
mapped, dropped and not understood.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from imi_desktop import __version__
from imi_desktop.analysis.columns import (
    COLUMNS,
    IDENTITY,
    REQUIRED,
    check_apart,
    check_sites,
    check_unique,
    conform,
)
from imi_desktop.analysis.load import IMPORTED, study_tables
from imi_desktop.atomic import replacing, write_text
from imi_desktop.errors import UserError
from imi_desktop.models.unit import folder_name
from imi_desktop.stimuli.pack import sha256_of

FORMAT = 1
_ARROW = {
    "text": pa.string(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "truth": pa.bool_(),
}
_SCHEMA = pa.schema([(column.name, _ARROW[column.kind]) for column in COLUMNS])


class ForeignFormatError(UserError):
    """Files of another program cannot be read as what they were said to be."""


@dataclass
class ImportReport:
    """What an import read, mapped, dropped and could not understand.

    Parameters
    ----------
    files : list of dict
        ``name``, ``sha256``, ``rows`` of every file read.
    trials : int
        Rows written.
    mapped : list of str
        How the source's coding was translated, one sentence each.
    dropped : dict of str to str
        Columns of the source that have no place in the trial table, and what they hold.
    problems : Counter of str
        Sentences about values that were not understood, and how many rows they concern.
    outputs : list of str
        Tables written, relative to the study folder.
    """

    format: str
    source: str
    files: list[dict[str, Any]] = field(default_factory=list)
    trials: int = 0
    participants: int = 0
    mapped: list[str] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    outputs: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON-able values."""
        return asdict(self) | {"problems": dict(self.problems)}

    def lines(self) -> Iterator[str]:
        """The report for people, line by line."""
        images = [file for file in self.files if str(file["name"]).endswith(".png")]
        for file in self.files:
            if file not in images:
                yield f"Read {file['name']}: {file['rows']} rows."
        if images:
            yield f"Read {len(images)} images."
        yield from self.mapped
        for name, why in self.dropped.items():
            yield f"Dropped column {name}: {why}."
        for problem, rows in self.problems.items():
            yield f"{problem} ({rows} row{'' if rows == 1 else 's'})."
        if images:
            yield f"Wrote {len(self.outputs)} images."
        else:
            yield f"Wrote {self.trials} trials of {self.participants} participants."


class ImportedTableWriter:
    """Appends pieces of a trial table to a Parquet file; made by :func:`imported_table`."""

    def __init__(self, writer: pq.ParquetWriter, source: str) -> None:
        self._writer = writer
        self._source = source
        self._marks: list[np.ndarray] = []
        self._sites: dict[tuple[str, str], str] = {}
        self.rows = 0
        self.participants: set[str] = set()

    def append(self, trials: pd.DataFrame, *, first_row: int = 1) -> None:
        """Check and write one piece.

        Raises
        ------
        TrialTableError
            If a value cannot be.
        """
        trials = conform(trials, self._source, first_row=first_row)
        self._writer.write_table(pa.Table.from_pandas(trials, schema=_SCHEMA, preserve_index=False))
        check_sites(self._sites, trials, self._source)
        self._marks.append(identity_marks(trials))
        self.rows += len(trials)
        self.participants.update(trials["participant"].dropna().unique())

    def check_unique(self, file: IO[bytes]) -> None:
        """Refuse the table if it holds a trial twice.

        Trials are remembered as 8 bytes each, so that large files fit; what these show twice is
        looked up in the table itself.

        Parameters
        ----------
        file : binary file
            The finished table.

        Raises
        ------
        TrialTableError
            See :func:`imi_desktop.analysis.columns.check_unique`.
        """
        marks = np.sort(self._all())
        twice = np.unique(marks[1:][marks[1:] == marks[:-1]])
        if len(twice):
            check_unique(_identities(file, twice), self._source)

    def check_new(self, study: Path, path: Path, file: IO[bytes]) -> None:
        """Refuse trials that the study holds already, elsewhere than in `path`.

        Parameters
        ----------
        file : binary file
            The finished table.

        Raises
        ------
        TrialTableError
            See :func:`imi_desktop.analysis.columns.check_apart`.
        """
        for source, trials in study_tables(study):
            if not self.rows or not len(trials) or source.path == path:
                continue
            shared = np.intersect1d(identity_marks(trials), self._all())
            if len(shared):
                known = trials[np.isin(identity_marks(trials), shared)]
                check_apart([(str(source.path), known), (self._source, _identities(file, shared))])

    def _all(self) -> np.ndarray:
        return np.concatenate(self._marks) if self._marks else np.zeros(0, dtype=np.uint64)


def identity_marks(trials: pd.DataFrame) -> np.ndarray:
    """A 64-bit number for what tells a trial from others: uint64, shape (n_trials,)."""
    texts = trials[list(IDENTITY)].astype("string").fillna("")
    marks: np.ndarray = pd.util.hash_pandas_object(texts, index=False).to_numpy()
    return marks


def _identities(file: IO[bytes], marks: np.ndarray) -> pd.DataFrame:
    """The rows of a table with one of these marks, only what tells them apart."""
    found = []
    file.flush()
    with os.fdopen(os.dup(file.fileno()), "rb") as again:
        again.seek(0)
        for batch in pq.ParquetFile(again).iter_batches(columns=list(IDENTITY)):
            answers = {name: pd.NA for name in REQUIRED if name not in IDENTITY} | {"catch": False}
            trials = conform(batch.to_pandas().assign(**answers), "the table")
            found.append(trials.loc[np.isin(identity_marks(trials), marks), list(IDENTITY)])
    return pd.concat(found, ignore_index=True)


@contextmanager
def imported_table(
    study: Path, name: str, report: ImportReport, *, source: str = ""
) -> Iterator[ImportedTableWriter]:
    """Write ``<study>/imported/<name>.parquet`` in pieces, with its provenance, or nothing.

    A table of the same name is replaced when the block ends well and stays when it raises; trials
    that other sources of the study hold already are refused.

    Parameters
    ----------
    source : str
        What sentences of errors call the table; empty for `name`.

    Raises
    ------
    ForeignFormatError
        If there are no trials.
    TrialTableError
        If a trial is there twice.
    """
    stem = folder_name(name)
    path = study / IMPORTED / f"{stem}.parquet"
    with _without_trace(path.parent), replacing(path) as file:
        with pq.ParquetWriter(file, _SCHEMA) as parquet:
            table = ImportedTableWriter(parquet, source or name)
            yield table
        table.check_unique(file)
        table.check_new(study, path, file)
        if not table.rows:
            raise ForeignFormatError(f"{report.source} holds no trials, so nothing was imported.")
    report.trials += table.rows
    report.participants = max(report.participants, len(table.participants))
    report.outputs.append(path.relative_to(study).as_posix())
    provenance = report.to_json() | {
        "provenance_format": FORMAT,
        "software": f"imi-desktop {__version__}",
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "table_sha256": sha256_of(path),
    }
    write_text(path.with_suffix(".json"), json.dumps(provenance, indent=1, ensure_ascii=False))


@contextmanager
def _without_trace(folder: Path) -> Iterator[None]:
    """Take folders away again that a block made but put nothing into, because it raised."""
    absent = [place for place in (folder, *folder.parents) if not place.exists()]
    done = False
    try:
        yield
        done = True
    finally:
        for place in absent if not done else ():
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()
