"""Keeps the generation matrix of the open study true, whatever its job tells."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.workbench.stimuli_job import GenerationJob
from imi_desktop.gui.workbench.stimuli_live import LiveTask
from imi_desktop.gui.workbench.stimuli_matrix import Key, StimuliMatrix
from imi_desktop.gui.workbench.stimuli_rate import Throughput
from imi_desktop.gui.workbench.stimuli_scan import Scan, scan
from imi_desktop.gui.workbench.unit_activations import UnitActivations
from imi_desktop.jobs.task_orders import TaskOrder
from imi_desktop.models.unit import Unit, parse_address
from imi_desktop.stimuli.manifest import Manifest, Record

_TELL_EVERY_MS = 400


class StimuliProgress(QObject):
    """Matrix, throughput and targets of one study, from its files and from its job."""

    changed = Signal()
    """Something is other than before; at most a few times a second."""

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._study: Study | None = None
        self._targets: dict[tuple[Unit, str], float] = {}
        self._counted = 0.0
        self.matrix: StimuliMatrix | None = None
        self.throughput: Throughput | None = None
        self.job = GenerationJob(context.jobs, self)
        self.job.started.connect(self._began)
        self.job.progressed.connect(self._progressed)
        self.job.paused.connect(self._paused)
        self.job.ended.connect(self._ended)
        self._soon = QTimer(self, singleShot=True, interval=_TELL_EVERY_MS)
        self._soon.timeout.connect(self.changed)

    def set_study(self, study: Study | None) -> None:
        """Follow another study, or look through the same one again."""
        old = self._study
        self._study = study
        if study is None or old is None or study.folder != old.folder:
            self.matrix = None
            self.throughput = None
            self._targets = {}
        if study is None:
            self.job.follow(None)
            self.changed.emit()
            return
        in_thread(
            self,
            lambda: scan(study),
            lambda found: self._scanned(study, found),
            lambda error: self._context.show_error(error.sentence),
        )

    def stop(self) -> None:
        """Say nothing more; for closing."""
        self._soon.stop()

    @property
    def images_made(self) -> float:
        """Images there are, and the parts of those that are being made."""
        if self.matrix is None:
            return 0.0
        live = self.matrix.live.items()
        return self.matrix.done + sum(task.share * self.matrix.size_of(key) for key, task in live)

    @property
    def running(self) -> list[tuple[Key, LiveTask, float | None]]:
        """Tasks that are being made, each with the activation to reach (None if not known)."""
        if self.matrix is None:
            return []
        return [
            (key, live, self._targets.get((key[0], live.side or "max")))
            for key, live in self.matrix.live.items()
        ]

    def toggle_task(self, key: Key) -> None:
        """Halt one running task, or let it go on."""
        live = self.matrix.live.get(key) if self.matrix is not None else None
        if live is not None and self.matrix is not None:
            self.job.order(TaskOrder("resume" if live.halted else "pause", *key))
            self.matrix.halt(key, not live.halted)
            self.changed.emit()

    def drop(self, keys: Iterable[Key]) -> None:
        """Take tasks out of the generation; the others go on."""
        for key in keys:
            self.job.order(TaskOrder("drop", *key))

    def _scanned(self, study: Study, found: Scan) -> None:
        if self._study is not study:
            return
        failures = self.matrix.failures if self.matrix is not None else {}
        self.matrix = StimuliMatrix(study, found)
        self.matrix.failures = dict(failures)
        self.job.follow(Path(study.folder))
        if self.job.active:
            self._began()
        self.changed.emit()

    def _began(self) -> None:
        if self.matrix is None:
            return
        if not self.matrix.working:
            self.matrix.start(self.job.units)
        if self.throughput is None:
            self.throughput = Throughput()
        self.throughput.start(time.monotonic())
        self._counted = self.images_made
        self.changed.emit()

    def _progressed(self, stage: str, data: dict[str, object]) -> None:
        matrix = self.matrix
        if matrix is None:
            return
        finished = matrix.take(stage, data)
        if finished is not None and data.get("state") == "done":
            self._read_records(matrix, finished[0])
        if data.get("state") == "running" and data.get("side"):
            self._learn_targets(str(data.get("unit")), str(data.get("model")))
        if self.throughput is not None:
            made = self.images_made
            self.throughput.add(time.monotonic(), max(0.0, made - self._counted))
            self._counted = max(made, self._counted)
        if not self._soon.isActive():
            self._soon.start()

    def _read_records(self, matrix: StimuliMatrix, unit: Unit) -> None:
        study = self._study
        if study is None:
            return
        in_thread(
            self,
            lambda: Manifest.read(study.folder).of_unit(unit),
            lambda records: self._records_came(matrix, records),
        )

    def _records_came(self, matrix: StimuliMatrix, records: list[Record]) -> None:
        matrix.add_records(records)
        self._soon.start()

    def _learn_targets(self, address: str, model: str) -> None:
        """The most extreme natural activations of a unit that is being visualized."""
        study = self._study
        layer, channel = parse_address(address)
        unit = Unit(model, layer, channel)
        if study is None or (unit, "max") in self._targets:
            return
        self._targets[unit, "max"] = float("nan")

        def extremes() -> tuple[float, float]:
            tables = UnitActivations(study.folder, study.images_folder)
            values = tables.units(model, layer, [channel])
            return float(np.nanmax(values)), float(np.nanmin(values))

        def keep(found: tuple[float, float]) -> None:
            self._targets[unit, "max"], self._targets[unit, "min"] = found

        in_thread(self, extremes, keep)

    def _paused(self, paused: bool) -> None:
        if self.matrix is not None:
            self.matrix.rest(paused)
        if self.throughput is not None:
            now = time.monotonic()
            if paused:
                why = f"for {self.job.held}" if self.job.held else "by hand"
                self.throughput.pause(now, why)
            else:
                self.throughput.resume(now)
        self.changed.emit()

    def _ended(self, failed: list[dict[str, str]], sentence: str) -> None:
        if self.matrix is not None:
            self.matrix.stop()
            self.matrix.fail(failed)
        if sentence:
            self._context.show_error(sentence)
        if self._study is not None:
            self.set_study(self._study)
        self.changed.emit()
