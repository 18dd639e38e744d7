"""Starts what a model's layers and activations are read with, and tells when they are there."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PySide6.QtCore import QObject, Signal

from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.jobs import Job
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.workbench.units_recording import RecordingState


class UnitsRecorder(QObject):
    """One recording at a time, and the empty states that show how far it is."""

    recorded = Signal()
    """Activations of further layers are there."""
    layers_listed = Signal()
    """The layers of a model that was not known on this computer are known now."""

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._state: RecordingState | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being recorded."""
        return self._job is not None and not self._job.state.over

    def empty_state(self, model: str, layers: list[str], all_missing: list[str]) -> RecordingState:
        """What stands in the place of units whose activations are missing.

        Parameters
        ----------
        layers, all_missing : list of str
            Layers to offer first, and all layers of interest without activations.
        """
        state = RecordingState(self._context.theme, layers, all_missing)
        state.record_wanted.connect(lambda wanted: self.record(model, wanted))
        self._state = state
        if self._job is not None and self.busy:
            state.follow(self._job)
        return state

    def record(self, model: str, layers: list[str]) -> Job | None:
        """Record the activations of some layers; the image folder is indexed first if need be."""
        study = self._context.study
        if study is None or self.busy:
            return None
        index = study.folder / "dataset.csv"
        if index.is_file():
            return self._record(study, model, layers)
        images = str(study.images_folder)
        first = {"kind": "index_images", "folder": images, "index": str(index)}
        job = self._context.jobs.start(first, "Indexing images", study.folder)
        job.finished.connect(lambda _: self._record(study, model, layers))
        self._follow(job)
        return job

    def list_layers(self, model: str) -> None:
        """Look at a network whose layers are not known yet."""
        study = self._context.study
        if study is None:
            return
        spec = {"kind": "layer_tables", "model": model}
        job = self._context.jobs.start(spec, f"Listing layers of {model}", study.folder, light=True)
        job.finished.connect(lambda _: self.layers_listed.emit())
        job.failed.connect(self._context.show_error)

    def _record(self, study: Study, model: str, layers: list[str]) -> Job:
        spec: dict[str, object] = {
            "kind": "record_activations",
            "study": str(study.folder),
            "images": str(study.images_folder),
            "model": model,
            "layers": layers,
            "device": self._context.settings.values.device,
        }
        job = self._context.jobs.start(
            spec, f"Recording {plural(len(layers), 'layer')}", Path(study.folder)
        )
        job.finished.connect(lambda _: self.recorded.emit())
        self._follow(job)
        return job

    def _follow(self, job: Job) -> None:
        self._job = job
        if self._state is not None and shiboken6.isValid(self._state):  # the list may have gone on
            self._state.follow(job)
