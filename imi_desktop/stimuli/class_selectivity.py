"""How much a unit prefers one class of images. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imi_desktop.seeds import generator

SHUFFLES = 20


@dataclass(frozen=True)
class Selectivity:
    """Class selectivity of one unit.

    Parameters
    ----------
    index : float or None
        0 for no preference, 1 where only one class activates the unit; None where nothing does.
    preferred : str
        Label with the highest mean activation.
    shuffled : float or None
        Mean index with the labels shuffled: what is expected by chance.
    """

    index: float | None
    preferred: str
    shuffled: float | None


def class_selectivity(
    activations: NDArray[np.float32], labels: list[str], *, seed: int, shuffles: int = SHUFFLES
) -> Selectivity:
    """Class selectivity index of a unit.

    (µ_max − µ_rest) / (µ_max + µ_rest), where µ_max is the mean activation of the class that
    activates the unit most and µ_rest the mean of the other classes' means (Morcos et al. 2018;
    Leavitt & Morcos 2020). With few images per class the index is high by chance alone, which the
    shuffled labels show.

    Parameters
    ----------
    activations : ndarray of float32, shape (n_images,)
        Rectified, so 0 or more.
    labels : list of str
        One per image, of at least two classes.
    seed : int
        Of the study; decides how labels are shuffled.
    """
    names, codes = np.unique(np.array(labels), return_inverse=True)
    index, best = _index(activations, codes, len(names))
    random = generator(seed, "selectivity", len(labels))
    chance = [
        _index(activations, random.permutation(codes), len(names))[0] for _ in range(shuffles)
    ]
    known = [value for value in chance if value is not None]
    return Selectivity(index, str(names[best]), float(np.mean(known)) if known else None)


def _index(
    activations: NDArray[np.float32], codes: NDArray[np.intp], classes: int
) -> tuple[float | None, int]:
    sums = np.bincount(codes, weights=activations, minlength=classes)
    means = sums / np.bincount(codes, minlength=classes)
    best = int(means.argmax())
    highest, rest = float(means[best]), float(np.delete(means, best).mean())
    if highest + rest <= 0:
        return None, best
    return (highest - rest) / (highest + rest), best
