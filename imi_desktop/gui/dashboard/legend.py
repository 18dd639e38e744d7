"""Legend: marker and word of each condition, for a card's head."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from imi_desktop.gui.dashboard.chart import LEFT, Chart
from imi_desktop.gui.theme import Theme

_MARK, _GAP = 16, 12


class Legend(Chart):
    """Conditions side by side."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Legend", parent)
        self._conditions: tuple[str, ...] = ()
        self.setMinimumHeight(20)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_conditions(self, conditions: Sequence[str]) -> None:
        """Show other conditions."""
        self._conditions = tuple(conditions)
        self.setAccessibleName("Legend: " + ", ".join(conditions))
        self.updateGeometry()
        self.redraw()

    def sizeHint(self) -> QSize:
        """As wide as the words."""
        return QSize(sum(self._width(name) for name in self._conditions), 20)

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw markers and words."""
        x = area.left()
        for name in self._conditions:
            self.marker(painter, name, QPointF(x + 6, area.center().y()))
            place = QRectF(x + _MARK, area.top(), self._width(name), area.height())
            self.words(painter, place, name.capitalize(), LEFT, "table", "ink2")
            x += self._width(name)

    def _width(self, name: str) -> int:
        words = QFontMetrics(self.theme.font("table")).horizontalAdvance(name.capitalize())
        return _MARK + words + _GAP
