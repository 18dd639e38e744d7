"""The card of devices: what generates, how much of it, how busy it is."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

import psutil
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import MISSING, number, percent
from imi_desktop.gui.widgets.labels import label
from imi_desktop.gui.widgets.number import NumberField
from imi_desktop.gui.widgets.progress import ProgressBar
from imi_desktop.gui.workbench.cluster_row import ClusterRow

_EVERY_MS = 3000
_GB = 1e9


@dataclass(frozen=True)
class DeviceReading:
    """One device now.

    Parameters
    ----------
    name : str
        ``CPU``, ``GPU 0`` …
    used, total : float
        Memory in bytes.
    words : str
        What else is known, e.g. how busy it is.
    """

    name: str
    used: float
    total: float
    words: str


def read_devices() -> list[DeviceReading]:
    """Graphics processors that nvidia-smi knows, then the processor."""
    memory = psutil.virtual_memory()
    cores = os.cpu_count() or 1
    words = f"{cores} cores, {percent(psutil.cpu_percent() / 100)} busy, low priority"
    return [*_graphics(), DeviceReading("CPU", memory.used, memory.total, words)]


def _graphics() -> list[DeviceReading]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = "index,name,memory.used,memory.total,utilization.gpu,temperature.gpu"
    try:
        answer = subprocess.run(
            [program, f"--query-gpu={query}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    readings = []
    for line in answer.stdout.splitlines():
        index, name, used, total, busy, celsius = (part.strip() for part in line.split(","))
        words = f"{name}, {busy} % busy, {celsius} °C"
        readings.append(
            DeviceReading(f"GPU {index}", float(used) * 2**20, float(total) * 2**20, words)
        )
    return readings


class DevicesCard(Card):
    """Check boxes for what may be used, memory bars, number of workers."""

    changed = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "Devices", parent=parent)
        self._context = context
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self._boxes: dict[str, QCheckBox] = {}
        self._rows: dict[str, tuple[QLabel, ProgressBar, QLabel]] = {}
        self.cluster = ClusterRow(context)
        self.cluster.changed.connect(self._cluster_toggled)
        self.body.addWidget(self.cluster)
        row = QGridLayout()
        row.addWidget(label("Worker processes", "caption", "ink2"), 0, 0)
        cores = os.cpu_count() or 1
        self.workers = NumberField(1, max(1, cores))
        self.workers.setValue(min(8, cores))
        self.workers.setAccessibleName("Worker processes")
        self.workers.setToolTip("Units made at the same time; from the next start on")
        row.addWidget(self.workers, 0, 1)
        row.setColumnStretch(0, 1)
        self.body.addLayout(row)
        self.body.addStretch(1)
        self._add_row("CPU")  # every computer has one; its place is kept until it was read
        self._offer()
        context.settings_changed.connect(self._setting_changed)
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._read)

    @property
    def device(self) -> str:
        """Device for the generation: ``cpu``, ``cuda``, or ``auto`` where none is left out."""
        chosen = [name for name, box in self._boxes.items() if box.isChecked()]
        if len(chosen) == len(self._boxes):
            return "auto"
        if chosen == ["CPU"]:
            return "cpu"
        return "cuda" if chosen and "CPU" not in chosen else "auto"

    def show_readings(self, readings: list[DeviceReading]) -> None:
        """Show what the devices do now."""
        for reading in readings:
            if reading.name not in self._rows:
                self._add_row(reading.name)
                self._choose_by_setting()
                self._offer()
            memory, bar, words = self._rows[reading.name]
            memory.setText(
                f"{number(reading.used / _GB, 1)} of {number(reading.total / _GB, 0)} GB"
            )
            bar.set_parts([("ink2", reading.used / reading.total)] if reading.total else [])
            words.setText(reading.words)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()
        self.cluster.check()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _read(self) -> None:
        in_thread(self, read_devices, self.show_readings)

    def _add_row(self, name: str) -> None:
        at = 3 * len(self._rows)
        box = QCheckBox(name)
        box.setChecked(self._wanted(name))
        box.toggled.connect(self._box_toggled)
        memory = label(MISSING, "caption", "ink2")
        bar = ProgressBar(self.theme)
        words = label("", "caption", "ink3")
        self._grid.addWidget(box, at, 0, 1, 2)
        self._grid.addWidget(memory, at, 2)
        self._grid.addWidget(bar, at + 1, 0, 1, 3)
        self._grid.addWidget(words, at + 2, 0, 1, 3)
        self._boxes[name] = box
        self._rows[name] = (memory, bar, words)

    def _wanted(self, name: str) -> bool:
        """Whether the settings' device leaves this one in."""
        wanted = self._context.settings.values.device
        return wanted == "auto" or (wanted == "cpu") == (name == "CPU")

    def _offer(self) -> None:
        """Say of every device why it cannot be left out, if it cannot."""
        only = len(self._boxes) == 1
        if only:
            next(iter(self._boxes.values())).setChecked(True)
        cluster = self.cluster.box.isChecked()
        for name, box in self._boxes.items():
            reason = "The only device of this computer" if only else ""
            if cluster:
                reason = "The cluster's workers make the stimuli"
            box.setEnabled(not reason)
            box.setToolTip(reason or f"Generate on the {name} too")
        self.workers.setEnabled(not cluster)

    def _cluster_toggled(self) -> None:
        self._offer()
        self.changed.emit()

    def _setting_changed(self, name: str) -> None:
        if name == "scheduler":
            self.cluster.check()
        if name == "device":
            self._choose_by_setting()

    def _choose_by_setting(self) -> None:
        if len(self._boxes) > 1:
            for device, box in self._boxes.items():
                box.setChecked(self._wanted(device))

    def _box_toggled(self) -> None:
        boxes = list(self._boxes.values())
        if not any(box.isChecked() for box in boxes):
            boxes[-1].setChecked(True)  # something has to do the work
        self.changed.emit()
