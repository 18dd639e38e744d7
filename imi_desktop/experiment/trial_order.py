"""Random order of trials, places of catch trials, and where the right query stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar

import numpy as np

from imi_desktop.experiment.trial import Position

Item = TypeVar("Item")


def mix_in_catch(
    regular: Sequence[Item], catch: Sequence[Item], rng: np.random.Generator
) -> list[Item]:
    """Put catch trials at random places among regular ones.

    Every set of places is equally likely, the first place included: so it is in the released
    answers (10 of 180 catch trials of Borowski et al. 2021 open their block) and scripts. Without
    regular trials the catch trials stay as they are.
    """
    if not regular:
        return list(catch)
    total = len(regular) + len(catch)
    places = rng.choice(total, size=len(catch), replace=False) if catch else ()
    by_place = dict(zip((int(place) for place in places), catch, strict=True))
    rest = iter(regular)
    return [by_place[place] if place in by_place else next(rest) for place in range(total)]


def draw_positions(
    catch: Sequence[bool],
    sides: tuple[Position, Position],
    rule: Literal["balanced", "independent"],
    rng: np.random.Generator,
) -> list[Position]:
    """Draw where the right query stands in each trial of a block.

    Parameters
    ----------
    catch : sequence of bool
        Which trials are catch trials, in order of presentation.
    rule : str
        ``independent``: a fair coin for each trial. ``balanced``: each side equally often within
        the block, separately for regular and catch trials (an odd one falls to a random side), in
        random order. Either way the side is uniform for every trial and does not depend on
        condition or unit.

    Returns
    -------
    list of Position
        One per trial.
    """
    if rule == "independent":
        return [sides[int(draw)] for draw in rng.integers(2, size=len(catch))]
    positions: dict[int, Position] = {}
    for kind in (False, True):
        places = [place for place, is_catch in enumerate(catch) if is_catch is kind]
        first = int(rng.integers(2))
        draws = rng.permutation([(first + index) % 2 for index in range(len(places))])
        positions |= {place: sides[int(draw)] for place, draw in zip(places, draws, strict=True)}
    return [positions[place] for place in range(len(catch))]
