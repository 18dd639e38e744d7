"""The start page: the demo, recent studies, the protocols, and what this computer has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.errors import UserError
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.jobs import Job
from imi_desktop.gui.jobs_popover import time_left
from imi_desktop.gui.widgets.buttons import Button, quiet
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.labels import label, rule, set_tone, wrapped
from imi_desktop.gui.widgets.list_row import ListRow
from imi_desktop.gui.widgets.progress import ProgressLine
from imi_desktop.gui.widgets.well import ImageStrip
from imi_desktop.gui.workbench.computer import Fact, computer_facts, models_fact
from imi_desktop.gui.workbench.protocol_card import ProtocolCard
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts, facts_of, known_protocols
from imi_desktop.gui.workbench.protocol_picture import ProtocolPicture
from imi_desktop.paths import resource

_EDGE = 56
_LEFT = 400
_CARD_MIN = 380
_CARD_HEIGHT = 412
_NARROW = 1600
_SHOWN_RECENT = 5

DEMO_FOLDER = "demo"
"""Name of the demo study below the studies folder."""


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
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        canvas = QWidget()
        canvas.setProperty("kind", "canvas")
        column = QVBoxLayout(canvas)
        column.setContentsMargins(_EDGE, 24, _EDGE, 24)
        column.setSpacing(2)
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
        column.addLayout(self._body)
        column.addStretch(1)
        area.setWidget(canvas)
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
                wrapped(
                    "No studies yet. Studies you open appear here; they live in "
                    f"{self._context.settings.studies_folder} unless you choose another place.",
                    tone="ink3",
                )
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
        if wide:
            self._body.addLayout(box, 0, 0, rows, 1)
            self._body.setColumnMinimumWidth(0, _LEFT)
        else:
            self._body.addLayout(box, 0, 0, 1, columns)

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


class DemoCard(Card):
    """Offers the demo and shows how far it is."""

    open_wanted = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, parent=parent)
        self.setAccessibleName("Try the demo")
        self.body.setSpacing(6)
        images = demo_images(context.settings.studies_folder / DEMO_FOLDER)
        self.body.addWidget(
            ImageStrip(context.theme, images, 2)
            if images
            else ProtocolPicture(context.theme, "trial")
        )
        self.body.addSpacing(4)
        self.body.addWidget(label("Try the demo", "subject"))
        self._text = wrapped(
            "A small study, ready to run: six units of a real network, a few minutes of trials, "
            "and simulated participants to compare yourself with. No download.",
            tone="ink2",
        )
        self.body.addWidget(self._text)
        self._progress = ProgressLine(context.theme)
        self._progress.setSizePolicy(self._keep_place(self._progress))
        self._progress.hide()
        self.body.addWidget(self._progress)
        row = QHBoxLayout()
        self.button = Button("Open the demo", "primary", context.theme, "play", "large")
        self.button.clicked.connect(self.open_wanted)
        self._job: Job | None = None
        self._cancel = quiet("Cancel")
        self._cancel.clicked.connect(self._cancel_job)
        self._cancel.hide()
        row.addWidget(self.button)
        row.addWidget(self._cancel)
        row.addStretch(1)
        self.body.addLayout(row)

    def set_primary(self, primary: bool) -> None:
        """Be the page's primary button or an ordinary one."""
        self.button.set_kind("primary" if primary else "secondary")

    def follow(self, job: Job) -> None:
        """Show the progress of the job that makes the demo study."""
        self._job = job
        self.button.set_busy(True)
        job.changed.connect(self._show)
        self._show()

    def _cancel_job(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _show(self) -> None:
        job = self._job
        if job is None:
            return
        over = job.state.over
        self._progress.setVisible(not over)
        self._cancel.setVisible(not over)
        if over:
            self._job = None
            self.button.set_busy(False)
            return
        stage = job.progress.stage if job.progress is not None else "Starting"
        self._progress.show_progress(stage, job.fraction, time_left(job))

    @staticmethod
    def _keep_place(widget: QWidget):
        policy = widget.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        return policy


class ComputerCard(Card):
    """GPU, CPU, screens, disk, models."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "This computer", parent=parent)
        self._context = context
        again = quiet("Check again", size="small")
        again.clicked.connect(self.check)
        self.add_head(again)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self.body.addLayout(self._grid)
        self.body.addStretch(1)
        self._facts: list[Fact] = [
            Fact(name, "…") for name in ("GPU", "CPU, memory", "Screens", "Disk", "Models")
        ]
        self._paint()
        context.theme.changed.connect(self._paint)
        self.check()

    def check(self) -> None:
        """Look again."""
        folder = self._context.settings.studies_folder
        in_thread(self, lambda: [*computer_facts(folder), models_fact()], self._show)

    def _show(self, facts: Sequence[Fact]) -> None:
        gpu, cpu, disk, models = facts
        self._facts = [gpu, cpu, screens_fact(), disk, models]
        self._paint()

    def _paint(self) -> None:
        while len(self._rows) < len(self._facts):
            row = (QLabel(), label("", "caption", "ink3"), wrapped("", "caption"))
            row[1].setFixedWidth(84)
            for column, widget in enumerate(row):
                self._grid.addWidget(widget, len(self._rows), column)
            self._rows.append(row)
        for fact, (mark, name, text) in zip(self._facts, self._rows, strict=True):
            icon = self.theme.icon(
                "check" if fact.fine else "warn", "ink2" if fact.fine else "warn"
            )
            mark.setPixmap(icon.pixmap(QSize(16, 16)))
            name.setText(fact.name)
            text.setText(fact.text)
            set_tone(text, "ink" if fact.fine else "warn")


def screens_fact() -> Fact:
    """Number, size and refresh rate of the screens."""
    screens = QGuiApplication.screens()
    last = screens[-1]
    size = last.geometry().size() * last.devicePixelRatio()
    text = (
        f"{len(screens)}; {'screen ' + str(len(screens)) if len(screens) > 1 else 'it'} has "
        f"{size.width()} × {size.height()} px at {last.refreshRate():.0f} Hz"
    )
    return Fact("Screens", text)


def demo_images(made: Path) -> list[QPixmap]:
    """Two rows of six of the demo's stimuli, as far as they are shipped or were made.

    Natural images above feature visualizations once the demo was made; before, the shipped
    visualizations alone.
    """
    for root, first, second in (
        (made, "natural_images/batch_*/max_0.png", "optimized_images/max_0.png"),
        (resource("demo"), "optimized_images/max_0.png", "optimized_images/max_4.png"),
    ):
        rows: tuple[list[Path], list[Path]] = ([], [])
        for unit in sorted(root.rglob("channel_*")):
            found = [min(unit.glob(pattern), default=None) for pattern in (first, second)]
            if found[0] is not None and found[1] is not None:
                rows[0].append(found[0])
                rows[1].append(found[1])
        if len(rows[0]) >= 6:
            return [QPixmap(str(file)) for row in rows for file in row[:6]]
    return []


def _all_protocols() -> tuple[list[ProtocolFacts], list[str]]:
    facts, sentences = [], []
    for name in known_protocols():
        try:
            facts.append(facts_of(name))
        except UserError as error:
            sentences.append(error.sentence)
    return facts, sentences
