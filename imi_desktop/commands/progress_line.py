"""Progress of long work on the terminal, and Ctrl-C as a wish to stop."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TextIO

from imi_desktop.jobs.context import PausableToken
from imi_desktop.progress import Cancelled, Progress

_TERMINAL_SECONDS = 0.25
_FILE_SECONDS = 10.0


class ProgressLine:
    """One line that is rewritten on a terminal, few lines elsewhere.

    Parameters
    ----------
    stream : text file
        Where to; usually stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._stage = ""
        self._begun = 0.0
        self._last = 0.0
        self._open = False

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def show(self, progress: Progress) -> None:
        """Show a report, at most four times a second (every ten seconds without a terminal)."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self.close()
            self._stage, self._begun = progress.stage, now
        elif now - self._last < (_TERMINAL_SECONDS if self._terminal else _FILE_SECONDS):
            return
        self._last = now
        words = [progress.stage]
        if progress.total:
            share = min(1.0, progress.done / progress.total)
            words.append(f"{share:.0%}")
            elapsed = now - self._begun
            if share > 0.02 and elapsed > 3:
                words.append(f"about {_duration(elapsed * (1 - share) / share)} left")
        if progress.detail:
            words.append(progress.detail)
        line = " · ".join(words)
        if self._terminal:
            self._stream.write(f"\r\x1b[2K{line[:160]}")
            self._open = True
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def close(self) -> None:
        """End the line."""
        if self._open:
            self._stream.write("\n")
            self._open = False


@contextmanager
def interruptible() -> Iterator[PausableToken]:
    """Turn Ctrl-C into a cancelled token, so that the work ends at a chunk boundary.

    Raises
    ------
    KeyboardInterrupt
        Once the work has stopped.
    """
    cancel = PausableToken()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        cancel.cancel()

    previous = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    except Cancelled as cancelled:
        raise KeyboardInterrupt from cancelled
    finally:
        signal.signal(signal.SIGINT, previous)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
