"""When an optimisation has converged."""

from __future__ import annotations

import numpy as np

from imi_desktop.stimuli.visualization.presets import AdaptiveStop


class FlatGradient:
    """Says when smoothed gradient norms have become flat; see :class:`AdaptiveStop`."""

    def __init__(self, rule: AdaptiveStop) -> None:
        self.rule = rule
        self._smoothed: list[float] = []

    def update(self, largest_norm: float) -> bool:
        """Take the next step's largest norm; True once the run may end."""
        weight = self.rule.smoothing
        last = self._smoothed[-1] if self._smoothed else largest_norm
        self._smoothed.append(weight * last + (1 - weight) * largest_norm)
        window = self.rule.window
        if len(self._smoothed) <= max(window, self.rule.minimum_steps):
            return False
        recent = np.asarray(self._smoothed[-window:])
        older, newer = recent[: -(window // 2)].mean(), recent[-(window // 2) :].mean()
        return bool(older <= self.rule.ratio * newer)
