"""A table model over rows of plain values with declared columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from imi_desktop.gui.dashboard.plain_tip import plain_tip
from imi_desktop.gui.widgets.format import MISSING
from imi_desktop.gui.widgets.table import NUMBER

ROW_ROLE = Qt.ItemDataRole.UserRole + 2
"""Role under which every index gives its whole row."""


@dataclass(frozen=True)
class Field:
    """One column.

    Parameters
    ----------
    text : callable
        Row → text shown.
    value : callable or None
        Row → value to sort by; None sorts by the text.
    number : bool
        Whether it is aligned as a number.
    tip : callable or None
        Row → tooltip.
    centred : bool
        Whether its name stands in the middle, above what a delegate draws.
    """

    name: str
    text: Callable[[Any], str]
    value: Callable[[Any], Any] | None = None
    number: bool = False
    tip: Callable[[Any], str] | None = None
    centred: bool = False


class RowModel(QAbstractTableModel):
    """Rows of any kind, shown by fields."""

    def __init__(self, fields: Sequence[Field], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fields = tuple(fields)
        self.rows: list[Any] = []
        self._given: list[Any] = []
        self._sorting = (-1, Qt.SortOrder.AscendingOrder)

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show other rows."""
        self.set_fields(self.fields, rows)

    def set_fields(self, fields: Sequence[Field], rows: Sequence[Any]) -> None:
        """Show other columns and rows."""
        self.beginResetModel()
        self.fields = tuple(fields)
        self._given = list(rows)
        self._order()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a field, missing values last in either direction; −1 restores the order."""
        self.beginResetModel()
        self._sorting = (column, order)
        self._order()
        self.endResetModel()

    def _order(self) -> None:
        column, order = self._sorting
        self.rows = list(self._given)
        if not 0 <= column < len(self.fields):
            return
        key = self.fields[column].value or self.fields[column].text
        keyed = [(key(row), row) for row in self._given]
        known = [pair for pair in keyed if pair[0] is not None and pair[0] != MISSING]
        known.sort(
            key=lambda pair: pair[0].casefold() if isinstance(pair[0], str) else pair[0],
            reverse=order is Qt.SortOrder.DescendingOrder,
        )
        missing = [row for value, row in keyed if value is None or value == MISSING]
        self.rows = [row for _, row in known] + missing

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Number of fields."""
        return 0 if parent is not None and parent.isValid() else len(self.fields)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the fields."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self.fields):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.fields[section].name
        if role == Qt.ItemDataRole.TextAlignmentRole and self.fields[section].number:
            return NUMBER
        if role == Qt.ItemDataRole.TextAlignmentRole and self.fields[section].centred:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, sort value, alignment and tooltip of one cell."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], self.fields[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and column.number:
            return NUMBER
        if role == Qt.ItemDataRole.ToolTipRole and column.tip is not None:
            return plain_tip(column.tip(row))
        if role == ROW_ROLE:
            return row
        return None
