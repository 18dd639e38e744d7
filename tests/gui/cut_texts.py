"""Finds texts that a window shows only in part."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QPushButton, QToolButton, QWidget

from imi_desktop.gui.widgets.choice import Choice
from imi_desktop.gui.widgets.labels import ElidedLabel

_SLACK = 1
_LEAST_EDGES = 8


def cut_texts(page: QWidget) -> list[str]:
    """Visible labels, buttons and drop-downs of a page that have too little room.

    Labels that end in an ellipsis on purpose count only where their tooltip lacks the whole text.
    """
    found = []
    for label in page.findChildren(QLabel):
        if label.isVisible() and label.text() and _label_is_cut(label):
            found.append(f"label {label.text()!r} in {label.size().toTuple()}")
    for button in page.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and _button_is_cut(button):
            found.append(f"button {button.text()!r} in {button.size().toTuple()}")
    for choice in page.findChildren(QComboBox):
        if choice.isVisible() and _choice_is_cut(choice):
            found.append(f"drop-down {choice.currentText()!r} in {choice.size().toTuple()}")
    return found


def _label_is_cut(label: QLabel) -> bool:
    if isinstance(label, ElidedLabel):
        whole = label.whole_text
        return label.text() != whole and whole not in label.toolTip()
    room = label.contentsRect()
    if label.wordWrap():
        return label.heightForWidth(label.width()) > label.height() + _SLACK
    needed = label.fontMetrics().size(0, label.text())
    return needed.width() > room.width() + _SLACK or needed.height() > room.height() + 2


def _button_is_cut(button: QAbstractButton) -> bool:
    if not isinstance(button, QPushButton | QToolButton):
        return False
    if isinstance(button, QToolButton):
        style = button.toolButtonStyle()
        if style is Qt.ToolButtonStyle.ToolButtonIconOnly:
            return False
    mark = 0 if button.icon().isNull() else button.iconSize().width()
    needed = button.fontMetrics().horizontalAdvance(button.text()) + mark + _LEAST_EDGES
    return needed > button.width()


def _choice_is_cut(choice: QComboBox) -> bool:
    if isinstance(choice, Choice):
        return False  # it cuts its text by itself, and tells it whole
    arrow_and_edges = 36
    needed = choice.fontMetrics().horizontalAdvance(choice.currentText()) + arrow_and_edges
    return needed > choice.width() + _SLACK
