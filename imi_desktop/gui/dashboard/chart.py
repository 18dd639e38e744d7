"""Chart: base of all plots of the results; the same painting serves screen, PNG and SVG.

class AccuracyChart(Chart):
    def paint(self, painter, area): … self.target(rect, "P07: 0.91", payload)
chart.picked.connect(self.show_trials)         payload of what was clicked
chart.save(Path("accuracy.svg"))               .svg or .png
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from imi_desktop import atomic
from imi_desktop.gui.dashboard.plain_tip import plain_tip
from imi_desktop.gui.theme import Theme

PNG_SCALE = 3
CENTRE = Qt.AlignmentFlag.AlignCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Target:
    """A place of the chart that can be pointed at and clicked."""

    place: QRectF
    words: str
    payload: Any


class Chart(QWidget):
    """A plot that paints itself.

    Parameters
    ----------
    name : str
        For screen readers and file names.
    """

    picked = Signal(object)
    """Payload of the target that was clicked."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.name = name
        self._targets: list[Target] = []
        self._drawn: QPixmap | None = None
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(150)
        theme.changed.connect(self.redraw)

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw everything into `area`; each chart has its own."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:
        """A small plot; layouts make it larger."""
        return QSize(240, 200)

    def target(self, place: QRectF, words: str, payload: Any) -> None:
        """Let a place be pointed at (shows `words`) and clicked (emits `payload`)."""
        self._targets.append(Target(place, words, payload))

    def targets(self) -> tuple[Target, ...]:
        """What can be clicked, as painted last."""
        return tuple(self._targets)

    def save(self, path: Path) -> None:
        """Write the plot as it is now, as ``.svg`` or ``.png`` (three times the resolution).

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        atomic.write_bytes(path, self._svg() if path.suffix.lower() == ".svg" else self._png())

    def image(self, scale: int = PNG_SCALE) -> QImage:
        """The plot as an image on the panel's colour."""
        image = QImage(self.size() * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(self.theme.colour("panel"))
        painter = QPainter(image)
        self._draw(painter)
        painter.end()
        return image

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show what is drawn; draw it if it or the size is another one."""
        ratio = self.devicePixelRatioF()
        if self._drawn is None or self._drawn.size() != self.size() * ratio:
            self._drawn = QPixmap(self.size() * ratio)
            self._drawn.setDevicePixelRatio(ratio)
            self._drawn.fill(self.theme.colour("panel"))
            inside = QPainter(self._drawn)
            self._draw(inside)
            inside.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn)
        painter.end()

    def redraw(self) -> None:
        """Draw anew; something that is shown has changed."""
        self._drawn = None
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the mouse."""
        found = self._under(event.position())
        self.setCursor(
            Qt.CursorShape.PointingHandCursor
            if found is not None and found.payload is not None
            else Qt.CursorShape.ArrowCursor
        )
        words = plain_tip(found.words) if found else ""
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick what is under the mouse."""
        found = self._under(event.position())
        if event.button() is Qt.MouseButton.LeftButton and found and found.payload is not None:
            self.picked.emit(found.payload)

    def words(
        self,
        painter: QPainter,
        place: QRectF,
        text: str,
        align: Qt.AlignmentFlag = CENTRE,
        role: str = "axis",
        token: str = "ink3",
        bold: bool = False,
    ) -> None:
        """Draw a text of a role in a token's colour."""
        font = self.theme.font(role)
        if bold:
            font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self.theme.colour(token))
        painter.drawText(place, int(align), text)

    def line(
        self,
        painter: QPainter,
        start: QPointF,
        end: QPointF,
        colour: QColor,
        width: float = 1,
        dashed: bool = False,
    ) -> None:
        """Draw a straight line; thin horizontal and vertical ones stay sharp."""
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashed:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        if width == 1 and (start.x() == end.x() or start.y() == end.y()):
            half = QPointF(0.5, 0.5)
            start = QPointF(start.toPoint()) + half
            end = QPointF(end.toPoint()) + half
        painter.drawLine(start, end)

    def marker(
        self, painter: QPainter, condition: str, centre: QPointF, size: float = 9, edge: bool = True
    ) -> None:
        """Draw a condition's marker, with a thin edge in the panel's colour."""
        look = self.theme.condition(condition)
        colour = self.theme.colour_of(look.main)
        panel = self.theme.colour("panel")
        if look.filled:
            painter.setPen(QPen(panel, 1) if edge else Qt.PenStyle.NoPen)
            painter.setBrush(colour)
        else:
            painter.setPen(QPen(colour, 1.3))
            painter.setBrush(panel)
            size -= 1
        half = size / 2
        if look.marker == "circle":
            painter.drawEllipse(centre, half, half)
        elif look.marker == "square":
            painter.drawRect(QRectF(centre.x() - half, centre.y() - half, size, size))
        else:
            painter.drawPolygon(_outline(look.marker, centre, half))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw(self, painter: QPainter) -> None:
        self._targets = []
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter, QRectF(self.rect()))

    def _under(self, point: QPointF) -> Target | None:
        return next((t for t in reversed(self._targets) if t.place.contains(point)), None)

    def _svg(self) -> bytes:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(self.size())
        generator.setViewBox(QRect(0, 0, self.width(), self.height()))
        generator.setTitle(self.name)
        painter = QPainter(generator)
        painter.fillRect(self.rect(), self.theme.colour("panel"))
        self._draw(painter)
        painter.end()
        return bytes(buffer.data().data())

    def _png(self) -> bytes:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.image().save(buffer, "PNG")
        return bytes(buffer.data().data())


def _outline(shape: str, centre: QPointF, half: float) -> QPolygonF:
    x, y = centre.x(), centre.y()
    if shape == "diamond":
        half *= 1.2
        corners = [(x, y - half), (x + half, y), (x, y + half), (x - half, y)]
    else:
        half *= 1.1
        corners = [(x, y - half), (x + half, y + half * 0.8), (x - half, y + half * 0.8)]
    return QPolygonF([QPointF(*corner) for corner in corners])
