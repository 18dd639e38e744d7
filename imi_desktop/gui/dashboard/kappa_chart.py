"""Matrix of Cohen's kappa: conditions and observers against each other, with their accuracy."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from imi_desktop.analysis.agreement_data import Agreement, GroupAgreement
from imi_desktop.gui.dashboard.chart import CENTRE, RIGHT, Chart
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import MISSING, interval, number, plural

_NAMES = 84
_HEAD = 20
_RIGHT = 56
_TALLEST = 52
_FULL = 0.6
"""Kappa from which on a cell is as dark as it gets."""
_ROOMY = QSizeF(92, 36)
"""Least cell that holds the interval below its number."""
_LINE = 15


class KappaChart(Chart):
    """Cells in grey, darker for more agreement; the number is in each."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Agreement", parent)
        self._agreement = Agreement()
        self._right: dict[str, float] = {}

    def set_data(self, agreement: Agreement, right: dict[str, float]) -> None:
        """Draw other data.

        Parameters
        ----------
        right : dict of str to float
            Proportion correct of each group.
        """
        self._agreement, self._right = agreement, right
        self.redraw()

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw names, cells and accuracies."""
        groups = self._agreement.groups
        if not self._agreement.known:
            self.words(
                painter, area, "No two people judged the same queries of an image set.", CENTRE,
                "body",
            )  # fmt: skip
            return
        wide = (area.width() - _NAMES - _RIGHT) / len(groups)
        high = min(_TALLEST, (area.height() - _HEAD) / len(groups))
        top = area.top() + _HEAD
        for place, name in enumerate(groups):
            column = QRectF(area.left() + _NAMES + place * wide, area.top(), wide, _HEAD - 2)
            shown = painter.fontMetrics().elidedText(
                name.capitalize(), Qt.TextElideMode.ElideRight, int(wide)
            )
            self.words(painter, column, shown, CENTRE, token="ink2")
            row = QRectF(area.left(), top + place * high, _NAMES - 8, high)
            self.words(painter, row, name.capitalize(), RIGHT, "table", "ink")
            edge = QPointF(area.left(), row.top()), QPointF(area.right(), row.top())
            self.line(painter, *edge, self.theme.colour("grid"))
        last = QRectF(area.right() - _RIGHT, area.top(), _RIGHT, _HEAD - 2)
        self.words(painter, last, "Right", RIGHT, token="ink2")
        for y, first in enumerate(groups):
            for x, second in enumerate(groups[: y + 1]):
                place = QRectF(area.left() + _NAMES + x * wide, top + y * high, wide, high)
                self._cell(painter, place.adjusted(0, 0, -1, -1), self._agreement.at(first, second))
            row = QRectF(area.right() - _RIGHT, top + y * high, _RIGHT, high)
            self.words(painter, row, number(self._right.get(first)), RIGHT, "table", "ink2")

    def _cell(self, painter: QPainter, place: QRectF, cell: GroupAgreement | None) -> None:
        if cell is None or cell.mean is None:
            self.words(painter, place, MISSING, CENTRE, "table")
            return
        share = min(max(cell.mean, 0.0) / _FULL, 1.0)
        ground = _between(self.theme.colour("panel"), self.theme.colour("bar"), share)
        painter.fillRect(place.adjusted(0, 1, 0, 0), ground)
        ink = self._readable(ground)
        bounds = interval(*cell.ci95) if cell.ci95 else ""
        roomy = bounds and place.width() >= _ROOMY.width() and place.height() >= _ROOMY.height()
        spot = place.adjusted(0, 0, 0, -_LINE) if roomy else place
        self.words(painter, spot, number(cell.mean), CENTRE, "table", ink)
        if roomy:
            self.words(painter, place.adjusted(0, _LINE, 0, 0), bounds, CENTRE, token=ink)
        pairs = plural(cell.n_pairs, "pair")
        words = f"{cell.first} and {cell.second}: κ = {number(cell.mean)}"
        words += f" {bounds}, {pairs}" if bounds else f", {pairs}"
        self.target(QRectF(QPointF(place.topLeft()), place.size()), words, None)

    def _readable(self, ground: QColor) -> str:
        """Token of the colour that stands out more from a ground in grey."""
        return max(("ink", "field"), key=lambda token: _contrast(self.theme.colour(token), ground))


def _contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio of two greys (WCAG 2)."""
    lights = sorted(((colour.redF() + 0.055) / 1.055) ** 2.4 + 0.05 for colour in (first, second))
    return lights[1] / lights[0]


def _between(low: QColor, high: QColor, share: float) -> QColor:
    return QColor(
        *(
            round(a + (b - a) * share)
            for a, b in zip(low.getRgb()[:3], high.getRgb()[:3], strict=True)
        )
    )
