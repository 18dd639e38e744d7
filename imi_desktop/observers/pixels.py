"""An observer that compares colours and edges, and knows nothing else."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imi_desktop.experiment.trial import Trial
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.observer import ObserverAnswer, choices
from imi_desktop.observers.pixel_features import colour_histogram, edge_histogram
from imi_desktop.observers.reaction_times import draw_reaction_time
from imi_desktop.stimuli.images import open_rgb

# Differences in evidence that about a third and two thirds of natural trials exceed.
_CONFIDENT = (0.02, 0.06)
_CACHED_IMAGES = 4096


class PixelObserver:
    """Chooses the query that looks more like the max and less like the min references.

    An image is described by its colour histogram and by its edge orientations on a 2 × 2 grid;
    two images are as similar as the mean of the two Bhattacharyya coefficients. The similarity to
    a set of references is the mean of the average and of the best one, so that a copy of a
    reference stands out. The evidence for a query is its similarity to the max references minus
    that to the min references (0 for those not shown); the query with more evidence is chosen,
    and a larger difference gives more confidence. Without references it guesses.
    """

    name = "pixels"

    def __init__(self) -> None:
        self._describe = lru_cache(maxsize=_CACHED_IMAGES)(_describe)
        self._guess = ChanceObserver()

    def respond(self, trial: Trial, study_folder: Path, rng: np.random.Generator) -> ObserverAnswer:
        """Answer by looking; see :class:`imi_desktop.observers.observer.Observer`."""
        if trial.task == "intuitiveness" or not trial.references_max:
            return self._guess.respond(trial, study_folder, rng)
        maxima = self._descriptions(study_folder, trial.references_max)
        minima = self._descriptions(study_folder, trial.references_min)
        evidence = {}
        for position in choices(trial):
            query = self._describe(study_folder / trial.queries[position])
            evidence[position] = _similarity(query, maxima) - _similarity(query, minima)
        ranked = sorted(evidence, key=lambda position: evidence[position], reverse=True)
        margin = evidence[ranked[0]] - evidence[ranked[1]]
        confidence = 1 + sum(margin > limit for limit in _CONFIDENT)
        chosen = ranked[0] if margin > 0 else ranked[int(rng.integers(2))]
        return ObserverAnswer(chosen, confidence, draw_reaction_time(rng, confidence))

    def _descriptions(
        self, study_folder: Path, files: tuple[str, ...]
    ) -> NDArray[np.float32] | None:
        if not files:
            return None
        return np.stack([self._describe(study_folder / file) for file in files])


def _describe(path: Path) -> NDArray[np.float32]:
    """Colour and edge histograms, scaled so that a dot product is the mean of both similarities."""
    image = open_rgb(path)
    both = np.concatenate([colour_histogram(image), edge_histogram(image)])
    return (both / np.sqrt(2)).astype(np.float32)


def _similarity(query: NDArray[np.float32], references: NDArray[np.float32] | None) -> float:
    """Similarity of one image (n,) to several (m, n): mean of the average and the best, 0 to 1."""
    if references is None:
        return 0.0
    similarities = references @ query
    return float(similarities.mean() + similarities.max()) / 2
