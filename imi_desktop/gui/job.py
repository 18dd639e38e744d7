"""One background job of the app: a worker process, its progress and its end.

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

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

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
        self._held = ""

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
        if fraction >= 1.0:  # the next stage, whose length nobody knows, has not begun
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

    @property
    def held(self) -> str:
        """What the job waits for while :meth:`hold` halts it; ``""`` if it does not."""
        return self._held

    def hold(self, reason: str) -> None:
        """Halt until :meth:`release`, without the user having asked for it.

        A job that the user paused stays the user's: it is not released. One that the user lets go
        on meanwhile goes on.
        """
        if self._held or self.state in {State.QUEUED, State.RUNNING}:
            self._held = reason
            self.pause()
            self.changed.emit()

    def release(self) -> None:
        """Go on if :meth:`hold` is what halted the job."""
        if self._held:
            self.resume()
            self._held = ""

    def pause(self) -> None:
        """Halt at the next chunk boundary, keeping what is done."""
        if self.state is State.RUNNING:
            self._say("pause")
            self._paused_at = time.monotonic()
            self._set(State.PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        if self.state is State.PAUSED:
            self._held = ""
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
