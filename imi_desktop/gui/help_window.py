"""Help (F1): one text per page, from ``resources/help``, and the shortcuts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QFont,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextListFormat,
    QTextTable,
)
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser, QWidget

from imi_desktop.gui.actions import ACTIONS, MENUS, PAGE_SHORTCUTS, shown_shortcut
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import rule
from imi_desktop.paths import resource

KEYBOARD = "keyboard"
_BELOW, _IN_LIST = 8, 4
_ABOVE = {2: 14, 3: 10}
"""Spaces in px; those above by level of heading."""
_LARGER = {1: 2, 2: 1, 3: 0}
"""Steps by which headings are larger than text: a half, a fifth, not at all."""


@dataclass(frozen=True)
class Topic:
    """One text of the help."""

    name: str
    title: str
    markdown: str


def topics() -> list[Topic]:
    """All texts in reading order; files are named ``10-start.md`` … for it."""
    found = []
    for path in sorted(resource("help").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        name = re.sub(r"^\d+-", "", path.stem)
        title = text.partition("\n")[0].lstrip("# ").strip()
        found.append(Topic(name, title, text))
    found.append(Topic(KEYBOARD, "Keyboard", keyboard_markdown()))
    return found


def keyboard_markdown() -> str:
    """All shortcuts as a table, derived from the declared actions."""
    lines = ["# Keyboard", ""]
    for menu in MENUS:
        rows = [spec for spec in ACTIONS if spec.menu == menu and spec.shortcut]
        if rows:
            lines += [f"## {menu}", "", "| keys | does |", "|---|---|"]
            lines += [f"| {shown_shortcut(row.shortcut)} | {row.text} |" for row in rows]
            lines.append("")
    for page, keys in PAGE_SHORTCUTS.items():
        lines += [f"## {page} page", "", "| keys | does |", "|---|---|"]
        lines += [f"| {key} | {does} |" for key, does in keys]
        lines.append("")
    lines += [
        "## Everywhere",
        "",
        "| keys | does |",
        "|---|---|",
        "| Tab, Shift Tab | next and previous control |",
        "| Arrows | move in grids, tables and segments |",
        "| Enter | opens what is selected |",
        "| Space | selects, presses the button |",
        "| Ctrl C | copies a table as tab-separated text |",
        "| Esc | closes a dialog without doing anything |",
        "",
    ]
    return "\n".join(lines)


class HelpWindow(Dialog):
    """Topics left, text right; a window of its own."""

    def __init__(self, theme: Theme, topic: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, "Help", parent=parent)
        self.setModal(False)
        self.resize(920, 640)
        self._topics = topics()
        self.body.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(0)
        self.list = QListWidget()
        self.list.setFixedWidth(210)
        self.list.setAccessibleName("Topics")
        for entry in self._topics:
            item = QListWidgetItem(entry.title)
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            self.list.addItem(item)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self.text.document().setDocumentMargin(20)
        self.text.document().setIndentWidth(20)
        self.text.setAccessibleName("Text")
        row.addWidget(self.list)
        row.addWidget(rule("upright"))
        row.addWidget(self.text, 1)
        self.body.addLayout(row)
        self.add_primary("Close").clicked.connect(self.accept)
        self.list.currentRowChanged.connect(self._show)
        theme.changed.connect(lambda: self._show(self.list.currentRow()))
        self.show_topic(topic)

    def show_topic(self, name: str) -> None:
        """Show one text; the first if there is none of that name."""
        names = [entry.name for entry in self._topics]
        self.list.setCurrentRow(names.index(name) if name in names else 0)

    def _show(self, row: int) -> None:
        if 0 <= row < len(self._topics):
            self.text.setMarkdown(self._topics[row].markdown)
            _set_spaces(self.text.document())

    def _follow(self, link: QUrl) -> None:
        if link.scheme() in {"http", "https"}:
            QDesktopServices.openUrl(link)
        else:
            self.show_topic(re.sub(r"^\d+-|\.md$", "", link.toString()))


def _set_spaces(document: QTextDocument) -> None:
    """Space between paragraphs, above headings and in tables, which Markdown leaves out."""
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        if cursor.currentTable() is None:
            layout = block.blockFormat()
            heading = layout.headingLevel()
            listed = block.textList() is not None
            layout.setTopMargin(_ABOVE.get(heading, 0) if block.position() else 0)
            layout.setBottomMargin(_IN_LIST if listed else _BELOW)
            cursor.setBlockFormat(layout)
            if listed:
                style = block.textList().format()
                style.setIndent(1)
                if style.style() is QTextListFormat.Style.ListCircle:
                    style.setStyle(QTextListFormat.Style.ListDisc)
                block.textList().setFormat(style)
            _set_size(block, _LARGER.get(heading))
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            table = frame.format()
            table.setCellPadding(5)
            table.setBorder(0)
            table.setBottomMargin(_BELOW)
            frame.setFormat(table)


def _set_size(block: QTextBlock, steps: int | None) -> None:
    if steps is None:
        return
    cursor = QTextCursor(block)
    cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
    letters = QTextCharFormat()
    letters.setProperty(QTextFormat.Property.FontSizeAdjustment, steps)
    letters.setFontWeight(QFont.Weight.DemiBold)
    cursor.mergeCharFormat(letters)
