"""Which screen a widget is on."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget


def screen_of(widget: QWidget) -> QScreen:
    """The screen with the middle of a widget's window.

    Unlike ``widget.screen()``: what that returns belongs to the widget in PySide's eyes, and with
    the widget every Python reference to the screen dies.
    """
    middle = widget.window().frameGeometry().center()
    return QGuiApplication.screenAt(middle) or QGuiApplication.primaryScreen()
