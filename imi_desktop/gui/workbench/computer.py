"""What this computer has, for the start page. Asked without torch and outside the main thread."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from imi_desktop.gui.study_facts import free_space
from imi_desktop.gui.widgets import format as written
from imi_desktop.models import catalogue
from imi_desktop.models.featured import FEATURED
from imi_desktop.models.weights_files import find_weights

_LOW_DISK = 5_000_000_000
_LOW_MEMORY = 6_000_000_000


@dataclass(frozen=True)
class Fact:
    """One line.

    Parameters
    ----------
    fine : bool
        Whether it deserves a tick; otherwise it is a warning.
    """

    name: str
    text: str
    fine: bool = True


def gpu_names() -> list[str]:
    """Names of NVIDIA GPUs as their driver tells; empty without driver or GPU."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        told = subprocess.run(
            [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in told.stdout.splitlines() if line.strip()]


def computer_facts(studies: Path) -> list[Fact]:
    """GPU, CPU and memory, disk; screens and models are added by those who know them."""
    gpus = gpu_names()
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    memory = psutil.virtual_memory().total
    free = free_space(studies)
    return [
        Fact("GPU", ", ".join(gpus))
        if gpus
        else Fact("GPU", "none found; the CPU makes visualizations, slowly", fine=False),
        Fact(
            "CPU, memory",
            f"{written.plural(cores, 'core')}, {round(memory / 2**30)} GB",
            memory >= _LOW_MEMORY,
        ),
        Fact("Disk", f"{written.size(free)} free", free >= _LOW_DISK),
    ]


def models_fact() -> Fact:
    """How many of the featured models have their weights here."""
    featured = [entry for entry in catalogue.entries() if entry in FEATURED]
    present = [entry for entry in featured if find_weights(entry) is not None]
    text = f"{len(present)} of {len(featured)} with weights, others on demand"
    return Fact("Models", text, bool(present))
