"""ScrollColumn: widgets one under the other that scroll up and down, never sideways."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget


class ScrollColumn(QScrollArea):
    """A scroll area on the ground of what it lies on.

    Parameters
    ----------
    margins : tuple of int
        Left, top, right and bottom of the column in px.
    spacing : int
        Between its widgets in px.

    Attributes
    ----------
    column : QVBoxLayout
        Where the widgets go.
    """

    def __init__(self, margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 0) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        canvas = QWidget()
        canvas.setProperty("kind", "canvas")
        self.column = QVBoxLayout(canvas)
        self.column.setContentsMargins(*margins)
        self.column.setSpacing(spacing)
        self.setWidget(canvas)
