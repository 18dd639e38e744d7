"""Units' maps over images, measured batch by batch, so that no more than a batch is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
class ReadBatch:
    """The readable images of a batch.

    Parameters
    ----------
    paths : list of str
        Relative to the image folder; at least one.
    inputs : Tensor, shape (n, 3, h, w)
        What the network sees.
    done : int
        Images looked at so far, unreadable ones included.
    """

    paths: list[str]
    inputs: Tensor
    done: int


def read_batches(
    network: Network,
    folder: ImageFolder,
    files: Sequence[ImageFile],
    batch_size: int,
    cancel: CancelToken | None,
) -> Iterator[ReadBatch]:
    """Decode images for a network; batches without a readable image are left out.

    Raises
    ------
    Cancelled
        If asked to stop.
    """
    done = 0
    batches = (files[start : start + batch_size] for start in range(0, len(files), batch_size))
    for batch in decode_batches(folder, batches, network.entry.preprocessing, cancel=cancel):
        done += len(batch.paths) + len(batch.failures)
        if batch.paths:
            with torch.inference_mode():
                inputs = network.input_from_pixels(torch.from_numpy(batch.pixels))
            yield ReadBatch(batch.paths, inputs, done)


def measured_maps(
    network: Network,
    units: Sequence[Unit],
    batches: Iterator[ReadBatch],
    measure: Callable[[Tensor], Tensor],
) -> Iterator[tuple[ReadBatch, NDArray[np.float32]]]:
    """Measure the maps of units for each batch.

    Parameters
    ----------
    units : sequence of Unit
        Of this model.
    measure : callable
        From maps (n, k, …) to m numbers of each, (m, n, k).

    Yields
    ------
    batch : ReadBatch
    numbers : ndarray of float32, shape (m, n_images, n_units)

    Raises
    ------
    UnknownLayerError, UnknownChannelError
        If a unit does not exist.
    """
    layers = {unit.layer: network.check_unit(unit) for unit in units}
    channels = {name: [u.channel for u in units if u.layer == name] for name in layers}

    def reduced(output: Tensor, layer: Layer) -> Tensor:
        return measure(channels_first(output, layer)[:, channels[layer.name]].float())

    for batch in batches:
        with torch.inference_mode():
            found = network.capture(list(layers.values()), batch.inputs, reduced)
        numbers = [found[u.layer][:, :, channels[u.layer].index(u.channel)] for u in units]
        yield batch, torch.stack(numbers, dim=2).cpu().numpy()
