"""StepCard: a card of the Display page with its number and whether the step is done."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.labels import label, set_tone


class StepNumber(QWidget):
    """A number in a circle."""

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__()
        self._theme, self._number = theme, number
        self.setFixedSize(QSize(20, 20))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw circle and number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("control_line"), 1))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.setFont(self._theme.font("caption"))
        painter.setPen(self._theme.colour("ink"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))


class StepState(QWidget):
    """A mark and a few words at the right end of a card's head."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon, self._tone = "dash", "ink3"
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(4)
        self._mark = QLabel()
        self._words = label("", "caption", "ink2")
        row.addWidget(self._mark)
        row.addWidget(self._words)
        theme.changed.connect(self._paint)

    @property
    def text(self) -> str:
        """The words."""
        return self._words.text()

    def show_state(self, state: str, words: str) -> None:
        """``done``, ``open`` or ``warn``, and what to say."""
        self._icon, self._tone = {
            "done": ("check", "ink"),
            "open": ("dash", "ink3"),
            "warn": ("warn", "warn"),
        }[state]
        self._words.setText(words)
        set_tone(self._words, "warn" if state == "warn" else "ink2")
        self._paint()

    def _paint(self) -> None:
        self._mark.setPixmap(self._theme.icon(self._icon, self._tone).pixmap(16, 16))


class StepCard(Card):
    """One of the five steps; it shows the draft and changes it."""

    def __init__(self, theme: Theme, draft: Draft, number: int, title: str) -> None:
        super().__init__(theme, title)
        self.draft = draft
        self.lead_head(StepNumber(theme, number))
        self.state = StepState(theme)
        self.add_head(self.state)
        draft.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the draft as it is now."""
        raise NotImplementedError
