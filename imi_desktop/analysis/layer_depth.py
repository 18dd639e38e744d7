"""Where layers lie in their networks, for ordering them and for score against depth."""

from __future__ import annotations

from collections.abc import Iterable

from imi_desktop.errors import UserError
from imi_desktop.models.layer_tables import layers_of


def depths_of(models: Iterable[str]) -> dict[str, float]:
    """Relative depth (0 first … 1 last) of each layer of the networks, by the layer's name.

    Networks whose layers are not known on this computer are left out. A name that several
    networks share has the depth of the first.
    """
    depths: dict[str, float] = {}
    for model in models:
        try:
            layers = layers_of(str(model))
        except UserError:
            continue
        for layer in layers:
            depths.setdefault(layer.name, layer.relative_depth)
    return depths
