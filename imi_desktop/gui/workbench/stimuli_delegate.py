"""Paints the cells of the generation matrix: pictures, states, bars, Retry."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import duration, percent
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader
from imi_desktop.gui.workbench.stimuli_cells import Cell, Column, MatrixRow, WorkState
from imi_desktop.gui.workbench.stimuli_table import (
    CELL_ROLE,
    COLUMN_AT,
    MORE,
    ROW_ROLE,
    UNIT,
    Index,
    cell_text,
    short_cause,
)
from imi_desktop.gui.workbench.unit_delegates import paint_missing, paint_thumbnail
from imi_desktop.gui.workbench.unit_faces import UnitFaces

ROW = 45
_SIDE = 34
_PAD = 6
_ICONS = {
    WorkState.DONE: ("check", "ink"),
    WorkState.FAILED: ("error", "error"),
    WorkState.WEAK: ("warn", "warn"),
    WorkState.QUEUED: ("clock", "ink3"),
    WorkState.WAITING: ("clock", "ink3"),
    WorkState.OUTDATED: ("retry", "ink2"),
}
_PICTURED = (Column.NATURAL, Column.SYNTHETIC_MAX, Column.SYNTHETIC_MIN, Column.OCCLUSION_BLUR)


class StimuliDelegate(QStyledItemDelegate):
    """One picture per cell where `compact`, else two."""

    retry_clicked = Signal(object, object)
    """MatrixRow and Column of a failed cell."""
    more_clicked = Signal(object)
    """MatrixRow whose "…" was clicked."""

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loader = loader
        self.faces: UnitFaces | None = None
        self.compact = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        theme, area = self._theme, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("selected"))
        painter.fillRect(QRect(area.x(), area.bottom(), area.width(), 1), theme.colour("grid"))
        row: MatrixRow = index.data(ROW_ROLE)
        if index.column() == UNIT:
            self._paint_unit(painter, area, row)
        elif index.column() == MORE:
            mark = QRect(0, 0, 16, 16)
            mark.moveCenter(area.center())
            theme.icon("more", "ink2").paint(painter, mark)
        else:
            self._paint_cell(painter, area, index.data(CELL_ROLE), COLUMN_AT[index.column()])
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if event.type() is QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            point = event.position().toPoint()
            row = index.data(ROW_ROLE)
            if index.column() == MORE:
                self.more_clicked.emit(row)
                return True
            cell: Cell | None = index.data(CELL_ROLE)
            button = self._retry_area(option.rect)
            if cell is not None and cell.state is WorkState.FAILED and button.contains(point):
                self.retry_clicked.emit(row, COLUMN_AT[index.column()])
                return True
        return super().editorEvent(event, model, option, index)

    def _paint_unit(self, painter: QPainter, area: QRect, row: MatrixRow) -> None:
        theme = self._theme
        picture = QRect(area.x() + 6, area.y() + (ROW - _SIDE) // 2, _SIDE, _SIDE)
        self._paint_picture(painter, picture, row.thumbnail)
        words = QRect(picture.right() + 9, area.y(), area.right() - picture.right() - 12, ROW)
        font = theme.font("table")
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.colour("ink"))
        name = painter.fontMetrics().elidedText(
            f"{row.unit.layer}, {row.unit.channel}", Qt.TextElideMode.ElideMiddle, words.width()
        )
        painter.drawText(words.adjusted(0, 5, 0, -ROW // 2), _middle_left(), name)
        painter.setFont(theme.font("axis"))
        painter.setPen(theme.colour("ink3"))
        role = "" if row.role == "main" else f"{row.role}, "
        painter.drawText(
            words.adjusted(0, ROW // 2, 0, -5), _middle_left(), f"{role}{row.selection}"
        )

    def _paint_cell(self, painter: QPainter, area: QRect, cell: Cell, column: Column) -> None:
        theme = self._theme
        x = area.x() + _PAD
        if cell.state is WorkState.NOT_NEEDED:
            painter.setFont(theme.font("table"))
            painter.setPen(theme.colour("ink3"))
            painter.drawText(area.adjusted(_PAD, 0, 0, 0), _middle_left(), "–")
            return
        if column in _PICTURED:
            if cell.state is WorkState.RUNNING and cell.fraction is None and not cell.images:
                pass
            else:
                x = self._paint_pictures(painter, area, x, cell) + 8
        rest = QRect(x, area.y(), area.right() - x - 6, area.height())
        if cell.state is WorkState.RUNNING and cell.fraction is not None:
            self._paint_bar(painter, rest, cell)
            return
        self._paint_words(painter, area, rest, cell, column)

    def _paint_pictures(self, painter: QPainter, area: QRect, x: int, cell: Cell) -> int:
        """Draw one or two pictures; returns where they end."""
        one = self.compact or cell.state is WorkState.FAILED
        count = 1 if one else 2
        frame = QRect(x, area.y() + (ROW - _SIDE) // 2, count * (_SIDE - 1) + 1, _SIDE)
        if cell.images or cell.preview is not None:
            painter.fillRect(frame, self._theme.colour("well"))
        for place in range(count):
            side = _SIDE - 2
            spot = QRect(frame.x() + 1 + place * (side + 1), frame.y() + 1, side, side)
            if cell.preview is not None:
                self._paint_preview(painter, spot, *cell.preview, place)
                continue
            image = cell.images[place] if place < len(cell.images) else None
            if image is None:
                paint_missing(painter, spot, self._theme)
            else:
                self._paint_picture(painter, spot, image, frame=False)
        return frame.right()

    def _paint_picture(
        self, painter: QPainter, area: QRect, image: str | None, frame: bool = True
    ) -> None:
        if image is None or self.faces is None:
            paint_missing(painter, area, self._theme)
            return
        if frame:
            painter.fillRect(area, self._theme.colour("well"))
            area = area.adjusted(2, 2, -2, -2)
        ratio = painter.device().devicePixelRatioF()
        key = self.faces.stimulus(image, round(area.width() * ratio))
        paint_thumbnail(painter, area, key, self._loader, self._theme)

    def _paint_preview(
        self, painter: QPainter, area: QRect, file: str, parts: int, place: int
    ) -> None:
        """One of the images being made; the well until its newest state is decoded."""
        try:
            version = Path(file).stat().st_mtime_ns
        except FileNotFoundError:
            return  # the task has just ended
        ratio = painter.device().devicePixelRatioF()
        part = (max(0, parts - 1 - place), parts)
        pixmap = self._loader.pixmap(
            ThumbnailKey(file, round(area.width() * ratio), 1.0, version, part)
        )
        if pixmap is not None:
            painter.drawPixmap(area, pixmap)

    def _paint_bar(self, painter: QPainter, area: QRect, cell: Cell) -> None:
        theme = self._theme
        fraction = cell.fraction or 0.0
        line = QRect(area.x(), area.y() + 8, area.width() - 4, 16)
        font = theme.font("table")
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.colour("ink"))
        painter.drawText(line, _middle_left(), percent(fraction))
        left = "" if cell.seconds_left is None else duration(cell.seconds_left)
        painter.setFont(theme.font("axis"))
        painter.setPen(theme.colour("ink3"))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(line, right, "paused" if cell.rests else left)
        bar = QRectF(area.x(), area.y() + 28, area.width() - 4, 6)
        outline = QPainterPath()
        outline.addRoundedRect(bar, 2, 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(outline)
        painter.fillRect(bar, theme.colour("track"))
        bar.setWidth(bar.width() * fraction)
        painter.fillRect(bar, theme.colour("bar" if cell.rests else "accent"))

    def _paint_words(
        self, painter: QPainter, area: QRect, rest: QRect, cell: Cell, column: Column
    ) -> None:
        theme = self._theme
        text = cell_text(cell, column)
        icon, token = _ICONS.get(cell.state, ("", "ink3"))
        if column is Column.CHECKS and cell.state is WorkState.RUNNING:
            icon, token = "", "ink3"
        if icon:
            mark = QRect(rest.x(), rest.center().y() - 6, 13, 13)
            theme.icon(icon, token).paint(painter, mark)
            rest = rest.adjusted(19, 0, 0, 0)
        painter.setFont(theme.font("table"))
        painter.setPen(theme.colour(token))
        if cell.state is WorkState.FAILED:
            button = self._retry_area(area)
            rest.setRight(button.x() - 6)
            wrap = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(rest, wrap, short_cause(text))
            self._paint_retry(painter, button)
            return
        if cell.state is WorkState.WEAK:
            wrap = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(rest, wrap, text)
            return
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, _middle_left(), text)

    def _retry_area(self, area: QRect) -> QRect:
        width = 28 if self.compact else 68
        return QRect(area.right() - width - 4, area.y() + (ROW - 24) // 2, width, 24)

    def _paint_retry(self, painter: QPainter, area: QRect) -> None:
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("error"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        theme.icon("retry", "error").paint(painter, QRect(area.x() + 7, area.y() + 6, 13, 13))
        if not self.compact:
            painter.setPen(theme.colour("error"))
            painter.drawText(area.adjusted(25, 0, 0, 0), _middle_left(), "Retry")


def _middle_left() -> int:
    return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
