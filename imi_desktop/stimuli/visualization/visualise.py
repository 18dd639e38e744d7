"""Makes the feature visualizations of one unit and one side, by any preset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from imi_desktop.progress import CancelToken
from imi_desktop.seeds import derive_seed
from imi_desktop.stimuli.pack import IMAGE_SIZE, Side
from imi_desktop.stimuli.visualization.optimise import Observe, Optimisation, Target
from imi_desktop.stimuli.visualization.parameterisation import FourierImages
from imi_desktop.stimuli.visualization.presets import Preset
from imi_desktop.stimuli.visualization.stopping import FlatGradient
from imi_desktop.stimuli.visualization.transforms import centre
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.weight import ControlledWeight, DiversityWeight, FixedWeight

_TINY = 1e-6


@dataclass(frozen=True)
class NaturalRange:
    """What a unit does over the image folder; what visualizations are measured against.

    Parameters
    ----------
    lowest, highest : float
        Extreme activations.
    deviation : float
        Standard deviation of the activations.
    """

    lowest: float
    highest: float
    deviation: float

    @classmethod
    def of(cls, activations: NDArray[np.float32]) -> NaturalRange:
        """From the activations of all images, shape (n_images,)."""
        return cls(float(activations.min()), float(activations.max()), float(activations.std()))

    def signed_target(self, side: Side) -> float:
        """The most extreme activation, times −1 for the min side."""
        return self.highest if side == "max" else -self.lowest

    def scale(self, side: Side) -> float:
        """Size of an activation that counts as one; never 0."""
        return max(abs(self.signed_target(side)), self.deviation, _TINY)


@dataclass(frozen=True)
class Visualizations:
    """Finished images of one unit and side, from the weakest to the strongest.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 224, 224, 3)
    activations : ndarray of float32, shape (n,)
        Of these very images, without transforms, on the original float32 network.
    missed : int
        How many do not reach the strongest image of the folder.
    diversity : float
        Final weight of the diversity term.
    steps : int
        Optimisation steps of all runs together.
    seed : int
        Of the first run.
    runs : list of dict
        One entry per run: seed, steps, diversity, weakest activation.
    """

    images: NDArray[np.uint8]
    activations: NDArray[np.float32]
    missed: int
    diversity: float
    steps: int
    seed: int
    runs: list[dict[str, Any]] = field(default_factory=list)


def no_observer(_report: object) -> None:
    """Watch nothing."""


@dataclass(frozen=True)
class Workshop:
    """Everything that the runs of one unit and side share.

    Parameters
    ----------
    view : UnitView
        The unit.
    side : str
        ``max`` or ``min``.
    preset : Preset
        How.
    natural : NaturalRange
        What the image folder reaches.
    seed : int
        Of the study; ignored where the preset has its own.
    cancel : CancelToken
        Checked several times per step.
    observe : callable
        Told after every step.
    """

    view: UnitView
    side: Side
    preset: Preset
    natural: NaturalRange
    seed: int
    cancel: CancelToken
    observe: Observe = no_observer

    @property
    def sign(self) -> float:
        """1 for max, −1 for min."""
        return 1.0 if self.side == "max" else -1.0

    def run_seed(self, run: int = 0) -> int:
        """Seed of one run."""
        if self.preset.seed is not None:
            return self.preset.seed
        unit = self.view.unit
        return derive_seed(
            self.seed, "synthetic", unit.model, unit.layer, unit.channel, self.side, run
        )

    def begin(self, n: int, seed: int) -> Optimisation:
        """Start a batch of `n` images from fresh noise."""
        preset = self.preset
        generator = torch.Generator().manual_seed(seed)
        images = FourierImages(n, preset.canvas, generator, self.view.device)
        target = Target(self.view.features, self.view.unit.channel, self.sign, str(self.view.unit))
        return Optimisation(
            images,
            target,
            preset.transforms,
            min(preset.window, self.view.side),
            generator,
            preset.learning_rate,
            seen=self.view.side,
        )

    def stopping(self) -> FlatGradient | None:
        """A fresh stopping rule, if the preset has one."""
        return None if self.preset.stop is None else FlatGradient(self.preset.stop)

    def finish(self, optimisation: Optimisation) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Finished images and their verified activations, from the weakest to the strongest."""
        return self.ordered(quantised(optimisation.current()))

    def ordered(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Verify images and sort them from the weakest to the strongest."""
        activations = self.view.verify(images)
        order = np.argsort(self.sign * activations, kind="stable")
        return images[order], activations[order]

    def reaches(self, activations: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which images respond at least as strongly as the strongest of the folder."""
        return np.asarray(self.sign * activations >= self.natural.signed_target(self.side))


def quantised(images: torch.Tensor) -> NDArray[np.uint8]:
    """The central 224 px of optimised images as 8-bit pixels, (n, 224, 224, 3)."""
    central = centre(images, IMAGE_SIZE)
    pixels = (central * 255).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def visualise(workshop: Workshop) -> Visualizations:
    """Make the images of one unit and side by the workshop's preset.

    Raises
    ------
    Cancelled
        If asked to stop.
    OptimisationError
        If the network gives values that are not numbers, or memory does not suffice.
    """
    return _METHODS[workshop.preset.method](workshop)


def _single_run(workshop: Workshop) -> Visualizations:
    """One run with a fixed or controlled weight; misses are worked on further."""
    preset = workshop.preset
    seed = workshop.run_seed()
    optimisation = workshop.begin(preset.images, seed)
    weight = _weight(workshop)
    optimisation.run(preset.steps, weight, workshop.cancel, workshop.observe, workshop.stopping())
    images, activations = workshop.finish(optimisation)
    runs = [_run_entry(workshop, seed, optimisation.steps_done, weight.value, activations)]
    for _ in range(preset.retries):
        if workshop.reaches(activations).all():
            break
        # The images go on from where they are, with nothing but the unit in view.
        before = optimisation.steps_done
        optimisation.run(
            max(1, preset.steps // 4), FixedWeight(0.0), workshop.cancel, workshop.observe
        )
        images, activations = workshop.finish(optimisation)
        runs.append(_run_entry(workshop, seed, optimisation.steps_done - before, 0.0, activations))
    return Visualizations(
        images,
        activations,
        int((~workshop.reaches(activations)).sum()),
        weight.value,
        optimisation.steps_done,
        seed,
        runs,
    )


def _weight(workshop: Workshop) -> DiversityWeight:
    preset, natural, side = workshop.preset, workshop.natural, workshop.side
    if preset.controller is None:
        return FixedWeight(preset.diversity)
    return ControlledWeight(
        preset.controller, natural.signed_target(side), natural.scale(side), preset.steps
    )


def _run_entry(
    workshop: Workshop,
    seed: int,
    steps: int,
    diversity: float,
    activations: NDArray[np.float32],
) -> dict[str, Any]:
    return {
        "seed": seed,
        "steps": steps,
        "diversity": diversity,
        "weakest": float(activations[0]),
        "strongest": float(activations[-1]),
    }


_METHODS: dict[str, Callable[[Workshop], Visualizations]] = {
    "fixed": _single_run,
    "controller": _single_run,
}
