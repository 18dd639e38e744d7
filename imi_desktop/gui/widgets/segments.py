"""Segments: exclusive choice among up to five, as joined buttons.

segments = Segments([("max", "Max"), ("min", "Min"), ("vis", "Visualization")], "max")
segments.chosen.connect(self.show_side)      str, the key
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from imi_desktop.gui.theme import Theme


class Segments(QWidget):
    """Joined buttons of which one is on; left and right arrow keys change it.

    Parameters
    ----------
    choices : sequence of (str, str)
        Key and text; the text may be an icon's name where `icons` is True.
    theme : Theme or None
        Needed for icons.
    small : bool
        24 px high instead of 28.
    """

    chosen = Signal(str)

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        current: str = "",
        theme: Theme | None = None,
        icons: dict[str, str] | None = None,
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons or {}
        self._small = small
        self._buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_choices(choices, current)
        if theme is not None:
            theme.changed.connect(self._paint)

    @property
    def current(self) -> str:
        """Key of the choice."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Choose without a signal."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)
            self._paint()

    def set_text(self, key: str, text: str) -> None:
        """Change one text, e.g. its count."""
        self._buttons[key].setText(text)

    def set_choices(self, choices: Sequence[tuple[str, str]], current: str = "") -> None:
        """Replace all choices."""
        for button in self._buttons.values():
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = {}
        for place, (key, text) in enumerate(choices):
            self._buttons[key] = self._segment(key, text, place, len(choices))
        chosen = current or (choices[0][0] if choices else "")
        if chosen in self._buttons:
            self._buttons[chosen].setChecked(True)
        self._paint()

    def _segment(self, key: str, text: str, place: int, count: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setProperty("kind", "segment")
        where = "first" if place == 0 else "last" if place == count - 1 else "middle"
        button.setProperty("place", "only" if count == 1 else where)
        if self._small:
            button.setProperty("scale", "small")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if key in self._icons:
            button.setToolTip(text)
            button.setAccessibleName(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        else:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.clicked.connect(lambda: self._clicked(key))
        self._group.addButton(button)
        self._row.addWidget(button)
        return button

    def _clicked(self, key: str) -> None:
        self._paint()
        self.chosen.emit(key)

    def _paint(self) -> None:
        if self._theme is None:
            return
        for key, name in self._icons.items():
            if key in self._buttons:
                on = self._buttons[key].isChecked()
                self._buttons[key].setIcon(self._theme.icon(name, "panel" if on else "ink2"))
