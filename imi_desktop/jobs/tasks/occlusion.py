"""Occluded queries of one unit."""

from __future__ import annotations

import time

from imi_desktop.jobs.tasks.networks import loaded
from imi_desktop.jobs.tasks.workplace import TaskResult, Tell, Workplace
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.stimuli.exemplars import check_activations
from imi_desktop.stimuli.occlusion import PatchGrid
from imi_desktop.stimuli.occlusion_stimuli import OcclusionJob, write_occlusions
from imi_desktop.stimuli.visualization.unit_view import UnitView

REPORT_SECONDS = 0.25
"""Shortest time between two reports."""


def make(task: UnitTask, workplace: Workplace, tell: Tell) -> TaskResult:
    """Search and write target and distractor of every batch."""
    return TaskResult(write_occlusions(prepared(task, workplace, tell), task.inputs["batches"]))


def prepared(task: UnitTask, workplace: Workplace, tell: Tell) -> OcclusionJob:
    """The unit and its grid of patches, for occlusions and blurs."""
    unit = task.unit
    natural = check_activations(workplace.table(task).unit(unit.channel), 1)
    reported = [float("-inf")]

    def on_share(share: float) -> None:
        now = time.monotonic()
        if now - reported[0] >= REPORT_SECONDS:
            reported[0] = now
            tell(share, {})

    return OcclusionJob(
        study_dir=workplace.study_dir,
        view=UnitView.of(loaded(unit.model, workplace.device, workplace.seed), unit),
        grid=PatchGrid(task.inputs["patch"], task.inputs["stride"]),
        natural=natural,
        task=task.hash,
        cancel=workplace.cancel,
        on_share=on_share,
    )
