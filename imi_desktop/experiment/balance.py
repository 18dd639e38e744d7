"""Sharing units among participants so that each unit gets the same number of answers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=8)
def balanced_subsets(
    n_units: int, per_participant: int, n_participants: int, seed: int
) -> tuple[tuple[int, ...], ...]:
    """Give each participant some units, every unit to equally many participants.

    A cyclic design is made and then mixed by swapping units between participants, which keeps
    both margins, so that which units come together is random.

    Parameters
    ----------
    n_units, per_participant, n_participants : int
        84, 40 and 63 in Zimmermann et al. 2023 (A.5): then each unit is answered 30 times.
    seed : int
        Of the study, not of a participant.

    Returns
    -------
    tuple of tuple of int
        Unit indices of each participant, without repeats. Units are answered equally often if
        `per_participant` · `n_participants` is a multiple of `n_units`, else one more or less.

    Raises
    ------
    ValueError
        If a participant would have to get a unit twice.
    """
    if per_participant > n_units:
        raise ValueError(f"{per_participant} different units cannot be drawn from {n_units}")
    rng = np.random.Generator(np.random.PCG64(seed))
    order = rng.permutation(n_units)
    owned = [bytearray(n_units) for _ in range(n_participants)]
    for participant, row in enumerate(owned):
        for index in range(per_participant):
            row[order[(participant * per_participant + index) % n_units]] = 1
    if per_participant < n_units and n_participants > 1:
        _mix(owned, rng, swaps=20 * per_participant * n_participants)
    return tuple(tuple(unit for unit in range(n_units) if row[unit]) for row in owned)


def _mix(owned: list[bytearray], rng: np.random.Generator, swaps: int) -> None:
    """Swap a unit of one participant with one of another where neither has both."""
    participants = rng.integers(len(owned), size=(swaps, 2)).tolist()
    units = rng.integers(len(owned[0]), size=(swaps, 2)).tolist()
    for (one, other), (first, second) in zip(participants, units, strict=True):
        mine, theirs = owned[one], owned[other]
        if mine[first] and theirs[second] and not mine[second] and not theirs[first]:
            mine[first] = theirs[second] = 0
            mine[second] = theirs[first] = 1
