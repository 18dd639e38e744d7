"""What long work tells its caller, and how the caller stops it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Progress:
    """One report of long work.

    Parameters
    ----------
    stage : str
        What is being done, as shown: ``"Recording activations"``.
    done, total : float
        Work so far and in all, in the stage's own unit; `total` 0 if unknown.
    detail : str
        What is being worked on right now: ``"blocks.3.1:17, max"``.
    data : dict
        JSON-able values for whoever wants them: ``{"activation": 5.2, "step": 40}``;
        ``"preview"`` names an image file to show.
    """

    stage: str
    done: float
    total: float
    detail: str = ""
    data: dict[str, Any] = field(default_factory=dict)


ProgressReporter = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Report to nobody."""


class Cancelled(Exception):  # noqa: N818  (it is an outcome, not an error)
    """The work was stopped on request; what was finished before stays valid."""


class CancelToken:
    """Asked by long work at every chunk boundary; may be set from another thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at the next chunk boundary."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise :class:`Cancelled` if the work was asked to stop."""
        if self.cancelled:
            raise Cancelled
