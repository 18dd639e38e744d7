"""The small matrix of a study's units: layers across, branches or roles down.

A click or Enter shows the unit of a cell; the arrow keys go from cell to cell.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.workbench.unit_delegates import paint_missing
from imi_desktop.gui.workbench.units_study import Overview
from imi_desktop.models.unit import Unit

_ROW = 23
_CELL = 20
_HEAD = 18
_NAMES = 62
_MOST_ROWS = 6
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class UnitOverview(QWidget):
    """A tick where the study has one unit, the number where it has more, dashed where one lacks."""

    unit_chosen = Signal(Unit)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._overview = Overview((), (), {})
        self._at = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Units in the study")
        theme.changed.connect(self.update)

    def set_overview(self, overview: Overview) -> None:
        """Show another study's units."""
        self._overview = overview
        self._at = (0, 0)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        rows = max(1, min(_MOST_ROWS, len(self._overview.rows)))
        return QSize(200, _HEAD + rows * _ROW + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setFont(theme.font("axis"))
        painter.setPen(theme.colour("ink3"))
        pitch = self._pitch()
        metrics = painter.fontMetrics()
        labels = _short(self._overview.columns)
        stride = max(1, -(-max((metrics.horizontalAdvance(x) for x in labels), default=1) // pitch))
        for place, text in enumerate(labels):
            if place % stride == 0:
                area = QRect(_NAMES + place * pitch - 20, 0, pitch + 40, _HEAD)
                painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), text)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for row, name in enumerate(self._overview.rows[:_MOST_ROWS]):
            y = _HEAD + row * _ROW
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, _NAMES - 8)
            painter.setPen(theme.colour("ink3"))
            painter.drawText(QRect(0, y, _NAMES - 8, _CELL), right, text)
            for column, layer in enumerate(self._overview.columns):
                units = self._overview.cells.get((name, layer), ())
                if units:
                    self._paint_cell(painter, self._cell(row, column), len(units))
                elif (name, layer) in self._overview.open:
                    paint_missing(painter, self._cell(row, column), theme)
        if self.hasFocus() and self._overview.rows:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._cell(*self._at).adjusted(-1, -1, 1, 1))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            units = self._units_at(self._cell(*self._at).center())
            if units:
                self.unit_chosen.emit(units[0])
            return
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        rows = min(_MOST_ROWS, len(self._overview.rows))
        row, column = self._at[0] + step[0], self._at[1] + step[1]
        if 0 <= row < rows and 0 <= column < len(self._overview.columns):
            self._at = (row, column)
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        units = self._units_at(event.position().toPoint())
        if units:
            self.unit_chosen.emit(units[0])

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            units = self._units_at(event.pos())
            words = "\n".join(u.address for u in units) or self._missing_at(event.pos())
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _pitch(self) -> int:
        columns = max(1, len(self._overview.columns))
        return max(6, min(27, (self.width() - _NAMES - 2) // columns))

    def _cell(self, row: int, column: int) -> QRect:
        pitch = self._pitch()
        side = min(_CELL, pitch - 2)
        x = _NAMES + column * pitch + (pitch - side) // 2
        return QRect(x, _HEAD + row * _ROW + (_CELL - _CELL) // 2, side, _CELL)

    def _units_at(self, point: QPoint) -> tuple[Unit, ...]:
        return self._overview.cells.get(self._names_at(point), ())

    def _missing_at(self, point: QPoint) -> str:
        name, layer = self._names_at(point)
        return f"No unit yet: {layer}, {name}" if (name, layer) in self._overview.open else ""

    def _names_at(self, point: QPoint) -> tuple[str, str]:
        for row, name in enumerate(self._overview.rows[:_MOST_ROWS]):
            for column, layer in enumerate(self._overview.columns):
                if self._cell(row, column).contains(point):
                    return name, layer
        return "", ""

    def _paint_cell(self, painter: QPainter, area: QRect, units: int) -> None:
        painter.fillRect(area, self._theme.colour("bar_soft"))
        if area.width() < 12:
            return
        if units == 1:
            mark = QRect(0, 0, 14, 14)
            mark.moveCenter(area.center())
            self._theme.icon("check", "ink").paint(painter, mark)
        else:
            painter.setPen(self._theme.colour("ink"))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), str(units))


def _short(names: tuple[str, ...]) -> list[str]:
    """Names without the beginning that all share: ``mixed3a`` … → ``3a`` …"""
    if len(names) < 2:
        return list(names)
    first, last = min(names), max(names)
    same = 0
    while same < len(first) and same < len(last) and first[same] == last[same]:
        same += 1
    cut = max(first.rfind(".", 0, same) + 1, 0)
    if cut == 0 and not first[same - 1 : same].isdigit():
        cut = same
    return [name[cut:] or name for name in names]
