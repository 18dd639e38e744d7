"""Rows of a card: name left and value right; or a mark, what it is about and a word, clickable.

rows = ValueRows(); rows.set_rows([("Seed", "42"), ("Site", "Tübingen")])
row = CheckRow(theme, "Stimuli"); row.show_state("fine", "1 210 of 1 210"); row.clicked…
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule

_MARKS = {
    "fine": ("check", "ink2", "ink"),
    "open": ("dash", "ink3", "ink3"),
    "busy": ("clock", "ink3", "ink3"),
    "warn": ("warn", "warn", "warn"),
    "error": ("error", "error", "error"),
}


class ValueRows(QWidget):
    """Names in ink 3 at the left, values at the right, a line under each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, ElidedLabel] = {}

    def set_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show these rows; widgets of names that stay are kept."""
        if [name for name, _ in rows] != list(self._values):
            self._rebuild([name for name, _ in rows])
        for name, value in rows:
            self._values[name].set_text(value)

    def _rebuild(self, names: Sequence[str]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._values = {}
        for place, name in enumerate(names):
            title = label(name, "caption", "ink3")
            title.setFixedHeight(26)
            value = ElidedLabel("", "caption", "ink", Qt.TextElideMode.ElideMiddle)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(title, 2 * place, 0)
            self._grid.addWidget(value, 2 * place, 1)
            self._grid.addWidget(rule(), 2 * place + 1, 0, 1, 2)
            self._values[name] = value


class CheckRow(QAbstractButton):
    """A mark, what it is about, a word of state, and an arrow if it leads somewhere."""

    def __init__(
        self, theme: Theme, text: str, leads: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = "busy"
        self._word = ""
        self._leads = leads
        self.setText(text)
        self.setFixedHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if leads else Qt.FocusPolicy.NoFocus)
        theme.changed.connect(self.update)

    def show_state(self, state: str, word: str) -> None:
        """``fine``, ``open``, ``busy``, ``warn`` or ``error``, and its word."""
        self._state, self._word = state, word
        self.setAccessibleName(f"{self.text()}: {word}")
        self.setToolTip(word)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the card."""
        return QSize(240, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        theme = self._theme
        icon, mark, ink = _MARKS[self._state]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._leads and (self.underMouse() or self.isDown()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(self.rect().adjusted(0, 1, 0, -1), 4, 4)
        theme.icon(icon, mark).paint(painter, 4, 9, 16, 16)
        line = self.rect().adjusted(30, 0, -22 if self._leads else -4, 0)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("ink"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.text())
        used = QFontMetrics(painter.font()).horizontalAdvance(self.text()) + 16
        font = theme.font("caption")
        painter.setFont(font)
        painter.setPen(theme.colour(ink))
        word = QFontMetrics(font).elidedText(
            self._word, Qt.TextElideMode.ElideRight, max(0, line.width() - used)
        )
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(line, right, word)
        if self._leads:
            theme.icon("right", "ink3").paint(painter, self.width() - 18, 10, 14, 14)
        painter.setPen(theme.colour("grid"))
        painter.drawLine(4, self.height() - 1, self.width() - 4, self.height() - 1)
        painter.end()
