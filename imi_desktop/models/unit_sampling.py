"""Drawing units at random. Knows no torch."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from imi_desktop.models.errors import ModelError
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.seeds import generator


class TooFewUnitsError(ModelError):
    """More units were asked for than the layers have."""


def sample_units(
    model: str,
    layers: Sequence[Layer],
    n: int,
    seed: int,
    block: Collection[str | tuple[str, int]] = (),
) -> tuple[Unit, ...]:
    """Draw units: a layer uniformly among the layers of interest, then a channel uniformly.

    This is how Zimmermann, Klein & Brendel (2023, section 3) drew the 84 units of each model: it
    gives every layer the same weight, however many channels it has. No unit is drawn twice; a
    layer whose channels are used up is left out of later draws.

    Parameters
    ----------
    model : str
        Name of the model, for the units returned.
    layers : sequence of Layer
        Candidates; those that are not of interest are skipped.
    n : int
        Number of units.
    seed : int
        The study's seed.
    block : collection of str or (str, int)
        Layers and single units (layer, channel) that must not be drawn, e.g. those already used
        for practice and catch trials.

    Returns
    -------
    tuple of Unit
        In the order drawn.

    Raises
    ------
    TooFewUnitsError
        If the layers hold fewer than `n` units.
    """
    blocked = set(block)
    free = {
        layer.name: [c for c in range(layer.channels) if (layer.name, c) not in blocked]
        for layer in layers
        if layer.of_interest and layer.name not in blocked
    }
    names = [name for name, channels in free.items() if channels]
    available = sum(len(free[name]) for name in names)
    if n > available:
        raise TooFewUnitsError(
            f"{n} units were asked for, but the layers of interest of {model} hold only "
            f"{available} that may be drawn. Ask for fewer units or block fewer."
        )
    random = generator(seed, "units", model)
    drawn = []
    for _ in range(n):
        name = names[int(random.integers(len(names)))]
        channels = free[name]
        drawn.append(Unit(model, name, channels.pop(int(random.integers(len(channels))))))
        if not channels:
            names.remove(name)
    return tuple(drawn)
