"""Baseline observers of the counterfactual task (Zimmermann et al. 2021, section 4.2).

Each looks only at where the patches lie or at what they cover, and chooses the image of which
less that matters is covered. Trials without patches they answer by guessing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imi_desktop.experiment.trial import Position, Trial
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.observer import ObserverAnswer, choices
from imi_desktop.observers.patches import Patch, find_patch
from imi_desktop.observers.reaction_times import draw_reaction_time
from imi_desktop.observers.saliency_map import saliency_map
from imi_desktop.stimuli.images import open_rgb

# Relative differences of what is covered from which on an observer is more confident.
_CONFIDENT = (0.1, 0.3)

Seen = TypeVar("Seen")


class PatchObserver(ABC, Generic[Seen]):
    """Chooses the image whose patch covers less of something."""

    name: str

    def __init__(self) -> None:
        self._guess = ChanceObserver()

    def respond(self, trial: Trial, study_folder: Path, rng: np.random.Generator) -> ObserverAnswer:
        """Answer one trial; see :class:`imi_desktop.observers.observer.Observer`."""
        original = trial.queries.get("upper")
        if trial.task != "counterfactual" or original is None:
            return self._guess.respond(trial, study_folder, rng)
        image = open_rgb(study_folder / original)
        seen = self.look(image, study_folder, original)
        covered: dict[Position, float] = {}
        for position in choices(trial):
            occluded = open_rgb(study_folder / trial.queries[position])
            patch = find_patch(np.asarray(image), np.asarray(occluded))
            covered[position] = 0.0 if patch is None or seen is None else self.covered(seen, patch)
        first, second = sorted(covered, key=lambda position: covered[position])
        low, high = covered[first], covered[second]
        margin = (high - low) / (high + low) if high + low > 0 else 0.0
        confidence = 1 + sum(margin > limit for limit in _CONFIDENT)
        chosen = first if margin > 0 else (first, second)[int(rng.integers(2))]
        return ObserverAnswer(chosen, confidence, draw_reaction_time(rng, confidence))

    @abstractmethod
    def look(self, image: Image.Image, study_folder: Path, file: str) -> Seen | None:
        """What matters in the image without patches; None if nothing is known of it.

        Parameters
        ----------
        file : str
            The image's path relative to the study folder.
        """

    @abstractmethod
    def covered(self, seen: Seen, patch: Patch) -> float:
        """How much of what matters the patch covers; 0 or more."""


class CentreObserver(PatchObserver[tuple[int, int]]):
    """Chooses the image whose patch lies further from the centre."""

    name = "centre"

    def look(self, image: Image.Image, study_folder: Path, file: str) -> tuple[int, int]:
        """Height and width."""
        return image.height, image.width

    def covered(self, seen: tuple[int, int], patch: Patch) -> float:
        """Closeness to the centre: 1 there, 0 in a corner."""
        half = np.array(seen) / 2
        distance = np.hypot(*(np.array(patch.centre) - half))
        return float(1 - distance / np.hypot(*half))


class VarianceObserver(PatchObserver[NDArray[np.uint8]]):
    """Chooses the image whose covered pixels vary less."""

    name = "variance"

    def look(self, image: Image.Image, study_folder: Path, file: str) -> NDArray[np.uint8]:
        """The pixels."""
        return np.asarray(image, dtype=np.uint8)

    def covered(self, seen: NDArray[np.uint8], patch: Patch) -> float:
        """Standard deviation of the covered pixels, averaged over the colours, 0 to 127.5."""
        pixels: NDArray[np.float64] = np.asarray(patch.of(seen), dtype=np.float64)
        return float(pixels.std(axis=(0, 1)).mean())


class DensityObserver(PatchObserver[NDArray[np.float64]]):
    """Chooses the image whose patch covers less predicted fixation density."""

    def covered(self, seen: NDArray[np.float64], patch: Patch) -> float:
        """Share of the predicted fixations that fall on the patch, 0 to 1."""
        return float(np.asarray(patch.of(seen), dtype=np.float64).sum())


class SaliencyObserver(DensityObserver):
    """Predicts fixations by the spectral residual; needs no weights."""

    name = "saliency"

    def look(self, image: Image.Image, study_folder: Path, file: str) -> NDArray[np.float64]:
        """Share of fixations of each pixel."""
        return saliency_map(image)
