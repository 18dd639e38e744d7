"""What a network loses without one of its units, and which class the unit prefers.

Leavitt & Morcos 2020, "Building better hypotheses": if selective units are necessary, ablating one
lowers accuracy in proportion to its selectivity, and for the images that hold its feature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imi_desktop.models.channels import channels_first
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder
from imi_desktop.stimuli.network_rest import NetworkRest, network_rest
from imi_desktop.stimuli.unit_maps import measured_maps, read_batches

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
    images: list[str] = []
    rows: list[NDArray[np.float32]] = []
    batches = read_batches(network, folder, files, batch_size, cancel)
    for batch, numbers in measured_maps(network, units, batches, _rectified_and_plain):
        rows.append(numbers)
        images += batch.paths
        progress(Progress("Measuring selectivity", batch.done, len(files), network.name))
    whole = np.concatenate(rows, axis=1) if rows else np.empty((2, 0, len(units)), np.float32)
    means = whole[1].mean(axis=0, dtype=np.float64) if rows else np.zeros(len(units))
    return LabelledRun(images, whole[0], means)


def _rectified_and_plain(maps: Tensor) -> Tensor:
    """Spatial means of maps as far as they are positive, and of maps, (2, n, k)."""
    flat = maps.reshape(*maps.shape[:2], -1)
    return torch.stack([flat.relu().mean(2), flat.mean(2)])


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
    answering = _Answering(network, [ablation[0] for ablation in ablations if ablation])
    for batch in read_batches(network, folder, files, batch_size, cancel):
        wanted = np.array([classes[path] for path in batch.paths])
        found = np.empty((len(ablations), len(batch.paths)), dtype=bool)
        before = batch.done - len(batch.paths)
        answering.look_at(batch.inputs)
        for row, ablation in enumerate(ablations):
            if cancel is not None:
                cancel.check()
            found[row] = answering.first_answers(ablation) == wanted
            done = before + len(batch.paths) * (row + 1) / len(ablations)
            progress(Progress("Ablating units", done, len(files), network.name))
        images += batch.paths
        columns.append(found)
    empty = np.empty((len(ablations), 0), dtype=bool)
    return images, np.concatenate(columns, axis=1) if columns else empty


class _Answering:
    """A network's answers for one batch after the other, with and without units.

    Where the network can be traced, what lies before a unit's layer is computed once per batch.

    Parameters
    ----------
    units : sequence of Unit
        All that will be ablated.
    """

    def __init__(self, network: Network, units: Sequence[Unit]) -> None:
        self._network = network
        self._layers = list(dict.fromkeys(network.check_unit(unit).name for unit in units))
        self._rest: NetworkRest | None = None
        self._traced = False

    def look_at(self, inputs: Tensor) -> None:
        """Take another batch, (n, 3, h, w)."""
        if not self._traced:
            self._rest = network_rest(self._network.module, self._layers, inputs[:1])
            self._traced = True
        self._inputs = inputs
        with torch.inference_mode():
            self._whole = self._module(inputs)

    def first_answers(self, ablation: tuple[Unit, float] | None) -> NDArray[np.int64]:
        """Largest output for each image, (n,), with a unit held at a value or as it is."""
        with torch.inference_mode():
            output = self._whole if ablation is None else self._without(*ablation)
        answers: NDArray[np.int64] = output.argmax(1).cpu().numpy()
        return answers

    def _module(self, inputs: Tensor) -> Tensor:
        output: Tensor = (
            self._network.module(inputs) if self._rest is None else self._rest.begin(inputs)
        )
        return output

    def _without(self, unit: Unit, value: float) -> Tensor:
        if self._rest is None:
            with ablated(self._network, unit, value):
                return self._module(self._inputs)
        layer = self._network.layer(unit.layer)

        def change(output: Tensor) -> Tensor:
            channels_first(output, layer)[:, unit.channel] = value
            return output

        return self._rest.again(layer.name, change)
