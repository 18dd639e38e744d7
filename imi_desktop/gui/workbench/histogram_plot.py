"""A unit's activation over the image folder, with what is shown of it marked underneath."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsPathItem, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import count, number
from imi_desktop.gui.widgets.still_plot import dress_axis, hold_still
from imi_desktop.gui.workbench.histogram_bins import (
    ActivationHistogram,
    nice_step,
    percentile_digits,
)

_ROWS = ("Synthetic", "Queries", "Natural refs.")
_SYNTHETIC, _QUERIES, _NATURAL = range(3)
_FLOOR = 0.6
_LEFT = 92
_NAME_PX = 16
"""Height that the word “images” needs above the highest number."""


@dataclass(frozen=True)
class Mark:
    """Activation of one image that is shown, its percentile (0 … 100), and ``max`` or ``min``."""

    activation: float
    percentile: float | None
    side: str


@dataclass(frozen=True)
class HistogramMarks:
    """What is marked under the bars.

    Parameters
    ----------
    optimising : float or None
        Activation of the image that is being made.
    """

    references: tuple[Mark, ...] = ()
    queries: tuple[Mark, ...] = ()
    synthetic: tuple[Mark, ...] = ()
    optimising: float | None = None

    @property
    def activations(self) -> list[float]:
        """Activations of all marks."""
        marks = (*self.references, *self.queries, *self.synthetic)
        known = [mark.activation for mark in marks]
        return known if self.optimising is None else [*known, self.optimising]


class HistogramPlot(QWidget):
    """Bars with log or linear count, percentiles dotted, rows of marks on the same axis."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._histogram: ActivationHistogram | None = None
        self._marks = HistogramMarks()
        self._log = True
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._view = pg.GraphicsLayoutWidget()
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.addWidget(self._view)
        grid = self._view.ci.layout
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self._bars = self._view.addPlot(row=0, col=0)
        self._rows = self._view.addPlot(row=1, col=0)
        grid.setRowFixedHeight(1, 3 * 19 + 24)
        for plot in (self._bars, self._rows):
            hold_still(plot)
            plot.getAxis("left").setWidth(_LEFT)
        self._rows.setXLink(self._bars)
        self._bars.showAxis("top")
        self._bars.getAxis("top").setHeight(22)
        self._bars.hideAxis("bottom")
        self._rows.setYRange(-0.5, 2.5, padding=0)
        self._rows.getAxis("bottom").setHeight(24)
        self.setMinimumHeight(110)
        self._count_axis: tuple[float, float, list[tuple[float, str]]] | None = None
        self._bars.vb.sigResized.connect(self._name_counts)
        theme.changed.connect(self._draw)
        self._draw()

    def set_histogram(self, histogram: ActivationHistogram | None) -> None:
        """Show another unit; None empties the plot."""
        self._histogram = histogram
        self._draw()

    def set_marks(self, marks: HistogramMarks) -> None:
        """Mark other images."""
        if marks != self._marks:
            self._marks = marks
            self._draw()

    def set_log(self, log: bool) -> None:
        """Count on a logarithmic (else linear) axis."""
        self._log = log
        self._draw()

    def csv_text(self) -> str:
        """Exactly what is drawn: bins, percentiles and marks."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["what", "from", "to", "value"])
        shown = self._histogram
        if shown is not None:
            for low, high, images in zip(
                shown.edges[:-1], shown.edges[1:], shown.counts, strict=True
            ):
                writer.writerow(["images", f"{low:.6g}", f"{high:.6g}", int(images)])
            for percentile, value in shown.percentiles.items():
                writer.writerow([f"percentile {percentile:g}", "", "", f"{value:.6g}"])
        for what, values in (
            ("natural reference", self._marks.references),
            ("query", self._marks.queries),
            ("synthetic", self._marks.synthetic),
        ):
            for mark in values:
                writer.writerow([f"{what}, {mark.side}", "", "", f"{mark.activation:.6g}"])
        return text.getvalue()

    def svg(self) -> bytes:
        """The plot as it stands, as SVG."""
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(self.size())
        generator.setViewBox(self.rect())
        generator.setTitle("Activation over the dataset")
        painter = QPainter(generator)
        self._view.render(painter, QRectF(self.rect()))
        painter.end()
        return bytes(buffer.data().data())

    def png(self, scale: float = 2.0) -> bytes:
        """The plot as it stands, as PNG with `scale` times as many pixels."""
        image = QImage(self.size() * scale, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._view.render(painter, QRectF(image.rect()))
        painter.end()
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")
        return bytes(buffer.data().data())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Which names have room follows from the width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._draw()

    def _draw(self) -> None:
        tokens = self._theme.tokens
        self._view.setBackground(tokens.panel)
        for plot in (self._bars, self._rows):
            plot.clear()
            for name in ("left", "top", "bottom"):
                dress_axis(plot.getAxis(name), self._theme, lined=False)
        shown = self._histogram
        if shown is None or shown.n == 0:
            self._count_axis = None
            self._name_counts()
            self._bars.getAxis("top").setTicks([[]])
            self._rows.getAxis("left").setTicks([[]])
            self._rows.getAxis("bottom").setTicks([[]])
            return
        self._draw_bars(shown)
        low, high = self._span(shown)
        self._bars.setXRange(low, high, padding=0)
        self._draw_percentiles(shown, low, high)
        self._draw_rows(low, high)

    def _span(self, shown: ActivationHistogram) -> tuple[float, float]:
        everything = [float(shown.edges[0]), float(shown.edges[-1]), *self._marks.activations]
        low, high = min(everything), max(everything)
        room = 0.04 * (high - low or 1.0)
        # The word "percentile" stands left of the first percentile.
        first = min(shown.percentiles.values())
        return min(low - room, first - 0.11 * (high - low or 1.0)), high + room

    def _draw_bars(self, shown: ActivationHistogram) -> None:
        tokens = self._theme.tokens
        heights = shown.counts.astype(float)
        floor = 0.0
        if self._log:
            floor = math.log10(_FLOOR)
            heights = np.where(heights > 0, np.log10(np.maximum(heights, 1.0)), floor)
        width = float(shown.edges[1] - shown.edges[0])
        self._bars.addItem(
            pg.BarGraphItem(
                x0=shown.edges[:-1] + 0.06 * width,
                width=0.88 * width,
                y0=floor,
                height=heights - floor,
                pen=None,
                brush=tokens.bar,
            )
        )
        top = float(heights.max())
        ticks = self._count_ticks(int(shown.counts.max()))
        upper = top + 0.06 * (top - floor or 1.0)
        self._count_axis = (floor, upper, ticks)
        self._name_counts()
        for place, _ in ticks:
            line = pg.InfiniteLine(place, 0, pen=pg.mkPen(tokens.grid, width=1))
            line.setZValue(-10)
            self._bars.addItem(line)
        self._bars.addItem(pg.InfiniteLine(floor, 0, pen=pg.mkPen(tokens.ink3, width=1)))
        self._bars.setYRange(floor, upper, padding=0)

    def _name_counts(self) -> None:
        """Numbers from the top down, each with room below the one above it."""
        if self._count_axis is None:
            self._bars.getAxis("left").setTicks([[]])
            return
        floor, upper, ticks = self._count_axis
        room = (upper - floor) * _NAME_PX / max(24.0, self._bars.vb.height())
        named = [(upper, "images")]
        for tick in reversed(ticks):
            if named[-1][0] - tick[0] > room:
                named.append(tick)
        self._bars.getAxis("left").setTicks([named])

    def _count_ticks(self, most: int) -> list[tuple[float, str]]:
        if self._log:
            decades = range(int(math.log10(max(1, most))) + 1)
            step = 2 if len(decades) > 4 else 1
            return [(float(d), count(10**d)) for d in decades if d % step == 0]
        step = max(1.0, nice_step(float(most), 4))
        return [(i * step, count(round(i * step))) for i in range(int(most / step) + 1)]

    def _draw_percentiles(self, shown: ActivationHistogram, low: float, high: float) -> None:
        tokens = self._theme.tokens
        ticks: list[tuple[float, str]] = []
        apart = (high - low) * 26.0 / self._across()
        for percentile, value in shown.percentiles.items():
            self._bars.addItem(
                pg.InfiniteLine(
                    value, 90, pen=pg.mkPen(tokens.ink2, width=1, style=Qt.PenStyle.DotLine)
                )
            )
            if not ticks or value - ticks[-1][0] >= apart:
                ticks.append((value, f"{percentile:g}"))
        if ticks:
            ticks.insert(0, (ticks[0][0] - 45 * (high - low) / self._across(), "percentile"))
        self._bars.getAxis("top").setTicks([ticks])
        self._bars.getAxis("top").setStyle(tickAlpha=0)

    def _across(self) -> float:
        """Width of the plot's ground in px."""
        return max(120.0, self.width() - _LEFT)

    def _draw_rows(self, low: float, high: float) -> None:
        tokens = self._theme.tokens
        marks = self._marks
        names = [(float(place), name) for place, name in enumerate(_ROWS)]
        self._rows.getAxis("left").setTicks([names])
        self._rows.getAxis("left").setStyle(tickAlpha=0)
        step = nice_step(high - low, 8)
        first, last = math.ceil(low / step), math.floor(high / step)
        digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
        digits = min(6, digits + (1 if 10**digits * step % 1 else 0))
        ticks = [(i * step, number(i * step, digits)) for i in range(first, last + 1)]
        self._rows.getAxis("bottom").setTicks([ticks])
        for place in (-0.5, 0.5, 1.5):
            pen = pg.mkPen(tokens.ink3 if place < 0 else tokens.grid, width=1)
            self._rows.addItem(pg.InfiniteLine(place, 0, pen=pen))
        natural = self._theme.condition("natural").main
        synthetic = self._theme.condition("synthetic").main
        self._strokes(marks.references, _NATURAL, natural)
        self._strokes(marks.synthetic, _SYNTHETIC, synthetic)
        if marks.queries:
            places = [mark.activation for mark in marks.queries]
            rows = [float(_QUERIES)] * len(places)
            self._rows.addItem(
                pg.ScatterPlotItem(places, rows, symbol="t", size=10, pen=None, brush=tokens.ink)
            )
        self._range_labels(marks.references, _NATURAL)
        self._range_labels(marks.queries, _QUERIES)
        if marks.optimising is not None and math.isfinite(marks.optimising):
            self._optimising(marks.optimising, synthetic, (high - low) / max(200, self.width()))

    def _strokes(self, marks: Sequence[Mark], row: int, colour: str) -> None:
        if marks:
            x = np.repeat([mark.activation for mark in marks], 2)
            y = np.tile([row - 0.28, row + 0.28], len(marks))
            self._rows.addItem(
                pg.PlotCurveItem(x, y, connect="pairs", pen=pg.mkPen(colour, width=2))
            )

    def _range_labels(self, marks: Sequence[Mark], row: int) -> None:
        """Percentiles of each side's marks, outside of them, unless the sides overlap."""
        sides = {
            side: [mark for mark in marks if mark.side == side and mark.percentile is not None]
            for side in ("min", "max")
        }
        tops = [mark.activation for mark in sides["min"]]
        feet = [mark.activation for mark in sides["max"]]
        gap = min(feet) - max(tops) if tops and feet else math.inf
        if gap < 0:
            return
        for side, own in sides.items():
            if not own:
                continue
            percentiles = [mark.percentile for mark in own if mark.percentile is not None]
            text = _percentile(min(percentiles))
            if _percentile(max(percentiles)) != text:
                text += f"–{_percentile(max(percentiles))}"
            label = pg.TextItem(f"{text} %", color=self._theme.tokens.ink3)
            label.setFont(self._theme.font("axis"))
            values = [mark.activation for mark in own]
            left, right = min(values), max(values)
            low, high = self._bars.vb.viewRange()[0]
            room = 110 * (high - low) / self._across()
            # Outside where there is room, as far as the rows' axis goes; else towards the middle.
            outside = left - low > room if side == "min" else high - right > room
            if not outside and gap < room:
                continue
            to_left = (side == "min") == outside
            label.setAnchor(QPointF(1.06, 0.5) if to_left else QPointF(-0.06, 0.5))
            label.setPos(left if to_left else right, row)
            self._rows.addItem(label, ignoreBounds=True)

    def _optimising(self, value: float, colour: str, pixel: float) -> None:
        path = QPainterPath()
        path.addRect(QRectF(value - 2.5 * pixel, _SYNTHETIC - 0.28, 5 * pixel, 0.56))
        box = QGraphicsPathItem(path)
        pen = QPen(QColor(colour), 2)
        pen.setCosmetic(True)
        box.setPen(pen)
        self._rows.addItem(box)
        label = pg.TextItem("optimising", color=self._theme.tokens.ink3, anchor=(1.1, 0.5))
        label.setFont(self._theme.font("axis"))
        label.setPos(value, _SYNTHETIC)
        self._rows.addItem(label, ignoreBounds=True)


def _percentile(value: float) -> str:
    return number(value, percentile_digits(value))
