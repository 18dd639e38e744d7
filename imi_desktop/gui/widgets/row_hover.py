"""The whole row under the mouse is lit, where Qt's tables would light one cell of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QTableView

from imi_desktop.gui.theme import Theme


class RowHover(QObject):
    """Paints the ground of the row under the mouse before the table paints its cells.

    Parameters
    ----------
    table : QTableView
        Its cells' own grounds, that of a selected row for one, cover this one.
    """

    def __init__(self, table: QTableView, theme: Theme) -> None:
        super().__init__(table)
        self._table = table
        self._theme = theme
        self._mouse: QPoint | None = None
        table.setMouseTracking(True)
        table.viewport().installEventFilter(self)

    @property
    def row(self) -> int:
        """Row under the mouse, -1 if none is."""
        return -1 if self._mouse is None else self._table.rowAt(self._mouse.y())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse, and paint."""
        if event.type() is QEvent.Type.Paint:
            self._paint()
        elif event.type() is QEvent.Type.Leave:
            self._move(None)
        elif event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._move(event.position().toPoint())
        return super().eventFilter(watched, event)

    def _move(self, mouse: QPoint | None) -> None:
        before = self.row
        self._mouse = mouse
        if self.row != before:
            self._table.viewport().update()

    def _paint(self) -> None:
        row = self.row
        if row < 0:
            return
        table = self._table
        painter = QPainter(table.viewport())
        painter.fillRect(
            0,
            table.rowViewportPosition(row),
            table.viewport().width(),
            table.rowHeight(row),
            self._theme.colour("hover"),
        )
        painter.end()
