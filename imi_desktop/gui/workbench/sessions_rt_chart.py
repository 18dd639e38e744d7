"""Reaction time by trial, with the blocks above and catch trials ringed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QWidget

from imi_desktop.gui.dashboard.chart import CENTRE, RIGHT, Chart
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.condition_mark import draw_marker
from imi_desktop.gui.widgets.format import number, seconds
from imi_desktop.recording.facts import SessionFacts

_TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_SHORT = {"natural": "N", "synthetic": "S", "none": "none", "mixed": "M", "blurred": "B"}
_TICK_APART = 14.0
"""Least distance of two labels of the vertical axis, px."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 12.0, 34.0, 36.0


@dataclass(frozen=True)
class BlockStrip:
    """One block on the axis of trials."""

    first: int
    last: int
    label: str
    condition: str
    practice: bool


def block_strips(blocks: list[dict[str, Any]]) -> list[BlockStrip]:
    """Blocks of a ``session_started`` record on the axis of trials, from 1."""
    strips = []
    first = 1
    for block in blocks:
        length = int(block["trials"])
        conditions = block.get("conditions", {})
        single = next(iter(conditions)) if len(conditions) == 1 else ""
        practice = block["phase"] == "practice"
        if practice:
            label = "pract."
        elif single in {"none", ""}:
            label = single or str(block["name"])
        else:
            label = f"{_SHORT.get(single, single)} {block['number']}"
        if length:
            strips.append(BlockStrip(first, first + length - 1, label, single, practice))
        first += length
    return strips


class ReactionTimeChart(Chart):
    """Answers of one session; right or wrong is not told."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Reaction time by trial", parent)
        self._facts = SessionFacts()
        self._running = False

    def show_facts(self, facts: SessionFacts, running: bool) -> None:
        """Draw a session; `running` marks the trial of the moment."""
        self._facts, self._running = facts, running
        self.redraw()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(480, 190)

    def rows(self) -> list[dict[str, Any]]:
        """Exactly what is drawn."""
        return [
            {
                "trial": answer.trial,
                "attempt": answer.attempt,
                "block": answer.block,
                "phase": answer.phase,
                "condition": answer.condition,
                "catch": answer.catch,
                "reaction_time_ms": answer.reaction_time_ms,
            }
            for answer in self._facts.answered
        ]

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw blocks, grid, answers and the present trial."""
        plot = area.adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        last = max(
            self._facts.planned_trials, max((a.trial for a in self._facts.answered), default=1), 2
        )

        def x_of(trial: float) -> float:
            return plot.left() + (trial - 0.5) / last * plot.width()

        low, high = self._span()

        def y_of(value: float) -> float:
            share = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
            return plot.bottom() - share * plot.height()

        self._paint_grid(painter, plot, low, high, y_of)
        self._paint_blocks(painter, plot, x_of)
        self._paint_axis(painter, plot, last, x_of)
        for answer in self._facts.answered:
            point = QPointF(x_of(answer.trial), y_of(max(answer.reaction_time_ms / 1000, 0.05)))
            draw_marker(painter, self.theme, answer.condition, point, 6)
            if answer.catch:
                painter.setPen(QPen(self.theme.colour("ink"), 1.2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(point, 5.5, 5.5)
            self.target(
                QRectF(point.x() - 5, point.y() - 5, 10, 10),
                f"Trial {answer.trial}, {answer.condition}"
                f"{', catch' if answer.catch else ''}: {seconds(answer.reaction_time_ms / 1000)}",
                None,
            )
        if self._running and self._facts.current is not None:
            self._paint_now(painter, plot, x_of(int(self._facts.current["trial"])))

    def _span(self) -> tuple[float, float]:
        times = [answer.reaction_time_ms / 1000 for answer in self._facts.answered]
        low = min([0.5, *times])
        high = max([30.0, *times])
        return max(low * 0.8, 0.05), high * 1.25

    def _paint_grid(self, painter, plot: QRectF, low: float, high: float, y_of) -> None:
        shown = [tick for tick in _TICKS_S if low <= tick <= high]
        above = -_TICK_APART
        for tick in reversed(shown):
            y = y_of(tick)
            if y - above < _TICK_APART:
                continue
            above = y
            self.line(
                painter,
                QPointF(plot.left(), y),
                QPointF(plot.right(), y),
                self.theme.colour("grid"),
            )
            text = number(tick, 0 if tick >= 1 else 1) + (" s" if tick == shown[-1] else "")
            self.words(painter, QRectF(0, y - 8, plot.left() - 8, 16), text, RIGHT)

    def _paint_blocks(self, painter, plot: QRectF, x_of) -> None:
        metrics = QFontMetrics(self.theme.font("axis"))
        done = {answer.block for answer in self._facts.answered}
        for number_of, strip in enumerate(block_strips(self._facts.started.get("blocks", [])), 1):
            left, right = x_of(strip.first - 0.5), x_of(strip.last + 0.5)
            steps = self.theme.condition(strip.condition or "none").steps
            colour = steps[1] if number_of in done else steps[2]
            bar = QRectF(left + 0.5, plot.top() - 12, max(right - left - 1, 1), 6)
            painter.fillRect(bar, self.theme.colour_of(colour))
            if strip.first > 1:
                grid = self.theme.colour("grid")
                x = QPointF(left, 0)
                self.line(painter, QPointF(x.x(), plot.top()), QPointF(x.x(), plot.bottom()), grid)
            if metrics.horizontalAdvance(strip.label) <= right - left:
                place = QRectF(left, plot.top() - 30, right - left, 16)
                self.words(painter, place, strip.label, CENTRE, token="ink2")

    def _paint_axis(self, painter, plot: QRectF, last: int, x_of) -> None:
        ink = self.theme.colour("ink3")
        bottom = plot.bottom()
        self.line(painter, QPointF(plot.left(), bottom), QPointF(plot.right(), bottom), ink)
        step = next(s for s in (1, 2, 5, 10, 20, 30, 50, 100, 200, 500, 1000) if last / s <= 7)
        ticks = [1, *(t for t in range(step, last, step) if t > 1 and last - t > step / 2), last]
        for tick in ticks:
            x = x_of(tick)
            self.line(painter, QPointF(x, bottom), QPointF(x, bottom + 4), ink)
            self.words(painter, QRectF(x - 20, bottom + 5, 40, 14), str(tick))
        place = QRectF(plot.left(), bottom + 19, plot.width(), 16)
        self.words(painter, place, "trial")

    def _paint_now(self, painter, plot: QRectF, x: float) -> None:
        accent = self.theme.colour("accent")
        self.line(painter, QPointF(x, plot.top() - 14), QPointF(x, plot.bottom()), accent, 1.6)
        on_left = x > plot.right() - 40
        place = QRectF(x - 34 if on_left else x + 4, plot.bottom() - 18, 30, 16)
        self.words(painter, place, "now", token="accent", bold=True)
