"""Starts the jobs that compute units' further numbers from the results page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.correlates_card import CorrelatesCard
from imi_desktop.gui.dashboard.machine_card import MachineCard

_TITLES = {
    "activation_maps": "Activation maps",
    "selectivity": "Selectivity and ablation",
    "machine_score": "Machine score",
}


class MeasureJobs(QObject):
    """One job at a time; its end is told so that the page reads the new numbers."""

    computed = Signal()

    def __init__(
        self,
        context: AppContext,
        correlates: CorrelatesCard,
        machine: MachineCard,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._window = parent
        self._cards = (correlates, machine)
        self._study: Study | None = None
        self._running = ""
        correlates.maps_wanted.connect(lambda: self._start("activation_maps"))
        correlates.selectivity_wanted.connect(self._choose_labels)
        machine.wanted.connect(lambda: self._start("machine_score"))
        self.set_study(None)

    def set_study(self, study: Study | None) -> None:
        """Compute for another study."""
        self._study = study
        self._refresh()

    @property
    def reason(self) -> str:
        """Why nothing can be computed now; empty if something can."""
        if self._study is None:
            return "No study is open."
        if self._running:
            return f"{_TITLES[self._running]} of this study: being computed."
        if not self._study.images_folder.is_dir():
            return f"The image folder {self._study.images_folder} is not there."
        return ""

    def _choose_labels(self) -> None:
        start = str(self._study.folder) if self._study is not None else ""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Labels: columns image and label", start, "CSV (*.csv)"
        )
        if chosen:
            self._start("selectivity", labels=str(Path(chosen)))

    def _start(self, kind: str, **arguments: str) -> None:
        if self._study is None or self.reason:
            return
        folder = self._study.folder
        spec = {"kind": kind, "study": str(folder), **arguments}
        job = self._context.jobs.start(spec, f"{_TITLES[kind]} of {self._study.name}", folder)
        self._running = kind
        job.finished.connect(lambda _result: self._ended())
        job.failed.connect(self._failed)
        job.cancelled.connect(self._ended)
        self._refresh()

    def _failed(self, sentence: str) -> None:
        self._context.show_error(sentence)
        self._ended()

    def _ended(self) -> None:
        self._running = ""
        self._refresh()
        self.computed.emit()

    def _refresh(self) -> None:
        for card in self._cards:
            card.set_computable(self.reason)
