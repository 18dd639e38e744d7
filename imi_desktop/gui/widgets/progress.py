"""Slim progress: a 6-px bar, and a row with words above it.

bar = ProgressBar(theme); bar.set_fraction(0.72); bar.set_waiting(True)   grey: waits
line = ProgressLine(theme); line.show_progress("Recording activations", 0.4, "2 min left")
bar.set_parts([("accent", 0.66), ("error", 0.02)])                        several parts
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.labels import ElidedLabel, label


class ProgressBar(QWidget):
    """Bar in the accent colour on the track; unknown totals show an empty track."""

    def __init__(self, theme: Theme, height: int = 6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._height = height
        self._parts: list[tuple[str, float]] = []
        self._waiting = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(height)
        theme.changed.connect(self.update)

    def set_fraction(self, fraction: float | None) -> None:
        """Share done, 0 to 1; None for unknown."""
        self.set_parts([] if fraction is None else [("accent", fraction)])

    def set_parts(self, parts: Sequence[tuple[str, float]]) -> None:
        """Several parts after one another, each a token's name and a share."""
        if list(parts) != self._parts:
            self._parts = list(parts)
            done = sum(share for _, share in parts)
            self.setAccessibleName(f"{done:.0%} done")
            self.update()

    def set_waiting(self, waiting: bool) -> None:
        """Grey instead of accent: the work waits for something."""
        if waiting != self._waiting:
            self._waiting = waiting
            self.update()

    def sizeHint(self) -> QSize:
        """120 px wide."""
        return QSize(120, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track and the parts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        outline = QPainterPath()
        outline.addRoundedRect(whole, 2, 2)
        painter.setClipPath(outline)
        painter.fillRect(whole, self._theme.colour("track"))
        left = 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        for token, share in self._parts:
            width = whole.width() * max(0.0, min(1.0, share))
            name = "bar" if self._waiting and token == "accent" else token
            painter.fillRect(QRectF(left, 0, width, whole.height()), self._theme.colour(name))
            left += width
        painter.end()


class ProgressLine(QWidget):
    """Words left and right, the bar below."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._left = ElidedLabel("", "caption", "ink2")
        self._right = label("", "caption", "ink3")
        row.addWidget(self._left, 1)
        row.addWidget(self._right)
        column.addLayout(row)
        self.bar = ProgressBar(theme)
        column.addWidget(self.bar)

    def show_progress(self, text: str, fraction: float | None, right: str = "") -> None:
        """Show what is done, how far and, on the right, e.g. the time left."""
        self._left.set_text(text)
        self._right.setText(right)
        self.bar.set_fraction(fraction)
