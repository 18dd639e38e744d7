"""The left navigation: six pages with one word of state each, and three facts below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.gui.pages import PageSpec
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.labels import ElidedLabel

WIDE = 200
NARROW = 56
_ITEM = 36


class NavigationItem(QAbstractButton):
    """One page: icon, name, word of state; a bar at the left of the one that is on."""

    def __init__(self, theme: Theme, page: PageSpec, shortcut: str) -> None:
        super().__init__()
        self._theme = theme
        self._page = page
        self._shortcut = shortcut
        self._word = ""
        self._narrow = False
        self._entered = False
        self.setText(page.title)
        self.setCheckable(True)
        self.setFixedHeight(_ITEM)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)
        self._describe()

    def set_word(self, word: str) -> None:
        """Say another word of state."""
        if word != self._word:
            self._word = word
            self._describe()
            self.update()

    def set_narrow(self, narrow: bool) -> None:
        """Show the icon alone."""
        self._narrow = narrow
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the navigation."""
        return QSize(NARROW if self._narrow else WIDE, _ITEM)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, bar, icon, name and word."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self.rect().adjusted(8, 0, -8, 0)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setPen(self._theme.colour_of(tokens.line))
            painter.setBrush(self._theme.colour_of(tokens.nav_on))
            painter.drawRoundedRect(ground.adjusted(0, 0, -1, -1), 4, 4)
            painter.fillRect(QRect(8, 9, 3, _ITEM - 18), self._theme.colour_of(tokens.accent))
        elif self.underMouse() and self.isEnabled():
            painter.setBrush(self._theme.colour_of(tokens.hover))
            painter.drawRoundedRect(ground, 4, 4)
        ink = "ink" if self.isChecked() else "ink2"
        self._theme.icon(self._page.icon, ink).paint(painter, 19, 9, 18, 18)
        if not self._narrow:
            self._paint_words(painter, ink)
        painter.end()

    def _paint_words(self, painter: QPainter, ink: str) -> None:
        font = self._theme.font("card_title" if self.isChecked() else "value")
        painter.setFont(font)
        painter.setPen(self._theme.colour(ink))
        line = self.rect().adjusted(48, 0, -18, 0)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.text())
        used = QFontMetrics(font).horizontalAdvance(self.text()) + 8
        caption = self._theme.font("caption")
        painter.setFont(caption)
        painter.setPen(self._theme.colour("ink3"))
        word = QFontMetrics(caption).elidedText(
            self._word, Qt.TextElideMode.ElideRight, line.width() - used
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, word)

    def _describe(self) -> None:
        state = f", {self._word}" if self._word else ""
        self.setAccessibleName(self._page.title + state)
        self.setToolTip(f"{self._page.title}{state} ({self._shortcut})")


class Fact(QWidget):
    """A line at the foot: icon and words; the words become the tooltip when narrow."""

    def __init__(self, theme: Theme, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        row = QHBoxLayout(self)
        row.setContentsMargins(19, 0, 8, 0)
        row.setSpacing(8)
        self._picture = QLabel()
        self._words = ElidedLabel("", "caption", "ink3")
        row.addWidget(self._picture)
        row.addWidget(self._words, 1)
        self.setFixedHeight(21)
        theme.changed.connect(self._paint)
        self._paint()

    def set_text(self, text: str) -> None:
        """Say another fact; ``""`` hides the line."""
        self._words.set_text(text)
        self.setToolTip(text)
        self.setVisible(bool(text))

    def set_narrow(self, narrow: bool) -> None:
        """Show the icon alone."""
        self._words.setVisible(not narrow)

    def _paint(self) -> None:
        self._picture.setPixmap(self._theme.icon(self._icon, "ink3").pixmap(QSize(16, 16)))


class Navigation(QWidget):
    """The column at the left.

    Attributes
    ----------
    folder, profile, device : Fact
        The three lines at the foot.
    """

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, pages: Sequence[PageSpec], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pages")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 12)
        column.setSpacing(2)
        self._items: dict[str, NavigationItem] = {}
        group = QButtonGroup(self)
        for number, page in enumerate(pages, 1):
            item = NavigationItem(theme, page, f"Ctrl {number}")
            item.clicked.connect(lambda _=False, name=page.name: self.chosen.emit(name))
            group.addButton(item)
            column.addWidget(item)
            self._items[page.name] = item
        column.addStretch(1)
        self.folder = Fact(theme, "folder")
        self.profile = Fact(theme, "display")
        self.device = Fact(theme, "gpu")
        self._facts = (self.folder, self.profile, self.device)
        for fact in self._facts:
            column.addWidget(fact)
            fact.set_text("")
        self.set_narrow(False)

    def set_current(self, name: str) -> None:
        """Mark the page that is shown."""
        if name in self._items:
            self._items[name].setChecked(True)

    def set_word(self, name: str, word: str) -> None:
        """Say a page's word of state."""
        self._items[name].set_word(word)

    def set_narrow(self, narrow: bool) -> None:
        """Icons alone, 56 px, or 200 px with words."""
        self.setFixedWidth(NARROW if narrow else WIDE)
        for item in self._items.values():
            item.set_narrow(narrow)
        for fact in self._facts:
            fact.set_narrow(narrow)
