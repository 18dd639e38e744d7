"""Starts a worker process and follows it, without Qt."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from imi_desktop.errors import UserError, storage_error
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.protocol import (
    Command,
    Event,
    Failed,
    Finished,
    JobSpec,
    Outcome,
    ProtocolError,
    Stopped,
    decode_event,
    encode_command,
)
from imi_desktop.progress import Cancelled, CancelToken, Progress, ProgressReporter, silent

WORKER = ("-m", "imi_desktop.jobs.worker")
GRACE_SECONDS = 1.0
"""How long a cancelled worker may take before it is killed."""


class JobFailedError(UserError):
    """A job in another process could not be done; its sentence says why."""


class JobProcess:
    """One worker process doing one job.

    Parameters
    ----------
    spec : JobSpec
        What to do.
    on_event : callable
        Called with every event, the outcome last, from a thread of its own. A worker that dies
        without an outcome is reported as :class:`~imi_desktop.jobs.protocol.Failed`.
    environment : dict or None
        Environment variables; None for those of this process.

    Raises
    ------
    StorageError
        If the process cannot be started.
    """

    def __init__(
        self,
        spec: JobSpec,
        on_event: Callable[[Event], None],
        environment: dict[str, str] | None = None,
    ) -> None:
        self.spec = spec
        self._on_event = on_event
        self._outcome: Outcome | None = None
        self._stopping = False
        self._done = threading.Event()
        self._stderr: deque[str] = deque(maxlen=40)
        self._sending = threading.Lock()
        try:
            self._process = subprocess.Popen(
                [sys.executable, *WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env=environment,
                # Ctrl-C in a terminal reaches the whole group; the worker is told by its stdin.
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise storage_error("start", sys.executable, error) from error
        self._readers = [
            threading.Thread(target=self._read_stderr, daemon=True),
            threading.Thread(target=self._read_events, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.send_line(spec.to_line())

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._process.pid

    @property
    def outcome(self) -> Outcome | None:
        """How the job ended; None while it runs."""
        return self._outcome

    def send(self, command: Command) -> None:
        """Tell the worker to cancel, pause or resume; nothing happens if it has ended."""
        self.send_line(encode_command(command))

    def send_line(self, line: str) -> None:
        """Write one line to the worker's stdin; nothing happens if it has ended."""
        with self._sending:
            if self._process.stdin is None or self._process.stdin.closed:
                return
            try:
                self._process.stdin.write(line)
                self._process.stdin.flush()
            except BrokenPipeError:
                return

    def close_stdin(self) -> None:
        """Say that nothing more will come; cancels a job that is still working."""
        with self._sending:
            if self._process.stdin is not None:
                try:
                    self._process.stdin.close()
                except BrokenPipeError:
                    return

    def wait(self, timeout: float | None = None) -> Outcome | None:
        """Wait for the outcome.

        Parameters
        ----------
        timeout : float or None
            Seconds; None waits for ever.

        Returns
        -------
        Outcome or None
            None if the time was over first.
        """
        return self._outcome if self._done.wait(timeout) else None

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Cancel, and kill if the worker has not ended `grace` seconds later."""
        self._stopping = True
        self.send("cancel")
        if self.wait(grace) is None:
            self._process.kill()
            self._done.wait()

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            self._stderr.extend(stream)

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        outcome: Outcome | None = None
        with self._process.stdout as stream:
            for line in stream:
                try:
                    event = decode_event(line)
                except ProtocolError:
                    self._stderr.append(line)
                    continue
                if isinstance(event, Progress):
                    self._on_event(event)
                elif outcome is None:
                    outcome = event
        self.close_stdin()
        code = self._process.wait()
        self._readers[0].join()
        if outcome is None:
            outcome = Stopped() if self._stopping else _crash(code, list(self._stderr))
        self._outcome = outcome
        self._on_event(self._outcome)
        self._done.set()


def _crash(code: int, last_words: list[str]) -> Failed:
    words = next((line.strip() for line in reversed(last_words) if line.strip()), "")
    reason = f" Its last words were: {words}" if words else ""
    if code < 0:
        return Failed(f"The worker process was killed by signal {-code}.{reason}", bug=True)
    return Failed(f"The worker process ended with exit code {code}.{reason}", bug=True)


def run_job(
    spec: JobSpec,
    report: ProgressReporter = silent,
    cancel: CancelToken | None = None,
    patience: float = 0.1,
) -> dict[str, Any]:
    """Do one job in a worker process and wait for it.

    Parameters
    ----------
    report : ProgressReporter
        Takes the progress, from another thread.
    cancel : CancelToken or None
        Stops the job when set; a pausable one also pauses it.
    patience : float
        Seconds between two looks at the cancel token.

    Returns
    -------
    dict
        The job's result.

    Raises
    ------
    JobFailedError
        If the job failed.
    Cancelled
        If it was cancelled.
    """

    def on_event(event: Event) -> None:
        if isinstance(event, Progress):
            report(event)

    process = JobProcess(spec, on_event)
    paused = False
    try:
        while (outcome := process.wait(patience)) is None:
            if cancel is not None and cancel.cancelled:
                process.stop()
            elif isinstance(cancel, PausableToken) and cancel.paused != paused:
                paused = cancel.paused
                process.send("pause" if paused else "resume")
    except BaseException:  # a worker never outlives an interrupted caller
        process.stop()
        raise
    match outcome:
        case Finished(result=result):
            return result
        case Stopped():
            raise Cancelled
        case Failed(sentence=sentence):
            raise JobFailedError(sentence)
