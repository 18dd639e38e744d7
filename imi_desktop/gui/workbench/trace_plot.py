"""Activation against step while images are optimised."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import count, number
from imi_desktop.gui.widgets.still_plot import dress_axis, hold_still
from imi_desktop.gui.workbench.histogram_bins import digits_of, nice_step
from imi_desktop.stimuli.pack import Side


@dataclass
class Trace:
    """Activation of one image while it is optimised."""

    name: str
    steps: list[float] = field(default_factory=list)
    activations: list[float] = field(default_factory=list)

    def add(self, step: float, activation: float) -> None:
        """Append one point; a step seen before replaces its value."""
        if self.steps and step <= self.steps[-1]:
            self.activations[-1] = activation
        else:
            self.steps.append(step)
            self.activations.append(activation)


class TracePlot(QWidget):
    """Images being made in colour, finished ones grey, the most extreme natural ones dashed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._traces: dict[str, Trace] = {}
        self._running: frozenset[str] = frozenset()
        self._targets: dict[Side, float] = {}
        self._steps = 0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._plot = pg.PlotWidget()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self._plot.getPlotItem()
        hold_still(item)
        item.getAxis("left").setWidth(30)
        item.getAxis("bottom").setHeight(22)
        layout.addWidget(self._plot)
        self.setMinimumHeight(90)
        theme.changed.connect(self._draw)
        self._draw()

    def clear(self) -> None:
        """Show nothing: another unit."""
        self._traces = {}
        self._running = frozenset()
        self._targets = {}
        self._steps = 0
        self._draw()

    def set_targets(self, targets: Mapping[Side, float], steps: int = 0) -> None:
        """Most extreme natural activation by side, and the number of steps planned."""
        self._targets = dict(targets)
        self._steps = steps
        self._draw()

    def add(self, name: str, step: float, activation: float) -> None:
        """Append a point to the image `name`, which is being made."""
        self._traces.setdefault(name, Trace(name)).add(step, activation)
        self._running |= {name}
        self._draw()

    def finish(self) -> None:
        """No image is being made any more."""
        self._running = frozenset()
        self._draw()

    @property
    def traces(self) -> list[Trace]:
        """All traces so far."""
        return list(self._traces.values())

    def csv_text(self) -> str:
        """All points as CSV."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["image", "step", "activation"])
        for trace in self._traces.values():
            for step, activation in zip(trace.steps, trace.activations, strict=True):
                writer.writerow([trace.name, f"{step:g}", f"{activation:.6g}"])
        return text.getvalue()

    def _draw(self) -> None:
        tokens = self._theme.tokens
        item = self._plot.getPlotItem()
        item.clear()
        self._plot.setBackground(tokens.panel)
        for name in ("left", "bottom"):
            dress_axis(item.getAxis(name), self._theme, lined=name == "bottom")
        values = [a for trace in self._traces.values() for a in trace.activations]
        values += self._targets.values()
        steps = max([self._steps, *(t.steps[-1] for t in self._traces.values() if t.steps), 1])
        if not values:
            item.getAxis("left").setTicks([[]])
            item.getAxis("bottom").setTicks([[]])
            return
        low, high = min(0.0, *values), max(0.0, *values)
        room = 0.08 * (high - low or 1.0)
        item.setYRange(low - room, high + room, padding=0)
        item.setXRange(0, steps, padding=0.03)
        self._set_ticks(low, high, steps)
        synthetic = self._theme.condition("synthetic").main
        for trace in self._traces.values():
            if trace.name not in self._running:
                item.plot(trace.steps, trace.activations, pen=pg.mkPen(tokens.bar_soft, width=1.2))
        for side, target in self._targets.items():
            self._draw_target(side, target, steps)
        for trace in self._traces.values():
            if trace.name in self._running and trace.steps:
                item.plot(trace.steps, trace.activations, pen=pg.mkPen(synthetic, width=2))
                item.addItem(
                    pg.ScatterPlotItem(
                        trace.steps[-1:], trace.activations[-1:], size=7, pen=None, brush=synthetic
                    )
                )

    def _draw_target(self, side: str, target: float, steps: float) -> None:
        item = self._plot.getPlotItem()
        natural = self._theme.condition("natural").main
        pen = pg.mkPen(natural, width=1.5, style=Qt.PenStyle.DashLine)
        item.addItem(pg.InfiniteLine(target, 0, pen=pen))
        word = "weakest" if side == "min" else "strongest"
        label = pg.TextItem(
            f"{word} natural {number(target, digits_of([target]))}",
            self._theme.tokens.ink2,
            anchor=(1, 1 if side == "min" else 0),
        )
        label.setFont(self._theme.font("axis"))
        label.setPos(steps * 1.02, target)
        item.addItem(label, ignoreBounds=True)

    def _set_ticks(self, low: float, high: float, steps: float) -> None:
        item = self._plot.getPlotItem()
        across = max(1.0, nice_step(steps, 3))
        ticks = [(i * across, count(round(i * across))) for i in range(int(steps / across) + 1)]
        if ticks:
            place, text = ticks[-1]
            inside = place <= 0.8 * steps  # else the longer text would be cut
            ticks[-1] = (place, f"{text} steps" if inside or len(ticks) == 1 else text)
        item.getAxis("bottom").setTicks([ticks])
        up = nice_step(high - low, 3)
        digits = 0 if up >= 1 else 1 if up >= 0.1 else 2
        first, last = int(low / up) - 1, int(high / up) + 1
        item.getAxis("left").setTicks(
            [[(i * up, number(i * up, digits)) for i in range(first, last + 1)]]
        )
        for i in range(first, last + 1):
            line = pg.InfiniteLine(i * up, 0, pen=pg.mkPen(self._theme.tokens.grid, width=1))
            line.setZValue(-10)
            item.addItem(line)
