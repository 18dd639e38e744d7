"""What an experimenter adds to a session that nobody is running: exclusion, end, notes.

A session is never deleted; marks are records like any other.
"""

from __future__ import annotations

from pathlib import Path

from imi_desktop.recording.journal import JOURNAL_NAME, Journal


def exclude(session: Path, reason: str) -> None:
    """Mark a session as excluded from analyses.

    Raises
    ------
    SessionLockedError
        If it is running.
    JournalDamagedError, NewerJournalError, StorageError
        If its journal cannot be continued.
    """
    _append(session, "excluded", reason)


def include_again(session: Path, reason: str) -> None:
    """Take back every exclusion of a session; see :func:`exclude`."""
    _append(session, "included", reason)


def end_for_good(session: Path, reason: str) -> None:
    """Abort an interrupted session, so that it is not resumed; see :func:`exclude`."""
    _append(session, "aborted", reason)


def add_note(session: Path, text: str) -> None:
    """Add a note to a session; see :func:`exclude`."""
    _append(session, "note", text, key="text")


def _append(session: Path, record_type: str, text: str, key: str = "reason") -> None:
    journal = Journal.open(session / JOURNAL_NAME)
    try:
        journal.append(record_type, {key: text, "by": "experimenter"}, sync=True)
    finally:
        journal.close()
