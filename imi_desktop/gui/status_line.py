"""The status bar: what is saved and sound at the left, device, seed and theme at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from imi_desktop.gui.widgets.labels import label, rule

HEIGHT = 26
_MESSAGE_MS = 8000


class StatusLine(QWidget):
    """Words in fixed places; a message takes the place of the first for eight seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(rule("edge"))
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(20)
        outer.addLayout(row, 1)
        self._labels: dict[str, QLabel] = {}
        self._words: dict[str, str] = {}
        for name in ("saved", "integrity"):
            row.addWidget(self._place(name))
        row.addStretch(1)
        for name in ("device", "seed", "theme"):
            row.addWidget(self._place(name))
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.timeout.connect(self._restore)

    def set_word(self, place: str, text: str) -> None:
        """Say something at ``saved``, ``integrity``, ``device``, ``seed`` or ``theme``."""
        self._words[place] = text
        if not (place == "saved" and self._back.isActive()):
            self._labels[place].setText(text)
        self._labels[place].setVisible(bool(text) or place == "saved")

    def show_message(self, text: str) -> None:
        """Say something for eight seconds."""
        self._labels["saved"].setText(text)
        self._back.start(_MESSAGE_MS)

    def _place(self, name: str) -> QLabel:
        made = label("", "caption", "ink3")
        self._labels[name] = made
        return made

    def _restore(self) -> None:
        self._labels["saved"].setText(self._words.get("saved", ""))
