"""An observer that is right with a given probability."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imi_desktop.experiment.trial import Position, Trial
from imi_desktop.observers.observer import ObserverAnswer, UnknownObserverError
from imi_desktop.observers.reaction_times import draw_reaction_time

_OPPOSITE: dict[Position, Position] = {
    "upper": "lower",
    "lower": "upper",
    "left": "right",
    "right": "left",
}


@dataclass(frozen=True)
class ChanceObserver:
    """Right with probability `p`, whatever the trial shows; confidence is drawn evenly.

    It tests analyses with a known accuracy; the name is that of p = 0.5.

    Parameters
    ----------
    p : float
        0 to 1.
    """

    p: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1:
            raise UnknownObserverError(
                f"The observer chance takes a probability from 0 to 1, not {self.p:g}."
            )

    @property
    def name(self) -> str:
        """``chance`` or ``chance:0.8``."""
        return "chance" if self.p == 0.5 else f"chance:{self.p:g}"

    def respond(self, trial: Trial, study_folder: Path, rng: np.random.Generator) -> ObserverAnswer:
        """Answer without looking; see :class:`imi_desktop.observers.observer.Observer`."""
        right = rng.random() < self.p
        confidence = int(rng.integers(1, 4))
        reaction_time_ms = draw_reaction_time(rng, confidence)
        if trial.target_position is None:
            rating = float(rng.integers(-100, 101))
            return ObserverAnswer(None, None, reaction_time_ms, rating)
        position = trial.target_position if right else _OPPOSITE[trial.target_position]
        return ObserverAnswer(position, confidence, reaction_time_ms)
