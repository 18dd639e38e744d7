"""The journal of a session: appended to, synced, never rewritten.

The line format is that of :mod:`imi_desktop.recording.records`.
"""

from __future__ import annotations

import io
import os
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imi_desktop import __version__
from imi_desktop.atomic import sync_folder
from imi_desktop.errors import storage_error
from imi_desktop.recording.errors import RecordingError
from imi_desktop.recording.lock import FileLock
from imi_desktop.recording.records import (
    FORMAT,
    HEADER_TYPE,
    JournalContents,
    Record,
    encode,
    parse,
    read_journal,
)

__all__ = ["JOURNAL_NAME", "LOCK_NAME", "Journal", "Record", "read_journal"]

JOURNAL_NAME = "journal.jsonl"
LOCK_NAME = "journal.lock"


class Journal:
    """The one writer of a journal; made by :meth:`open`.

    Attributes
    ----------
    path : Path
        The file.
    records : list of Record
        What the journal held when it was opened, after any repair.
    """

    def __init__(self, path: Path, file: io.FileIO, lock: FileLock, records: list[Record]) -> None:
        self.path = path
        self.records = records
        self._file = file
        self._lock = lock
        self._size = os.fstat(file.fileno()).st_size
        self._next_seq = len(records)
        self._tail_to_discard = False

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Open for writing; make the file if there is none.

        A torn last line is kept in a file beside the journal, cut off, and recorded
        (``torn_line_cut``); so is a lock left by a dead process (``lock_taken_over``).

        Raises
        ------
        SessionLockedError
            If another process writes it.
        JournalDamagedError, NewerJournalError
            If it cannot be continued; nothing is changed.
        StorageError
            If the folder cannot be written.
        """
        lock = FileLock(path.with_name(LOCK_NAME))
        try:
            journal = cls._open_locked(path, lock)
        except BaseException:
            lock.release()
            raise
        return journal

    @classmethod
    def _open_locked(cls, path: Path, lock: FileLock) -> Journal:
        try:
            content = path.read_bytes() if path.exists() else b""
            found = parse(content, path)
            kept = _keep_torn(path, found) if found.torn else None
            file = io.FileIO(path, "a+")
            try:
                if found.torn:
                    file.truncate(found.size)
                if found.unended:
                    _write_all(file, b"\n")
                os.fsync(file.fileno())
                sync_folder(path.parent)
            except OSError:
                file.close()
                raise
        except OSError as error:
            raise storage_error("write", path, error) from error
        journal = cls(path, file, lock, found.records)
        try:
            journal._record_opening(found, kept)
        except RecordingError:
            file.close()
            raise
        return journal

    def _record_opening(self, found: JournalContents, kept: Path | None) -> None:
        if not found.records:
            self.append(HEADER_TYPE, {"format": FORMAT, "app": f"imi-desktop {__version__}"})
        if kept is not None:
            self.append("torn_line_cut", {"bytes": len(found.torn), "kept_in": kept.name})
        if self._lock.taken_over_from is not None:
            self.append("lock_taken_over", {"from": asdict(self._lock.taken_over_from)})

    def append(self, record_type: str, data: dict[str, Any], *, sync: bool = False) -> Record:
        """Write one record to the operating system, so that it survives this process.

        Parameters
        ----------
        record_type : str
            The record's type.
        data : dict
            JSON values without NaN.
        sync : bool
            Whether it is on disk, surviving a power cut, before this returns.

        Raises
        ------
        RecordingError
            If the disk is full or fails. The record is then not in the journal, which ends with
            the last one before it; appending may be tried again.
        """
        record = Record(
            seq=self._next_seq,
            t_ns=time.monotonic_ns(),
            utc=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            type=record_type,
            data=data,
        )
        line = encode(record)
        try:
            if self._tail_to_discard:
                self._discard_tail()
            self._tail_to_discard = True
            _write_all(self._file, line)
            if sync:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise self._refused(error) from error
        self._tail_to_discard = False
        self._size += len(line)
        self._next_seq += 1
        return record

    def close(self) -> None:
        """Sync, close and unlock; calling it again changes nothing.

        Raises
        ------
        RecordingError
            If the last records could not be synced; the file is closed all the same.
        """
        if self._file.closed:
            return
        try:
            if self._tail_to_discard:
                self._discard_tail()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise RecordingError(str(storage_error("write", self.path, error))) from error
        finally:
            self._file.close()
            self._lock.release()

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._file.closed

    def _refused(self, error: OSError) -> RecordingError:
        """Take back what was written of a record that was not acknowledged."""
        try:
            self._discard_tail()
            self._tail_to_discard = False
        except OSError:
            self._tail_to_discard = True  # tried again before the next record
        sentence = storage_error(
            "write", self.path, error, "Everything recorded before is safe; make room and resume."
        ).sentence
        return RecordingError(sentence)

    def _discard_tail(self) -> None:
        self._file.truncate(self._size)


def _keep_torn(path: Path, found: JournalContents) -> Path:
    """Save the torn bytes beside the journal before they are cut off."""
    number = 1
    while True:
        kept = path.with_name(f"{path.name}.torn-{number}")
        try:
            with kept.open("xb") as file:
                file.write(found.torn)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            number += 1
            continue
        return kept


def _write_all(file: io.FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = file.write(view)
        view = view[written or 0 :]
