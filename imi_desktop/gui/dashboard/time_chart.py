"""Reaction time: one histogram per condition on a common logarithmic axis, median marked."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from imi_desktop.analysis.figure_data import TimeHistogram
from imi_desktop.gui.dashboard.chart import LEFT, RIGHT, Chart
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import number, plural

TICKS_S = (0.5, 1, 2, 5, 10, 20, 50, 100)
_NAMES = 84
_FOOT = 22


class TimeChart(Chart):
    """Histograms of seconds under each other, scaled alike."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Reaction time", parent)
        self._data: tuple[TimeHistogram, ...] = ()

    def set_data(self, data: tuple[TimeHistogram, ...]) -> None:
        """Draw other data."""
        self._data = data
        self.redraw()

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw axis, outlines and medians."""
        if not self._data:
            return
        plot = QRectF(area.left() + _NAMES, area.top(), area.width() - _NAMES - 20, area.height())
        plot.setBottom(area.bottom() - _FOOT)
        edges = self._data[0].edges_s
        low, span = math.log(edges[0]), math.log(edges[-1] / edges[0])

        def x(seconds: float) -> float:
            share = (math.log(max(seconds, edges[0])) - low) / span
            return plot.left() + min(share, 1) * plot.width()

        for tick in TICKS_S:
            foot = QPointF(x(tick), plot.bottom())
            self.line(painter, QPointF(x(tick), plot.top()), foot, self.theme.colour("grid"))
            self.line(painter, foot, foot + QPointF(0, 4), self.theme.colour("ink3"))
            text = f"{tick:g}" + (" s" if tick == TICKS_S[-1] else "")
            self.words(painter, QRectF(x(tick) - 20, plot.bottom() + 5, 40, 16), text)
        tallest = max(int(one.counts.max()) for one in self._data)
        room = plot.height() / len(self._data)
        for place, one in enumerate(self._data):
            foot = plot.top() + room * (place + 1)
            scale = (room - 8) / max(tallest, 1)
            xs = [x(float(edge)) for edge in one.edges_s]
            self._histogram(painter, one, xs, foot, scale)
            self._name(painter, one, area, foot - room / 2)
            median = x(one.median_s)
            ink = self.theme.colour("ink")
            self.line(painter, QPointF(median, foot), QPointF(median, foot - room + 10), ink, 2)
            text = f"median {number(one.median_s, 1)} s"
            self.words(
                painter, QRectF(plot.left(), foot - room + 2, plot.width() + 18, 16), text, RIGHT,
                token="ink2",
            )  # fmt: skip

    def _name(self, painter: QPainter, one: TimeHistogram, area: QRectF, middle: float) -> None:
        self.marker(painter, one.condition, QPointF(area.left() + 7, middle))
        place = QRectF(area.left() + 18, middle - 9, _NAMES - 18, 18)
        name = one.condition.capitalize()
        self.words(painter, place, name, LEFT, "table", "ink", bold=True)

    def _histogram(
        self, painter: QPainter, one: TimeHistogram, xs: list[float], foot: float, scale: float
    ) -> None:
        look = self.theme.condition(one.condition)
        outline = QPolygonF([QPointF(xs[0], foot)])
        for i, count in enumerate(one.counts):
            top = foot - scale * int(count)
            outline << QPointF(xs[i], top) << QPointF(xs[i + 1], top)
            first, last = float(one.edges_s[i]), float(one.edges_s[i + 1])
            self.target(
                QRectF(xs[i], top, xs[i + 1] - xs[i], foot - top),
                f"{one.condition}, {number(first, 1)} to {number(last, 1)} s: "
                f"{plural(int(count), 'trial')}",
                {"condition": one.condition, "from_s": first, "to_s": last},
            )
        outline << QPointF(xs[-1], foot)
        painter.setPen(QPen(self.theme.colour_of(look.main), 1.2))
        painter.setBrush(self.theme.colour_of(look.steps[2]))
        painter.drawPolygon(outline)
