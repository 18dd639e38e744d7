"""The published search for the largest diversity weight that keeps the guarantee.

Zimmermann, Klein and Brendel (2023), A.4, in the numbers of the released code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imi_desktop.stimuli.visualization.presets import DiversitySearch
from imi_desktop.stimuli.visualization.results import Visualizations, run_entry
from imi_desktop.stimuli.visualization.weight import FixedWeight
from imi_desktop.stimuli.visualization.workshop import Workshop


@dataclass(frozen=True)
class _Batch:
    images: NDArray[np.uint8]
    activations: NDArray[np.float32]


def search(workshop: Workshop) -> Visualizations:
    """Search by rendering anew for every weight.

    First all images without diversity; then one image fewer at weights 1, 10, … until the weakest
    fails to exceed the folder's strongest image; then bisections between the last weight that
    worked (or 0) and the first that failed. The strongest image without diversity completes the
    set. If no weight worked, the images without diversity are the result.
    """
    settings = workshop.preset.search
    assert settings is not None
    log = _Log(workshop)
    plain = log.render(0.0, workshop.preset.images)
    weight, diverse = _largest_weight(settings, log, workshop.preset.images - 1)
    if diverse is None:
        images, activations, weight = plain.images, plain.activations, 0.0
    else:
        images = np.concatenate([diverse.images, plain.images[-1:]])
        activations = np.concatenate([diverse.activations, plain.activations[-1:]])
    return Visualizations(
        images,
        activations,
        int((~workshop.reaches(activations)).sum()),
        weight,
        sum(run["steps"] for run in log.runs),
        workshop.run_seed(),
        log.runs,
    )


def _largest_weight(settings: DiversitySearch, log: _Log, n: int) -> tuple[float, _Batch | None]:
    works, best, best_weight = 0.0, None, 0.0
    fails = settings.first
    while fails <= settings.largest:
        batch = log.render(fails, n)
        if not log.suffices(batch):
            break
        works, best, best_weight = fails, batch, fails
        fails *= settings.factor
    else:
        return best_weight, best
    for _ in range(settings.bisections):
        middle = (works + fails) / 2
        batch = log.render(middle, n)
        if log.suffices(batch):
            works, best, best_weight = middle, batch, middle
        else:
            fails = middle
    return best_weight, best


class _Log:
    """Renders, and remembers every run."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.runs: list[dict[str, Any]] = []

    def render(self, weight: float, n: int) -> _Batch:
        """One full optimisation from the published seed."""
        workshop = self._workshop
        seed = workshop.run_seed()
        optimisation = workshop.begin(n, seed)
        optimisation.run(
            workshop.preset.steps,
            FixedWeight(weight),
            workshop.cancel,
            workshop.observe,
            workshop.stopping(),
        )
        batch = _Batch(*workshop.finish(optimisation))
        self.runs.append(run_entry(seed, optimisation.steps_done, weight, batch.activations))
        return batch

    def suffices(self, batch: _Batch) -> bool:
        """Whether even the weakest image exceeds the folder's strongest."""
        weakest = self._workshop.sign * float(batch.activations[0])
        return weakest > self._workshop.natural.signed_target(self._workshop.side)
