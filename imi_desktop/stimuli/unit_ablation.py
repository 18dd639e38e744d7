"""What a network loses without one of its units, and which class the unit prefers.

Leavitt & Morcos 2020, "Building better hypotheses": if selective units are necessary, ablating one
lowers accuracy in proportion to its selectivity, and for the images that hold its feature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imi_desktop.models.channels import channels_first
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.stimuli.decoding import decode_batches
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder

AblationValue = Literal["zero", "mean"]


@dataclass(frozen=True)
class LabelledRun:
    """What a network said about labelled images.

    Parameters
    ----------
    images : list of str
        Relative paths of those that could be read.
    activations : ndarray of float32, shape (n_images, n_units)
        Spatial means of the rectified maps.
    means : ndarray of float64, shape (n_units,)
        Mean of each unit's map, not rectified, over all images.
    """

    images: list[str]
    activations: NDArray[np.float32]
    means: NDArray[np.float64]


@contextmanager
def ablated(network: Network, unit: Unit, value: float = 0.0) -> Iterator[None]:
    """Hold a unit's whole map at `value` while the context lasts.

    Raises
    ------
    UnknownLayerError, UnknownChannelError
        If the unit does not exist.
    """
    layer = network.check_unit(unit)

    def replace(_module: nn.Module, _given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        changed = output.clone()
        channels_first(changed, layer)[:, unit.channel] = value
        return changed

    handle = network.submodule(layer).register_forward_hook(replace)
    try:
        yield
    finally:
        handle.remove()


def rectified_activations(
    network: Network,
    units: Sequence[Unit],
    folder: ImageFolder,
    files: Sequence[ImageFile],
    *,
    batch_size: int = 16,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
) -> LabelledRun:
    """Activations of units as far as they are positive, as selectivity is defined on.

    Raises
    ------
    UnknownLayerError, UnknownChannelError
        If a unit does not exist.
    Cancelled
        If asked to stop.
    """
    layers = {unit.layer: network.check_unit(unit) for unit in units}
    channels = {name: [u.channel for u in units if u.layer == name] for name in layers}

    def reduced(output: Tensor, layer: Layer) -> Tensor:
        maps = channels_first(output, layer)[:, channels[layer.name]].float()
        flat = maps.reshape(*maps.shape[:2], -1)
        return torch.stack([flat.relu().mean(2), flat.mean(2)])

    images: list[str] = []
    rows: list[NDArray[np.float32]] = []
    for paths, pixels in _batches(network, folder, files, batch_size, cancel):
        with torch.inference_mode():
            inputs = network.input_from_pixels(pixels)
            outputs = network.capture(list(layers.values()), inputs, reduced)
        columns = [
            outputs[u.layer][:, :, channels[u.layer].index(u.channel)].cpu().numpy() for u in units
        ]
        rows.append(np.stack(columns, axis=2))
        images += paths
        progress(Progress("Measuring selectivity", len(images), len(files), network.name))
    whole = np.concatenate(rows, axis=1) if rows else np.empty((2, 0, len(units)), np.float32)
    means = whole[1].mean(axis=0, dtype=np.float64) if rows else np.zeros(len(units))
    return LabelledRun(images, whole[0], means)


def right_answers(
    network: Network,
    ablations: Sequence[tuple[Unit, float] | None],
    folder: ImageFolder,
    files: Sequence[ImageFile],
    classes: dict[str, int],
    *,
    batch_size: int = 16,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
) -> tuple[list[str], NDArray[np.bool_]]:
    """Whether the network's first answer is right, once for each ablation.

    Parameters
    ----------
    ablations : sequence of (Unit, float) or None
        What is held at which value; None for the network as it is.
    classes : dict of str to int
        Right output by image.

    Returns
    -------
    images : list of str
        Relative paths of those that could be read.
    right : ndarray of bool, shape (n_ablations, n_images)

    Raises
    ------
    Cancelled
        If asked to stop.
    """
    images: list[str] = []
    columns: list[NDArray[np.bool_]] = []
    total = len(files) * len(ablations)
    for paths, pixels in _batches(network, folder, files, batch_size, cancel):
        wanted = np.array([classes[path] for path in paths])
        with torch.inference_mode():
            inputs = network.input_from_pixels(pixels)
        found = np.empty((len(ablations), len(paths)), dtype=bool)
        for row, ablation in enumerate(ablations):
            if cancel is not None:
                cancel.check()
            found[row] = _first_answers(network, inputs, ablation) == wanted
            done = len(images) * len(ablations) + (row + 1) * len(paths)
            progress(Progress("Ablating units", done, total, network.name))
        images += paths
        columns.append(found)
    empty = np.empty((len(ablations), 0), dtype=bool)
    return images, np.concatenate(columns, axis=1) if columns else empty


def _first_answers(
    network: Network, inputs: Tensor, ablation: tuple[Unit, float] | None
) -> NDArray[np.int64]:
    with torch.inference_mode(), nullcontext() if ablation is None else ablated(network, *ablation):
        output = network.module(inputs)
    answers: NDArray[np.int64] = output.argmax(1).cpu().numpy()
    return answers


def _batches(
    network: Network,
    folder: ImageFolder,
    files: Sequence[ImageFile],
    batch_size: int,
    cancel: CancelToken | None,
) -> Iterator[tuple[list[str], Tensor]]:
    """Paths and pixels of the readable images of each batch."""
    batches = (files[start : start + batch_size] for start in range(0, len(files), batch_size))
    for batch in decode_batches(folder, batches, network.entry.preprocessing, cancel=cancel):
        if batch.paths:
            yield batch.paths, torch.from_numpy(batch.pixels)
