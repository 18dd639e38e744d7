"""Notice: one sentence the user must see, above the page, until it is closed.

notice.show_error("Could not read …")     notice.show_warning("…")
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import IconButton, quiet
from imi_desktop.gui.widgets.labels import set_tone, wrapped


class Notice(QFrame):
    """A strip with icon, sentence, "Show log" and a close button; hidden while empty."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = ("error", "error")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        self._picture = QLabel()
        self._text = wrapped("")
        self._close = IconButton(theme, "close", "Close this notice")
        self._close.clicked.connect(self.hide)
        self.log_button: QPushButton = quiet("Show log", size="small")
        row.addWidget(self._picture)
        row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.log_button)
        row.addWidget(self._close)
        theme.changed.connect(self._paint)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence."""
        return self._text.text()

    def show_error(self, sentence: str) -> None:
        """Something could not be done."""
        self._show(sentence, "fault", "error")

    def show_warning(self, sentence: str) -> None:
        """Something deserves a look."""
        self._show(sentence, "note", "warn")

    def withdraw(self, sentence: str) -> None:
        """Show `sentence` no longer, if it is what is shown."""
        if sentence == self.text:
            self.hide()

    def _show(self, sentence: str, kind: str, tone: str) -> None:
        self._look = (tone, tone)
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._text.setText(sentence)
        set_tone(self._text, tone)
        self.setAccessibleName(sentence)
        self._paint()
        self.show()

    def _paint(self) -> None:
        self._picture.setPixmap(self._theme.icon(*self._look).pixmap(QSize(18, 18)))
