"""Whole activation maps of single units, for measures of contrast and sparseness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imi_desktop.models.channels import channels_first
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.decoding import decode_batches
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder


@dataclass(frozen=True)
class UnitMaps:
    """Maps of some units for some images.

    Parameters
    ----------
    images : list of str
        Relative paths, one per row.
    maps : dict of Unit to ndarray of float32
        Shape (n_images, h, w), (n_images, tokens) or (n_images,).
    failures : dict of str to str
        Images that could not be read, with reasons.
    """

    images: list[str]
    maps: dict[Unit, NDArray[np.float32]]
    failures: dict[str, str]


def unit_maps(
    network: Network,
    units: Sequence[Unit],
    folder: ImageFolder,
    files: Sequence[ImageFile],
    *,
    batch_size: int = 8,
    cancel: CancelToken | None = None,
) -> Iterator[UnitMaps]:
    """Compute maps batch by batch; nothing but the batch is kept in memory.

    Parameters
    ----------
    network : Network
        The model.
    units : sequence of Unit
        Of this model.
    folder : ImageFolder
        Where the images lie.
    files : sequence of ImageFile
        Which of its images.

    Raises
    ------
    UnknownLayerError, UnknownChannelError
        If a unit does not exist.
    Cancelled
        If asked to stop.
    """
    layers = {unit.layer: network.check_unit(unit) for unit in units}
    channels: dict[str, list[int]] = {name: [] for name in layers}
    for unit in units:
        channels[unit.layer].append(unit.channel)

    def chosen(output: Tensor, layer: Layer) -> Tensor:
        return channels_first(output, layer)[:, channels[layer.name]].float()

    batches = (files[start : start + batch_size] for start in range(0, len(files), batch_size))
    for batch in decode_batches(folder, batches, network.entry.preprocessing, cancel=cancel):
        maps: dict[Unit, NDArray[np.float32]] = {}
        if batch.paths:
            with torch.inference_mode():
                inputs = network.input_from_pixels(torch.from_numpy(batch.pixels))
                outputs = network.capture(list(layers.values()), inputs, chosen)
            for unit in units:
                column = channels[unit.layer].index(unit.channel)
                maps[unit] = outputs[unit.layer][:, column].cpu().numpy()
        yield UnitMaps(batch.paths, maps, batch.failures)
