"""Confidence: share of answers per level as stacked bars, right and wrong answers apart."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from imi_desktop.analysis.figure_data import ConfidenceRow
from imi_desktop.gui.dashboard.chart import CENTRE, LEFT, RIGHT, Chart
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import count, plural

_LEVELS = ("1 not", "2 somewhat", "3 very")
_NAMES = 84
_WORDS = 76
_HEAD = 24
_FOOT = 22
_ROOM_FOR_TEXT = 26
_MOST_BAR = 24


class ConfidenceChart(Chart):
    """One bar per condition and answer; per cent inside where it fits."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Confidence", parent)
        self._rows: tuple[ConfidenceRow, ...] = ()
        self._words = _WORDS

    def set_data(self, rows: tuple[ConfidenceRow, ...]) -> None:
        """Draw other data."""
        self._rows = rows
        self.redraw()

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw legend, bars and axis."""
        self._words = _WORDS + (24 if any(row.total > 9999 for row in self._rows) else 0)
        left = area.left() + _NAMES + self._words
        bars = QRectF(left, area.top() + _HEAD, area.right() - left - 20, area.height())
        bars.setBottom(area.bottom() - _FOOT)
        self._legend(painter, area, bars)
        conditions = list(dict.fromkeys(row.condition for row in self._rows))
        if not conditions:
            return
        room = bars.height() / len(conditions)
        thick = min(_MOST_BAR, (room - 12) / 2)
        for share in (0, 0.25, 0.5, 0.75, 1):
            x = bars.left() + share * bars.width()
            foot = QPointF(x, bars.bottom())
            self.line(painter, foot, foot + QPointF(0, 4), self.theme.colour("ink3"))
            text = f"{100 * share:.0f}" + (" %" if share == 1 else "")
            self.words(painter, QRectF(x - 24, bars.bottom() + 5, 48, 16), text)
        end = QPointF(bars.right(), bars.bottom())
        self.line(painter, bars.bottomLeft(), end, self.theme.colour("ink3"))
        for place, condition in enumerate(conditions):
            middle = bars.top() + room * (place + 0.5) - 2
            self.marker(painter, condition, QPointF(area.left() + 7, middle))
            self.words(
                painter, QRectF(area.left() + 18, middle - 9, _NAMES - 18, 18),
                condition.capitalize(), LEFT, "table", "ink", bold=True,
            )  # fmt: skip
            for row in (row for row in self._rows if row.condition == condition):
                top = middle - thick - 1 if row.right else middle + 2
                self._bar(painter, row, QRectF(bars.left(), top, bars.width(), thick))

    def _legend(self, painter: QPainter, area: QRectF, bars: QRectF) -> None:
        place = QRectF(area.left() + _NAMES, area.top(), self._words - 8, 18)
        self.words(painter, place, "trials", RIGHT)
        look = self.theme.condition("none")
        x = bars.left()
        for level, name in enumerate(_LEVELS):
            colour = self.theme.colour_of(look.steps[2 - level])
            painter.fillRect(QRectF(x, area.top() + 4, 10, 10), colour)
            width = painter.fontMetrics().horizontalAdvance(name) + 4
            self.words(painter, QRectF(x + 14, area.top(), width, 18), name, LEFT, token="ink2")
            x += width + 22

    def _bar(self, painter: QPainter, row: ConfidenceRow, place: QRectF) -> None:
        words = QRectF(place.left() - self._words, place.top(), 34, place.height())
        self.words(painter, words, "right" if row.right else "wrong", RIGHT, token="ink2")
        total = QRectF(
            place.left() - self._words + 34, place.top(), self._words - 40, place.height()
        )
        self.words(painter, total, count(row.total), RIGHT, token="ink2")
        look = self.theme.condition(row.condition)
        x = place.left()
        for level, answers in enumerate(row.counts, start=1):
            share = answers / row.total if row.total else 0
            width = share * place.width()
            part = QRectF(x, place.top(), max(width - 1, 0), place.height())
            x += width
            step = 3 - level
            colour = look.bar if step == 0 else look.steps[step]
            painter.fillRect(part, self.theme.colour_of(colour))
            if width >= _ROOM_FOR_TEXT:
                painter.setFont(self.theme.font("axis"))
                painter.setPen(self.theme.colour_of(look.on_steps[step]))
                painter.drawText(part, int(CENTRE), f"{100 * share:.0f}")
            side = "right" if row.right else "wrong"
            self.target(
                part,
                f"{row.condition}, {side}, confidence {level}: "
                f"{plural(answers, 'answer')}, {100 * share:.0f} %",
                {"condition": row.condition, "correct": row.right, "confidence": level},
            )
