"""Forward passes that yield the activations of layers, many in a row.

On a CPU they run a private copy of the network whose memory layout is channels-last and whose
activation functions work in place: the same values, sooner. The copy shares all but the
convolutions' weights with the network, and is used only if it gives the network's own values.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from types import TracebackType

import numpy as np
import torch
from numpy.typing import NDArray
from timm.layers import Conv2dSame
from torch import Tensor, nn

from imi_desktop.models.channels import spatial_mean
from imi_desktop.models.collecting import LayerCollector
from imi_desktop.models.errors import DeviceError, NonFiniteOutputError
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Layer
from imi_desktop.stimuli.visualization.frozen_operations import (
    PointwiseConvolution,
    SameConvolution,
)

log = logging.getLogger(__name__)

_TOLERANCE = 1e-4
"""Largest difference from the network that the copy may show, relative to a layer's range."""

_IN_PLACE = (nn.ReLU, nn.ReLU6, nn.Hardswish, nn.SiLU, nn.LeakyReLU, nn.ELU)


class ActivationPasses:
    """Measures spatial (token) means of layers; a context manager, because it hooks the layers.

    Parameters
    ----------
    network : Network
        Stays as it is.
    layers : sequence of Layer
        What to measure.
    """

    def __init__(self, network: Network, layers: Sequence[Layer]) -> None:
        self._network = network
        self._layers = list({layer.name: layer for layer in layers}.values())
        self._channels_last = False
        self._collector = self._collecting(network.module)

    def __enter__(self) -> ActivationPasses:
        if self._network.device.type == "cpu":
            self._take_copy_if_equal()
        self._collector.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._collector.__exit__(kind, error, trace)

    def measure(self, pixels: NDArray[np.uint8]) -> dict[str, Tensor]:
        """Activations of cropped images.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (n, crop, crop, 3)
            As :func:`~imi_desktop.stimuli.images.crop_for` makes them.

        Returns
        -------
        dict of str to Tensor of float32, shape (n, channels)
            By layer, on the network's device.

        Raises
        ------
        NonFiniteOutputError
            If a layer puts out something that is not a finite number.
        DeviceError
            If the device's memory does not suffice for a single image.
        """
        network = self._network
        try:
            with torch.inference_mode():
                values = self._run(network.input_from_pixels(torch.from_numpy(pixels)))
        except torch.OutOfMemoryError as error:
            half = len(pixels) // 2
            if half == 0:
                raise DeviceError(
                    f"The memory of {network.device} does not suffice for one image through "
                    f"{network.entry.title}. Close other programs that use it, or use the CPU."
                ) from error
            parts = [self.measure(part) for part in (pixels[:half], pixels[half:])]
            return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        if not torch.isfinite(torch.cat([value.flatten() for value in values.values()])).all():
            # Outputs are in forward order, so that the first one is where it begins.
            first = next(name for name, value in values.items() if not torch.isfinite(value).all())
            raise NonFiniteOutputError(
                f"{network.entry.title} puts out values that are not finite numbers, first in "
                f"layer {first}. Its weights are damaged or of another network."
            )
        return values

    def _run(self, inputs: Tensor) -> dict[str, Tensor]:
        if self._channels_last:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        return self._collector.run(inputs)

    def _collecting(self, module: nn.Module) -> LayerCollector:
        # Asked of the network itself, which names what it does not have.
        for layer in self._layers:
            self._network.submodule(layer)
        parts = {layer: module.get_submodule(layer.name) for layer in self._layers}
        return LayerCollector(module, parts, spatial_mean)

    def _take_copy_if_equal(self) -> None:
        """Work on a faster copy if it measures what the network measures for one image of noise."""
        size = self._network.input_size
        noise = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
        own = self._collector
        with torch.inference_mode():
            probe = self._network.normalise(noise)
            with own:
                expected = own.run(probe)
            self._collector = self._collecting(faster_copy(self._network.module))
            self._channels_last = True
            with self._collector:
                found = self._run(probe)
        differing = [name for name in expected if not _agree(expected[name], found[name])]
        if differing:
            log.info("%s is measured as it is: %s differs", self._network.name, differing[0])
            self._collector, self._channels_last = own, False


def faster_copy(module: nn.Module) -> nn.Module:
    """Copy a frozen network for fast passes on a CPU.

    Convolutions are channels-last and copy nothing to pad or to multiply, activations work in
    place. Every layer keeps its name and puts out what it did.

    Parameters
    ----------
    module : nn.Module
        Stays as it is; the copy shares its tensors except the convolutions' weights.
    """
    shared = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    duplicate = copy.deepcopy(module, shared)
    for name, part in list(duplicate.named_modules()):
        if isinstance(part, _IN_PLACE):
            part.inplace = True
        if isinstance(part, Conv2dSame):
            duplicate.set_submodule(name, SameConvolution(part))
        elif PointwiseConvolution.can_replace(part):
            duplicate.set_submodule(name, PointwiseConvolution(part))
        elif isinstance(part, nn.Conv2d):
            weight = part.weight.detach().contiguous(memory_format=torch.channels_last)
            part.weight = nn.Parameter(weight, requires_grad=False)
    return duplicate


def _agree(expected: Tensor, found: Tensor) -> bool:
    scale = float(expected.abs().max())
    return float((expected - found).abs().max()) <= _TOLERANCE * scale
