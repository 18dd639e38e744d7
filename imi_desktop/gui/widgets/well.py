"""Well: an image on the presenter's grey, square-cornered, never tinted, never covered.

well = Well(theme, 224); well.set_pixmap(pixmap)        or set_file(path)
well.set_missing("queued")                              dashed place of the final size
well.set_progress(0.72)                                 strip of an unfinished image
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from imi_desktop.gui.theme import Theme


class Well(QWidget):
    """One image in its place.

    Parameters
    ----------
    side : int
        Fixed width and height in px; 0 lets the layout decide.
    margin : int
        Grey around the image in px.
    """

    clicked = Signal()

    def __init__(
        self, theme: Theme, side: int = 0, margin: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._margin = margin
        self._side = side
        self._pixmap: QPixmap | None = None
        self._word = ""
        self._progress: float | None = None
        if side:
            self.setFixedSize(side, side)
        else:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_pixmap(self, pixmap: QPixmap | None) -> None:
        """Show an image, or only the grey."""
        self._pixmap = pixmap if pixmap is not None and not pixmap.isNull() else None
        self._word = ""
        self.update()

    def set_file(self, path: Path) -> None:
        """Show a small image file; large ones are loaded elsewhere and set as a pixmap."""
        self.set_pixmap(QPixmap(str(path)))

    def set_missing(self, word: str = "") -> None:
        """Keep the place with a dashed outline and, if there is room, a word."""
        self._pixmap = None
        self._word = word or " "
        self._progress = None
        self.update()

    def set_progress(self, fraction: float | None) -> None:
        """Strip at the lower edge of an image that is still being made; None takes it away."""
        self._progress = fraction
        self.update()

    def sizeHint(self) -> QSize:
        """The side, or 96 px."""
        side = self._side or 96
        return QSize(side, side)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell of a click."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw grey, image, outline and strip."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("well"))
        inside = self.rect().adjusted(self._margin, self._margin, -self._margin, -self._margin)
        if self._pixmap is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._pixmap.deviceIndependentSize().toSize()
            fitted = size.scaled(inside.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(0, 0, fitted.width(), fitted.height())
            place.moveCenter(inside.center())
            painter.drawPixmap(place, self._pixmap)
        elif self._word:
            pen = QPen(Qt.GlobalColor.black)
            pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawRect(inside.adjusted(0, 0, -1, -1))
            if inside.width() >= 48:
                painter.setFont(self._theme.font("caption"))
                painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, self._word.strip())
        if self._progress is not None:
            strip = QRectF(inside.left(), inside.bottom() - 3, inside.width(), 4)
            painter.fillRect(strip, self._theme.colour_of(tokens.track))
            strip.setWidth(strip.width() * max(0.0, min(1.0, self._progress)))
            painter.fillRect(strip, self._theme.colour_of(tokens.accent))
        painter.end()


class ImageStrip(QWidget):
    """Rows of small square images on the grey; empty places stay grey.

    Parameters
    ----------
    images : sequence of QPixmap
        Row by row.
    rows : int
        Number of rows.
    columns : int
        Images per row.
    """

    def __init__(
        self,
        theme: Theme,
        images: Sequence[QPixmap],
        rows: int = 1,
        columns: int = 6,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._images = list(images)
        self._rows = rows
        self._columns = columns
        self.setFixedHeight(8 + 60 * rows + 2 * rows)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for images of 58 px."""
        return QSize(16 + 60 * self._columns, 8 + 62 * self._rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the images."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), self._theme.colour("well"))
        side = min(58, (self.width() - 16) // self._columns - 2)
        left = (self.width() - self._columns * (side + 2)) // 2
        top = (self.height() - self._rows * (side + 2)) // 2
        for place, image in enumerate(self._images[: self._rows * self._columns]):
            row, column = divmod(place, self._columns)
            box = QRect(left + column * (side + 2), top + row * (side + 2), side, side)
            painter.drawPixmap(box, image)
        painter.end()
