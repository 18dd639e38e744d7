"""The last records of a session, latest first, without answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import count
from imi_desktop.gui.widgets.table import StudyTable
from imi_desktop.gui.workbench.sessions_model import local_time
from imi_desktop.gui.workbench.sessions_words import record_words
from imi_desktop.recording.records import Record

_ROW = 22


class JournalModel(QAbstractTableModel):
    """Time, number, type and words of each record."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._records: list[Record] = []

    def set_records(self, records: Sequence[Record]) -> None:
        """Show `records`, given oldest first."""
        self.beginResetModel()
        self._records = list(records)[::-1]
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Number of records."""
        return 0 if parent is not None and parent.isValid() else len(self._records)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Time, number, type, words."""
        return 4

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Column titles, for what is copied."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Time", "Number", "Type", "Record")[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell."""
        record = self._records[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            when = local_time(record.utc)
            return (
                f"{when:%H:%M:%S}" if when else "",
                count(record.seq),
                record.type,
                record_words(record),
            )[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 3:
            return record_words(record)
        return None


class JournalTail(StudyTable):
    """A quiet list without head or selection."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, row_height=_ROW, parent=parent)
        self.records = JournalModel(self)
        self.setSortingEnabled(False)
        self.setModel(self.records)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.horizontalHeader().hide()
        for column, width in ((0, 76), (1, 50), (2, 122)):
            self.setColumnWidth(column, width)
        self.horizontalHeader().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.setAccessibleName("Journal, latest first, answers left out")
        self.setMinimumHeight(3 * _ROW)
