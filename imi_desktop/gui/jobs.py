"""The list of background jobs, and the queue that starts them.

    job = context.jobs.start({"kind": "generate", "study": …}, title="Stimuli", study=folder)
    job.progressed.connect(…)      see gui.job
    context.jobs.hold("P03's session"); context.jobs.release()

Nothing here blocks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from imi_desktop.gui.job import GRACE_MS, Job, State

__all__ = ["Job", "JobList", "State"]


class JobList(QAbstractListModel):
    """All jobs of this app, latest first, and the queue that starts them.

    Parameters
    ----------
    at_once : int
        How many heavy jobs run at the same time.
    """

    jobs_changed = Signal()

    def __init__(self, at_once: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._held = ""
        self.at_once = at_once

    def start(
        self,
        spec: dict[str, Any],
        title: str,
        study: Path | None = None,
        light: bool = False,
    ) -> Job:
        """Queue a job; it starts when the event loop runs and there is room.

        Connect to the job's signals right after the call; nothing is emitted before.
        """
        job = Job(spec, title, study, light, self)
        if self._held:
            job.hold(self._held)
        job.changed.connect(self._some_changed)
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._jobs.insert(0, job)
        self.endInsertRows()
        self.jobs_changed.emit()
        QTimer.singleShot(0, self, self._fill)
        return job

    @property
    def jobs(self) -> list[Job]:
        """Latest first."""
        return list(self._jobs)

    def active(self, study: Path | None = None) -> list[Job]:
        """Jobs that are not over, of one study or of all."""
        return [
            job
            for job in self._jobs
            if not job.state.over and (study is None or job.study == study)
        ]

    def cancel_all(self, study: Path | None = None, grace_ms: int = GRACE_MS) -> None:
        """Cancel the jobs of one study, or all."""
        for job in self.active(study):
            job.cancel(grace_ms)

    def end_processes(self) -> None:
        """Leave no worker behind when the app closes."""
        for job in self._jobs:
            job.end_process()

    @property
    def held(self) -> str:
        """What all jobs wait for; ``""`` if they may work."""
        return self._held

    def hold(self, reason: str) -> None:
        """Halt what runs and begin nothing until :meth:`release`.

        Parameters
        ----------
        reason : str
            What the jobs wait for, as a noun: ``"P03's session"``.
        """
        if reason != self._held:
            self._held = reason
            for job in self.active():
                job.hold(reason)
            self.jobs_changed.emit()

    def release(self) -> None:
        """Let go on what :meth:`hold` halted; what the user paused stays paused."""
        if self._held:
            self._held = ""
            for job in self.active():
                job.release()
            self.jobs_changed.emit()
            self._fill()

    def pause_all(self) -> None:
        """Pause every running job."""
        for job in self.active():
            job.pause()

    def resume_all(self) -> None:
        """Let every paused job go on."""
        for job in self.active():
            job.resume()

    def clear_over(self) -> None:
        """Take the jobs that are over off the list."""
        self.beginResetModel()
        over = [job for job in self._jobs if job.state.over]
        self._jobs = [job for job in self._jobs if not job.state.over]
        self.endResetModel()
        for job in over:
            job.end_process()  # else Qt would wait for it in the middle of the job's destruction
            job.deleteLater()
        self.jobs_changed.emit()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Number of jobs."""
        return 0 if parent.isValid() else len(self._jobs)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Title for display, the :class:`Job` itself under ``UserRole``."""
        if not index.isValid():
            return None
        job = self._jobs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return job.title
        return job if role == Qt.ItemDataRole.UserRole else None

    def _some_changed(self) -> None:
        if self._jobs:
            self.dataChanged.emit(self.index(0), self.index(len(self._jobs) - 1))
        self.jobs_changed.emit()
        self._fill()

    def _fill(self) -> None:
        if self._held:
            return
        running = [job for job in self._jobs if not job.state.over and job.state != State.QUEUED]
        free = self.at_once - sum(not job.light for job in running)
        for job in reversed(self._jobs):
            if job.state is State.QUEUED and (job.light or free > 0):
                free -= 0 if job.light else 1
                job.begin()
