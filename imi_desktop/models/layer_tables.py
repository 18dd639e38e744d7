"""The layers of every network as tables on disk, so that choosing units needs no torch.

Tables of the featured networks come with the program; those of others are made when a network is
first looked at and kept in the cache.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

from imi_desktop.models import catalogue
from imi_desktop.models.errors import UnknownChannelError, UnknownLayerError
from imi_desktop.models.table_files import layer_from_row, not_described, read_table
from imi_desktop.models.unit import Layer, Unit


def layers_of(name: str) -> tuple[Layer, ...]:
    """Layers of a network in forward order.

    Raises
    ------
    UnknownModelError
        If there is no such network.
    ModelNotDescribedError
        If the network has not been looked at on this computer yet.
    """
    entry = catalogue.find(name)
    table = read_table(entry.table_name)
    if table is None:
        raise not_described(entry.table_name)
    layers = tuple(layer_from_row(row) for row in table["layers"])
    return with_classes(layers, entry.num_classes)


def with_classes(layers: Sequence[Layer], num_classes: int) -> tuple[Layer, ...]:
    """Layers of the same architecture with another number of classes."""
    return tuple(
        replace(layer, channels=num_classes) if layer.kind == "classifier" else layer
        for layer in layers
    )


def layer_of(name: str, layer: str) -> Layer:
    """One layer of a network.

    Raises
    ------
    UnknownLayerError
        If the network has no such layer; the sentence names similar ones.
    """
    return find_layer(name, layers_of(name), layer)


def find_layer(model: str, layers: Sequence[Layer], name: str) -> Layer:
    """Find a layer by name among those of `model`.

    Raises
    ------
    UnknownLayerError
        If there is none; the sentence names similar ones.
    """
    for layer in layers:
        if layer.name == name:
            return layer
    near = difflib.get_close_matches(name, [layer.name for layer in layers], n=3, cutoff=0.5)
    hint = (
        f"Did you mean {' or '.join(near)}?" if near else f"imi-desktop models {model} lists them."
    )
    raise UnknownLayerError(f"{model} has no layer “{name}”. {hint}")


def check_channel(layer: Layer, unit: Unit) -> None:
    """Refuse a unit whose channel the layer does not have.

    Raises
    ------
    UnknownChannelError
        If the channel is out of range.
    """
    if not 0 <= unit.channel < layer.channels:
        raise UnknownChannelError(
            f"{unit.model} {unit.layer} has {layer.channels} channels, 0 to "
            f"{layer.channels - 1}; there is no channel {unit.channel}."
        )


def check_unit(unit: Unit) -> Layer:
    """Layer of a unit, if the unit exists.

    Raises
    ------
    UnknownModelError, ModelNotDescribedError, UnknownLayerError, UnknownChannelError
        If it does not.
    """
    layer = layer_of(unit.model, unit.layer)
    check_channel(layer, unit)
    return layer


def is_described(name: str) -> bool:
    """Whether :func:`layers_of` knows the network's layers."""
    if name.removeprefix("random:").startswith("timm:"):
        return read_table(name.removeprefix("random:")) is not None
    return read_table(catalogue.find(name).table_name) is not None
