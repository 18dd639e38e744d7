"""The card with images per minute over the last half hour."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import number
from imi_desktop.gui.widgets.labels import label
from imi_desktop.gui.widgets.still_plot import dress_axis, hold_still
from imi_desktop.gui.workbench.histogram_bins import nice_step
from imi_desktop.gui.workbench.stimuli_rate import Throughput


class ThroughputCard(Card):
    """Rate now, when it will be done, the curve, and when it was paused."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Throughput", "images per minute", parent)
        self._now = label("", "caption", "ink")
        self.add_head(self._now)
        self._plot = pg.PlotWidget()
        self._plot.setFixedHeight(84)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self._plot.getPlotItem()
        hold_still(item)
        item.getAxis("bottom").setHeight(20)
        self.body.addWidget(self._plot)
        self._note = label("", "caption", "ink3")
        self.body.addWidget(self._note)
        self.body.addStretch(1)
        self._throughput: Throughput | None = None
        self._images_left = 0.0
        theme.changed.connect(self._draw)
        self.show_rate(None, 0)

    def show_rate(self, throughput: Throughput | None, images_left: float) -> None:
        """Draw anew; None before anything was generated."""
        self._throughput, self._images_left = throughput, images_left
        self._draw()

    def _draw(self) -> None:
        tokens = self.theme.tokens
        item = self._plot.getPlotItem()
        item.clear()
        self._plot.setBackground(tokens.panel)
        now = time.monotonic()
        minutes: list[float] = []
        rates: list[float] = []
        if self._throughput is not None:
            minutes, rates = self._throughput.series(now)
        top = max([4.0, *rates])
        step = nice_step(top, 2)
        item.setXRange(-30, 0.5, padding=0)
        item.setYRange(0, max(top, step * 2) * 1.08, padding=0)
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            dress_axis(axis, self.theme, lined=name == "bottom")
            axis.setStyle(hideOverlappingLabels=False)
        ticks = [(i * step, number(i * step, 0 if step >= 1 else 1)) for i in range(3)]
        item.getAxis("left").setTicks([ticks])
        item.getAxis("left").setWidth(14 + 7 * max(len(text) for _, text in ticks))
        item.getAxis("bottom").setTicks(
            [[(-29, "−30 min"), (-20, "−20"), (-10, "−10"), (-0.7, "now")]]
        )
        for place, _ in ticks[1:]:
            item.addItem(pg.InfiniteLine(place, 0, pen=pg.mkPen(tokens.grid, width=1)))
        if minutes:
            item.plot(
                minutes,
                rates,
                pen=pg.mkPen(tokens.accent, width=1.5),
                fillLevel=0,
                brush=pg.mkBrush(tokens.selected),
            )
        self._say(now)

    def _say(self, now: float) -> None:
        rate = self._throughput.rate(now) if self._throughput is not None else None
        if self._throughput is None or rate is None:
            self._now.setText("")
            idle = self._throughput is None
            self._note.setText("Nothing was generated since the app was opened." if idle else "")
            return
        left = self._throughput.seconds_left(now, self._images_left)
        words = f"{number(rate, 1 if rate < 10 else 0)} now"
        if left:
            done = datetime.now() + timedelta(seconds=left)
            words += f" · done about {done:%H:%M}"
        self._now.setText(words)
        pauses = self._throughput.pauses
        if pauses:
            begin, end, why = pauses[-1]
            clock = datetime.now()
            from_ = clock - timedelta(seconds=now - begin)
            to = "now" if end is None else f"{clock - timedelta(seconds=now - end):%H:%M}"
            self._note.setText(f"Paused {from_:%H:%M}–{to} {why}.")
        self._note.setVisible(bool(pauses))
