"""FittedTable: a table whose columns are shared out anew whenever its width changes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.table import ROW, StudyTable


class FittedTable(StudyTable):
    """A table without horizontal scrolling, unless its owner allows it.

    Parameters
    ----------
    fit : callable
        Sets the columns' widths for a number of px.
    """

    def __init__(
        self,
        theme: Theme,
        fit: Callable[[int], None],
        row_height: int = ROW,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, row_height, parent)
        self._fit = fit
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def refit(self) -> None:
        """Share out the columns for the width there is."""
        self._fit(self.viewport().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the columns."""
        super().resizeEvent(event)
        self.refit()
