"""The ring round the control that has the keyboard: 2 px in the accent colour, 1 px off.

It shows when the keyboard moves the focus, and not when the mouse does.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QWidget,
)

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.card import Card

_RINGED = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    Card,
)


class _Frame(QFocusFrame):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("accent"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        painter.end()


class FocusRing(QObject):
    """Follows the keyboard within one window.

    Parameters
    ----------
    window : QWidget
        The ring shows on controls of this window only.
    """

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._theme = window, theme
        self._frame = self._new_frame()
        self._by_keyboard = False
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._move)

    def _new_frame(self) -> _Frame:
        frame = _Frame(self._theme, self._window)
        frame.hide()
        self._theme.changed.connect(frame.update)
        return frame

    def moved_by_keyboard(self) -> None:
        """Called by the window when Tab or Shift Tab is about to move the focus."""
        self._by_keyboard = True

    def next_card(self, page: QWidget | None) -> None:
        """Give the keyboard to the first control of the card after the present one."""
        if page is None:
            return
        cards = [card for card in page.findChildren(Card) if card.isVisibleTo(page)]
        if not cards:
            return
        focused = QApplication.focusWidget()
        inside = [card for card in cards if focused is not None and card.isAncestorOf(focused)]
        start = cards.index(inside[-1]) + 1 if inside else 0
        for offset in range(len(cards)):
            control = _first_control(cards[(start + offset) % len(cards)])
            if control is not None:
                self._by_keyboard = True
                control.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def _move(self, old: QWidget | None, new: QWidget | None) -> None:
        if not shiboken6.isValid(self._frame):  # it went with what it was on
            self._frame = self._new_frame()
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._by_keyboard = False
        elif old is not None and not (old.isEnabled() and old.isVisible()):
            # Qt moves the focus on when its control goes; the ring follows if it was there.
            self._by_keyboard = self._frame.widget() is old
        ringed = self._by_keyboard and isinstance(new, _RINGED) and new.window() is self._window
        self._frame.setWidget(new if ringed else None)


def _first_control(card: Card) -> QWidget | None:
    for widget in card.findChildren(QWidget):
        if (
            widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and widget.isEnabled()
            and widget.isVisibleTo(card)
        ):
            return widget
    return None
