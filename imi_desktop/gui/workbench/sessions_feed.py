"""Follows one session by reading its journal, for as long as it is shown."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from imi_desktop.errors import UserError
from imi_desktop.recording.facts import SessionFacts
from imi_desktop.recording.follow import JournalFollower
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.records import Record
from imi_desktop.recording.session_folder import state_of

_EVERY_MS = 400
_LAST = 200


class SessionFeed(QObject):
    """One session's facts, kept up to date while it runs.

    Signals
    -------
    changed
        Something was recorded, or the state is another one.
    failed : str
        The journal cannot be read; the sentence says why.

    Attributes
    ----------
    facts : SessionFacts
    last : deque of Record
        The latest records, oldest first.
    state : str
        ``running``, ``interrupted``, ``done`` or ``aborted``.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.facts = SessionFacts()
        self.last: deque[Record] = deque(maxlen=_LAST)
        self.state = "running"
        self._follower = JournalFollower(folder / JOURNAL_NAME)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.poll)

    def start(self) -> None:
        """Read what is there, and go on reading."""
        self.poll()
        self._timer.start()

    def stop(self) -> None:
        """Read no more."""
        self._timer.stop()

    def poll(self) -> None:
        """Read what was recorded since."""
        try:
            records = self._follower.poll()
            for record in records:
                self.facts.add(record)
            self.last.extend(records)
            state = self.facts.outcome or state_of(self.folder, list(records))
        except UserError as error:
            self.stop()
            self.failed.emit(error.sentence)
            return
        if records or state != self.state:
            self.state = state
            self.changed.emit()
