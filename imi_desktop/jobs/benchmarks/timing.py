"""Two ways of doing the same work, timed in turns."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from imi_desktop.progress import Progress, ProgressReporter, silent

REPEATS = 5


@dataclass(frozen=True)
class Comparison:
    """Median times of the same work, measured in turns.

    Parameters
    ----------
    ours, peer : float
        Seconds.
    ratio : float
        Median over the turns of peer time by our time.
    repeats : int
        Turns.
    """

    ours: float
    peer: float
    ratio: float
    repeats: int

    @classmethod
    def of(cls, ours: Sequence[float], peer: Sequence[float]) -> Comparison:
        """From the seconds of every turn, both of the same length."""
        ratios = [theirs / mine for mine, theirs in zip(ours, peer, strict=True)]
        return cls(
            statistics.median(ours),
            statistics.median(peer),
            statistics.median(ratios),
            len(ratios),
        )

    def row(self, name: str, work: str, **more: Any) -> dict[str, Any]:
        """As ``bench --json`` shows it."""
        return {
            "name": name,
            "work": work,
            "ours": round(self.ours, 5),
            "peer": round(self.peer, 5),
            "ratio": round(self.ratio, 2),
            "unit": "s",
            "repeats": self.repeats,
            "machine": machine(),
            **more,
        }


def compare(
    ours: Callable[[], object],
    peer: Callable[[], object],
    repeats: int = REPEATS,
    *,
    stage: str = "",
    progress: ProgressReporter = silent,
) -> Comparison:
    """Time `ours` and `peer` in turns, so that whatever else runs here burdens both alike.

    Both are done once before, unmeasured.

    Parameters
    ----------
    stage : str
        Name of the work in reports of progress.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats + 1):
        for side, work in zip(times, (ours, peer), strict=True):
            progress(Progress(stage, turn, repeats + 1))
            side.append(_seconds(work))
    return Comparison.of(times[0][1:], times[1][1:])


class StepsInTurns:
    """Our steps, each done before one of a peer that cannot be stopped and calls us instead.

    Parameters
    ----------
    ours : callable
        Takes one step of ours.
    """

    def __init__(self, ours: Callable[[], object]) -> None:
        self._ours = ours
        self._times: tuple[list[float], list[float]] = ([], [])
        self._peer_begun: float | None = None

    def peer_begins(self) -> None:
        """Take a step of ours; called whenever the peer is about to take one of its own."""
        self.peer_ended()
        self._times[0].append(_seconds(self._ours))
        self._peer_begun = time.perf_counter()

    def peer_ended(self) -> None:
        """The peer's last step is over."""
        if self._peer_begun is not None:
            self._times[1].append(time.perf_counter() - self._peer_begun)
            self._peer_begun = None

    def comparison(self) -> Comparison:
        """Of all steps but the first, which brings both their memory."""
        return Comparison.of(self._times[0][1:], self._times[1][1:])


def machine() -> str:
    """What the times were measured on."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
        f"torch {torch.__version__}"
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
