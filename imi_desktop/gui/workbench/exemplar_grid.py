"""A square of images on the presenter's grey, as on the trial screen; one can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import number, percent
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader
from imi_desktop.gui.workbench.unit_exemplars import ShownImage

_MARGIN = 6
_GAP = 4


@dataclass(frozen=True)
class Tile:
    """One place of the grid.

    Parameters
    ----------
    image : ShownImage or None
        What is there; None keeps the place with a dashed outline.
    word : str
        In an empty place, e.g. ``queued``.
    fraction : float or None
        Progress strip of an image that is not finished.
    """

    image: ShownImage | None = None
    word: str = ""
    fraction: float | None = None
    version: int = 0


class ExemplarGrid(QWidget):
    """Up to rows × columns images; arrows move, Space and Enter choose, as does a click."""

    chosen = Signal(object)
    """The ShownImage that was chosen."""
    opened = Signal(object)
    """The ShownImage that was double-clicked."""

    def __init__(
        self,
        theme: Theme,
        loader: ThumbnailLoader,
        name: str,
        rows: int = 3,
        columns: int = 3,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self._rows, self._columns = rows, columns
        self._tiles: list[Tile] = []
        self._current = 0
        self._marked: ShownImage | None = None
        self.crop = 1.0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        loader.ready.connect(self.update)
        theme.changed.connect(self.update)

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show other images."""
        self._tiles = list(tiles)[: self._rows * self._columns]
        self._current = min(self._current, max(0, len(self._tiles) - 1))
        self.update()

    def mark(self, image: ShownImage | None) -> None:
        """Frame the image whose details are shown."""
        self._marked = image
        self.update()

    @property
    def tiles(self) -> list[Tile]:
        """What is shown."""
        return list(self._tiles)

    def keys(self) -> list[ThumbnailKey]:
        """Images this grid needs at its present size."""
        areas = [self._area(place) for place in range(len(self._tiles))]
        return [
            self._key(tile, area.width())
            for tile, area in zip(self._tiles, areas, strict=True)
            if tile.image is not None
        ]

    def sizeHint(self) -> QSize:
        return QSize(76 * self._columns + 20, 76 * self._rows + 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), self._theme.colour("well"))
        for place in range(self._rows * self._columns):
            area = self._area(place)
            tile = self._tiles[place] if place < len(self._tiles) else Tile()
            pixmap: QPixmap | None = None
            if tile.image is not None:
                pixmap = self._loader.pixmap(self._key(tile, area.width()), urgent=True)
            if pixmap is not None:
                painter.drawPixmap(area, pixmap)
            elif tile.image is None or self._loader.unreadable(self._key(tile, area.width())):
                self._paint_place(painter, area, tile.word if tile.image is None else "unreadable")
            if tile.fraction is not None:
                self._paint_strip(painter, area, tile.fraction)
            if tile.image is not None and tile.image == self._marked:
                painter.setPen(QPen(QColor("white"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(area.adjusted(0, 0, -1, -1))
        if self.hasFocus():
            pen = QPen(self._theme.colour("accent"), 2)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            focus = self._area(self._current) if self._tiles else self.rect()
            painter.drawRect(focus.adjusted(-2, -2, 1, 1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None and place < len(self._tiles):
            self._current = place
            self._choose()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None and place < len(self._tiles):
            image = self._tiles[place].image
            if image is not None:
                self.opened.emit(image)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
        }.get(Qt.Key(event.key()))
        if step is not None and 0 <= self._current + step < len(self._tiles):
            self._current += step
            self._choose()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self._current < len(self._tiles):
                image = self._tiles[self._current].image
                if image is not None and event.key() != Qt.Key.Key_Space:
                    self.opened.emit(image)
                else:
                    self._choose()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place_at(event.pos())
            tile = self._tiles[place] if place is not None and place < len(self._tiles) else None
            if tile is not None and tile.image is not None:
                QToolTip.showText(event.globalPos(), describe(tile.image), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _choose(self) -> None:
        image = self._tiles[self._current].image
        if image is not None:
            self.chosen.emit(image)

    def _key(self, tile: Tile, side: int) -> ThumbnailKey:
        assert tile.image is not None
        crop = self.crop if tile.image.photograph else 1.0
        pixels = max(1, round(side * self.devicePixelRatioF()))
        return ThumbnailKey(str(tile.image.path), pixels, crop, tile.version)

    def _area(self, place: int) -> QRect:
        room_x = self.width() - 2 * _MARGIN - (self._columns - 1) * _GAP
        room_y = self.height() - 2 * _MARGIN - (self._rows - 1) * _GAP
        side = max(1, min(room_x // self._columns, room_y // self._rows))
        left = (self.width() - side * self._columns - (self._columns - 1) * _GAP) // 2
        top = (self.height() - side * self._rows - (self._rows - 1) * _GAP) // 2
        row, column = divmod(place, self._columns)
        return QRect(left + column * (side + _GAP), top + row * (side + _GAP), side, side)

    def _place_at(self, point: QPoint) -> int | None:
        for place in range(self._rows * self._columns):
            if self._area(place).contains(point):
                return place
        return None

    def _paint_place(self, painter: QPainter, area: QRect, word: str) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0), 1, Qt.PenStyle.DashLine))
        painter.drawRect(area.adjusted(0, 0, -1, -1))
        if word and area.width() >= 48:
            painter.setFont(self._theme.font("caption"))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), word)

    def _paint_strip(self, painter: QPainter, area: QRect, fraction: float) -> None:
        strip = QRect(area.x(), area.bottom() - 18, area.width(), 19)
        painter.fillRect(strip, QColor(0, 0, 0, 190))
        painter.setFont(self._theme.font("axis"))
        painter.setPen(QColor("white"))
        painter.drawText(
            strip.adjusted(4, 0, 0, -3), int(Qt.AlignmentFlag.AlignVCenter), percent(fraction)
        )
        bar = QRectF(strip.x(), strip.bottom() - 2, strip.width() * fraction, 3)
        painter.fillRect(bar, QColor("white"))


def describe(image: ShownImage) -> str:
    """One line about an image, for tooltips."""
    parts = [f"{image.name}, {image.kind}"]
    if image.source:
        parts.append(image.source)
    if image.activation == image.activation:
        parts.append(f"activation {number(image.activation)}")
    return " · ".join(parts)
