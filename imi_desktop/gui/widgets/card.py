"""Card: a panel with a head (title, caption, extras, "…" menu), a body and a foot.

card = Card(theme, "Accuracy by layer", "n = 10, 50 trials per point")
card.body.addWidget(plot)
card.add_head(legend)                       right end of the head, before "…"
card.menu_action("Save as CSV…", self.save) makes the "…" menu
card.set_foot("Mean ± 2 SEM over participants, cut at 1.")
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import IconButton
from imi_desktop.gui.widgets.labels import ElidedLabel, rule, set_tone, wrapped

HEAD = 36
"""Height of the head in px."""


class Card(QFrame):
    """One card of a page.

    Attributes
    ----------
    body : QVBoxLayout
        Where the contents go; margins 12, spacing 8.
    """

    def __init__(
        self, theme: Theme, title: str = "", caption: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setProperty("kind", "card")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 0, 1, 1)
        outer.setSpacing(0)
        self._title = ElidedLabel(title, "card_title")
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._caption = ElidedLabel(caption, "caption", "ink3")
        self._menu: QMenu | None = None
        self.head = QWidget()
        self.head.setFixedHeight(HEAD)
        self._head_row = QHBoxLayout(self.head)
        self._head_row.setContentsMargins(12, 0, 8, 0)
        self._head_row.setSpacing(8)
        self._head_row.addWidget(self._title)
        self._head_row.addWidget(self._caption, 1)
        self.head.setVisible(bool(title))
        outer.addWidget(self.head)
        inside = QWidget()
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(12, 4 if title else 12, 12, 12)
        self.body.setSpacing(8)
        outer.addWidget(inside, 1)
        self._outer = outer
        self._foot: QWidget | None = None
        self._foot_text = wrapped("", "caption", "ink3")

    @property
    def title(self) -> str:
        """Title in the head."""
        return self._title.whole_text

    def set_title(self, title: str, tone: str = "ink") -> None:
        """Change the title; a tone ``warn`` or ``error`` colours it."""
        self._title.set_text(title)
        set_tone(self._title, tone)
        self.setAccessibleName(title)
        self.head.setVisible(bool(title))

    def set_caption(self, caption: str) -> None:
        """Change the caption beside the title."""
        self._caption.set_text(caption)

    def add_head(self, widget: QWidget) -> None:
        """Put a widget at the right end of the head, before the "…" button."""
        place = self._head_row.count() - (1 if self._menu is not None else 0)
        self._head_row.insertWidget(place, widget)

    def lead_head(self, widget: QWidget) -> None:
        """Put a widget (an icon, a step's number) before the title."""
        self._head_row.insertWidget(0, widget)

    @property
    def menu(self) -> QMenu:
        """The "…" menu; made when first asked for."""
        if self._menu is None:
            button = IconButton(self.theme, "more", f"More about {self.title}")
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            self._menu = QMenu(button)
            button.setMenu(self._menu)
            self._head_row.addWidget(button)
        return self._menu

    def menu_action(self, text: str, does: Callable[[], object]) -> QAction:
        """Add an entry to the "…" menu."""
        action = self.menu.addAction(text)
        action.triggered.connect(lambda: does())
        return action

    def set_foot(self, text: str) -> None:
        """Caption under the body, with a line above; ``""`` takes it away."""
        if text and self._foot is None:
            foot = QWidget()
            column = QVBoxLayout(foot)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(rule())
            self._foot_text.setContentsMargins(12, 7, 12, 7)
            column.addWidget(self._foot_text)
            self._outer.addWidget(foot)
            self._foot = foot
        self._foot_text.setText(text)
        if self._foot is not None:
            self._foot.setVisible(bool(text))

    def flush_body(self) -> None:
        """Let the body reach the card's edges, for tables."""
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
