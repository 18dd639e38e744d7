"""The generation job of the open study, whoever started it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from imi_desktop.gui.jobs import Job, JobList, State
from imi_desktop.jobs.task_orders import TaskOrder
from imi_desktop.models.unit import Unit
from imi_desktop.progress import Progress

KIND = "generate"


class GenerationJob(QObject):
    """Finds, starts and follows the one generation that a study can have at a time."""

    started = Signal()
    progressed = Signal(str, object)
    """Stage and data of a progress event."""
    paused = Signal(bool)
    ended = Signal(list, str)
    """Failed tasks as reported, and a sentence if the whole job failed."""

    def __init__(self, jobs: JobList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None
        self._folder: Path | None = None
        self._rest = (False, "")
        jobs.jobs_changed.connect(self._look)

    def follow(self, folder: Path | None) -> None:
        """Follow the generation of another study."""
        if folder != self._folder:
            self._folder = folder
            self._job = None
            self._rest = (False, "")
        self._look()

    def start(self, spec: dict[str, object], title: str, folder: Path) -> None:
        """Queue a generation; :meth:`follow` must name the same study."""
        self._jobs.start(spec, title, folder)

    @property
    def active(self) -> bool:
        """Whether a generation waits or runs."""
        return self._job is not None and not self._job.state.over

    @property
    def is_paused(self) -> bool:
        """Whether it was halted."""
        return self._job is not None and self._job.state is State.PAUSED

    @property
    def seconds_left(self) -> float | None:
        """Estimate for the present stage, or None."""
        return self._job.seconds_left if self._job is not None else None

    @property
    def held(self) -> str:
        """What the generation waits for without having been paused by hand; else empty."""
        return self._job.held if self._job is not None else ""

    @property
    def units(self) -> frozenset[Unit]:
        """Units that the generation is restricted to; empty for all."""
        if self._job is None:
            return frozenset()
        return frozenset(Unit(**unit) for unit in self._job.spec.get("units", ()))

    @property
    def on_cluster(self) -> bool:
        """Whether the workers of a cluster do the work."""
        return self._job is not None and bool(self._job.spec.get("scheduler"))

    def order(self, order: TaskOrder) -> None:
        """Pause, resume or drop one task of the generation."""
        if self.active and self._job is not None:
            self._job.send(order.to_json())

    def toggle_pause(self) -> None:
        """Halt, or go on."""
        if self._job is not None:
            if self.is_paused:
                self._job.resume()
            else:
                self._job.pause()

    def cancel(self) -> None:
        """Stop; what is finished stays."""
        if self._job is not None:
            self._job.cancel()

    def _look(self) -> None:
        if self._folder is None:
            return
        if not self.active:
            for job in self._jobs.active():
                if job.spec.get("kind") == KIND and job.study == self._folder:
                    self._take(job)
                    break
        elif (self.is_paused, self.held) != self._rest:
            self._rest = (self.is_paused, self.held)
            self.paused.emit(self.is_paused)

    def _take(self, job: Job) -> None:
        self._job = job
        self._rest = (False, "")
        job.progressed.connect(lambda progress: self._progressed(job, progress))
        job.finished.connect(lambda result: self._over(job, result.get("failed", []), ""))
        job.failed.connect(lambda sentence: self._over(job, [], sentence))
        job.cancelled.connect(lambda: self._over(job, [], ""))
        self.started.emit()

    def _progressed(self, job: Job, progress: Progress) -> None:
        if job is self._job:
            self.progressed.emit(progress.stage, progress.data)

    def _over(self, job: Job, failed: list[dict[str, str]], sentence: str) -> None:
        if job is self._job:
            self._job = None
            self.ended.emit(failed, sentence)
