"""Two ways of doing the same work, timed in turns."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

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
    ours: Callable[[], object], peer: Callable[[], object], repeats: int = REPEATS
) -> Comparison:
    """Time `ours` and `peer` in turns, so that whatever else runs here burdens both alike.

    Both are done once before, unmeasured.
    """
    ours(), peer()
    times = [(_seconds(ours), _seconds(peer)) for _ in range(repeats)]
    return Comparison(
        statistics.median(mine for mine, _ in times),
        statistics.median(theirs for _, theirs in times),
        statistics.median(theirs / mine for mine, theirs in times),
        repeats,
    )


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
