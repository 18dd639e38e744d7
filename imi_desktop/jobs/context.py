"""What a job gets to work with: a voice, a way to be stopped, and a way to be paused."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from typing import Any

from imi_desktop.progress import Cancelled, CancelToken, ProgressReporter, silent


class PausableToken(CancelToken):
    """A cancel token whose check also waits while the job is paused."""

    def __init__(self) -> None:
        super().__init__()
        self._running = threading.Event()
        self._running.set()

    def cancel(self) -> None:
        """Ask the work to stop at the next chunk boundary, even if it is paused."""
        super().cancel()
        self._running.set()

    def pause(self) -> None:
        """Ask the work to wait at the next chunk boundary."""
        self._running.clear()

    def resume(self) -> None:
        """Let the work go on."""
        self._running.set()

    @property
    def paused(self) -> bool:
        """Whether the work was asked to wait."""
        return not self._running.is_set()

    def check(self) -> None:
        """Wait while paused; raise :class:`~imi_desktop.progress.Cancelled` if cancelled."""
        self._running.wait()
        super().check()


@dataclass
class JobContext:
    """Handed to every job.

    Parameters
    ----------
    report : ProgressReporter
        Takes progress; may be called from any thread.
    cancel : PausableToken
        Checked by the job at every chunk boundary.
    inbox : queue of dict
        Further JSON objects that came in on stdin, for jobs that are fed while they run; None
        once stdin has ended.
    """

    report: ProgressReporter = silent
    cancel: PausableToken = field(default_factory=PausableToken)
    inbox: queue.Queue[dict[str, Any] | None] = field(default_factory=queue.Queue)

    def next_message(self, patience: float = 0.2) -> dict[str, Any] | None:
        """Wait for the next message; None when there will be no more.

        Parameters
        ----------
        patience : float
            Seconds between two looks at the cancel token.

        Raises
        ------
        Cancelled
            If the job is cancelled while waiting.
        """
        while True:
            if self.cancel.cancelled:
                raise Cancelled
            try:
                return self.inbox.get(timeout=patience)
            except queue.Empty:
                continue
