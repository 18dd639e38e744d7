"""What a participant's number decides: orders and levels of the protocol's factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from imi_desktop.experiment.protocol import Factor
from imi_desktop.experiment.study import Study


@dataclass(frozen=True)
class Assignment:
    """One participant's share of the counterbalancing.

    Parameters
    ----------
    number : int
        The participant's number; with a planned number of participants wrapped into it, so that
        later ones fill the design once more.
    levels : mapping
        The one level of each between-participant factor.
    orders : mapping
        The levels of each other factor, in this participant's order.
    following : mapping
        For each factor that follows another one: its level by the other's level.
    place : int
        How many participants with the same between-participant levels came before.
    """

    number: int
    levels: Mapping[str, str]
    orders: Mapping[str, tuple[str, ...]]
    following: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    place: int = 0

    def resolve(self, text: str, bound: Mapping[str, str]) -> str:
        """Put in the level of the moment where `text` is ``$factor``."""
        if not text.startswith("$"):
            return text
        name = text[1:]
        if name in bound:
            return bound[name]
        leader, by_level = self.following[name]
        return by_level[bound[leader]]

    def summary(self) -> dict[str, str | int]:
        """What was assigned, for the journal."""
        orders = {name: ", ".join(levels) for name, levels in self.orders.items()}
        following = {
            name: ", ".join(f"{level}: {value}" for level, value in by_level.items())
            for name, (_, by_level) in self.following.items()
        }
        return {"number": self.number, **self.levels, **orders, **following}


def assign(study: Study, number: int, rng: np.random.Generator) -> Assignment:
    """Work out the factors of the participant with `number`.

    Parameters
    ----------
    rng : Generator
        For factors that are assigned at random.
    """
    design = study.design
    if study.participants is not None:
        number = 1 + (number - 1) % study.participants
    levels: dict[str, str] = {}
    orders: dict[str, tuple[str, ...]] = {}
    place = number - 1
    for name, factor in design.factors.items():
        if factor.follows:
            continue
        run = study.levels_of(name)
        if factor.between:
            levels[name] = run[(place // factor.every) % len(run)]
            place = place // (len(run) * factor.every) * factor.every + place % factor.every
        else:
            order = _row(factor, number, rng)
            orders[name] = tuple(level for level in order if level in run)
    following = {
        name: (factor.follows, _by_level(factor, design.factors[factor.follows], number, rng))
        for name, factor in design.factors.items()
        if factor.follows
    }
    return Assignment(number, levels, orders, following, place)


def _row(factor: Factor, number: int, rng: np.random.Generator) -> tuple[str, ...]:
    if factor.orders:
        if factor.assignment == "random":
            return factor.orders[int(rng.integers(len(factor.orders)))]
        return factor.orders[(number - 1) // factor.every % len(factor.orders)]
    if factor.assignment == "random":
        return tuple(factor.levels[index] for index in rng.permutation(len(factor.levels)))
    return factor.levels


def _by_level(
    factor: Factor, leader: Factor, number: int, rng: np.random.Generator
) -> dict[str, str]:
    return dict(zip(leader.levels, _row(factor, number, rng), strict=True))
