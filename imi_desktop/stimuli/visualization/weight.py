"""How strongly diversity counts against activation, step by step."""

from __future__ import annotations

import math
from typing import Protocol

from imi_desktop.stimuli.visualization.presets import DiversityController


class DiversityWeight(Protocol):
    """Weight of the diversity term."""

    value: float

    def update(self, step: int, weakest: float) -> None:
        """Take the weakest signed activation of a step."""


class FixedWeight:
    """The same weight throughout."""

    def __init__(self, value: float) -> None:
        self.value = value

    def update(self, step: int, weakest: float) -> None:
        """Nothing changes."""


class ControlledWeight:
    """Follows the weakest activation; see :class:`DiversityController`.

    Parameters
    ----------
    settings : DiversityController
    target : float
        Strongest signed activation in the dataset; the weakest image must reach it.
    scale : float
        Size of activations that counts as one, positive.
    steps : int
        Length of the run.
    """

    def __init__(
        self, settings: DiversityController, target: float, scale: float, steps: int
    ) -> None:
        self.value = settings.start
        self._settings = settings
        self._goal = target + settings.margin * scale
        self._scale = scale
        self._settling_from = steps * (1 - settings.settle)
        self._smoothed: float | None = None

    def update(self, step: int, weakest: float) -> None:
        """Move the weight towards what the weakest image can bear."""
        weight = self._settings.smoothing
        last = weakest if self._smoothed is None else self._smoothed
        self._smoothed = weight * last + (1 - weight) * weakest
        error = max(-1.0, min(1.0, (self._smoothed - self._goal) / self._scale))
        if step > self._settling_from:
            error = min(error, 0.0)
        self.value *= math.exp(self._settings.rate * error)
