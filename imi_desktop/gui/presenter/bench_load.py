"""What surrounds a measured session: its X server, and other processes that want the processor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from imi_desktop.errors import UserError
from imi_desktop.jobs.process import JobProcess
from imi_desktop.jobs.protocol import Event, Failed, JobSpec
from imi_desktop.progress import Progress

_BUSY = "while True: pass"
_UNIT = {"model": "efficientnet_lite0", "layer": "blocks.3.1", "channel": 17}
_ENDLESS_STEPS = 1_000_000
_GENERATOR_STARTS_S = 120.0


class BenchError(UserError):
    """The benchmark cannot run here."""


@contextmanager
def x_server(size_px: tuple[int, int]) -> Iterator[str]:
    """Give the display of an X server of its own, so that no click reaches a real desktop.

    Raises
    ------
    BenchError
        If there is no Xvfb or it does not start.
    """
    if shutil.which("Xvfb") is None:
        raise BenchError("The presenter's benchmark needs Xvfb. Install it, then run it again.")
    reading, writing = os.pipe()
    width, height = size_px
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-noreset"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise BenchError("Xvfb did not start, so the presenter cannot be measured here.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def busy_process() -> Iterator[None]:
    """Keep one processor busy at normal priority."""
    process = subprocess.Popen([sys.executable, "-c", _BUSY])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def generator() -> Iterator[None]:
    """Let the app's own worker optimise a feature visualization, from its first step on.

    Raises
    ------
    BenchError
        If it does not get to work.
    """
    working = threading.Event()
    failed: list[Failed] = []

    def heard(event: Event) -> None:
        if isinstance(event, Failed):
            failed.append(event)
        if isinstance(event, Failed) or (isinstance(event, Progress) and event.done > 0):
            working.set()

    job = JobProcess(JobSpec("preview_unit", _UNIT | {"steps": _ENDLESS_STEPS}), heard)
    try:
        if not working.wait(_GENERATOR_STARTS_S) or failed:
            why = failed[0].sentence if failed else "It did not begin in two minutes."
            raise BenchError(f"The generator beside the session did not work. {why}")
        yield
    finally:
        job.stop()
