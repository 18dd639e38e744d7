"""A row that can be pressed: icon, name, a word below or beside it, keys at the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from imi_desktop.gui.theme import Theme


class ListRow(QAbstractButton):
    """One row of a list of things to do or to open; 36 px high."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        text: str,
        caption: str = "",
        keys: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._caption = caption
        self._keys = keys
        self.setText(text)
        self.setToolTip(caption)
        self.setAccessibleName(f"{text}, {caption}" if caption else text)
        self.setFixedHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as the card."""
        return QSize(240, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), 4, 4)
        theme.icon(self._icon, "ink2").paint(painter, 10, 9, 18, 18)
        font = theme.font("value")
        painter.setFont(font)
        painter.setPen(theme.colour("ink"))
        line = self.rect().adjusted(38, 0, -12, 0)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.text())
        used = QFontMetrics(font).horizontalAdvance(self.text()) + 16
        if self._keys:
            self._draw_keys(painter)
        elif self._caption:
            caption = theme.font("caption")
            painter.setFont(caption)
            painter.setPen(theme.colour("ink3"))
            words = QFontMetrics(caption).elidedText(
                self._caption, Qt.TextElideMode.ElideMiddle, max(0, line.width() - used)
            )
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(line, right, words)
        painter.end()

    def _draw_keys(self, painter: QPainter) -> None:
        font = self._theme.font("axis")
        width = QFontMetrics(font).horizontalAdvance(self._keys) + 10
        box = self.rect().adjusted(self.width() - width - 10, 10, -10, -10)
        painter.setFont(font)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._theme.colour("line"))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self._theme.colour("ink3"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._keys)
