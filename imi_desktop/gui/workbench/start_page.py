"""The start page: the demo, recent studies, the protocols, and what this computer has."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.errors import UserError
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.jobs import Job
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule, wrapped
from imi_desktop.gui.widgets.list_row import ListRow
from imi_desktop.gui.widgets.scroll import ScrollColumn
from imi_desktop.gui.workbench.protocol_card import ProtocolCard
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts, facts_of, known_protocols
from imi_desktop.gui.workbench.start_cards import ComputerCard, DemoCard

_EDGE = 56
_LEFT = 400
_CARD_MIN = 380
_CARD_HEIGHT = 412
_NARROW = 1600
_SHOWN_RECENT = 5


class StartPage(QWidget):
    """What is there before a study is open."""

    wanted = Signal(str, str)
    """Name of an action, and a protocol or folder it is about."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        theme = context.theme
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Start")
        area = ScrollColumn((_EDGE, 24, _EDGE, 24), 2)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = area.column
        column.addWidget(label("IMI Desktop", "start_title"))
        column.addWidget(
            label(
                "From “which unit of which network?” to “how well do people understand it?”",
                "body",
                "ink2",
            )
        )
        column.addSpacing(14)
        self._body = QGridLayout()
        self._body.setSpacing(14)
        column.addLayout(self._body, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self._demo = DemoCard(context)
        self._demo.open_wanted.connect(lambda: self.wanted.emit("open_demo", ""))
        self._open = self._open_card()
        self._recent = Card(theme, "Recent")
        self._recent.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._computer = ComputerCard(context)
        self._left = [self._demo, self._open, self._recent, self._computer]
        self._cards: list[QWidget] = []
        self._columns = 0
        self._load_protocols()
        self.refresh()

    def refresh(self) -> None:
        """Show the recent studies anew; the demo is the primary while nothing was opened."""
        recent = [folder for folder in self._context.settings.recent if folder.is_dir()]
        self._demo.set_primary(not recent)
        while (item := self._recent.body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for folder in recent[:_SHOWN_RECENT]:
            row = ListRow(self._context.theme, "study", folder.name, str(folder.parent))
            row.clicked.connect(lambda _=False, f=folder: self.wanted.emit("open_recent", str(f)))
            self._recent.body.addWidget(row)
        if not recent:
            self._recent.body.addWidget(
                wrapped("No studies yet. They appear here; new ones go to", tone="ink3")
            )
            folder = str(self._context.settings.studies_folder)
            self._recent.body.addWidget(
                ElidedLabel(folder, "body", "ink2", Qt.TextElideMode.ElideMiddle)
            )
        self._recent.body.addStretch(1)
        self._recent.setMinimumHeight(60 + max(40, 36 * len(recent[:_SHOWN_RECENT])))
        self._arrange(force=True)

    def follow_demo(self, job: Job) -> None:
        """Show how far the demo study is."""
        self._demo.follow(job)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the cards in as many columns as fit."""
        super().resizeEvent(event)
        self._arrange()

    def _load_protocols(self) -> None:
        self._places = [Card(self._context.theme) for _ in known_protocols()]
        for place in self._places:
            place.setProperty("kind", "missing")
        self._cards = list(self._places)
        in_thread(self, _all_protocols, self._show_protocols)

    def _show_protocols(self, found: tuple[list[ProtocolFacts], list[str]]) -> None:
        facts, sentences = found
        for card in self._cards:
            card.hide()
            card.deleteLater()
        self._cards = []
        for fact in facts:
            card = ProtocolCard(self._context.theme, fact)
            card.new_wanted.connect(lambda name: self.wanted.emit("new_study", name))
            self._cards.append(card)
        for sentence in sentences:
            broken = Card(self._context.theme)
            broken.body.addWidget(
                EmptyState(self._context.theme, "error", "This protocol cannot be read", sentence)
            )
            self._cards.append(broken)
        self._arrange(force=True)

    def _arrange(self, force: bool = False) -> None:
        width = self.width()
        wide = width >= _NARROW
        columns = max(1, (width - 2 * _EDGE - (_LEFT if wide else 0)) // (_CARD_MIN + 14))
        columns = min(columns, 3)
        key = columns + (10 if wide else 0)
        if key == self._columns and not force:
            return
        self._columns = key
        while self._body.takeAt(0) is not None:
            pass
        for place in range(self._body.columnCount()):
            self._body.setColumnStretch(place, 0)
            self._body.setColumnMinimumWidth(place, 0)
        self._arrange_left(wide, columns)
        offset = 1 if wide else 0
        first = 0 if wide else 1
        for index, card in enumerate(self._cards):
            row, column = divmod(index, columns)
            card.setMinimumHeight(_CARD_HEIGHT)
            self._body.addWidget(card, first + row, offset + column)
            card.show()
        for column in range(columns):
            self._body.setColumnStretch(offset + column, 1)
        last = first + -(-len(self._cards) // columns)
        for row in range(self._body.rowCount()):  # also those of an earlier arrangement
            self._body.setRowStretch(row, 1 if first <= row < last else 0)

    def _arrange_left(self, wide: bool, columns: int) -> None:
        opened = any(folder.is_dir() for folder in self._context.settings.recent)
        order = [self._recent, self._open, self._demo, self._computer] if opened else self._left
        if not opened:
            order = [self._demo, self._open, self._recent, self._computer]
        box = QVBoxLayout() if wide else QGridLayout()
        box.setSpacing(14)
        for place, card in enumerate(order):
            card.setMaximumWidth(_LEFT if wide else 16777215)
            if isinstance(box, QGridLayout):
                box.addWidget(card, *divmod(place, 2))
            else:
                box.addWidget(card, 1 if card is self._recent else 0)
        rows = max(1, -(-len(self._cards) // columns))
        self._body.addLayout(box, 0, 0, rows if wide else 1, 1 if wide else columns)
        # Qt reckons too little for wrapped texts in a layout within a layout.
        tall = [max(card.minimumHeight(), card.minimumSizeHint().height()) for card in order]
        for row in range(self._body.rowCount()):
            self._body.setRowMinimumHeight(row, 0)
        if wide:
            self._body.setColumnMinimumWidth(0, _LEFT)
            room = sum(tall) + 3 * box.spacing() - (rows - 1) * self._body.spacing()
            for row in range(rows):
                self._body.setRowMinimumHeight(row, -(-room // rows))
        else:
            self._body.setRowMinimumHeight(0, max(tall[:2]) + box.spacing() + max(tall[2:]))

    def _open_card(self) -> Card:
        card = Card(self._context.theme, "Open")
        card.body.setSpacing(0)
        card.body.setContentsMargins(4, 0, 4, 6)
        for name, icon, text, keys in (
            ("open_study", "folder", "Open study…", "Ctrl O"),
            ("open_results", "results", "Open results of several studies…", "Ctrl Shift O"),
            ("import_data", "export", "Import published or own data…", "Ctrl I"),
            ("new_from_study", "study", "New study from another study…", ""),
        ):
            card.body.addWidget(rule())
            row = ListRow(self._context.theme, icon, text, "", keys)
            row.clicked.connect(lambda _=False, n=name: self.wanted.emit(n, ""))
            card.body.addWidget(row)
        card.body.addStretch(1)
        return card


def _all_protocols() -> tuple[list[ProtocolFacts], list[str]]:
    facts, sentences = [], []
    for name in known_protocols():
        try:
            facts.append(facts_of(name))
        except UserError as error:
            sentences.append(error.sentence)
    return facts, sentences
