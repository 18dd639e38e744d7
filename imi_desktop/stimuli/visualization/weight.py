"""How strongly diversity counts against activation, step by step and image by image."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from imi_desktop.stimuli.visualization.presets import DiversityController

_BOUNDS = (-20.0, 20.0)
"""Of a weight's natural logarithm; beyond them one of the two terms is lost in rounding."""


class DiversityWeight(Protocol):
    """Weights of the diversity term, one per image."""

    @property
    def values(self) -> NDArray[np.float64]:
        """The weights, float64 (n,) or (1,) for all images alike."""

    def update(self, step: int, activations: NDArray[np.float64]) -> None:
        """Take the signed activations of a step's transformed images, float64 (n,)."""


class FixedWeight:
    """The same weight throughout."""

    def __init__(self, value: float) -> None:
        self.values: NDArray[np.float64] = np.array([value])

    def update(self, step: int, activations: NDArray[np.float64]) -> None:
        """Nothing changes."""


class ControlledWeights:
    """Follow each image's own activation; see :class:`DiversityController`.

    Transforms make an image weaker or stronger than it is by itself. So what is controlled is the
    moving average of the transformed images' activations, moved by how far it was from the
    image's activation without transforms when that was last measured.

    Parameters
    ----------
    settings : DiversityController
    target : float
        Strongest signed activation in the dataset; every image must reach it.
    scale : float
        Size of activations that counts as one, positive.
    steps : int
        Length of the run.
    start : ndarray of float64, shape (n,)
        First weights.
    """

    def __init__(
        self,
        settings: DiversityController,
        target: float,
        scale: float,
        steps: int,
        start: NDArray[np.float64],
    ) -> None:
        self._settings = settings
        self._goal = target + settings.margin * scale
        self._scale = scale
        self._climbing_until = steps * settings.warm_up
        self._settling_from = steps * (1 - settings.settle)
        self._logarithms = np.clip(np.log(start), *_BOUNDS)
        self._smoothed: NDArray[np.float64] | None = None
        self._gap = np.zeros(len(start))

    @property
    def values(self) -> NDArray[np.float64]:
        """The weights, float64 (n,)."""
        return np.exp(self._logarithms)

    def update(self, step: int, activations: NDArray[np.float64]) -> None:
        """Move each weight towards what its image can bear."""
        weight = self._settings.smoothing
        last = activations if self._smoothed is None else self._smoothed
        self._smoothed = weight * last + (1 - weight) * activations
        error = np.clip((self._smoothed + self._gap - self._goal) / self._scale, -1, 1)
        if step <= self._climbing_until:
            error = np.maximum(error, 0)
        if step > self._settling_from:
            error = np.minimum(error, 0)
        rate = np.where(error < 0, self._settings.fall, self._settings.rise)
        self._logarithms = np.clip(self._logarithms + rate * error, *_BOUNDS)

    def measured(self, activations: NDArray[np.float64]) -> None:
        """Take signed activations without transforms, float64 (n,)."""
        if self._smoothed is not None:
            self._gap = activations - self._smoothed
