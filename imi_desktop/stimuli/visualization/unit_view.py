"""A unit as the optimisation sees it: images in, activations out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from imi_desktop.models.channels import channels_first, unit_map
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.stimuli.pack import IMAGE_SIZE
from imi_desktop.stimuli.visualization.network_cut import (
    Forward,
    NetworkCut,
    cut_network,
    stopped_forward,
)
from imi_desktop.stimuli.visualization.redirected_gradient import RedirectedReLUs

_VERIFY_BATCH = 3


@dataclass(frozen=True)
class UnitView:
    """One unit of one network.

    Parameters
    ----------
    unit : Unit
    layer : Layer
        The unit's layer.
    cut : NetworkCut
        Fast forward pass from normalised images to the layer's raw output.
    original : callable
        The same through the unchanged float32 network.
    normalise : callable
        From images within 0 … 1 to the network's input.
    side : int
        Width and height of what the network sees during optimisation, px.
    native : int
        Width and height at which the network sees a finished stimulus, px.
    """

    unit: Unit
    layer: Layer
    cut: NetworkCut
    original: Forward
    normalise: Forward
    device: torch.device
    side: int
    native: int

    @classmethod
    def of(cls, network: Network, unit: Unit, window: int = IMAGE_SIZE) -> UnitView:
        """Look at a unit of a loaded network.

        Parameters
        ----------
        window : int
            Side of the images that the optimisation wants to show, px; a network that takes only
            its native size gets that.

        Raises
        ------
        UnknownLayerError, UnknownChannelError
            If the network has no such unit.
        """
        layer = network.check_unit(unit)
        preprocessing = network.entry.preprocessing
        original = stopped_forward(network.module, layer.name)
        native = _magnified(IMAGE_SIZE, preprocessing.crop)
        side = _accepted_side(
            original, network.device, _magnified(window, preprocessing.crop), native
        )
        noise = torch.Generator().manual_seed(0)
        example = torch.rand(1, 3, side, side, generator=noise).to(network.device)
        cut = cut_network(network.module, layer.name, network.normalise(example))
        return cls(unit, layer, cut, original, network.normalise, network.device, side, native)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """Activations of the whole layer, with gradients, by the fast pass.

        Parameters
        ----------
        images : torch.Tensor
            float32 (n, 3, side, side) within 0 … 1.

        Returns
        -------
        torch.Tensor
            (n, channels, positions)
        """
        return self._arranged(self.cut.forward(self.normalise(images)))

    def redirected_features(self, images: torch.Tensor) -> torch.Tensor:
        """As :meth:`features`, on the original network with its ReLUs' gradient redirected."""
        with RedirectedReLUs():
            return self._arranged(self.original(self.normalise(images)))

    def verify(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Activations of finished stimuli on the original float32 network.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, h, w, 3)
            As they are written to files; larger or smaller ones than the network takes are
            resized bilinearly.

        Returns
        -------
        ndarray of float32, shape (n,)
            Spatial (token) means of the unit.
        """
        return self._measured(images, self.original)

    def features_of_pixels(self, images: NDArray[np.uint8]) -> torch.Tensor:
        """What the fast pass gives for finished stimuli seen as the optimisation sees its images.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, h, w, 3)

        Returns
        -------
        torch.Tensor
            (n, channels, positions), without gradients.
        """
        with torch.no_grad():
            return torch.cat([self.features(batch) for batch in self._batches(images, self.side)])

    def measure(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The same as :meth:`verify` by the fast pass."""
        return self._measured(images, self.cut.forward)

    def unit_positions(self, output: torch.Tensor) -> torch.Tensor:
        """The unit's map in the layer's raw output: (n, h, w), (n, tokens) or (n,)."""
        return unit_map(output, self.layer, self.unit.channel)

    def _measured(self, images: NDArray[np.uint8], forward: Forward) -> NDArray[np.float32]:
        values = []
        with torch.no_grad():
            for batch in self._batches(images, self.native):
                output = self._arranged(forward(self.normalise(batch)))
                values.append(output[:, self.unit.channel].mean(dim=1).cpu().numpy())
        return np.concatenate(values).astype(np.float32)

    def _batches(self, images: NDArray[np.uint8], side: int) -> Iterator[torch.Tensor]:
        for start in range(0, len(images), _VERIFY_BATCH):
            batch = torch.from_numpy(images[start : start + _VERIFY_BATCH])
            batch = batch.to(self.device).permute(0, 3, 1, 2).float() / 255
            if batch.shape[-1] != side:
                batch = functional.interpolate(
                    batch, size=(side, side), mode="bilinear", antialias=True
                )
            yield batch

    def _arranged(self, output: torch.Tensor) -> torch.Tensor:
        if output.dim() == 2:
            return output[:, :, None]
        return channels_first(output, self.layer).flatten(2)


def _magnified(side: int, crop: int) -> int:
    # Stimuli have 224 px; a network made for 384 sees them enlarged. The 229 px of Lucent's
    # InceptionV1 are a matter of cropping: the released code shows it 224 px as they are.
    return side if abs(crop - IMAGE_SIZE) < 16 else round(side * crop / IMAGE_SIZE)


def _accepted_side(
    forward: Callable[[torch.Tensor], torch.Tensor],
    device: torch.device,
    wanted: int,
    native: int,
) -> int:
    # Vision transformers and CLIP's attention pooling refuse any size but their own.
    for side in (wanted, native):
        try:
            with torch.no_grad():
                forward(torch.zeros(1, 3, side, side, device=device))
        except (RuntimeError, AssertionError, ValueError):
            continue
        return side
    return native
