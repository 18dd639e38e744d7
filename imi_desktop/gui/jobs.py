"""Background jobs of the app: worker processes, their progress, and the list of them.

    job = context.jobs.start({"kind": "generate", "study": …}, title="Stimuli", study=folder)
    job.progressed.connect(…)      Progress
    job.finished.connect(…)        dict, the result
    job.failed.connect(…)          str, one sentence for the user
    job.cancelled.connect(…)
    job.pause(); job.resume(); job.cancel(); job.send({…}) for kinds that are fed while they run

The worker's side is :mod:`imi_desktop.jobs.protocol`. Nothing here blocks.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from enum import Enum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QProcess,
    QProcessEnvironment,
    Qt,
    QTimer,
    Signal,
)

from imi_desktop.jobs.process import WORKER
from imi_desktop.jobs.protocol import (
    Command,
    Failed,
    Finished,
    JobSpec,
    ProtocolError,
    Stopped,
    decode_event,
    encode_command,
)
from imi_desktop.progress import Progress

log = logging.getLogger(__name__)

GRACE_MS = 5000
"""How long a cancelled worker may take before it is ended."""
_TAIL = 4000
_END_MS = 1000


class State(Enum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self in {State.FINISHED, State.FAILED, State.CANCELLED}


class Job(QObject):
    """One piece of long work in a process of its own.

    Parameters
    ----------
    spec : dict
        JSON-able description with at least ``kind``.
    title : str
        As shown: ``"Stimuli of demo"``.
    study : Path or None
        Study folder it belongs to; closing the study cancels it.
    light : bool
        Short work that does not wait for a place in the queue.
    """

    progressed = Signal(object)
    preview = Signal(str)
    finished = Signal(dict)
    failed = Signal(str)
    cancelled = Signal()
    changed = Signal()

    def __init__(
        self,
        spec: dict[str, Any],
        title: str,
        study: Path | None = None,
        light: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.spec = spec
        self.title = title
        self.study = study
        self.light = light
        self.state = State.QUEUED
        self.progress: Progress | None = None
        self.result: dict[str, Any] | None = None
        self.sentence = ""
        self._process: QProcess | None = None
        self._buffer = b""
        self._errors = b""
        self._stage_began = 0.0
        self._paused_at = 0.0

    @property
    def fraction(self) -> float | None:
        """Share of the present stage that is done, 0 to 1; None if unknown."""
        if self.state is State.FINISHED:
            return 1.0
        if self.progress is None or self.progress.total <= 0:
            return None
        return max(0.0, min(1.0, self.progress.done / self.progress.total))

    @property
    def seconds_left(self) -> float | None:
        """Time left of the present stage at its pace so far; None if unknown."""
        fraction = self.fraction
        if self.state is not State.RUNNING or not fraction or not self._stage_began:
            return None
        spent = time.monotonic() - self._stage_began
        return spent * (1 - fraction) / fraction

    def begin(self) -> None:
        """Start the worker process."""
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        environment.insert("PYTHONUTF8", "1")
        process.setProcessEnvironment(environment)
        process.setProgram(sys.executable)
        process.setArguments(list(WORKER))
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_errors)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._process_error)
        self._process = process
        self._set(State.RUNNING)
        process.start()
        arguments = {key: value for key, value in self.spec.items() if key != "kind"}
        process.write(JobSpec(self.spec["kind"], arguments).to_line().encode())

    def pause(self) -> None:
        """Halt at the next chunk boundary, keeping what is done."""
        if self.state is State.RUNNING:
            self._say("pause")
            self._paused_at = time.monotonic()
            self._set(State.PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        if self.state is State.PAUSED:
            self._say("resume")
            self._stage_began += time.monotonic() - self._paused_at
            self._set(State.RUNNING)

    def cancel(self, grace_ms: int = GRACE_MS) -> None:
        """Stop; what was finished before stays valid. A worker that does not listen is ended."""
        if self.state is State.QUEUED:
            self._set(State.CANCELLED)
            self.cancelled.emit()
        elif self.state in {State.RUNNING, State.PAUSED}:
            self._say("cancel")
            self._set(State.CANCELLING)
            QTimer.singleShot(grace_ms, self, self._kill)

    def send(self, message: dict[str, Any]) -> None:
        """Give a running job one more JSON object, for kinds that are fed while they run."""
        self._write(json.dumps(message, ensure_ascii=False) + "\n")

    def end_process(self) -> None:
        """End a worker that is still shutting down; for when the app closes."""
        process = self._process
        if process is not None and process.state() is not QProcess.ProcessState.NotRunning:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(_END_MS)

    def _say(self, command: Command) -> None:
        self._write(encode_command(command))

    def _write(self, line: str) -> None:
        if self._process is not None and not self.state.over:
            self._process.write(line.encode())

    def _kill(self) -> None:
        if self._process is not None and not self.state.over:
            self._process.kill()

    def _read(self) -> None:
        assert self._process is not None
        self._buffer += self._process.readAllStandardOutput().data()
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._understand(line)

    def _read_errors(self) -> None:
        assert self._process is not None
        self._errors = (self._errors + self._process.readAllStandardError().data())[-_TAIL:]

    def _understand(self, line: bytes) -> None:
        try:
            event = decode_event(line.decode(errors="replace"))
        except ProtocolError as error:
            log.warning("job %s: %s", self.title, error)
            return
        match event:
            case Progress():
                self._advance(event)
            case Finished(result=result):
                self.result = result
                self._set(State.FINISHED)
                self.finished.emit(result)
            case Stopped():
                self._set(State.CANCELLED)
                self.cancelled.emit()
            case Failed(sentence=sentence):
                self._fail(sentence)

    def _advance(self, progress: Progress) -> None:
        if self.progress is None or self.progress.stage != progress.stage:
            self._stage_began = time.monotonic()
        self.progress = progress
        self.progressed.emit(progress)
        if "preview" in progress.data:
            self.preview.emit(str(progress.data["preview"]))
        self.changed.emit()

    def _process_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and not self.state.over:
            self._fail(f"The worker process could not be started with {sys.executable}.")

    def _ended(self, code: int, _status: QProcess.ExitStatus) -> None:
        self._read()
        if self.state is State.CANCELLING:
            self._set(State.CANCELLED)
            self.cancelled.emit()
        elif not self.state.over:
            log.error(
                "job %s ended with %s: %s", self.title, code, self._errors.decode(errors="replace")
            )
            self._fail("The worker process ended unexpectedly. The log has the details.")

    def _fail(self, sentence: str) -> None:
        self.sentence = sentence
        self._set(State.FAILED)
        self.failed.emit(sentence)

    def _set(self, state: State) -> None:
        self.state = state
        self.changed.emit()


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
        running = [job for job in self._jobs if not job.state.over and job.state != State.QUEUED]
        free = self.at_once - sum(not job.light for job in running)
        for job in reversed(self._jobs):
            if job.state is State.QUEUED and (job.light or free > 0):
                free -= 0 if job.light else 1
                job.begin()
