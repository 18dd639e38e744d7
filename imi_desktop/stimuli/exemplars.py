"""Natural exemplars: which images of a folder show what a unit prefers and avoids.

The rule is that of Borowski et al. (2021), appendix A.1.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imi_desktop.errors import UserError
from imi_desktop.models.unit import Unit
from imi_desktop.seeds import derive_seed, generator

Side = Literal["max", "min"]


class ExemplarError(UserError):
    """Exemplars cannot be selected from these activations."""


class TooFewImagesError(ExemplarError):
    """The image folder has fewer images than the batches need."""


class DeadUnitError(ExemplarError):
    """The unit responds to every image alike."""


@dataclass(frozen=True)
class NaturalBatches:
    """Exemplars of one unit, as indices into the activations they were selected from.

    Parameters
    ----------
    max, min : ndarray of int64, shape (n_batches, n_references + 1)
        One row per batch. The references come first, from the least extreme bin to the most
        extreme one that references come from; the query is the last column. This is the order
        of the published stimulus folders (``max_0`` … ``max_8``, query ``max_9``).
    """

    max: NDArray[np.int64]
    min: NDArray[np.int64]

    def side(self, side: Side) -> NDArray[np.int64]:
        """Indices of one side, shape (n_batches, n_references + 1)."""
        return self.max if side == "max" else self.min

    @property
    def n_batches(self) -> int:
        """Number of batches on each side."""
        return int(self.max.shape[0])

    @property
    def n_references(self) -> int:
        """Number of references in each batch and side."""
        return int(self.max.shape[1]) - 1


@dataclass(frozen=True)
class Exemplar:
    """Where one image stands among all images of the folder, for one unit.

    Parameters
    ----------
    index : int
        Of the image in the activations.
    activation : float
        Spatial mean of the unit's map.
    rank : int
        1 for the highest activation; ties in the order of the images.
    percentile : float
        Share of the other images with a lower activation (ties count half): 0 for the lowest,
        100 for the highest.
    """

    index: int
    activation: float
    rank: int
    percentile: float


def exemplar_seed(study_seed: int, unit: Unit) -> int:
    """Seed of one unit's shuffles, so that every unit has its own."""
    return derive_seed(study_seed, "natural", unit.model, unit.layer, unit.channel)


def images_needed(n_references: int = 9, n_batches: int = 20) -> int:
    """Least number of usable images for :func:`borowski_batches`, max and min together."""
    return 2 * (n_references + 1) * n_batches


def borowski_batches(
    activations: ArrayLike,
    n_references: int = 9,
    n_batches: int = 20,
    seed: int = 0,
) -> NaturalBatches:
    """Select references and queries by the rule of Borowski et al. (2021), A.1.2.

    The (n_references + 1) · n_batches most extreme images of each side are cut into
    n_references + 1 bins of n_batches consecutive ranks; each bin is shuffled, and batch *b* gets
    the *b*-th image of every bin. The query comes from the most extreme bin. No image is in two
    places, and no image is on both sides.

    Parameters
    ----------
    activations : array_like of float, shape (n_images,)
        One unit over the image folder.
    n_references : int
        Reference images per side and trial.
    n_batches : int
        Image sets, one per participant or trial.
    seed : int
        See :func:`exemplar_seed`.

    Raises
    ------
    TooFewImagesError
        If there are fewer than :func:`images_needed` images.
    DeadUnitError
        If all activations are equal.
    ExemplarError
        If an activation is not finite.
    """
    values = check_activations(activations, images_needed(n_references, n_batches))
    taken = (n_references + 1) * n_batches

    def select(side: Side, order: NDArray[np.int64]) -> NDArray[np.int64]:
        bins = order[:taken].reshape(n_references + 1, n_batches)
        return shuffle_bins(bins[::-1], seed, side).T

    return on_both_sides(values, select)


def exemplars(activations: ArrayLike, indices: ArrayLike) -> list[Exemplar]:
    """Activation, rank and percentile of some images.

    Parameters
    ----------
    activations : array_like of float, shape (n_images,)
        One unit over the image folder.
    indices : array_like of int, shape (n,)
        The images.
    """
    values = np.asarray(activations, dtype=np.float32)
    order = ranking(values)
    rank = np.empty(values.size, dtype=np.int64)
    rank[order] = np.arange(1, values.size + 1)
    ascending = np.sort(values)
    result = []
    for index in np.asarray(indices, dtype=np.int64).ravel():
        value = values[index]
        below = np.searchsorted(ascending, value, side="left")
        equal = np.searchsorted(ascending, value, side="right") - below
        percentile = 100.0 * (below + 0.5 * (equal - 1)) / max(values.size - 1, 1)
        result.append(Exemplar(int(index), float(value), int(rank[index]), float(percentile)))
    return result


def ranking(activations: ArrayLike) -> NDArray[np.int64]:
    """Indices from the highest to the lowest activation; ties in the order of the images."""
    return np.argsort(-np.asarray(activations), kind="stable").astype(np.int64)


def check_activations(activations: ArrayLike, needed: int) -> NDArray[np.float32]:
    """Refuse activations that no exemplars can be selected from.

    Parameters
    ----------
    activations : array_like of float, shape (n_images,)
        One unit over the image folder.
    needed : int
        Least number of images.

    Returns
    -------
    ndarray of float32, shape (n_images,)

    Raises
    ------
    TooFewImagesError, DeadUnitError, ExemplarError
        See :func:`borowski_batches`.
    """
    values = np.asarray(activations, dtype=np.float32).ravel()
    if values.size < needed:
        raise TooFewImagesError(
            f"The exemplars need {needed} usable images, and the image folder has {values.size}. "
            "Use a larger folder, or ask for fewer batches or references."
        )
    if not np.isfinite(values).all():
        raise ExemplarError(
            "Some activations of the unit are not numbers or infinite. "
            "Check the weights of the model and record the activations again."
        )
    if values.size and values.min() == values.max():
        raise DeadUnitError(
            f"The unit is dead: it responds with {values[0]:g} to each of the {values.size} "
            "images. Choose another unit, or have one drawn: “Exchange units…” on the Units page, "
            "or imi-desktop pick."
        )
    return values


def on_both_sides(
    activations: NDArray[np.float32],
    select: Callable[[Side, NDArray[np.int64]], NDArray[np.int64]],
) -> NaturalBatches:
    """Apply one rule to both ends of the ranking.

    Parameters
    ----------
    activations : ndarray of float32, shape (n_images,)
        One unit over the image folder.
    select : callable
        Given the side and the images from the most to the least extreme, shape (n_images,),
        returns the batches of that side as :class:`NaturalBatches` wants them.
    """
    # One ranking read from both ends: images with the same activation cannot be on both sides.
    order = ranking(activations)
    return NaturalBatches(max=select("max", order), min=select("min", order[::-1]))


def shuffle_bins(bins: NDArray[np.int64], seed: int, side: Side) -> NDArray[np.int64]:
    """Shuffle each row by itself.

    Parameters
    ----------
    bins : ndarray of int64, shape (n_bins, n_batches)
        Images of consecutive ranks in each row.
    """
    return np.stack(
        [
            generator(seed, "batches", side, number).permutation(images)
            for number, images in enumerate(bins)
        ]
    )
