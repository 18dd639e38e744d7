"""Histogram of the intervals between frames."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from imi_desktop.gui.calibration.luminance_chart import nice_step
from imi_desktop.gui.dashboard.chart import LEFT, RIGHT, Chart
from imi_desktop.gui.theme import Theme

_BINS = 30


class IntervalChart(Chart):
    """Histogram of the intervals between frames, with the nominal period."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Intervals between frames")
        self._intervals = np.empty(0)
        self._nominal_hz = 0.0
        self.setMinimumHeight(150)

    def show_intervals(self, intervals: np.ndarray, nominal_hz: float) -> None:
        """Show other intervals (ms) and the rate that the screen tells (Hz)."""
        self._intervals, self._nominal_hz = intervals, nominal_hz
        self.redraw()

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw bars, axis and the nominal period."""
        if self._intervals.size < 2:
            words = "Run the self-test to see every interval"
            self.words(painter, area, words, role="caption")
            return
        place = area.adjusted(40, 18, -12, -36)
        low, high = np.percentile(self._intervals, (0.5, 99.5))
        margin = max((high - low) * 0.15, 0.02)
        step = nice_step((high - low + 2 * margin) / 4)
        low = step * math.floor((low - margin) / step)
        high = step * math.ceil((high + margin) / step)
        counts, edges = np.histogram(self._intervals, bins=_BINS, range=(low, high))
        top = 2 * math.ceil(max(int(counts.max()), 1) / 2)
        theme = self.theme
        for share in (0.0, 0.5, 1.0):
            at = place.bottom() - place.height() * share
            tone = theme.colour("grid" if share else "ink3")
            self.line(painter, QPointF(place.left(), at), QPointF(place.right(), at), tone)
            number = f"{top * share:.0f}"
            self.words(painter, QRectF(place.left() - 40, at - 8, 34, 16), number, RIGHT)
        wide = place.width() / _BINS
        for place_of_bar, count in enumerate(counts):
            tall = place.height() * count / top
            bar = QRectF(place.left() + place_of_bar * wide, place.bottom() - tall, wide - 1, tall)
            painter.fillRect(bar, theme.colour("bar"))
        for tick in np.arange(low, high + step / 2, step):
            at = place.left() + place.width() * (tick - low) / (high - low)
            foot = QPointF(at, place.bottom())
            self.line(painter, foot, foot + QPointF(0, 4), theme.colour("ink3"))
            digits = max(0, -math.floor(math.log10(step)))
            self.words(painter, QRectF(at - 30, place.bottom() + 5, 60, 14), f"{tick:.{digits}f}")
        below = QRectF(place.left(), place.bottom() + 21, place.width(), 14)
        n = self._intervals.size
        self.words(painter, below, f"interval between frames, ms (n = {n})", role="caption")
        if self._nominal_hz > 0 and edges[0] < 1000 / self._nominal_hz < edges[-1]:
            share = (1000 / self._nominal_hz - edges[0]) / (edges[-1] - edges[0])
            at = place.left() + place.width() * share
            start, end = QPointF(at, place.top() - 12), QPointF(at, place.bottom())
            self.line(painter, start, end, theme.colour("ink"), dashed=True)
            rate = f"{self._nominal_hz:.0f} Hz"
            self.words(painter, QRectF(at + 5, place.top() - 16, 80, 14), rate, LEFT, token="ink2")
