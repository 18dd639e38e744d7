"""Diverse images that all respond as strongly as natural images can, from a single run.

Replaces the published search for one weight (see ``search``): each image has a weight of its own,
which a controller moves during the run, and images are looked at without transforms on the way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from imi_desktop.stimuli.visualization.optimise import Optimisation
from imi_desktop.stimuli.visualization.presets import DiversityController
from imi_desktop.stimuli.visualization.results import Visualizations, quantised
from imi_desktop.stimuli.visualization.weight import ControlledWeights
from imi_desktop.stimuli.visualization.workshop import Workshop


def controlled(workshop: Workshop) -> Visualizations:
    """One run for all images, then further ones for those that do not reach the folder's strongest.

    A retry goes on from where its images are, with Adam's memory, in larger steps, and keeps them
    unlike the images that succeeded. Each image is the latest state of it that sufficed, else its
    last state.
    """
    preset = workshop.preset
    seed = workshop.run_seed()
    optimisation = workshop.begin(preset.images, seed)
    states = _States(workshop)
    indices = np.arange(preset.images)
    runs = [states.advance(optimisation, indices, preset.steps)]
    for _ in range(preset.retries):
        missing = states.missing()
        if not missing.size:
            break
        optimisation.keep(np.flatnonzero(np.isin(indices, missing)).tolist())
        optimisation.hasten(states.controller.haste)
        optimisation.companions = states.features_of_others(missing)
        indices = missing
        runs.append(states.advance(optimisation, indices, max(1, preset.steps // 2)))
    images, activations = workshop.ordered(states.pixels)
    return Visualizations(
        images,
        activations,
        int((~workshop.reaches(activations)).sum()),
        float(np.exp(np.log(states.weights).mean())),
        sum(run["steps"] for run in runs),
        seed,
        [{"seed": seed, **run} for run in runs],
    )


class _States:
    """The best known state of every image, measured without transforms."""

    def __init__(self, workshop: Workshop) -> None:
        controller = workshop.preset.controller
        assert controller is not None
        self._workshop = workshop
        self.controller: DiversityController = controller
        n = workshop.preset.images
        scale = workshop.natural.scale(workshop.side)
        self.weights = np.full(n, controller.start * scale)
        self.pixels: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._suffices = np.zeros(n, bool)

    def advance(
        self, optimisation: Optimisation, indices: NDArray[np.intp], steps: int
    ) -> dict[str, Any]:
        """Optimise the images `indices`, which are all that `optimisation` has."""
        workshop, natural, side = self._workshop, self._workshop.natural, self._workshop.side
        retrying = bool(self.pixels.size)
        settings = self.controller
        if retrying:
            settings = replace(settings, warm_up=0.0)
            self.weights[indices] *= settings.relief
        weights = ControlledWeights(
            settings,
            natural.signed_target(side),
            natural.scale(side),
            steps,
            self.weights[indices],
        )
        before = optimisation.steps_done

        def look(step: int) -> bool:
            if step % settings.look_every and step < steps:
                return False
            pixels = quantised(optimisation.current())
            activations = workshop.view.verify(pixels)
            weights.measured(workshop.sign * activations.astype(np.float64))
            self._keep(indices, pixels, workshop.reaches(activations))
            return retrying and bool(self._suffices[indices].all())

        optimisation.run(steps, weights, workshop.cancel, workshop.observe, done=look)
        self.weights[indices] = weights.values
        activations = workshop.sign * workshop.view.verify(self.pixels[indices])
        return {
            "images": indices.tolist(),
            "steps": optimisation.steps_done - before,
            "diversity": weights.values.tolist(),
            "weakest": workshop.sign * float(activations.min()),
            "strongest": workshop.sign * float(activations.max()),
            "missed": int((~self._suffices[indices]).sum()),
        }

    def missing(self) -> NDArray[np.intp]:
        """Which images have never sufficed."""
        return np.flatnonzero(~self._suffices)

    def features_of_others(self, missing: NDArray[np.intp]) -> torch.Tensor | None:
        """What the layer does for the images that suffice; None if there are none."""
        others = np.delete(self.pixels, missing, axis=0)
        return self._workshop.view.features_of_pixels(others) if len(others) else None

    def _keep(
        self, indices: NDArray[np.intp], pixels: NDArray[np.uint8], suffices: NDArray[np.bool_]
    ) -> None:
        if not self.pixels.size:
            self.pixels = pixels.copy()
        replaced = suffices | ~self._suffices[indices]
        self.pixels[indices[replaced]] = pixels[replaced]
        self._suffices[indices] |= suffices
