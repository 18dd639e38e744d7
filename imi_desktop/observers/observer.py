"""What an observer is: something that answers trials in a participant's place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from imi_desktop.errors import UserError
from imi_desktop.experiment.trial import Position, Trial


class UnknownObserverError(UserError):
    """There is no observer of this name, or its parameter is out of range."""


@dataclass(frozen=True)
class ObserverAnswer:
    """One answer.

    Parameters
    ----------
    position : Position or None
        The chosen query; None for ratings.
    confidence : int or None
        1 to 3; None for ratings.
    reaction_time_ms : float
        Greater than 0.
    rating : float or None
        −100 to 100, for intuitiveness trials only.
    """

    position: Position | None
    confidence: int | None
    reaction_time_ms: float
    rating: float | None = None


class Observer(Protocol):
    """Answers trials; the same trial and generator state give the same answer."""

    @property
    def name(self) -> str:
        """Name with parameters, as in the command line: ``chance:0.8``."""

    def respond(self, trial: Trial, study_folder: Path, rng: np.random.Generator) -> ObserverAnswer:
        """Answer one trial.

        Parameters
        ----------
        trial : Trial
            The trial.
        study_folder : Path
            Where its images lie.
        rng : Generator
            Of this trial alone.

        Raises
        ------
        UnreadableImageError
            If an image that the observer looks at cannot be read.
        """


def choices(trial: Trial) -> tuple[Position, ...]:
    """Positions that can be chosen, the right one among them; none for ratings."""
    if trial.task == "intuitiveness":
        return ()
    return ("left", "right") if trial.task == "counterfactual" else ("upper", "lower")
