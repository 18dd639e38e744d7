"""Cells whose text holds a subscript after an underscore: ``r_rb = 1.00``, ``η_p² = 0.41``."""

from __future__ import annotations

import re

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

_PART = re.compile(r"_([a-z]+)|([^_]+)")


class SubscriptDelegate(QStyledItemDelegate):
    """Draws what follows an underscore smaller and lower."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the cell's ground, then its text in parts."""
        filled = QStyleOptionViewItem(option)
        self.initStyleOption(filled, index)
        text, filled.text = filled.text, ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, filled, painter, option.widget)
        painter.save()
        painter.setClipRect(option.rect)
        small = QFont(filled.font)
        small.setPixelSize(max(8, round(filled.font.pixelSize() * 0.75)))
        painter.setPen(filled.palette.text().color())
        metrics = QFontMetricsF(filled.font)
        x = option.rect.left() + 8.0
        base = option.rect.center().y() + metrics.ascent() / 2 - 1
        for low, plain in _PART.findall(text):
            font = small if low else filled.font
            painter.setFont(font)
            painter.drawText(QPointF(x, base + (3 if low else 0)), low or plain)
            x += QFontMetricsF(font).horizontalAdvance(low or plain)
        painter.restore()

    def displayText(self, value: object, locale: object) -> str:
        """The text as it is."""
        return str(value)
