"""Base of the charts whose vertical axis is proportion correct: axis, chance line and zoom."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from imi_desktop.analysis.figure_data import CHANCE
from imi_desktop.gui.dashboard.chart import LEFT, RIGHT, Chart
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import number

_AXIS = 30
_TOP = 10


class ProportionChart(Chart):
    """Proportion correct upwards; Shift and drag zooms, a double click resets.

    Parameters
    ----------
    step : float
        Distance of ticks.
    """

    def __init__(self, theme: Theme, name: str, step: float, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._step = step
        self._data_low = 0.0
        self._zoom: tuple[float, float] | None = None
        self._drag: QPointF | None = None
        self._plot = QRectF()

    def set_lowest(self, lowest: float) -> None:
        """Let the axis begin at the tick below the lowest value drawn (and below chance)."""
        lowest = min(lowest, CHANCE)
        self._data_low = max(0.0, math.floor((lowest - 0.02) / self._step + 1e-9) * self._step)
        self._zoom = None

    @property
    def shown(self) -> tuple[float, float]:
        """Lowest and highest proportion on the axis."""
        return self._zoom or (self._data_low, 1.0)

    def axis(self, painter: QPainter, area: QRectF, below: float) -> QRectF:
        """Draw axis, grid and chance; returns the place of the data, `below` px above the end."""
        self._plot = plot = area.adjusted(_AXIS, _TOP, -4, -below)
        low, high = self.shown
        step = self._step if self._zoom is None else _nice_step(high - low)
        tick = math.ceil(low / step - 1e-9) * step
        while tick <= high + 1e-9:
            y = self.y(tick)
            at_foot = self._zoom is None and abs(tick - low) < 1e-9
            colour = self.theme.colour("ink3" if at_foot else "grid")
            self.line(painter, QPointF(plot.left(), y), QPointF(plot.right(), y), colour)
            self.words(
                painter,
                QRectF(area.left(), y - 8, _AXIS - 6, 16),
                number(tick, 1 if step >= 0.099 else 2),
                RIGHT,
            )
            tick += step
        if low < CHANCE < high:
            y = self.y(CHANCE)
            self.line(
                painter,
                QPointF(plot.left(), y),
                QPointF(plot.right(), y),
                self.theme.colour("ink2"),
                dashed=True,
            )
        return plot

    def chance_word(self, painter: QPainter, align: Qt.AlignmentFlag = LEFT) -> None:
        """Say "chance" at the dashed line."""
        low, high = self.shown
        if low < CHANCE < high:
            place = QRectF(self._plot.left() + 2, self.y(CHANCE) - 17, self._plot.width() - 4, 16)
            self.words(painter, place, "chance", align, token="ink2")

    def y(self, proportion: float) -> float:
        """Height of a proportion on the screen, cut at the ends of the axis."""
        low, high = self.shown
        share = (min(max(proportion, low), high) - low) / (high - low)
        return self._plot.bottom() - share * self._plot.height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to zoom with Shift."""
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._drag = event.position() if shift else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Zoom to what was dragged over, or pick."""
        start, self._drag = self._drag, None
        if start is None:
            super().mouseReleaseEvent(event)
        elif abs(event.position().y() - start.y()) > 8:
            ends = sorted((self._value(start.y()), self._value(event.position().y())))
            self._zoom = (ends[0], ends[1])
            self.redraw()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole axis again."""
        self._zoom = None
        self.redraw()

    def _value(self, y: float) -> float:
        low, high = self.shown
        share = (self._plot.bottom() - y) / max(self._plot.height(), 1)
        return low + min(max(share, 0), 1) * (high - low)


def _nice_step(span: float) -> float:
    raw = span / 5
    power = 10 ** math.floor(math.log10(raw))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= raw)
