"""Visualizations that respond no more strongly than natural images do.

Borowski et al. (2021), A.1.3: each optimisation is halted once its activation matches.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imi_desktop.stimuli.visualization.optimise import Optimisation
from imi_desktop.stimuli.visualization.results import Visualizations, quantised, run_entry
from imi_desktop.stimuli.visualization.weight import FixedWeight
from imi_desktop.stimuli.visualization.workshop import Workshop

_EVERY = 4
"""Steps between two looks at the activations without transforms."""


def limited(workshop: Workshop) -> Visualizations:
    """Optimise, and keep each image as it is when it first reaches the folder's strongest image."""
    seed = workshop.run_seed()
    optimisation = workshop.begin(workshop.preset.images, seed)
    keeper = _Keeper(workshop, optimisation)
    optimisation.run(
        workshop.preset.steps,
        FixedWeight(workshop.preset.diversity),
        workshop.cancel,
        workshop.observe,
        done=keeper.look,
    )
    images, activations = workshop.ordered(keeper.images())
    entry = run_entry(seed, optimisation.steps_done, workshop.preset.diversity, activations)
    return Visualizations(
        images,
        activations,
        int((~workshop.reaches(activations)).sum()),
        workshop.preset.diversity,
        optimisation.steps_done,
        seed,
        [{**entry, "halted_at": keeper.steps}],
    )


class _Keeper:
    """Remembers each image at the step at which it first sufficed."""

    def __init__(self, workshop: Workshop, optimisation: Optimisation) -> None:
        self._workshop = workshop
        self._optimisation = optimisation
        self._kept: dict[int, NDArray[np.uint8]] = {}
        self.steps: list[int | None] = [None] * workshop.preset.images

    def look(self, step: int) -> bool:
        """Keep what suffices now; True once every image does."""
        if step % _EVERY:
            return False
        pixels = quantised(self._optimisation.current())
        enough = self._workshop.reaches(self._workshop.view.verify(pixels))
        for index in np.flatnonzero(enough):
            if int(index) not in self._kept:
                self._kept[int(index)] = pixels[index]
                self.steps[int(index)] = step
        return len(self._kept) == len(self.steps)

    def images(self) -> NDArray[np.uint8]:
        """Kept images, and the last state of those that never sufficed."""
        pixels = quantised(self._optimisation.current())
        for index, kept in self._kept.items():
            pixels[index] = kept
        return pixels
