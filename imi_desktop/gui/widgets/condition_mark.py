"""The marker of a condition with its word: colour, shape and word always go together.

ConditionMark(theme, "synthetic")       filled diamond and "synthetic"
draw_marker(painter, theme, "none", QPointF(10, 10), 9)
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from imi_desktop.gui.theme import Theme


def draw_marker(
    painter: QPainter, theme: Theme, condition: str, centre: QPointF, side: float = 9
) -> None:
    """Draw a condition's marker, `side` px wide."""
    look = theme.condition(condition)
    colour = theme.colour_of(look.main)
    painter.setPen(QPen(colour, 1.5) if not look.filled else Qt.PenStyle.NoPen)
    painter.setBrush(colour if look.filled else Qt.BrushStyle.NoBrush)
    half = side / 2 - (0 if look.filled else 0.5)
    x, y = centre.x(), centre.y()
    if look.marker == "circle":
        painter.drawEllipse(centre, half, half)
    elif look.marker == "square":
        painter.drawRect(QRectF(x - half * 0.9, y - half * 0.9, half * 1.8, half * 1.8))
    elif look.marker == "diamond":
        reach = half * 1.2
        corners = [(0, -reach), (reach, 0), (0, reach), (-reach, 0)]
        painter.drawPolygon(QPolygonF([QPointF(x + a, y + b) for a, b in corners]))
    else:
        corners = [(0, -half), (half * 1.05, half * 0.85), (-half * 1.05, half * 0.85)]
        painter.drawPolygon(QPolygonF([QPointF(x + a, y + b) for a, b in corners]))


class ConditionMark(QWidget):
    """Marker and word."""

    def __init__(
        self, theme: Theme, condition: str, word: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._condition = condition
        self._word = word or condition
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._word)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for marker and word."""
        width = QFontMetrics(self._theme.font("caption")).horizontalAdvance(self._word)
        return QSize(width + 17, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_marker(painter, self._theme, self._condition, QPointF(5.5, self.height() / 2))
        painter.setPen(self._theme.colour("ink2"))
        painter.setFont(self._theme.font("caption"))
        painter.drawText(
            self.rect().adjusted(15, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._word
        )
        painter.end()
