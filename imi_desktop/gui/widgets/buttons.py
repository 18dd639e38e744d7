"""Buttons: verbs, one primary per page, disabled ones say why.

primary("Write report…")            quiet("Reset")
secondary("Export…", theme, "export")   danger("End session…")
icon_button(theme, "pause", "Pause this job")
set_enabled(button, False, "Screen 2 is in use by P07.")
set_busy(button, True)
"""

from __future__ import annotations

from PySide6.QtCore import QMargins, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from imi_desktop.gui.theme import Theme

_TOKENS = {"primary": "on_accent", "danger": "error", "quiet": "ink2", "secondary": "ink"}


class Button(QPushButton):
    """A push button of one kind whose icon follows the theme.

    Parameters
    ----------
    kind : str
        ``primary``, ``secondary``, ``quiet`` or ``danger``.
    theme : Theme or None
        Needed where there is an icon.
    size : str
        ``""`` (28 px), ``"small"`` (24 px) or ``"large"`` (32 px).
    """

    def __init__(
        self,
        text: str,
        kind: str = "secondary",
        theme: Theme | None = None,
        icon: str = "",
        size: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._icon = icon
        self._kind = kind
        self._reason = ""
        self._hint = ""
        self._longest = ""
        self._busy = False
        self.setProperty("kind", kind)
        if size:
            self.setProperty("scale", size)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        if theme is not None:
            theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def set_icon(self, name: str) -> None:
        """Show another icon, or none for ``""``."""
        self._icon = name
        self._paint_icon()

    def set_kind(self, kind: str) -> None:
        """Become a button of another kind."""
        if kind == self._kind:
            return
        self._kind = kind
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._paint_icon()

    def set_hint(self, text: str) -> None:
        """Tooltip while the button is enabled."""
        self._hint = text
        self.setToolTip(self._reason if not self.isEnabled() else text)

    def set_enabled(self, enabled: bool, reason: str = "") -> None:
        """Enable, or disable with the reason as tooltip."""
        self._reason = reason
        self.setEnabled(enabled)
        self.setToolTip(self._hint if enabled else reason)

    def set_busy(self, busy: bool) -> None:
        """Show a clock in place of the icon while what was asked for is under way."""
        self._busy = busy
        self._paint_icon()
        self.setEnabled(not busy)

    def keep_room_for(self, text: str) -> None:
        """Stay as wide as that text needs, so that nothing moves when the text changes."""
        self._longest = text
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for the text, or for the longest one it changes to."""
        hint = super().sizeHint()
        longest, now = (
            self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()
            for text in (self._longest, self.text())
        )
        return hint.grownBy(QMargins(0, 0, max(0, longest - now), 0))

    def _paint_icon(self) -> None:
        name = "clock" if self._busy else self._icon
        if self._theme is None or not name:
            self.setIcon(QIcon())
            return
        self.setIcon(self._theme.icon(name, _TOKENS[self._kind]))
        self.setIconSize(QSize(22, 16))  # Qt leaves no gap between icon and text


def primary(text: str, theme: Theme | None = None, icon: str = "", size: str = "") -> Button:
    """The one button of a page that goes on."""
    return Button(text, "primary", theme, icon, size)


def secondary(text: str, theme: Theme | None = None, icon: str = "", size: str = "") -> Button:
    """Any other button."""
    return Button(text, "secondary", theme, icon, size)


def quiet(text: str, theme: Theme | None = None, icon: str = "", size: str = "") -> Button:
    """A button without edge, for what is seldom needed."""
    return Button(text, "quiet", theme, icon, size)


def danger(text: str, theme: Theme | None = None, icon: str = "", size: str = "") -> Button:
    """A button whose act cannot be undone."""
    return Button(text, "danger", theme, icon, size)


class IconButton(QToolButton):
    """An icon alone, 24 × 24, with a tooltip that is its name."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        tooltip: str,
        token: str = "ink2",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._token = token
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)
        self.setIconSize(QSize(16, 16))
        self.setFixedSize(26, 26)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def set_icon(self, name: str, tooltip: str = "") -> None:
        """Show another icon and, if given, another tooltip."""
        self._icon = name
        if tooltip:
            self.setToolTip(tooltip)
            self.setAccessibleName(tooltip)
        self._paint_icon()

    def _paint_icon(self) -> None:
        self.setIcon(self._theme.icon(self._icon, self._token))


def icon_button(theme: Theme, icon: str, tooltip: str) -> IconButton:
    """An icon alone: pause, close, more, grid or list, up or down."""
    return IconButton(theme, icon, tooltip)


def set_enabled(button: QWidget, enabled: bool, reason: str = "") -> None:
    """Enable or disable a button, with the reason as tooltip."""
    if isinstance(button, Button):
        button.set_enabled(enabled, reason)
    else:
        button.setEnabled(enabled)
        if not enabled:
            button.setToolTip(reason)
