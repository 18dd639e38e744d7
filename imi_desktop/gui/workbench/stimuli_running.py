"""The card of what is being made right now, with pictures that sharpen."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import count, duration, number
from imi_desktop.gui.widgets.labels import ElidedLabel, label
from imi_desktop.gui.widgets.progress import ProgressBar
from imi_desktop.gui.widgets.well import Well
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader
from imi_desktop.gui.workbench.histogram_bins import digits_of
from imi_desktop.gui.workbench.stimuli_matrix import Key, LiveTask

_PICTURE = 56
_MOST = 4


class RunningCard(Card):
    """Up to four tasks; the others are counted."""

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "Running", parent=parent)
        self._loader = loader
        self._rows: list[_RunningRow] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(10)
        self.body.addLayout(self._column)
        self._idle = label("Nothing is running.", "caption", "ink3")
        self.body.addWidget(self._idle)
        self._shown: list[tuple[Key, LiveTask, float | None]] = []
        loader.ready.connect(self._repaint)

    def show_tasks(
        self, tasks: list[tuple[Key, LiveTask, float | None]], waiting: int, stage: str
    ) -> None:
        """Show running tasks, each with the activation it must reach (None if not known).

        Parameters
        ----------
        waiting : int
            Tasks that have not begun.
        stage : str
            What is done before the first task, e.g. recording activations.
        """
        self._shown = tasks[:_MOST]
        while len(self._rows) < len(self._shown):
            row = _RunningRow(self.theme, self._loader)
            self._rows.append(row)
            self._column.addWidget(row)
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(self._shown))
            if place < len(self._shown):
                row.show_task(*self._shown[place])
        open_ = len(tasks) + waiting
        self.set_caption(f"{count(len(tasks))} of {count(open_)} open" if tasks else "")
        self._idle.setVisible(not tasks)
        self._idle.setText(stage or "Nothing is running.")

    def _repaint(self) -> None:
        for row, shown in zip(self._rows, self._shown, strict=False):
            row.show_picture(shown[1])


class _RunningRow(QWidget):
    def __init__(self, theme: Theme, loader: ThumbnailLoader) -> None:
        super().__init__()
        self._loader = loader
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        self._picture = Well(theme, _PICTURE, 2)
        self._name = ElidedLabel("", "card_title")
        self._step = ElidedLabel("", "caption", "ink3")
        self._bar = ProgressBar(theme)
        self._activation = ElidedLabel("", "caption", "ink3")
        self._left = label("", "caption", "ink3")
        grid.addWidget(self._picture, 0, 0, 4, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._name, 0, 1, 1, 2)
        grid.addWidget(self._step, 1, 1, 1, 2)
        grid.addWidget(self._bar, 2, 1, 1, 2)
        grid.addWidget(self._activation, 3, 1)
        grid.addWidget(self._left, 3, 2)
        grid.setColumnStretch(1, 1)

    def show_task(self, key: Key, live: LiveTask, target: float | None) -> None:
        unit, kind = key
        what = live.side or kind
        self._name.set_text(f"{unit.layer}, {unit.channel}, {what}")
        if live.steps:
            images = f"{len(live.activations)} images, " if live.activations else ""
            self._step.set_text(f"{images}step {count(live.step)} of {count(live.steps)}")
            self._bar.set_fraction(live.step / live.steps)
        else:
            self._step.set_text("loading the network" if kind == "synthetic" else "cutting batches")
            self._bar.set_fraction(None)
        self._activation.set_text(_activation_words(live, target))
        left = live.seconds_left(time.monotonic())
        self._left.setText("" if left is None else f"{duration(left)} left")
        self.show_picture(live)

    def show_picture(self, live: LiveTask) -> None:
        """Show the newest preview; the one before stays until it is decoded."""
        if not live.preview:
            self._picture.set_pixmap(None)
            return
        side = round((_PICTURE - 4) * self.devicePixelRatioF())
        parts = max(1, len(live.activations))
        try:
            version = Path(live.preview).stat().st_mtime_ns
        except FileNotFoundError:
            return  # the task has just ended
        key = ThumbnailKey(live.preview, side, 1.0, version, (parts - 1, parts))
        pixmap = self._loader.pixmap(key)
        if pixmap is not None:
            self._picture.set_pixmap(pixmap)


def _activation_words(live: LiveTask, target: float | None) -> str:
    if not live.activations:
        return ""
    weakest = max(live.activations) if live.side == "min" else min(live.activations)
    digits = digits_of([weakest] if target is None else [weakest, target])
    words = f"activation {number(weakest, digits)}"
    return words if target is None else f"{words}, target {number(target, digits)}"
