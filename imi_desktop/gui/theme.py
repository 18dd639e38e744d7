"""Colours, sizes and fonts of the app, light and dark.

The application makes one :class:`Theme` and hands it to everything that paints by itself (pages
get it as ``context.theme``). Plain widgets need nothing: the style sheet of the application is
generated from the same tokens. Repaint when :attr:`Theme.changed` is emitted; never keep a colour.

    theme.tokens.accent            "#0B6B63"
    theme.condition("natural")     colours and marker of a condition
    theme.icon("search", "ink2")   icon in a token's colour
    theme.font("card_title")       QFont of a text role
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from imi_desktop.gui.icons import IconSet
from imi_desktop.gui.stylesheet import stylesheet
from imi_desktop.gui.tokens import DARK, FONT_ROLES, LIGHT, ConditionColours, Tokens

Mode = Literal["system", "light", "dark"]


class Theme(QObject):
    """The current theme and the one way to change it.

    Parameters
    ----------
    mode : Mode
        ``"system"`` follows the desktop's colour scheme.
    """

    changed = Signal()

    def __init__(self, mode: Mode = "light", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode: Mode = mode
        self._tokens = self._resolve()
        self._icons = IconSet()
        self._family = _family()
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._follow_system)

    @property
    def tokens(self) -> Tokens:
        """Colours that hold now."""
        return self._tokens

    @property
    def mode(self) -> Mode:
        """What was chosen."""
        return self._mode

    @property
    def dark(self) -> bool:
        """Whether the dark theme holds now."""
        return self._tokens.name == "dark"

    def set_mode(self, mode: Mode) -> None:
        """Choose a theme; everything on the screen is repainted."""
        self._mode = mode
        self._apply(self._resolve())

    def toggle(self) -> None:
        """Change between light and dark."""
        self.set_mode("light" if self.dark else "dark")

    def colour(self, token: str) -> QColor:
        """Colour of a token by name, e.g. ``colour("ink3")``."""
        return QColor(getattr(self._tokens, token))

    @staticmethod
    def colour_of(value: str) -> QColor:
        """Colour of a token's value, e.g. of one step of a condition."""
        return QColor(value)

    def condition(self, name: str) -> ConditionColours:
        """Colours and marker of a condition; unknown names look like ``none``."""
        return self._tokens.conditions.get(name, self._tokens.conditions["none"])

    def icon(self, name: str, token: str = "ink") -> QIcon:
        """Icon in a token's colour, greyed when disabled."""
        return self._icons.icon(name, getattr(self._tokens, token), self._tokens.ink3)

    def font(self, role: str = "body") -> QFont:
        """Font of a text role (a key of ``tokens.FONT_ROLES``) with tabular figures."""
        size, weight = FONT_ROLES[role]
        font = QFont()
        if self._family:
            font.setFamily(self._family)
        font.setPixelSize(size)
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def palette(self) -> QPalette:
        """Palette for what the style sheet does not reach."""
        colours = self._tokens
        palette = QPalette()
        roles = {
            QPalette.ColorRole.Window: colours.window,
            QPalette.ColorRole.WindowText: colours.ink,
            QPalette.ColorRole.Base: colours.field,
            QPalette.ColorRole.AlternateBase: colours.panel,
            QPalette.ColorRole.Text: colours.ink,
            QPalette.ColorRole.PlaceholderText: colours.ink3,
            QPalette.ColorRole.Button: colours.control,
            QPalette.ColorRole.ButtonText: colours.ink,
            QPalette.ColorRole.Highlight: colours.selected,
            QPalette.ColorRole.HighlightedText: colours.ink,
            QPalette.ColorRole.ToolTipBase: colours.panel,
            QPalette.ColorRole.ToolTipText: colours.ink,
            QPalette.ColorRole.Link: colours.accent,
            QPalette.ColorRole.LinkVisited: colours.accent,
            QPalette.ColorRole.Light: colours.panel,
            QPalette.ColorRole.Mid: colours.line,
            QPalette.ColorRole.Dark: colours.control_line,
        }
        for role, colour in roles.items():
            palette.setColor(role, QColor(colour))
        for role in (
            QPalette.ColorRole.WindowText,
            QPalette.ColorRole.Text,
            QPalette.ColorRole.ButtonText,
        ):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.ink3))
        return palette

    def _resolve(self) -> Tokens:
        if self._mode == "system":
            hints = QGuiApplication.styleHints()
            dark = hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark
            return DARK if dark else LIGHT
        return DARK if self._mode == "dark" else LIGHT

    def _follow_system(self) -> None:
        if self._mode == "system":
            self._apply(self._resolve())

    def _apply(self, tokens: Tokens) -> None:
        if tokens is not self._tokens:
            self._tokens = tokens
            self.changed.emit()


def dress(application: QApplication, theme: Theme) -> None:
    """Give the application its style, font, palette and style sheet, now and after each change."""
    application.setStyle("Fusion")
    application.setFont(theme.font("body"))

    def paint() -> None:
        application.setPalette(theme.palette())
        application.setStyleSheet(stylesheet(theme.tokens))

    paint()
    theme.changed.connect(paint)


def _family() -> str:
    """Inter where it is installed, else nothing: the system's own font."""
    families = set(QFontDatabase.families()) if QGuiApplication.instance() else set()
    return next((name for name in ("Inter", "Inter Variable") if name in families), "")
