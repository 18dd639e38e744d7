"""Blurred references of one unit."""

from __future__ import annotations

import re

from imi_desktop.jobs.tasks.occlusion import prepared
from imi_desktop.jobs.tasks.workplace import TaskResult, Tell, Workplace
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.stimuli.occlusion_stimuli import write_blurred
from imi_desktop.stimuli.pack import Side


def make(task: UnitTask, workplace: Workplace, tell: Tell) -> TaskResult:
    """Search the patch of every reference and write its blurred copy."""
    job = prepared(task, workplace, tell)
    images = [_place(file) for file in task.files]
    return TaskResult(write_blurred(job, images, task.inputs["kernel"]))


def _place(file: str) -> tuple[int, Side, int]:
    match = re.search(r"/batch_(\d+)/(max|min)_(\d+)\.png$", file)
    assert match is not None
    return int(match[1]), "max" if match[2] == "max" else "min", int(match[3])
