"""A machine observer: compares images by the features of a network. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from imi_desktop.models.channels import spatial_mean
from imi_desktop.models.loading import load_network
from imi_desktop.models.unit import Layer
from imi_desktop.observers.reference_observer import Description, ReferenceObserver
from imi_desktop.stimuli.images import crop_for, open_rgb

DEFAULT_MODEL = "efficientnet_lite0"
_DEPTHS = (0.25, 0.5, 0.75, 1.0)
_BATCH = 32


class PerceptualObserver(ReferenceObserver):
    """Compares what a network says about images at four depths.

    An image is described by the spatial means of the layers of interest nearest to a quarter,
    half, three quarters and the whole of the network's depth. Each layer's means are centred and
    scaled to length 1, so that two images are as similar as the mean of four correlations over
    channels. This is the machine observer of a 2-AFC task in the sense of perceptual metrics on
    deep features (Zhang et al. 2018, CVPR), without weights fitted to people.

    Parameters
    ----------
    model : str
        As in ``imi-desktop models``.

    Raises
    ------
    UnknownModelError, WeightsMissingError
        If the network cannot be loaded.
    """

    confident = (0.35, 0.6)

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        super().__init__()
        self.name = "perceptual" if model == DEFAULT_MODEL else f"perceptual:{model}"
        self._network = load_network(model)
        candidates = [layer for layer in self._network.layers if layer.of_interest]
        self._layers = _nearest(candidates or list(self._network.layers))

    def describe(self, paths: Sequence[Path]) -> list[Description]:
        """Centred spatial means of four layers, each of length ½."""
        described: list[Description] = []
        for start in range(0, len(paths), _BATCH):
            part = paths[start : start + _BATCH]
            preprocessing = self._network.entry.preprocessing
            pixels = np.stack([crop_for(preprocessing, open_rgb(path)) for path in part])
            with torch.inference_mode():
                inputs = self._network.input_from_pixels(torch.from_numpy(pixels))
                means = self._network.capture(self._layers, inputs, spatial_mean)
            parts = [_unit_rows(means[layer.name].float().cpu().numpy()) for layer in self._layers]
            whole = np.concatenate(parts, axis=1) / np.sqrt(len(parts))
            described += list(whole.astype(np.float32))
        return described


def _nearest(layers: Sequence[Layer]) -> list[Layer]:
    """Layers nearest to the depths, without repetition."""
    chosen = [min(layers, key=lambda layer: abs(layer.relative_depth - depth)) for depth in _DEPTHS]
    return list(dict.fromkeys(chosen))


def _unit_rows(values: Description) -> Description:
    """Centre each row and scale it to length 1; rows without variation become 0."""
    centred = values - values.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
