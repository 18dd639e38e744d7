"""Job: count the GPUs of this computer, which only torch can."""

from __future__ import annotations

from typing import Any

from imi_desktop.jobs.context import JobContext
from imi_desktop.models.devices import cuda_devices


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Count; there are no arguments.

    Returns
    -------
    dict
        ``cuda``: number of CUDA devices.
    """
    return {"cuda": cuda_devices()}
