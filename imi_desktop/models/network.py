"""A network ready to be measured."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from imi_desktop.models.collecting import LayerCollector, Reduce
from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.errors import UnknownLayerError
from imi_desktop.models.layer_tables import check_channel, find_layer
from imi_desktop.models.unit import Layer, Unit


@dataclass(frozen=True, eq=False)
class Network:
    """A network in evaluation mode whose weights are frozen.

    Parameters
    ----------
    entry : ModelEntry
        What it is.
    module : nn.Module
        On `device`; activations are not in place.
    layers : tuple of Layer
        In forward order.
    device : torch.device
        Where it computes.
    weights_file : Path or None
        Where the weights came from; None if they are random.
    seed : int
        Of random weights.
    """

    entry: ModelEntry
    module: nn.Module
    layers: tuple[Layer, ...]
    device: torch.device
    weights_file: Path | None = None
    seed: int = 0
    _mean: Tensor = field(init=False, repr=False)
    _std: Tensor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name, values in (
            ("_mean", self.entry.preprocessing.mean),
            ("_std", self.entry.preprocessing.std),
        ):
            column = torch.tensor(values, dtype=torch.float32, device=self.device)
            object.__setattr__(self, name, column.view(1, 3, 1, 1))

    @property
    def name(self) -> str:
        """Name as studies write it."""
        return self.entry.name

    @property
    def input_size(self) -> int:
        """Side of the square input, px."""
        return self.entry.preprocessing.crop

    def layer(self, name: str) -> Layer:
        """Layer by name.

        Raises
        ------
        UnknownLayerError
            If there is none; the sentence names similar ones.
        """
        return find_layer(self.name, self.layers, name)

    def submodule(self, layer: Layer | str) -> nn.Module:
        """Module whose output is the layer.

        Raises
        ------
        UnknownLayerError
            If the network has no such module.
        """
        name = layer if isinstance(layer, str) else layer.name
        try:
            return self.module.get_submodule(name)
        except AttributeError as error:
            raise UnknownLayerError(f"{self.name} has no layer “{name}”.") from error

    def check_unit(self, unit: Unit) -> Layer:
        """Layer of a unit of this network.

        Raises
        ------
        UnknownLayerError, UnknownChannelError
            If the unit does not exist.
        """
        layer = self.layer(unit.layer)
        check_channel(layer, unit)
        return layer

    def normalise(self, rgb: Tensor) -> Tensor:
        """Turn colours into the network's input.

        Parameters
        ----------
        rgb : Tensor, shape (n, 3, h, w)
            0 … 1 on the network's device.
        """
        return (rgb - self._mean) / self._std

    def input_from_pixels(self, pixels: Tensor) -> Tensor:
        """Turn cropped 8-bit images into the network's input.

        Parameters
        ----------
        pixels : Tensor of uint8, shape (n, h, w, 3)

        Returns
        -------
        Tensor of float32, shape (n, 3, h, w)
        """
        rgb = pixels.to(self.device).permute(0, 3, 1, 2).contiguous().float().div_(255.0)
        return rgb.sub_(self._mean).div_(self._std)

    def capture(
        self,
        layers: Sequence[Layer],
        inputs: Tensor,
        reduce: Reduce | None = None,
    ) -> dict[str, Tensor]:
        """Run a forward pass and collect the outputs of layers.

        The pass ends as soon as every layer has answered; what comes after them is not computed.

        Parameters
        ----------
        layers : sequence of Layer
            At least one.
        inputs : Tensor, shape (n, 3, h, w)
            Normalised images on the network's device.
        reduce : callable or None
            Applied to each output as soon as it is there, so that whole maps need not be kept;
            for example :func:`~imi_desktop.models.channels.spatial_mean`.

        Returns
        -------
        dict of str to Tensor
            By layer name.
        """
        parts = {layer: self.submodule(layer) for layer in layers}
        with LayerCollector(self.module, parts, reduce) as collector:
            return collector.run(inputs)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over names and values of all weights."""
        digest = hashlib.sha256()
        for name, value in self.module.state_dict().items():
            digest.update(f"{name}\0{value.dtype}\0{tuple(value.shape)}\n".encode())
            digest.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
        return digest.hexdigest()
