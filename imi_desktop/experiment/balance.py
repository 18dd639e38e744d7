"""Sharing units among participants so that each unit gets the same number of answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np


@lru_cache(maxsize=8)
def balanced_subsets(
    n_units: int,
    per_participant: int,
    n_participants: int,
    seed: int,
    groups: tuple[int, ...] = (),
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
    groups : tuple of int
        Group of each participant, such as the batch of images; empty for one group. Units are
        shared out equally within each group too (A.2: three answers for each of ten image sets).

    Returns
    -------
    tuple of tuple of int
        Unit indices of each participant, without repeats. Units are answered equally often if
        `per_participant` · `n_participants` is a multiple of `n_units`, else one more or less; the
        same holds within each group.

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
    group_of = groups or (0,) * n_participants
    for turn, participant in enumerate(sorted(range(n_participants), key=group_of.__getitem__)):
        for index in range(per_participant):
            owned[participant][order[(turn * per_participant + index) % n_units]] = 1
    if per_participant < n_units and n_participants > 1:
        _mix(owned, group_of, rng, swaps=20 * per_participant * n_participants)
    return tuple(tuple(unit for unit in range(n_units) if row[unit]) for row in owned)


def _mix(
    owned: list[bytearray], group_of: Sequence[int], rng: np.random.Generator, swaps: int
) -> None:
    """Swap a unit of one participant with one of another where neither has both."""
    n_units = len(owned[0])
    answers = {group: [0] * n_units for group in group_of}
    for row, group in zip(owned, group_of, strict=True):
        answers[group] = [a + b for a, b in zip(answers[group], row, strict=True)]
    share = {group: size * sum(owned[0]) / n_units for group, size in Counter(group_of).items()}
    most = {group: math.ceil(each) for group, each in share.items()}
    least = {group: math.floor(each) for group, each in share.items()}

    def may_give(group: int, gone: int, come: int) -> bool:
        kept = answers[group]
        return kept[gone] > least[group] and kept[come] < most[group]

    participants = rng.integers(len(owned), size=(swaps, 2)).tolist()
    units = rng.integers(n_units, size=(swaps, 2)).tolist()
    for (one, other), (first, second) in zip(participants, units, strict=True):
        mine, theirs = owned[one], owned[other]
        if not (mine[first] and theirs[second]) or mine[second] or theirs[first]:
            continue
        here, there = group_of[one], group_of[other]
        if here != there:
            if not (may_give(here, first, second) and may_give(there, second, first)):
                continue
            answers[here][first] -= 1
            answers[here][second] += 1
            answers[there][second] -= 1
            answers[there][first] += 1
        mine[first] = theirs[second] = 0
        mine[second] = theirs[first] = 1
