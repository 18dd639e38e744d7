"""Feature visualizations of one unit."""

from __future__ import annotations

import time
from typing import Any

import torch

from imi_desktop.jobs.preview_files import PreviewWriter
from imi_desktop.jobs.tasks.networks import loaded
from imi_desktop.jobs.tasks.workplace import TaskResult, Tell, Workplace
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.stimuli.exemplars import check_activations
from imi_desktop.stimuli.images import crop_for, open_rgb
from imi_desktop.stimuli.pack import SIDES, Side
from imi_desktop.stimuli.synthetic_stimuli import write_synthetic
from imi_desktop.stimuli.visualization.maco import natural_magnitudes
from imi_desktop.stimuli.visualization.optimise import StepReport
from imi_desktop.stimuli.visualization.presets import Preset
from imi_desktop.stimuli.visualization.unit_view import UnitView

REPORT_SECONDS = 0.25
"""Shortest time between two reports."""

SPECTRUM_IMAGES = 200
"""Images of the folder, evenly spread over it, whose mean spectrum MACO keeps."""


def make(task: UnitTask, workplace: Workplace, tell: Tell) -> TaskResult:
    """Optimise and write the images of both sides of one unit."""
    unit, preset = task.unit, Preset.from_json(task.inputs["preset"])
    natural = check_activations(workplace.table(task).unit(unit.channel), 1)
    view = UnitView.of(loaded(unit.model, workplace.device, workplace.seed), unit, preset.window)
    per_side = len(task.files) // len(SIDES)
    records, missed = write_synthetic(
        workplace.study_dir,
        unit,
        view,
        preset,
        per_side,
        natural,
        task.inputs["seed"],
        task.hash,
        workplace.cancel,
        _Observer(task, workplace, tell).observe,
        _magnitudes(workplace, preset) if preset.parameterisation == "maco" else None,
    )
    numbers = tuple(
        {
            "side": side,
            "missed": count,
            "images": per_side,
            "needed": float(natural.max() if side == "max" else natural.min()),
        }
        for side, count in missed.items()
        if count
    )
    return TaskResult(records, "; ".join(map(_miss_words, numbers)), numbers)


def _magnitudes(workplace: Workplace, preset: Preset) -> torch.Tensor:
    square = Preprocessing(resize=preset.canvas, crop=preset.canvas)
    files = workplace.folder.usable
    chosen = files[:: max(1, len(files) // SPECTRUM_IMAGES)][:SPECTRUM_IMAGES]
    return natural_magnitudes(
        (crop_for(square, open_rgb(workplace.folder.file(file.path))) for file in chosen),
        preset.canvas,
    )


class _Observer:
    """Turns optimisation steps into at most a few reports per second."""

    def __init__(self, task: UnitTask, workplace: Workplace, tell: Tell) -> None:
        self._name = task.hash[:16]
        self._previews = PreviewWriter(workplace.previews) if workplace.previews else None
        self._tell = tell
        self._last = float("-inf")
        self._share = 0.0

    def observe(self, side: Side, report: StepReport) -> None:
        now = time.monotonic()
        if now - self._last < REPORT_SECONDS and report.step < report.steps:
            return
        self._last = now
        data: dict[str, Any] = {
            "side": side,
            "step": report.step,
            "steps": report.steps,
            "activations": report.activations,
            "activation": sum(report.activations) / len(report.activations),
            "diversity": report.diversity,
            "share": report.share,
        }
        if self._previews is not None:
            preview = self._previews.offer(f"{self._name}_{side}", report.images)
            if preview is not None:
                data["preview"] = preview
        # Never back: retries begin to count steps again, and a search may turn out longer.
        self._share = max(self._share, (SIDES.index(side) + report.share) / len(SIDES))
        self._tell(self._share, data)


def _miss_words(numbers: dict[str, Any]) -> str:
    bound = "or more" if numbers["side"] == "max" else "or less"
    return (
        f"{numbers['missed']} of {numbers['images']} {numbers['side']} images miss the natural "
        f"extreme ({numbers['needed']:.2f} {bound} needed)"
    )
