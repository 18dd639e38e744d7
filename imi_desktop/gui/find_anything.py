"""Find anything (Ctrl K): pages, actions, recent studies and units by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.labels import label

_SHOWN = 60
_WIDTH = 560
_HEIGHT = 420


@dataclass(frozen=True)
class Find:
    """Something that can be found.

    Parameters
    ----------
    text : str
        What is looked for.
    kind : str
        ``page``, ``action``, ``study``, ``unit`` or ``help``, as shown at the right.
    act : callable
        What choosing it does.
    icon, hint : str
        Icon, and a shortcut or path shown beside the kind.
    """

    text: str
    kind: str
    act: Callable[[], object]
    icon: str = ""
    hint: str = ""


def matching(finds: Sequence[Find], query: str) -> list[Find]:
    """Those that hold every word of `query`, best first.

    Starts of names come before starts of words, those before anything else; within these the
    given order stays.
    """
    words = query.casefold().split()
    if not words:
        return list(finds)
    ranked = []
    for place, find in enumerate(finds):
        name = find.text.casefold()
        haystack = f"{name} {find.kind} {find.hint.casefold()}"
        if all(word in haystack for word in words):
            starts = any(part.startswith(words[0]) for part in name.split())
            rank = 0 if name.startswith(words[0]) else 1 if starts else 2
            ranked.append((rank, place, find))
    return [find for _, _, find in sorted(ranked, key=lambda entry: entry[:2])]


class _FindDelegate(QStyledItemDelegate):
    """Icon, name, and kind with hint at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(_WIDTH - 20, 30)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        find: Find = index.data(Qt.ItemDataRole.UserRole)
        tokens = self._theme.tokens
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._theme.colour_of(tokens.selected))
        if find.icon:
            self._theme.icon(find.icon, "ink2").paint(
                painter, rect.left() + 8, rect.top() + 6, 18, 18
            )
        painter.setPen(self._theme.colour_of(tokens.ink))
        painter.setFont(self._theme.font("body"))
        text = rect.adjusted(36, 0, -12, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, find.text)
        painter.setPen(self._theme.colour_of(tokens.ink3))
        painter.setFont(self._theme.font("caption"))
        right = f"{find.kind}   {find.hint}" if find.hint else find.kind
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, right)


class FindAnything(QDialog):
    """Search field over a list; arrows choose, Enter goes, Esc closes."""

    def __init__(self, theme: Theme, finds: Sequence[Find], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("kind", "popover")
        self.setAccessibleName("Find anything")
        self._finds = list(finds)
        self._chosen: Find | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 8)
        column.setSpacing(6)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Pages, actions, studies, units")
        self.field.setAccessibleName("Find anything")
        self.field.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_FindDelegate(theme, self.list))
        self.list.itemClicked.connect(self._choose)
        self._count = label("", "caption", "ink3")
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self._count)
        self.resize(_WIDTH, _HEIGHT)
        self._filter("")

    def open_over(self, window: QWidget) -> None:
        """Show it under the top bar, in the middle of the window."""
        place = window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 44))
        self.move(place)
        self.show()
        self.field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the choice while the field keeps the keyboard."""
        step = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: 10,
            Qt.Key.Key_PageUp: -10,
        }.get(Qt.Key(event.key()))
        if step is not None and self.list.count():
            row = max(0, min(self.list.count() - 1, self.list.currentRow() + step))
            self.list.setCurrentRow(row)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.list.currentItem() is not None:
                self._choose(self.list.currentItem())
        else:
            super().keyPressEvent(event)

    def _filter(self, query: str) -> None:
        found = matching(self._finds, query)
        self.list.clear()
        for find in found[:_SHOWN]:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, find)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{find.text}, {find.kind}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        more = len(found) - _SHOWN
        self._count.setText(
            "Nothing has this name." if not found else f"and {more} more" if more > 0 else ""
        )

    def _choose(self, item: QListWidgetItem) -> None:
        find: Find = item.data(Qt.ItemDataRole.UserRole)
        self.close()
        find.act()
