"""The generation matrix as a Qt table model."""

from __future__ import annotations

import re

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from imi_desktop.gui.widgets.format import MISSING, duration, percent
from imi_desktop.gui.workbench.stimuli_cells import Cell, Column, MatrixRow, WorkState, ordinal
from imi_desktop.models.unit import Unit

ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
CELL_ROLE = ROW_ROLE + 1
HEADERS = ("Unit", *(column.value for column in Column), "")
COLUMN_AT = dict(enumerate(Column, start=1))
UNIT, MORE = 0, len(HEADERS) - 1

Index = QModelIndex | QPersistentModelIndex


class StimuliTableModel(QAbstractTableModel):
    """Rows as the page has filtered and sorted them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[MatrixRow] = []

    def set_rows(self, rows: list[MatrixRow]) -> None:
        """Show these rows; the selection stays with its unit where the order is the same."""
        if [row.unit for row in rows] == [row.unit for row in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, MORE))
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        units = [self._rows[index.row()].unit for index in before]
        added, gone = len(rows), len(self._rows)
        if added == gone:
            self._rows = rows
            place = {row.unit: number for number, row in enumerate(rows)}
            self.changePersistentIndexList(
                before,
                [
                    self.index(place[unit], index.column()) if unit in place else QModelIndex()
                    for unit, index in zip(units, before, strict=True)
                ],
            )
            self.layoutChanged.emit()
            return
        self.layoutChanged.emit()
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_at(self, row: int) -> MatrixRow | None:
        """Row by its place, or None."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def place_of(self, unit: Unit) -> int | None:
        """Place of a unit's row, or None."""
        return next((i for i, row in enumerate(self._rows) if row.unit == unit), None)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(HEADERS)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        row = self.row_at(index.row()) if index.isValid() else None
        if row is None:
            return None
        column = COLUMN_AT.get(index.column())
        if role == ROW_ROLE:
            return row
        if role == CELL_ROLE:
            return row.cell(column) if column is not None else None
        if role == Qt.ItemDataRole.DisplayRole:
            if index.column() == UNIT:
                return f"{row.unit.layer}, {row.unit.channel}"
            return cell_text(row.cell(column), column) if column is not None else ""
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return _tooltip(row, column)
        return None


OUTDATED = (
    "Made with other settings, images or weights than the study has now; generating replaces them"
)


def cell_text(cell: Cell, column: Column) -> str:
    """What a cell says, without its picture."""
    if column is Column.CHECKS:
        if cell.state in (WorkState.NOT_NEEDED, WorkState.MISSING):
            return MISSING
        return f"{cell.done} of {cell.total}"
    match cell.state:
        case WorkState.DONE:
            return "recorded" if column is Column.ACTIVATIONS else str(cell.total)
        case WorkState.WEAK | WorkState.WAITING | WorkState.FAILED:
            return cell.cause
        case WorkState.RUNNING:
            if column is Column.ACTIVATIONS:
                return "recording"
            if cell.fraction is None:
                return "starting" if "Synthetic" in column else "cutting batches"
            left = "" if cell.seconds_left is None else f", {duration(cell.seconds_left)} left"
            return f"{percent(cell.fraction)}{', paused' if cell.rests else left}"
        case WorkState.QUEUED:
            return f"queued, {ordinal(cell.position)}" if cell.position else "queued"
        case WorkState.OUTDATED:
            return "outdated"
        case WorkState.MISSING:
            if column is Column.ACTIVATIONS:
                return "not recorded"
            return f"{cell.done} of {cell.total}" if cell.done else "missing"
    return MISSING


def _tooltip(row: MatrixRow, column: Column | None) -> str:
    if column is None:
        return f"{row.unit}\n{row.role}, {row.selection}"
    cell = row.cell(column)
    if column is Column.CHECKS:
        if cell.state is WorkState.NOT_NEEDED:
            return "No synthetic images are needed by this protocol"
        return (
            f"{cell.done} of {cell.total} synthetic images activate the unit more than any "
            "natural image"
        )
    if cell.state is WorkState.NOT_NEEDED:
        return "Not needed by this protocol"
    images = "" if column is Column.ACTIVATIONS else f"\n{cell.done} of {cell.total} images"
    if cell.state is WorkState.OUTDATED:
        images = f"\n{OUTDATED}"
    return f"{column.value}: {cell_text(cell, column)}{images}"


def short_cause(sentence: str, words: int = 8) -> str:
    """At most eight words of a failure's first sentence, for the cell."""
    parts = re.split(r"\.\s", sentence, maxsplit=1)[0].rstrip(".").split()
    return " ".join(parts) if len(parts) <= words else " ".join(parts[:words]).rstrip(",;:") + "…"
