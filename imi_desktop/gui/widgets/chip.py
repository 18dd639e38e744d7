"""Chips: a verdict or a word of state with its mark, told by fill and shape, not by hue.

VerdictChip(theme, "supported")     filled, tick
VerdictChip(theme, "falsified")     outlined, cross
VerdictChip(theme, "undecided")     dashed, dash
StateChip(theme, "Screen 2 is ready") / StateChip(theme, "3 of 11 not met", "warn")
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from imi_desktop.gui.theme import Theme

_LOOKS = {
    "supported": ("Supported", "check", "filled"),
    "falsified": ("Falsified", "close", "outlined"),
    "undecided": ("Undecided", "dash", "dashed"),
}


class Chip(QWidget):
    """A word with a mark in a small box.

    Parameters
    ----------
    look : str
        ``filled``, ``outlined``, ``dashed``, ``warn`` or ``error``.
    """

    def __init__(
        self,
        theme: Theme,
        text: str,
        icon: str = "",
        look: str = "outlined",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.set_look(text, icon, look)

    def set_look(self, text: str, icon: str, look: str) -> None:
        """Show another word, mark and look."""
        self.text, self.icon, self.look = text, icon, look
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Width of mark and word, 24 px high."""
        width = QFontMetrics(self._font()).horizontalAdvance(self.text) + 18
        return QSize(width + (20 if self.icon else 0), 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw box, mark and word."""
        tokens = self.theme.tokens
        ground, edge, ink = {
            "filled": (tokens.ink2, tokens.ink2, "panel"),
            "outlined": (None, tokens.ink, "ink"),
            "dashed": (None, tokens.control_line, "ink2"),
            "warn": (tokens.warn_ground, tokens.warn, "warn"),
            "error": (tokens.error_ground, tokens.error, "error"),
        }[self.look]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(edge)
        if self.look == "dashed":
            pen.setStyle(Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush if ground is None else self.theme.colour_of(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        left = 9
        if self.icon:
            self.theme.icon(self.icon, ink).paint(painter, 6, 4, 16, 16)
            left = 26
        painter.setFont(self._font())
        painter.setPen(self.theme.colour(ink))
        painter.drawText(
            self.rect().adjusted(left, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, self.text
        )
        painter.end()

    def _font(self):
        font = self.theme.font("value")
        font.setPixelSize(12)
        return font


class VerdictChip(Chip):
    """Verdict of a preregistered hypothesis; neither good nor bad."""

    def __init__(self, theme: Theme, verdict: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, *_LOOKS[verdict], parent=parent)


class StateChip(Chip):
    """A word of state: fine (filled, tick), ``warn`` or ``error``."""

    def __init__(
        self, theme: Theme, text: str, state: str = "fine", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, text, parent=parent)
        self.set_state(text, state)

    def set_state(self, text: str, state: str = "fine") -> None:
        """``fine``, ``warn`` or ``error``, with its word."""
        icon, look = {
            "fine": ("check", "filled"),
            "warn": ("warn", "warn"),
            "error": ("error", "error"),
        }[state]
        self.set_look(text, icon, look)
