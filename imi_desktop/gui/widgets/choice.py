"""A drop-down whose text ends in an ellipsis where there is no room; the tooltip has it whole."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QComboBox, QStyleOptionComboBox, QToolTip

_ARROW_AND_EDGES = 36


class Choice(QComboBox):
    """For names of any length, in a place of fixed width."""

    def shown_text(self) -> str:
        """The current text, cut in its middle to the room there is."""
        room = self.width() - _ARROW_AND_EDGES
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, room)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Draw the text that fits."""
        super().initStyleOption(option)
        option.currentText = self.shown_text()

    def event(self, event: QEvent) -> bool:
        """Tell the whole text where it is cut."""
        if isinstance(event, QHelpEvent) and self.shown_text() != self.currentText():
            QToolTip.showText(event.globalPos(), self.currentText(), self)
            return True
        return super().event(event)
