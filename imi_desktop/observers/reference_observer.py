"""What observers have in common that compare queries with references."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imi_desktop.experiment.trial import Trial
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.observer import ObserverAnswer, choices
from imi_desktop.observers.reaction_times import draw_reaction_time

Description = NDArray[np.float32]


class ReferenceObserver(ABC):
    """Chooses the query that looks more like the max and less like the min references.

    The similarity of two images is the dot product of their descriptions, unless an observer says
    otherwise (:meth:`similarities`); that to a set of
    references is the mean of the average and of the best one, so that a copy of a reference
    stands out. The evidence for a query is its similarity to the max references minus that to the
    min references (0 for those not shown); the query with more evidence is chosen, and a larger
    difference gives more confidence. Without references it guesses.

    Attributes
    ----------
    confident : tuple of float
        Differences of evidence from which on the confidence is 2 and 3. Those of the observers
        that need no extra part the trials of units with photographs into about thirds; they say
        nothing about people.
    kept_images : int
        Descriptions that are remembered.
    """

    name: str
    confident: tuple[float, float]
    kept_images = 4096

    def __init__(self) -> None:
        self._guess = ChanceObserver()
        self._kept: OrderedDict[Path, Description] = OrderedDict()

    @abstractmethod
    def describe(self, paths: Sequence[Path]) -> list[Description]:
        """Describe images by vectors, of length 1 where similarity is their dot product.

        Raises
        ------
        UnreadableImageError
            If one of them cannot be read.
        """

    def similarities(self, query: Description, references: Description) -> NDArray[np.float32]:
        """Similarity of one image, shape (n,), to each of several, (m, n); shape (m,)."""
        return np.asarray(references @ query, dtype=np.float32)

    def respond(self, trial: Trial, study_folder: Path, rng: np.random.Generator) -> ObserverAnswer:
        """Answer by looking; see :class:`imi_desktop.observers.observer.Observer`."""
        if not choices(trial) or not trial.references_max:
            return self._guess.respond(trial, study_folder, rng)
        self._look_at([study_folder / image for image in trial.images])
        maxima = self._matrix(study_folder, trial.references_max)
        minima = self._matrix(study_folder, trial.references_min)
        evidence = {}
        for position in choices(trial):
            query = self._kept[study_folder / trial.queries[position]]
            evidence[position] = self._similarity(query, maxima) - self._similarity(query, minima)
        ranked = sorted(evidence, key=lambda position: evidence[position], reverse=True)
        margin = evidence[ranked[0]] - evidence[ranked[1]]
        confidence = 1 + sum(margin > limit for limit in self.confident)
        chosen = ranked[0] if margin > 0 else ranked[int(rng.integers(2))]
        return ObserverAnswer(chosen, confidence, draw_reaction_time(rng, confidence))

    def difference(self, trial: Trial, study_folder: Path) -> float:
        """How much better the target fits than the other query, by average similarities only.

        Parameters
        ----------
        trial : Trial
            With references, two queries and a target.

        Returns
        -------
        float
            (similarity of the target to the max references − to the min references) minus the same
            of the other query; 0 for indifference.

        Raises
        ------
        UnreadableImageError
            If an image cannot be read.
        """
        self._look_at([study_folder / image for image in trial.images])
        maxima = self._matrix(study_folder, trial.references_max)
        minima = self._matrix(study_folder, trial.references_min)
        fit = {
            position: self._average(self._kept[study_folder / trial.queries[position]], maxima)
            - self._average(self._kept[study_folder / trial.queries[position]], minima)
            for position in choices(trial)
        }
        target = next(fit[position] for position in fit if position == trial.target_position)
        return target - sum(fit[position] for position in fit if position != trial.target_position)

    def _look_at(self, paths: list[Path]) -> None:
        new = [path for path in dict.fromkeys(paths) if path not in self._kept]
        self._kept.update(zip(new, self.describe(new), strict=True))
        for path in paths:
            self._kept.move_to_end(path)
        while len(self._kept) > max(self.kept_images, len(paths)):
            self._kept.popitem(last=False)

    def _matrix(self, study_folder: Path, files: tuple[str, ...]) -> Description | None:
        if not files:
            return None
        return np.stack([self._kept[study_folder / file] for file in files])

    def _similarity(self, query: Description, references: Description | None) -> float:
        """Mean of the average and the best similarity; 0 without references."""
        if references is None:
            return 0.0
        similarities = self.similarities(query, references)
        return float(similarities.mean() + similarities.max()) / 2

    def _average(self, query: Description, references: Description | None) -> float:
        """Mean similarity; 0 without references."""
        return 0.0 if references is None else float(self.similarities(query, references).mean())
