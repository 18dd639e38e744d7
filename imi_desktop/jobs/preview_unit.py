"""Job: feature visualizations of one unit while one looks at it; nothing enters the study."""

from __future__ import annotations

import time
from typing import Any

import torch

from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.preview_files import PreviewWriter
from imi_desktop.models.loading import load_network
from imi_desktop.models.unit import Unit
from imi_desktop.paths import cache_dir
from imi_desktop.progress import Progress
from imi_desktop.stimuli.pack import SIDES, Side
from imi_desktop.stimuli.visualization.optimise import Optimisation, StepReport
from imi_desktop.stimuli.visualization.presets import find
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.weight import FixedWeight
from imi_desktop.stimuli.visualization.workshop import Workshop

STAGE = "Visualizing"
_STEPS = 192
_TURN = 8
"""Steps on one side before the other has its turn, so that both sharpen together."""
_REPORT_SECONDS = 0.2


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Visualize ``model``, ``layer``, ``channel``: one max and one min image.

    Optional: ``device``, ``steps``, and the study's ``seed``. Progress ``data``: ``side``,
    ``step``, ``steps``, ``activation``, and, at most twice a second, ``preview`` (a PNG of 224 px
    in the cache).

    Returns
    -------
    dict
        ``max`` and ``min``: path of the last image and its ``activation``, on the original
        network without transforms.
    """
    unit = Unit(arguments["model"], arguments["layer"], int(arguments["channel"]))
    context.report(Progress("Loading the model", 0, 0, unit.model))
    seed = int(arguments.get("seed", 0))
    network = load_network(unit.model, device=arguments.get("device", "auto"), seed=seed)
    context.cancel.check()
    view = UnitView.of(network, unit)
    steps = int(arguments.get("steps") or _STEPS)
    sides = {side: _Side(view, side, steps, seed, context) for side in SIDES}
    for _ in range(0, steps, _TURN):
        for side in sides.values():
            side.advance()
    return {name: side.finish() for name, side in sides.items()}


class _Side:
    def __init__(
        self, view: UnitView, side: Side, steps: int, seed: int, context: JobContext
    ) -> None:
        self._workshop = Workshop(
            view, side, find("standard"), NaturalRange(0.0, 0.0, 1.0), seed, context.cancel
        )
        self._optimisation: Optimisation = self._workshop.begin(1, self._workshop.run_seed())
        self._previews = PreviewWriter(cache_dir() / "previews" / view.unit.folder)
        self._steps = steps
        self._context = context
        self._reported = float("-inf")

    def advance(self) -> None:
        """Take the next few steps."""
        todo = min(_TURN, self._steps - self._optimisation.steps_done)
        self._optimisation.run(todo, FixedWeight(0.0), self._context.cancel, self._observe)

    def finish(self) -> dict[str, Any]:
        """The last image, and how the original network responds to it."""
        _images, activations = self._workshop.finish(self._optimisation)
        path = self._write(self._optimisation.current())
        return {"preview": path, "activation": float(activations[0])}

    def _observe(self, report: StepReport) -> None:
        now = time.monotonic()
        if now - self._reported < _REPORT_SECONDS:
            return
        self._reported = now
        unit = self._workshop.view.unit
        step = self._optimisation.steps_done
        data: dict[str, Any] = {
            "unit": unit.address,
            "side": self._workshop.side,
            "step": step,
            "steps": self._steps,
            "activation": report.activations[0],
        }
        preview = self._previews.offer(self._workshop.side, report.images)
        if preview is not None:
            data["preview"] = preview
        self._context.report(Progress(STAGE, step, self._steps, unit.address, data))

    def _write(self, images: torch.Tensor) -> str:
        return self._previews.write(f"{self._workshop.side}_done", images)
