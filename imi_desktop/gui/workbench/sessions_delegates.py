"""How the state of a session and the "…" of its row are painted, and clicked."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.workbench.sessions_model import ROW_ROLE, state_words
from imi_desktop.gui.workbench.sessions_rows import SessionRow

_MARKS = {
    "done": ("check", "ink"),
    "running": ("", "ink"),
    "interrupted": ("error", "error"),
    "planned": ("clock", "ink3"),
    "excluded": ("warn", "warn"),
    "aborted": ("warn", "warn"),
    "damaged": ("error", "error"),
}
_BAR = 64


class StateDelegate(QStyledItemDelegate):
    """Mark and word, a bar for the running one, and "Resume…" for an interrupted one."""

    resume_clicked = Signal(object)
    """Key of the row."""

    def __init__(self, theme: Theme, parent=None) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw the cell."""
        row: SessionRow = index.data(ROW_ROLE)
        _paint_ground(self, painter, option, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        icon, token = _MARKS[row.state]
        font = self._theme.font("table")
        left = option.rect.left() + 6
        middle = option.rect.center().y()
        if row.state == "running" and row.facts is not None:
            font.setWeight(font.Weight.DemiBold)
            share = row.facts.trials_done / max(row.facts.planned_trials, 1)
            bar = QRectF(left, middle - 2, _BAR, 5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("track"))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(_BAR * min(share, 1))
            painter.setBrush(self._theme.colour("bar" if row.facts.paused else "accent"))
            painter.drawRoundedRect(bar, 2, 2)
            left += _BAR + 8
        elif icon:
            self._theme.icon(icon, token).paint(painter, left - 1, middle - 7, 15, 15)
            left += 20
        right = option.rect.right() - 4
        if row.state == "interrupted":
            place = self._button(option)
            right = place.left() - 6
            painter.setPen(self._theme.colour("control_line"))
            painter.setBrush(self._theme.colour("control"))
            painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(self._theme.colour("ink"))
            painter.setFont(self._theme.font("table"))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Resume…")
        painter.setFont(font)
        painter.setPen(self._theme.colour(token if row.state != "planned" else "ink3"))
        words = QFontMetrics(font).elidedText(
            state_words(row), Qt.TextElideMode.ElideRight, max(right - left, 10)
        )
        painter.drawText(
            QRect(left, option.rect.top(), right - left, option.rect.height()),
            Qt.AlignmentFlag.AlignVCenter,
            words,
        )
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Room for the longest usual state."""
        return QSize(220, 30)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex,
    ) -> bool:
        """A click on "Resume…"."""
        row: SessionRow = index.data(ROW_ROLE)
        released = event.type() == QEvent.Type.MouseButtonRelease
        if (
            released
            and row.state == "interrupted"
            and self._button(option).contains(event.position().toPoint())
        ):
            self.resume_clicked.emit(row.key)
            return True
        return super().editorEvent(event, model, option, index)

    def _button(self, option: QStyleOptionViewItem) -> QRect:
        width = QFontMetrics(self._theme.font("table")).horizontalAdvance("Resume…") + 18
        return QRect(option.rect.right() - width - 6, option.rect.center().y() - 11, width, 24)


class MenuDelegate(QStyledItemDelegate):
    """The "…" at the end of a row."""

    clicked = Signal(object)
    """Key of the row."""

    def __init__(self, theme: Theme, parent=None) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw the three dots."""
        _paint_ground(self, painter, option, index)
        centre = option.rect.center()
        self._theme.icon("more", "ink2").paint(painter, centre.x() - 8, centre.y() - 8, 16, 16)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex,
    ) -> bool:
        """A click opens the row's menu."""
        if event.type() == QEvent.Type.MouseButtonRelease:
            self.clicked.emit(index.data(ROW_ROLE).key)
            return True
        return super().editorEvent(event, model, option, index)


def _paint_ground(
    delegate: QStyledItemDelegate,
    painter: QPainter,
    option: QStyleOptionViewItem,
    index: QModelIndex,
) -> None:
    plain = QStyleOptionViewItem(option)
    delegate.initStyleOption(plain, index)
    plain.text = ""
    plain.widget.style().drawControl(
        QStyle.ControlElement.CE_ItemViewItem, plain, painter, plain.widget
    )
