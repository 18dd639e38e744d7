"""Paint units as tiles or as rows; images appear when the loader has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader
from imi_desktop.gui.workbench.unit_faces import Face, UnitFaces
from imi_desktop.gui.workbench.unit_list_model import (
    IN_STUDY_ROLE,
    SUMMARY_ROLE,
    UNIT_ROLE,
)
from imi_desktop.gui.workbench.unit_summary import UnitSummary

_GAP = 2
_LABEL = 20
_MARGIN = 5


def paint_bars(
    painter: QPainter, area: QRect, heights: NDArray[np.float32], colour: QColor
) -> None:
    """A histogram the size of a word: one bar per height (0 … 1), standing on the area's foot."""
    if heights.size == 0:
        return
    pitch = area.width() / heights.size
    for place, height in enumerate(heights):
        if height > 0:
            tall = max(1.0, float(height) * area.height())
            bar = QRectF(area.x() + place * pitch, area.bottom() + 1 - tall, pitch * 0.75, tall)
            painter.fillRect(bar, colour)


def paint_thumbnail(
    painter: QPainter,
    area: QRect,
    key: ThumbnailKey | None,
    loader: ThumbnailLoader,
    theme: Theme,
) -> None:
    """An image on the well; a dashed outline of its size if there is none."""
    pixmap = loader.pixmap(key) if key is not None else None
    if pixmap is not None:
        painter.drawPixmap(area, pixmap)
        return
    if key is not None and not loader.unreadable(key):
        painter.fillRect(area, theme.colour("well"))
        return
    paint_missing(painter, area, theme)


def paint_missing(painter: QPainter, area: QRect, theme: Theme) -> None:
    """The dashed outline that keeps the place of an image that is not there."""
    pen = QPen(theme.colour("control_line"), 1, Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(0, 0, -1, -1))


class UnitTileDelegate(QStyledItemDelegate):
    """Two by two images, under them the channel and its histogram.

    Parameters
    ----------
    side : int
        Width of the four images together, in px.
    """

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, side: int, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self.side = side
        self.face = Face.MAX
        self.faces: UnitFaces | None = None

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(self.side + 2 * _MARGIN, self.side + _LABEL + 2 * _MARGIN + 4)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        theme = self._theme
        cell = option.rect
        unit = index.data(UNIT_ROLE)
        summary: UnitSummary | None = index.data(SUMMARY_ROLE)
        left = cell.x() + (cell.width() - self.side) // 2
        top = cell.y() + _MARGIN
        half = (self.side - _GAP) // 2
        keys: Sequence[ThumbnailKey] = []
        if self.faces is not None:
            ratio = painter.device().devicePixelRatioF()
            keys = self.faces.keys(unit, summary, self.face, round(half * ratio))
        waiting = summary is None and self.face is not Face.VISUALIZATION
        for place in range(4):
            area = QRect(
                left + (place % 2) * (half + _GAP), top + (place // 2) * (half + _GAP), half, half
            )
            if waiting:
                painter.fillRect(area, theme.colour("well"))
            else:
                key = keys[place] if place < len(keys) else None
                paint_thumbnail(painter, area, key, self._loader, theme)
        self._paint_label(painter, QRect(left, top + self.side + 2, self.side, _LABEL), index)
        self._paint_frame(painter, cell, option)
        painter.restore()

    def _paint_label(
        self, painter: QPainter, area: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._theme
        in_study = bool(index.data(IN_STUDY_ROLE))
        font = theme.font("caption")
        font.setWeight(font.Weight.DemiBold if in_study else font.Weight.Medium)
        painter.setFont(font)
        painter.setPen(theme.colour("ink"))
        text = str(index.data())
        width = painter.fontMetrics().horizontalAdvance(text)
        bars = max(14, min(44, area.width() // 2, area.width() - width - (22 if in_study else 6)))
        room = area.width() - bars - (18 if in_study else 4)
        if width > room:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideLeft, room)
            width = room
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), text)
        if in_study:
            mark = QRect(area.x() + width + 4, area.y() + 4, 12, 12)
            theme.icon("check", "ink").paint(painter, mark)
        summary: UnitSummary | None = index.data(SUMMARY_ROLE)
        if summary is not None:
            paint_bars(
                painter,
                QRect(area.right() - bars + 1, area.y() + 3, bars, area.height() - 6),
                summary.histogram,
                theme.colour("bar"),
            )

    def _paint_frame(self, painter: QPainter, cell: QRect, option: QStyleOptionViewItem) -> None:
        width = self.side + 2 * _MARGIN
        frame = QRect(cell.x() + (cell.width() - width) // 2, cell.y(), width, cell.height())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRect(frame.adjusted(1, 1, -1, -1))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(self._theme.colour("control_line"), 1))
            painter.drawRect(frame.adjusted(0, 0, -1, -1))


class UnitRowDelegate(QStyledItemDelegate):
    """One line: four images, channel, sparseness, extremes, histogram."""

    HEIGHT = 38

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self.face = Face.MAX
        self.faces: UnitFaces | None = None

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(240, self.HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        theme = self._theme
        row = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(row, theme.colour("selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(row, theme.colour("hover"))
        painter.fillRect(QRect(row.x(), row.bottom(), row.width(), 1), theme.colour("grid"))
        unit = index.data(UNIT_ROLE)
        summary: UnitSummary | None = index.data(SUMMARY_ROLE)
        side = 28
        x = row.x() + 6
        keys: Sequence[ThumbnailKey] = []
        if self.faces is not None:
            ratio = painter.device().devicePixelRatioF()
            keys = self.faces.keys(unit, summary, self.face, round(side * ratio))
        for place in range(4):
            area = QRect(x + place * (side + 1), row.y() + 5, side, side)
            if summary is None and self.face is not Face.VISUALIZATION:
                painter.fillRect(area, theme.colour("well"))
            else:
                key = keys[place] if place < len(keys) else None
                paint_thumbnail(painter, area, key, self._loader, theme)
        x += 4 * (side + 1) + 8
        font = theme.font("table")
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.colour("ink"))
        bars = QRect(row.right() - 62, row.y() + 10, 56, row.height() - 20)
        name = QRect(x, row.y(), max(30, bars.x() - x - 112), row.height())
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideLeft, name.width() - 18
        )
        painter.drawText(name, middle, text)
        if index.data(IN_STUDY_ROLE):
            width = painter.fontMetrics().horizontalAdvance(text)
            theme.icon("check", "ink").paint(
                painter, QRect(x + width + 4, row.center().y() - 6, 12, 12)
            )
        if summary is not None:
            painter.setFont(theme.font("table"))
            painter.setPen(theme.colour("ink2"))
            right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            sparse = (
                "–" if summary.sparseness != summary.sparseness else f"{summary.sparseness:.2f}"
            )
            painter.drawText(QRect(bars.x() - 108, row.y(), 44, row.height()), right, sparse)
            painter.drawText(
                QRect(bars.x() - 62, row.y(), 54, row.height()), right, f"{summary.maximum:.2f}"
            )
            paint_bars(painter, bars, summary.histogram, theme.colour("bar"))
        painter.restore()
