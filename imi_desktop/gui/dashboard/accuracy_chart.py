"""Accuracy by condition: a dot per participant, pairs joined, mean ± 2 SEM beside the dots."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from imi_desktop.analysis.figure_data import ConditionAccuracy
from imi_desktop.gui.dashboard.chart import CENTRE
from imi_desktop.gui.dashboard.proportion_chart import ProportionChart
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import number, plus_minus
from imi_desktop.seeds import generator

DOT = 7
SPREAD = 23
_FOOT = 44
_MOST_PAIRS = 60
_SCALE = 34
_WIDE = 80
"""Room per condition from which on mean and error stand in one line, px."""
_LINE = 14


class AccuracyChart(ProportionChart):
    """Dots of 7 px at a fixed offset per participant, grey lines between pairs, means in ink."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Accuracy by condition", 0.2, parent)
        self._data: tuple[ConditionAccuracy, ...] = ()
        self._offsets: dict[str, float] = {}

    def set_data(self, data: tuple[ConditionAccuracy, ...], seed: int = 0) -> None:
        """Draw other data; `seed` places the dots."""
        self._data = data
        people = sorted({person for one in data for person in one.participants})
        places = generator(seed, "dots").permutation(len(people))
        step = 2 * SPREAD / max(len(people) - 1, 1)
        self._offsets = {
            person: place * step - SPREAD if len(people) > 1 else 0.0
            for person, place in zip(people, places, strict=True)
        }
        self.set_lowest(min((min(one.means) for one in data), default=0.5))
        self.redraw()

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw axis, pairs, dots, means and names."""
        narrow = (area.width() - _SCALE) / max(len(self._data), 1) < _WIDE
        plot = self.axis(painter, area, _FOOT + (_LINE if narrow else 0))
        if not self._data:
            return
        room = plot.width() / len(self._data)
        centres = [plot.left() + room * (i + 0.5) for i in range(len(self._data))]
        squeeze = min(1.0, (room - 34) / (2 * SPREAD + 12))
        self._pairs(painter, centres, squeeze)
        for one, centre in zip(self._data, centres, strict=True):
            for person, mean in zip(one.participants, one.means, strict=True):
                dot = QPointF(self._x(centre, person, squeeze), self.y(mean))
                self.marker(painter, one.condition, dot, DOT)
                words = f"{person}: {number(mean)}, {one.condition}"
                self.target(
                    QRectF(dot.x() - 6, dot.y() - 6, 12, 12),
                    words,
                    {"participant": person, "condition": one.condition},
                )
            self._mean(painter, one, centre + squeeze * (SPREAD + 4) + 10)
            place = QRectF(centre - room / 2, plot.bottom() + 8, room, 16)
            self.words(
                painter, place, one.condition.capitalize(), CENTRE, "table", "ink", bold=True
            )
            value = plus_minus(one.mean, one.sem2 if len(one.means) >= 5 else None)
            lines = value.split(" ", 1) if narrow else [value]
            for line, text in enumerate(lines):
                below = place.translated(0, 17 + line * _LINE)
                self.words(painter, below, text, CENTRE, "axis", "ink2")
        self.chance_word(painter)

    def _pairs(self, painter: QPainter, centres: list[float], squeeze: float) -> None:
        colour = self.theme.colour("line")
        if len(self._offsets) > _MOST_PAIRS:
            return
        for left, right in zip(range(len(centres)), range(1, len(centres)), strict=False):
            if "none" in (self._data[left].condition, self._data[right].condition):
                continue
            before = dict(zip(self._data[left].participants, self._data[left].means, strict=True))
            after = dict(zip(self._data[right].participants, self._data[right].means, strict=True))
            for person in before.keys() & after.keys():
                start = QPointF(self._x(centres[left], person, squeeze), self.y(before[person]))
                end = QPointF(self._x(centres[right], person, squeeze), self.y(after[person]))
                self.line(painter, start, end, colour, 0.99)

    def _mean(self, painter: QPainter, one: ConditionAccuracy, x: float) -> None:
        ink = self.theme.colour("ink")
        y = self.y(one.mean)
        if len(one.means) < 5:
            return
        self.line(painter, QPointF(x - 8, y), QPointF(x + 8, y), ink, 3)
        if one.sem2 is not None:
            top, bottom = self.y(one.mean + one.sem2), self.y(one.mean - one.sem2)
            self.line(painter, QPointF(x, top), QPointF(x, bottom), ink, 2)
        words = f"{one.condition}: {plus_minus(one.mean, one.sem2)}, n = {len(one.means)}"
        self.target(QRectF(x - 8, y - 8, 16, 16), words, {"condition": one.condition})

    def _x(self, centre: float, person: str, squeeze: float) -> float:
        return centre - 8 + self._offsets[person] * squeeze
