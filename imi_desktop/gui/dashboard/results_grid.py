"""Where the cards of the results page lie: wide as in the lab, three columns when compact."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

_COLUMNS = 48
Place = tuple[int, int, int, int]
_WIDE: dict[str, Place] = {
    # name: row, column, rows, columns
    "verdicts": (0, 0, 1, 14),
    "accuracy": (0, 14, 1, 11),
    "confidence": (0, 25, 1, 12),
    "times": (0, 37, 1, 11),
    "layers": (1, 0, 1, 21),
    "branches": (1, 21, 1, 15),
    "units": (1, 36, 2, 12),
    "tests": (2, 0, 1, 26),
    "quality": (2, 26, 1, 10),
    "correlates": (3, 0, 1, 20),
    "agreement": (3, 20, 1, 16),
    "machine": (3, 36, 1, 12),
    "studies": (4, 0, 1, 48),
    "trials": (5, 0, 1, 48),
}
_COMPACT: dict[str, Place] = {
    "verdicts": (0, 0, 1, 16),
    "accuracy": (0, 16, 1, 16),
    "confidence": (0, 32, 1, 16),
    "times": (1, 0, 1, 16),
    "layers": (1, 16, 1, 32),
    "tests": (2, 0, 1, 32),
    "quality": (2, 32, 1, 16),
    "branches": (3, 0, 1, 24),
    "units": (3, 24, 1, 24),
    "correlates": (4, 0, 1, 24),
    "agreement": (4, 24, 1, 24),
    "machine": (5, 0, 1, 16),
    "studies": (5, 16, 1, 32),
    "trials": (6, 0, 1, 48),
}
_ROWS = 7
_LEAST_ROW = 262
_TRIALS_ROW = 380


class ResultsGrid(QScrollArea):
    """All cards in a scrolling grid; three rows fill the page, the others lie below."""

    def __init__(self, **cards: QWidget) -> None:
        super().__init__()
        self._cards = cards
        self._compact: bool | None = None
        self._hidden: set[str] = {"studies"}
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        canvas = QWidget()
        canvas.setProperty("kind", "canvas")
        self._grid = QGridLayout(canvas)
        self._grid.setContentsMargins(0, 0, 0, 12)
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1)
            self._grid.setColumnMinimumWidth(column, 0)
        self.setWidget(canvas)
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Three columns with smaller gaps, or the wide arrangement."""
        if compact != self._compact:
            self._compact = compact
            self._arrange()

    def set_shown(self, name: str, shown: bool) -> None:
        """Leave out a card that has nothing to tell apart; its neighbours take the room."""
        if shown == (name in self._hidden):
            self._hidden ^= {name}
            self._arrange()

    def ensure_visible(self, card: QWidget) -> None:
        """Scroll so that a card can be seen."""
        self.ensureWidgetVisible(card, 0, 12)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let three rows fill the height."""
        super().resizeEvent(event)
        self._heights()

    def _arrange(self) -> None:
        places = self._places()
        gap = 10 if self._compact else 12
        self._grid.setSpacing(0)
        self._grid.setHorizontalSpacing(gap)
        self._grid.setVerticalSpacing(gap)
        for name, card in self._cards.items():
            self._grid.removeWidget(card)
            if name in places:
                self._grid.addWidget(card, *places[name])
                card.show()
            else:
                card.hide()
        self._heights()

    def _places(self) -> dict[str, Place]:
        """Places of the cards shown; rows without any are closed up."""
        whole = _COMPACT if self._compact else _WIDE
        places = {name: place for name, place in whole.items() if name not in self._hidden}
        if "branches" in self._hidden:
            if self._compact:
                places["units"] = (3, 0, 1, 48)
            else:
                places["layers"] = (1, 0, 1, 36)
        if "studies" in self._hidden and self._compact:
            places["machine"] = (5, 0, 1, 48)
        rows = sorted({row for row, *_ in places.values()})
        return {name: (rows.index(row), *rest) for name, (row, *rest) in places.items()}

    def _heights(self) -> None:
        gap = self._grid.verticalSpacing()
        room = (self.viewport().height() - 12 - 2 * gap) // 3
        row = max(_LEAST_ROW, room if not self._compact else _LEAST_ROW)
        last = max(row for row, *_ in self._places().values())
        for number in range(_ROWS):
            height = row if number < last else _TRIALS_ROW if number == last else 0
            self._grid.setRowMinimumHeight(number, height)
            self._grid.setRowStretch(number, 1 if number < last else 0)
