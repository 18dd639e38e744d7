"""Proportion correct against another number: one marker per unit (or query) and condition."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from imi_desktop.gui.dashboard.chart import CENTRE
from imi_desktop.gui.dashboard.proportion_chart import ProportionChart
from imi_desktop.gui.theme import Theme

_FOOT = 38
_SIDE = 14
_TICKS = 5
_APART = 9.0


@dataclass(frozen=True)
class Dot:
    """One marker.

    Parameters
    ----------
    words : str
        What it stands for, in the tooltip.
    payload : dict
        Emitted when it is clicked.
    """

    x: float
    y: float
    condition: str
    words: str
    payload: dict[str, Any]


class ScatterChart(ProportionChart):
    """Markers of 8 px on a linear axis, conditions side by side; the axis holds every value."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, 0.2, parent)
        self._dots: tuple[Dot, ...] = ()
        self._axis_words = ""
        self._reason = ""

    def set_data(self, dots: tuple[Dot, ...], axis: str, reason: str = "") -> None:
        """Draw other data.

        Parameters
        ----------
        axis : str
            Name of the horizontal axis.
        reason : str
            What is said in place of the plot where there are no dots.
        """
        self._dots, self._axis_words, self._reason = dots, axis, reason
        self.set_lowest(min((dot.y for dot in dots), default=0.5))
        self.redraw()

    @property
    def dots(self) -> tuple[Dot, ...]:
        """What is drawn."""
        return self._dots

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw axes and markers."""
        if not self._dots:
            self.words(painter, area, self._reason, CENTRE, "body")
            return
        plot = self.axis(painter, area, _FOOT)
        ticks = nice_ticks(min(d.x for d in self._dots), max(d.x for d in self._dots))
        inside = plot.adjusted(_SIDE, 0, -_SIDE, 0)
        span = ticks[-1] - ticks[0]

        def place(x: float) -> float:
            return inside.left() + (x - ticks[0]) / span * inside.width()

        for tick in ticks:
            foot = QPointF(place(tick), plot.bottom())
            self.line(painter, foot, foot + QPointF(0, 4), self.theme.colour("ink3"))
            spot = QRectF(foot.x() - 40, foot.y() + 5, 80, 14)
            self.words(painter, spot, tick_text(tick, ticks))
        below = QRectF(plot.left(), plot.bottom() + 20, plot.width(), 16)
        self.words(painter, below, self._axis_words, CENTRE, token="ink2")
        self.chance_word(painter)
        beside = self._beside()
        for dot in self._dots:
            point = QPointF(place(dot.x) + beside[dot.condition], self.y(dot.y))
            self.marker(painter, dot.condition, point, 8)
            around = QRectF(point.x() - 6, point.y() - 6, 12, 12)
            self.target(around, dot.words, dot.payload)

    def _beside(self) -> dict[str, float]:
        """How far each condition's markers stand aside in px, so that equal ones do not cover."""
        conditions = list(dict.fromkeys(dot.condition for dot in self._dots))
        middle = (len(conditions) - 1) / 2
        return {name: _APART * (place - middle) for place, name in enumerate(conditions)}


def nice_ticks(low: float, high: float) -> list[float]:
    """Four to seven round numbers that enclose both ends."""
    span = high - low or max(abs(low), 1.0) * 0.2
    raw = span / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= raw * 0.999)
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [number * step for number in range(first, last + 1)]


def tick_text(tick: float, ticks: list[float]) -> str:
    """A tick with as many decimals as the distance of ticks needs."""
    step = ticks[1] - ticks[0]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{tick + 0.0:.{digits}f}".replace("-", "−")
