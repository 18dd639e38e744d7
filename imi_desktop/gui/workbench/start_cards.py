"""The cards of the start page that are about this computer: the demo, and what there is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.jobs import Job
from imi_desktop.gui.jobs_popover import time_left
from imi_desktop.gui.widgets.buttons import Button, quiet
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.labels import label, set_tone, wrapped
from imi_desktop.gui.widgets.progress import ProgressLine
from imi_desktop.gui.widgets.well import ImageStrip
from imi_desktop.gui.workbench.computer import Fact, computer_facts, models_fact
from imi_desktop.gui.workbench.protocol_picture import ProtocolPicture
from imi_desktop.paths import resource

DEMO_FOLDER = "demo"
"""Name of the demo study below the studies folder."""
_DEMO_HEIGHT = 296
"""Least height of the demo's card in px, progress included."""


class DemoCard(Card):
    """Offers the demo and shows how far it is."""

    open_wanted = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, parent=parent)
        self.setAccessibleName("Try the demo")
        self.setMinimumHeight(_DEMO_HEIGHT)
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
