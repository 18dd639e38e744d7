"""What comes out of an optimisation, and what it is measured against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from imi_desktop.stimuli.pack import IMAGE_SIZE, Side
from imi_desktop.stimuli.visualization.transforms import centre

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


def run_entry(
    seed: int, steps: int, diversity: float, activations: NDArray[np.float32]
) -> dict[str, Any]:
    """Account of one run, for the manifest; `activations` from the weakest to the strongest."""
    return {
        "seed": seed,
        "steps": steps,
        "diversity": diversity,
        "weakest": float(activations[0]),
        "strongest": float(activations[-1]),
    }


def quantised(images: torch.Tensor) -> NDArray[np.uint8]:
    """The central 224 px of optimised images as 8-bit pixels, (n, 224, 224, 3)."""
    central = centre(images, IMAGE_SIZE)
    pixels = (central * 255).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
