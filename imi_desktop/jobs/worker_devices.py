"""Which device each local worker process computes on. Knows no torch."""

from __future__ import annotations

import os
import shutil

from imi_desktop.jobs.process import run_job
from imi_desktop.jobs.protocol import JobSpec

_MOST = 8
"""Workers on processors unless more are asked for: each holds a network of its own."""


def worker_devices(device: str, workers: int, *, gpus: int, processors: int) -> list[str]:
    """Device of every worker.

    Each GPU gets a worker of its own; further ones, if asked for, share the GPUs evenly. On
    processors there is one worker for each.

    Parameters
    ----------
    device : str
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps`` …
    workers : int
        How many; 0 chooses.
    gpus : int
        CUDA devices of this computer.
    processors : int
        Processors that may be used.

    Returns
    -------
    list of str
        As many as there are to be workers, at least one.
    """
    if device in {"auto", "cuda"} and gpus:
        return [f"cuda:{number % gpus}" for number in range(workers or gpus)]
    if device in {"auto", "cpu"}:
        return [device] * (workers or max(1, min(_MOST, processors)))
    return [device] * (workers or 1)


def gpus_for(device: str) -> int:
    """CUDA devices that `device` stands for.

    Torch counts them, in a process of its own; it is not asked where no driver is installed.
    """
    if device not in {"auto", "cuda"} or shutil.which("nvidia-smi") is None:
        return 0
    return int(run_job(JobSpec("count_devices"))["cuda"])


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
