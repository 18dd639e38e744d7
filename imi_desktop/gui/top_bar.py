"""The top bar: menus left, study and protocol in the centre, jobs, lock and search right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QMenuBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import IconButton
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule

HEIGHT = 40


class StatusButton(QToolButton):
    """A quiet button that tells a state with an icon and a few words."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = ("check", "ink2")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16, 16))
        self.setAccessibleName(name)
        theme.changed.connect(self._paint)

    def show_state(self, icon: str, text: str, tooltip: str = "", token: str = "ink2") -> None:
        """Show icon and words."""
        self._look = (icon, token)
        self.setText(text)
        self.setToolTip(tooltip or text)
        self._paint()

    def _paint(self) -> None:
        self.setIcon(self._theme.icon(*self._look))


class SearchButton(QPushButton):
    """Looks like a search field; opens "Find anything"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "search")
        self.setFixedSize(176, 26)
        self.setAccessibleName("Find anything")
        self.setToolTip("Find pages, actions, studies and units (Ctrl K)")
        theme.changed.connect(self.update)

    def set_narrow(self, narrow: bool) -> None:
        """Only the magnifier."""
        self.setFixedWidth(32 if narrow else 176)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the magnifier, the words and the key."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._theme.icon("search", "ink2").paint(painter, 8, 5, 16, 16)
        if self.width() > 100:
            painter.setPen(self._theme.colour("ink3"))
            painter.setFont(self._theme.font("caption"))
            painter.drawText(
                self.rect().adjusted(28, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, "Find anything"
            )
            key = self.rect().adjusted(self.width() - 48, 5, -6, -5)
            painter.setPen(self._theme.colour("line"))
            painter.drawRoundedRect(key, 3, 3)
            painter.setPen(self._theme.colour("ink3"))
            painter.setFont(self._theme.font("axis"))
            painter.drawText(key, Qt.AlignmentFlag.AlignCenter, "Ctrl K")
        painter.end()


class TopBar(QWidget):
    """The bar set as the window's menu widget.

    Attributes
    ----------
    menus : QMenuBar
        The menus, shown at full width.
    jobs, lock : StatusButton
        What runs, and whether the study is locked.
    """

    find_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        line = QWidget()
        line.setFixedHeight(HEIGHT - 1)
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(0)
        row.addWidget(self._left(theme), 1)
        row.addWidget(self._centre())
        row.addWidget(self._right(theme), 1)
        outer.addWidget(line)
        outer.addWidget(rule("edge"))

    def set_study(self, name: str, description: str) -> None:
        """Name and protocol in the centre."""
        self._name.setText(name)
        self._description.set_text(description)
        self._description.setVisible(bool(description))

    def set_narrow(self, narrow: bool) -> None:
        """Menus in one button; below 1280 px the search shrinks too."""
        self.menus.setVisible(not narrow)
        self._button.setVisible(narrow)
        self._search.setVisible(not narrow)
        self._find.setVisible(narrow)

    def fill_menu_button(self, menus: list[QMenu]) -> None:
        """Offer the same menus in the one button."""
        for menu in menus:
            self._collected.addMenu(menu)

    def _left(self, theme: Theme) -> QWidget:
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(0, 0, 0, 0)
        self._button = IconButton(theme, "menu", "Menu")
        self._button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._collected = QMenu(self._button)
        self._button.setMenu(self._collected)
        row.addWidget(self._button)
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        row.addWidget(self.menus)
        row.addStretch(1)
        return left

    def _centre(self) -> QWidget:
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        self._name = label("", "card_title")
        self._description = ElidedLabel("", "body", "ink3")
        self._description.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        row.addWidget(self._name)
        row.addWidget(self._description)
        return centre

    def _right(self, theme: Theme) -> QWidget:
        right = QWidget()
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addStretch(1)
        self.jobs = StatusButton(theme, "Jobs")
        self.lock = StatusButton(theme, "Lock")
        self._search = SearchButton(theme)
        self._search.clicked.connect(self.find_wanted)
        self._find = IconButton(theme, "search", "Find anything (Ctrl K)")
        self._find.clicked.connect(self.find_wanted)
        row.addWidget(self.jobs)
        row.addWidget(self.lock)
        row.addSpacing(4)
        row.addWidget(self._search)
        row.addWidget(self._find)
        return right
