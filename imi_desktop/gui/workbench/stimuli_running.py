"""The card of what is being made right now, with pictures that sharpen."""

from __future__ import annotations

import math
import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import IconButton, set_enabled
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import count, duration, number, plural
from imi_desktop.gui.widgets.labels import ElidedLabel, label, wrapped
from imi_desktop.gui.widgets.progress import ProgressBar
from imi_desktop.gui.widgets.well import Well
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader
from imi_desktop.gui.workbench.histogram_bins import digits_of
from imi_desktop.gui.workbench.stimuli_live import LiveTask
from imi_desktop.gui.workbench.stimuli_matrix import Key

_PICTURE = 56
_MOST = 4


class RunningCard(Card):
    """Up to four tasks; the others are counted.

    Signals
    -------
    pause_wanted, drop_wanted : (Unit, str)
        Halt a task or let it go on; take it out of the generation.
    """

    pause_wanted = Signal(object)
    drop_wanted = Signal(object)

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "Running", parent=parent)
        self._loader = loader
        self._rows: list[_RunningRow] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(10)
        self.body.addLayout(self._column)
        self._note = wrapped("", "caption", "ink3")
        self.body.addWidget(self._note)
        self.body.addStretch(1)
        self._shown: list[tuple[Key, LiveTask, float | None]] = []
        loader.ready.connect(self._repaint)

    def show_tasks(
        self,
        tasks: list[tuple[Key, LiveTask, float | None]],
        waiting: int,
        note: str,
        reason: str = "",
    ) -> None:
        """Show running tasks, each with the activation it must reach (None if not known).

        Parameters
        ----------
        waiting : int
            Tasks that have not begun.
        note : str
            What is done before the first task, e.g. recording activations, or why all wait.
        reason : str
            Why single tasks cannot be paused or cancelled; empty if they can.
        """
        self._shown = tasks[:_MOST]
        while len(self._rows) < len(self._shown):
            row = _RunningRow(self.theme, self._loader)
            row.pause_wanted.connect(self.pause_wanted)
            row.drop_wanted.connect(self.drop_wanted)
            self._rows.append(row)
            self._column.addWidget(row)
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(self._shown))
            if place < len(self._shown):
                row.show_task(*self._shown[place], reason)
        open_ = len(tasks) + waiting
        self.set_caption(f"{count(len(tasks))} of {count(open_)} open" if tasks else "")
        words = note or ("" if tasks else "Nothing is running.")
        self._note.setVisible(bool(words))
        self._note.setText(words)

    def _repaint(self) -> None:
        for row, shown in zip(self._rows, self._shown, strict=False):
            row.show_picture(shown[1])


class _RunningRow(QWidget):
    pause_wanted = Signal(object)
    drop_wanted = Signal(object)

    def __init__(self, theme: Theme, loader: ThumbnailLoader) -> None:
        super().__init__()
        self._loader = loader
        self._key: Key | None = None
        self.pause = IconButton(theme, "pause", "Pause")
        self.close_button = IconButton(theme, "close", "Cancel")
        self.pause.clicked.connect(lambda: self.pause_wanted.emit(self._key))
        self.close_button.clicked.connect(lambda: self.drop_wanted.emit(self._key))
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self.pause)
        buttons.addWidget(self.close_button)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        self._picture = Well(theme, _PICTURE, 2)
        self._name = ElidedLabel("", "card_title")
        self._step = ElidedLabel("", "caption", "ink3")
        self._bar = ProgressBar(theme)
        self._activation = ElidedLabel("", "caption", "ink3")
        self._left = label("", "caption", "ink3")
        grid.addWidget(self._picture, 0, 0, 4, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._name, 0, 1)
        grid.addLayout(buttons, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._step, 1, 1, 1, 2)
        grid.addWidget(self._bar, 2, 1, 1, 2)
        grid.addWidget(self._activation, 3, 1)
        grid.addWidget(self._left, 3, 2, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(1, 1)

    def show_task(self, key: Key, live: LiveTask, target: float | None, reason: str) -> None:
        self._key = key
        unit, kind = key
        what = live.side or kind
        name = f"{unit.layer}, {unit.channel}, {what}"
        self._name.set_text(name)
        self.pause.set_icon(
            "play" if live.halted else "pause", f"{'Resume' if live.halted else 'Pause'} {name}"
        )
        self.close_button.set_icon("close", f"Cancel {name}; the others go on (Del)")
        for button in (self.pause, self.close_button):
            set_enabled(button, not reason, reason)
        self._bar.set_waiting(live.rests)
        if live.steps:
            made = len(live.activations)
            images = f"{plural(made, 'image')}, " if made else ""
            self._step.set_text(f"{images}step {count(live.step)} of {count(live.steps)}")
            self._bar.set_fraction(live.side_share)
        else:
            self._step.set_text("loading the network" if kind == "synthetic" else "cutting batches")
            self._bar.set_fraction(None)
        self._activation.set_text(_activation_words(live, target))
        left = live.seconds_left_of_side(time.monotonic())
        words = "" if left is None else f"{duration(left)} left"
        self._left.setText("paused" if live.rests else words)
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
    if target is not None and math.isnan(target):
        target = None  # it is being looked up
    weakest = max(live.activations) if live.side == "min" else min(live.activations)
    digits = digits_of([weakest] if target is None else [weakest, target])
    words = f"activation {number(weakest, digits)}"
    return words if target is None else f"{words}, target {number(target, digits)}"
