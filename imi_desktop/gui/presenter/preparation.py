"""Decodes and composes the next trial while nobody waits for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader

from imi_desktop.display.geometry import trial_layout
from imi_desktop.display.places import Rect
from imi_desktop.errors import UserError
from imi_desktop.experiment.trial import TrialStep
from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.trial_paint import Look, TrialArt
from imi_desktop.gui.presenter.warm_up import warm_up


class StimulusError(UserError):
    """A trial's image is missing or cannot be decoded."""


@dataclass(frozen=True)
class Stage:
    """Where and how trials are shown.

    Parameters
    ----------
    study_folder : Path
        To which image paths are relative.
    screen_px : tuple of int
        Size of the surface.
    px_per_degree : float
        Scale of the layout.
    background : int
        Digital level of the grey, 0 … 255.
    photodiode : bool
        Whether the photodiode's patch is drawn.
    """

    study_folder: Path
    screen_px: tuple[int, int]
    px_per_degree: float
    background: int
    photodiode: bool = False


@dataclass(frozen=True)
class PreparedTrial:
    """A trial that can be presented at once.

    Parameters
    ----------
    look : Look
        The state that `picture` shows.
    milliseconds : float
        How long the preparation took.
    """

    step: TrialStep
    stage: Stage
    art: TrialArt
    look: Look
    picture: Picture
    milliseconds: float


def prepare_trial(step: TrialStep, stage: Stage) -> PreparedTrial:
    """Decode a trial's images and compose its first frame. Runs on any thread.

    Raises
    ------
    StimulusError
        If an image is missing or damaged.
    """
    begun = time.perf_counter()
    trial = step.trial
    layout = trial_layout(trial, stage.screen_px, stage.px_per_degree)
    images = {
        place.path: load_image(stage.study_folder / place.path, place.rect)
        for place in layout.images
    }
    art = TrialArt(layout, step.wording, images, trial.target_position, stage.background)
    look = Look(
        answers="waiting" if step.timings.buttons_active_ms > 0 else "active",
        proceed="inactive" if trial.task == "intuitiveness" else "hidden",
        progress=(step.block_position - 1) / max(step.block_length, 1),
        patch=True if stage.photodiode else None,
        verdict=step.timings.continue_button,
    )
    picture = Picture(art.whole(look))
    return PreparedTrial(step, stage, art, look, picture, (time.perf_counter() - begun) * 1000)


def load_image(path: Path, place: Rect) -> QImage:
    """Decode one image for its place; only an image of another size is scaled.

    Raises
    ------
    StimulusError
        If it is missing or damaged.
    """
    image = read_image(path)
    if (image.width(), image.height()) != (place.width, place.height):
        image = image.scaled(
            place.width,
            place.height,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image.convertToFormat(QImage.Format.Format_RGB32)


def read_image(path: Path) -> QImage:
    """Decode one image as it is.

    Raises
    ------
    StimulusError
        If it is missing or damaged.
    """
    reader = QImageReader(str(path))
    image = reader.read()
    if image.isNull():
        raise StimulusError(
            f"The image {path} cannot be shown: {reader.errorString()}. "
            "Generate the study's stimuli again, then resume the session."
        )
    return image


class _Reports(QObject):
    ready = Signal(object)
    failed = Signal(object, object)


class _Work(QRunnable):
    def __init__(self, step: TrialStep, stage: Stage, reports: _Reports) -> None:
        super().__init__()
        self._step, self._stage, self._reports = step, stage, reports

    def run(self) -> None:
        try:
            prepared = prepare_trial(self._step, self._stage)
        except Exception as error:  # noqa: BLE001  (raised again on the main thread)
            self._reports.failed.emit(self._step, error)
        else:
            self._reports.ready.emit(prepared)


class Preparer(QObject):
    """Prepares one trial at a time on another thread.

    Signals
    -------
    prepared : PreparedTrial
    """

    prepared = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        warm_up()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._reports = _Reports(self)
        self._reports.ready.connect(self._on_ready, Qt.ConnectionType.QueuedConnection)
        self._reports.failed.connect(self._on_failed, Qt.ConnectionType.QueuedConnection)
        self._wanted: tuple[TrialStep, Stage] | None = None
        self._ready: PreparedTrial | None = None

    def request(self, step: TrialStep, stage: Stage) -> None:
        """Begin to prepare `step`, unless it is prepared or under way."""
        if self.take(step, stage, keep=True) is not None or self._wanted == (step, stage):
            return
        self._wanted = (step, stage)
        self._pool.start(_Work(step, stage, self._reports))

    def take(self, step: TrialStep, stage: Stage, *, keep: bool = False) -> PreparedTrial | None:
        """The prepared trial if it is this one, else None."""
        ready = self._ready
        if ready is None or ready.step != step or ready.stage != stage:
            return None
        if not keep:
            self._ready = None
        return ready

    def finish(self) -> None:
        """Wait for the work under way."""
        self._pool.waitForDone()

    def _on_ready(self, prepared: PreparedTrial) -> None:
        if self._wanted == (prepared.step, prepared.stage):
            self._wanted = None
            self._ready = prepared
            self.prepared.emit(prepared)

    def _on_failed(self, step: TrialStep, error: BaseException) -> None:
        if self._wanted is not None and self._wanted[0] == step:
            self._wanted = None
            raise error
