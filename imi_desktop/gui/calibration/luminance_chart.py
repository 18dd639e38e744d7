"""Plots of the luminance fit: readings with the curve, and what the curve leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from imi_desktop.display.luminance import luminance_at, summarise
from imi_desktop.display.profile import LuminanceFit, LuminanceReading
from imi_desktop.display.requirements import LUMINANCE_LIMIT
from imi_desktop.gui.dashboard.chart import LEFT, RIGHT, Chart
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import MINUS

_LEVELS = (0, 32, 64, 96, 128, 160, 192, 224, 255)
_EDGE_LEFT, _EDGE_RIGHT = 44.0, 14.0
_WIDEST = 0.06


class LuminanceChart(Chart):
    """Readings as circles, verification as crosses, the fit as a line; residuals below."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Luminance")
        self._readings: Sequence[LuminanceReading] = ()
        self._fit: LuminanceFit | None = None
        self._background = 128
        self.setMinimumHeight(250)

    def show_fit(
        self,
        readings: Sequence[LuminanceReading],
        fit: LuminanceFit | None,
        background: int,
    ) -> None:
        """Show other readings, their fit, and the level of the background."""
        self._readings, self._fit, self._background = readings, fit, background
        self.redraw()

    def rows(self) -> list[dict[str, object]]:
        """Exactly what is drawn."""
        return [
            {
                "level": reading.level,
                "cd_m2": reading.cd_m2,
                "verification": reading.verification,
                "fit_cd_m2": None
                if self._fit is None
                else round(float(luminance_at(self._fit, reading.level)), 4),
            }
            for reading in self._readings
        ]

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw both plots, or that nothing was measured."""
        if not self._readings:
            self.words(painter, area, "No readings yet: type them or import a CSV", role="caption")
            return
        upper = QRectF(
            area.left() + _EDGE_LEFT,
            area.top() + 20,
            area.width() - _EDGE_LEFT - _EDGE_RIGHT,
            area.height() * 0.66 - 40,
        )
        lower = QRectF(upper.left(), upper.bottom() + 44, upper.width(), 0)
        lower.setBottom(area.bottom() - 34)
        self._paint_curve(painter, upper)
        self._paint_residuals(painter, lower)

    def _x(self, place: QRectF, level: float) -> float:
        return place.left() + place.width() * level / 255

    def _paint_curve(self, painter: QPainter, place: QRectF) -> None:
        theme = self.theme
        top = max(reading.cd_m2 for reading in self._readings)
        step = nice_step(top / 4)
        highest = step * math.ceil(top * 1.001 / step)

        def y(value: float) -> float:
            return place.bottom() - place.height() * value / highest

        self.words(painter, QRectF(place.left() - 44, place.top() - 20, 60, 14), "cd/m²", LEFT)
        value = 0.0
        while value <= highest + step / 2:
            at = y(value)
            self.line(
                painter,
                QPointF(place.left(), at),
                QPointF(place.right(), at),
                theme.colour("grid" if value else "ink3"),
            )
            self.words(painter, QRectF(place.left() - 44, at - 8, 38, 16), f"{value:g}", RIGHT)
            value += step
        for level in _LEVELS:
            at = self._x(place, level)
            self.line(
                painter,
                QPointF(at, place.bottom()),
                QPointF(at, place.bottom() + 4),
                theme.colour("ink3"),
            )
            self.words(painter, QRectF(at - 20, place.bottom() + 5, 40, 14), str(level))
        if self._fit is not None:
            self._paint_background(painter, place, y(self._luminance(self._background)))
            curve = QPolygonF(
                [
                    QPointF(self._x(place, level), y(self._luminance(level)))
                    for level in range(0, 256, 3)
                ]
            )
            painter.setPen(QPen(theme.colour("ink"), 1.5))
            painter.drawPolyline(curve)
        for reading in self._readings:
            centre = QPointF(self._x(place, reading.level), y(reading.cd_m2))
            self._mark(painter, centre, reading.verification)
        self._paint_legend(painter, place)

    def _luminance(self, level: float) -> float:
        return float(luminance_at(self._fit, level)) if self._fit is not None else 0.0

    def _paint_background(self, painter: QPainter, place: QRectF, at: float) -> None:
        x = self._x(place, self._background)
        colour = self.theme.colour("ink2")
        self.line(painter, QPointF(place.left(), at), QPointF(x, at), colour, dashed=True)
        self.line(painter, QPointF(x, at), QPointF(x, place.bottom()), colour, dashed=True)
        words = f"background {self._luminance(self._background):.1f}"
        self.words(painter, QRectF(place.left() + 8, at - 18, 160, 16), words, LEFT, token="ink2")

    def _paint_legend(self, painter: QPainter, place: QRectF) -> None:
        readings = sum(not reading.verification for reading in self._readings)
        fresh = len(self._readings) - readings
        entries = [(f"reading ({readings})", False)]
        if fresh:
            entries.append((f"verification ({fresh})", True))
        y = place.top() + 2
        for words, verification in entries:
            self._mark(painter, QPointF(place.left() + 18, y + 7), verification)
            self.words(painter, QRectF(place.left() + 30, y, 140, 14), words, LEFT, token="ink2")
            y += 17

    def _mark(self, painter: QPainter, centre: QPointF, verification: bool) -> None:
        if verification:
            painter.setPen(QPen(self.theme.colour("ink"), 1.5))
            painter.drawLine(centre + QPointF(-4, 0), centre + QPointF(4, 0))
            painter.drawLine(centre + QPointF(0, -4), centre + QPointF(0, 4))
            return
        painter.setPen(QPen(self.theme.colour("accent"), 1.6))
        painter.drawEllipse(centre, 3, 3)

    def _paint_residuals(self, painter: QPainter, place: QRectF) -> None:
        if self._fit is None or place.height() < 20:
            return
        theme = self.theme
        per_cent = round(LUMINANCE_LIMIT * 100)
        self.words(
            painter,
            QRectF(place.left(), place.top() - 20, place.width(), 14),
            f"Residuals, reading against fit. Band: ± {per_cent} %.",
            LEFT,
        )
        found = [(r, self._residual(r)) for r in self._readings if r.level > 0]
        worst = max((abs(value) for _, value in found), default=0.0)
        reach = min(_WIDEST, max(LUMINANCE_LIMIT * 1.25, worst * 1.1))

        def y(share: float) -> float:
            limited = max(-reach, min(reach, share))
            return place.center().y() - place.height() / 2 * limited / reach

        band = QRectF(place.left(), y(LUMINANCE_LIMIT), place.width(), 0)
        band.setBottom(y(-LUMINANCE_LIMIT))
        painter.fillRect(band, theme.colour("hover"))
        for share in (LUMINANCE_LIMIT, 0.0, -LUMINANCE_LIMIT):
            at = y(share)
            self.line(
                painter, QPointF(place.left(), at), QPointF(place.right(), at), theme.colour("grid")
            )
            told = f"{share * 100:+.0f} %" if share else "0"
            told = told.replace("-", MINUS).replace("+", "")
            self.words(painter, QRectF(place.left() - 44, at - 8, 38, 16), told, RIGHT)
        for reading, residual in found:
            centre = QPointF(self._x(place, reading.level), y(residual))
            self._mark(painter, centre, reading.verification)
        for level in _LEVELS:
            at = self._x(place, level)
            self.words(painter, QRectF(at - 20, place.bottom() + 3, 40, 14), str(level))
        below = QRectF(place.left(), place.bottom() + 18, place.width(), 14)
        self.words(painter, below, "digital level")

    def _residual(self, reading: LuminanceReading) -> float:
        expected = self._luminance(reading.level)
        return (reading.cd_m2 - expected) / expected if expected > 0 else 0.0


def level_rows(readings: Sequence[LuminanceReading]) -> list[tuple[str, str, str]]:
    """Level, mean in cd/m² and SD of every level that took part in the fit, as shown."""
    return [
        (str(found.level), f"{found.mean:.2f}", f"{found.sd:.2f}")
        for found in summarise(readings)
        if not found.verification
    ]


def nice_step(step: float) -> float:
    """Smallest of 1, 2, 2.5, 5 times a power of ten that is not below `step`."""
    power = 10.0 ** math.floor(math.log10(max(step, 1e-6)))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= step)
