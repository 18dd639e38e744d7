"""Accuracy by layer or by branch: means ± 2 SEM per condition side by side."""

from __future__ import annotations

import math
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from imi_desktop.analysis.figure_data import LevelFigure, LevelMean, level_rank
from imi_desktop.gui.dashboard.chart import CENTRE, RIGHT
from imi_desktop.gui.dashboard.proportion_chart import ProportionChart
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import plus_minus

APART = 14
_LINE = 15
_WIDEST = 96
_SHORT = {"1x1": "1 × 1", "3x3": "3 × 3", "5x5": "5 × 5"}


class LevelsChart(ProportionChart):
    """Markers of 9 px, 14 px apart; lines join the levels of an ordered axis only.

    Where there are several networks they lie beside each other, and no line leads from one to the
    next.
    """

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, 0.1, parent)
        self._figure = LevelFigure("layer", (), (), True)
        self._conditions: list[str] = []

    def set_data(self, figure: LevelFigure) -> None:
        """Draw other data."""
        self._figure = figure
        names = {mean.condition for mean in figure.means}
        self._conditions = sorted(names, key=lambda name: level_rank("condition", name))
        lowest = min((m.mean - (m.sem2 or 0) for m in figure.means), default=0.5)
        self._step = 0.1 if lowest > 0.28 else 0.2
        self.set_lowest(lowest)
        self.redraw()

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw axis, intervals, lines, markers and names of levels."""
        levels = self._figure.levels
        lines = [_lines(level, levels) for level in levels]
        deepest = max((len(texts) for texts in lines), default=1)
        plot = self.axis(painter, area, 8 + _LINE * deepest)
        if not levels:
            return
        room = plot.width() / len(levels)
        widest = max(
            painter.fontMetrics().horizontalAdvance(text) for texts in lines for text in texts
        )
        wanted = min(widest + 8, _WIDEST)
        every = max(1, math.ceil(wanted / room)) if self._figure.ordered else 1
        for place, texts in enumerate(lines):
            if place % every:
                continue
            for i, text in enumerate(texts):
                left = plot.left() + room * place - (every - 1) * room / 2
                spot = QRectF(left, plot.bottom() + 4 + _LINE * i, room * every, _LINE)
                text = painter.fontMetrics().elidedText(
                    text, Qt.TextElideMode.ElideMiddle, int(room * every) - 2
                )
                self.words(painter, spot, text, CENTRE, token="ink2")
        apart = min(APART, room / (len(self._conditions) + 1))
        for order, condition in enumerate(self._conditions):
            shift = (order - (len(self._conditions) - 1) / 2) * apart
            points = [
                (mean, QPointF(plot.left() + room * (place + 0.5) + shift, self.y(mean.mean)))
                for place, level in enumerate(levels)
                if (mean := self._figure.at(condition, level)) is not None
            ]
            self._series(painter, condition, points)
        self.chance_word(painter, RIGHT)

    def _series(
        self, painter: QPainter, condition: str, points: list[tuple[LevelMean, QPointF]]
    ) -> None:
        colour = self.theme.colour_of(self.theme.condition(condition).main)
        if self._figure.ordered:
            soft = self.theme.colour_of(self.theme.condition(condition).steps[1])
            for (before, start), (after, end) in pairwise(points):
                if _network(before.level) == _network(after.level):
                    self.line(painter, start, end, soft, 1.2)
        for mean, point in points:
            if mean.sem2 is not None and mean.n_participants >= 5:
                top = QPointF(point.x(), self.y(min(mean.mean + mean.sem2, 1)))
                foot = QPointF(point.x(), self.y(max(mean.mean - mean.sem2, 0)))
                self.line(painter, top, foot, colour, 2)
        for mean, point in points:
            self.marker(painter, condition, point, 9)
            self.target(
                QRectF(point.x() - 7, point.y() - 7, 14, 14),
                f"{mean.level}, {condition}: {plus_minus(mean.mean, mean.sem2)}, "
                f"n = {mean.n_participants}, {mean.n_trials} trials",
                {self._figure.column: mean.level, "condition": condition},
            )


def _network(level: str) -> str:
    """The network of a layer, where there are several."""
    return level.partition(", ")[2]


def _lines(level: str, levels: tuple[str, ...]) -> list[str]:
    parts = [_SHORT.get(part, part) for part in level.split(", ")]
    if any("," in other for other in levels) and len(parts) == 1:
        parts.append("random")
    if all(other.startswith("mixed") for other in levels):
        parts = [part.removeprefix("mixed") for part in parts]
    return parts
