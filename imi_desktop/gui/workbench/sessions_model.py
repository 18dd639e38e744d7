"""The table of participants and sessions: one row per session, or per participant without one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from imi_desktop.gui.widgets.format import MISSING, count
from imi_desktop.gui.widgets.table import NUMBER, SORT_ROLE, SortedRows
from imi_desktop.gui.workbench.sessions_rows import OPEN_STATES, SessionRow

ROW_ROLE = Qt.ItemDataRole.UserRole + 2
COLUMNS = (
    "Participant",
    "Level",
    "Order",
    "Date",
    "State",
    "Trials",
    "Catch",
    "Missed frames",
    "Length",
    "",
)
PARTICIPANT, LEVEL, ORDER, DATE, STATE, TRIALS, CATCH, FRAMES, LENGTH, MENU = range(len(COLUMNS))
_NUMBERS = frozenset({LEVEL, TRIALS, CATCH, FRAMES, LENGTH})
GROUPS = ("all", "open", "done", "excluded")


def local_time(utc: str) -> datetime | None:
    """Local time of a record; None without one."""
    return datetime.fromisoformat(utc).astimezone() if utc else None


def state_words(row: SessionRow) -> str:
    """State of a row in words, as in the table."""
    facts = row.facts
    if row.state == "running" and facts is not None:
        share = facts.trials_done / max(facts.planned_trials, 1)
        return "paused" if facts.paused else f"running, {round(100 * share)}\u2009%"
    if row.state == "interrupted" and facts is not None:
        return f"interrupted at trial {min(facts.trials_done + 1, max(facts.planned_trials, 1))}"
    if row.state in {"excluded", "aborted"} and row.why:
        return f"{'excluded' if row.state == 'excluded' else 'ended early'}: {row.why}"
    return {"aborted": "ended early", "damaged": "cannot be read"}.get(row.state, row.state)


def in_group(row: SessionRow, group: str) -> bool:
    """Whether a row belongs to one of :data:`GROUPS`."""
    if group == "open":
        return row.state in OPEN_STATES
    if group == "excluded":
        return row.state in {"excluded", "aborted", "damaged"}
    return group == "all" or row.state == group


class SessionsModel(QAbstractTableModel):
    """Rows of :class:`SessionRow`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[SessionRow] = []

    def set_rows(self, rows: Sequence[SessionRow]) -> None:
        """Show other rows; where the sessions are the same, only their values change."""
        if [row.key for row in rows] == [row.key for row in self.rows]:
            self.rows = list(rows)
            if rows:
                last = self.index(len(rows) - 1, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def replace_row(self, row: SessionRow) -> None:
        """Show new values of one session."""
        for place, old in enumerate(self.rows):
            if old.key == row.key:
                self.rows[place] = row
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Number of columns."""
        return len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Column titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in _NUMBERS:
            return NUMBER
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, alignment, sort key and the row itself."""
        row = self.rows[index.row()]
        column = index.column()
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == SORT_ROLE:
            return _sort_key(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _NUMBERS:
            return NUMBER
        if role == Qt.ItemDataRole.ToolTipRole and column == STATE:
            return row.why or state_words(row)
        if role == Qt.ItemDataRole.ToolTipRole and column == MENU:
            return f"More about {row.participant.id}"
        return None


class ShownSessions(SortedRows):
    """Rows of one group whose participant, order or state holds the filter's text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._group = "all"
        self._text = ""

    def set_group(self, group: str) -> None:
        """Show one of :data:`GROUPS`."""
        self._group = group
        self.invalidate()

    def set_text(self, text: str) -> None:
        """Show only rows that hold `text`."""
        self._text = text.casefold().strip()
        self.invalidate()

    def filterAcceptsRow(self, place: int, parent: QModelIndex) -> bool:
        """Whether the row is shown."""
        row = self.sourceModel().rows[place]
        searched = f"{row.participant.id} {row.order} {state_words(row)}".casefold()
        return in_group(row, self._group) and self._text in searched


def _text(row: SessionRow, column: int) -> str:
    if column == PARTICIPANT:
        return row.participant.id
    if column == LEVEL:
        return row.level or MISSING
    if column == ORDER:
        return row.order or MISSING
    if column == STATE:
        return state_words(row)
    facts = row.facts
    if facts is None or column == MENU:
        return "" if column == MENU else MISSING
    if column == DATE:
        when = local_time(facts.started_utc)
        return MISSING if when is None else f"{when:%a} {when.day} {when:%b, %H:%M}"
    if column == TRIALS:
        return count(facts.trials_done)
    if column == CATCH:
        right, total = facts.catch
        return f"{right} / {total}" if total else MISSING
    if column == FRAMES:
        return MISSING if facts.missed_frames is None else count(facts.missed_frames)
    return f"{round(facts.minutes)} min"


def _sort_key(row: SessionRow, column: int) -> Any:
    facts = row.facts
    if facts is None or column in {PARTICIPANT, LEVEL, ORDER, STATE}:
        text = _text(row, column)
        return None if text == MISSING else text
    if column == CATCH:
        right, total = facts.catch
        return right / total if total else None
    return {
        DATE: facts.started_utc,
        TRIALS: facts.trials_done,
        FRAMES: facts.missed_frames,
        LENGTH: facts.minutes,
    }.get(column)
