"""The published rules for natural exemplars, by name.

``borowski2021``
    Borowski et al. (2021), A.1.2, as intended.
``borowski2021-as-run``
    The same with the slip that footnote 8 of that paper describes.
``zimmermann2023``
    Zimmermann, Klein & Brendel (2023), A.2, and their released code: references from the extreme
    end, queries from a level of difficulty.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imi_desktop.stimuli.exemplars import (
    ExemplarError,
    NaturalBatches,
    Side,
    TooFewImagesError,
    borowski_batches,
    check_activations,
    images_needed,
    on_both_sides,
    shuffle_bins,
)

Rule = Literal["borowski2021", "borowski2021-as-run", "zimmermann2023"]
Difficulty = Literal["easy", "medium", "hard", "very_hard"]

# Share of images that are more extreme than the queries. Easy queries follow the references.
QUERY_DEPTH: dict[Difficulty, float | None] = {
    "easy": None,
    "medium": 0.01,
    "hard": 0.05,
    "very_hard": 0.15,
}


def natural_batches(
    activations: ArrayLike,
    *,
    rule: Rule = "borowski2021",
    difficulty: Difficulty = "easy",
    n_references: int = 9,
    n_batches: int = 20,
    seed: int = 0,
) -> NaturalBatches:
    """Select references and queries of one unit by a published rule.

    Parameters
    ----------
    activations : array_like of float, shape (n_images,)
        One unit over the image folder.
    rule : str
        See the module.
    difficulty : str
        Where queries come from; only ``zimmermann2023`` knows levels other than ``easy``.
    n_references, n_batches, seed : int
        See :func:`~imi_desktop.stimuli.exemplars.borowski_batches`.

    Raises
    ------
    TooFewImagesError
        If the folder has too few images; the sentence holds the numbers.
    DeadUnitError
        If all activations are equal.
    ExemplarError
        If an activation is not finite, or the rule does not know what is asked for.
    """
    if rule == "zimmermann2023":
        return zimmermann_batches(
            activations,
            difficulty=difficulty,
            n_references=n_references,
            n_batches=n_batches,
            seed=seed,
        )
    if difficulty != "easy":
        raise ExemplarError(
            f"The rule {rule} has no difficulty “{difficulty}”. "
            "Use the rule zimmermann2023, or the difficulty easy."
        )
    if rule == "borowski2021-as-run":
        if (n_references, n_batches) != (9, 20):
            raise ExemplarError(
                "The rule borowski2021-as-run repeats what happened with 9 references and 20 "
                f"batches; it is not known for {n_references} and {n_batches}. "
                "Use the rule borowski2021."
            )
        return borowski_batches_as_run(activations, seed=seed)
    return borowski_batches(activations, n_references, n_batches, seed)


def zimmermann_batches(
    activations: ArrayLike,
    *,
    difficulty: Difficulty = "easy",
    n_references: int = 9,
    n_batches: int = 20,
    seed: int = 0,
) -> NaturalBatches:
    """Select by the rule of Zimmermann, Klein & Brendel (2023), A.2.

    References are one image from each of n_references bins of the most extreme images, n_batches
    in each bin. Queries are n_batches consecutive ranks: the next ones (easy), or those from the
    99th (medium), 95th (hard) or 85th percentile (very hard) on, and their mirror image for min.
    As in the released code, rank ⌊p·N⌋ is the first of them.

    Raises
    ------
    TooFewImagesError
        If queries and references, or max and min, would overlap.
    DeadUnitError, ExemplarError
        See :func:`natural_batches`.
    """
    values = check_activations(activations, images_needed(n_references, n_batches))
    n_images, taken = values.size, n_references * n_batches
    depth = QUERY_DEPTH[difficulty]
    first = taken if depth is None else int(np.floor(depth * n_images))
    if first < taken and depth is not None:
        raise TooFewImagesError(
            f"{difficulty.replace('_', ' ').capitalize()} queries begin at rank {first + 1} of "
            f"{n_images} images, but the references take the first {taken}. Use a folder of at "
            f"least {int(np.ceil(taken / depth))} images, or fewer batches."
        )
    if 2 * (first + n_batches) > n_images:
        raise TooFewImagesError(
            f"Queries would lie beyond the middle of the {n_images} images. "
            f"Use a folder of at least {2 * (first + n_batches)} images, or fewer batches."
        )

    def select(side: Side, order: NDArray[np.int64]) -> NDArray[np.int64]:
        references = order[:taken].reshape(n_references, n_batches)[::-1]
        queries = order[first : first + n_batches]
        return shuffle_bins(np.vstack([references, queries]), seed, side).T

    return on_both_sides(values, select)


def borowski_batches_as_run(activations: ArrayLike, *, seed: int = 0) -> NaturalBatches:
    """Select as Borowski et al. (2021) did by mistake (footnote 8): 9 references, 20 batches.

    The ten bins of twenty are shuffled as intended, but a batch takes every 10th image instead of
    every 20th: only the 110 most extreme images are used, and neighbouring batches share images.
    Minimal queries still come from the 20 least activating images; maximal queries from the 91st
    to 110th most activating ones.

    Raises
    ------
    TooFewImagesError, DeadUnitError, ExemplarError
        See :func:`natural_batches`.
    """
    n_references, n_batches, step = 9, 20, 10
    values = check_activations(activations, images_needed(n_references, n_batches))

    def select(side: Side, order: NDArray[np.int64]) -> NDArray[np.int64]:
        bins = order[: (n_references + 1) * n_batches].reshape(-1, n_batches)
        line = shuffle_bins(bins, seed, side).ravel()
        places = np.arange(n_batches)[:, None] + step * np.arange(n_references + 1)[None, :]
        extreme_first = line[places]
        if side == "min":
            return extreme_first[:, ::-1]
        return np.hstack([extreme_first[:, n_references - 1 :: -1], extreme_first[:, -1:]])

    return on_both_sides(values, select)
