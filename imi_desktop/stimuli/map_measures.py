"""Sparseness and local contrast of units' activation maps over an image folder.

As in Zimmermann et al. 2023, appendix B.4, and the notebooks released with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imi_desktop.models.channels import channels_first
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.stimuli.decoding import decode_batches
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder

PIXEL_SPARSENESS = "pixel_sparseness"
CHANNEL_SPARSENESS = "channel_sparseness"
LOCAL_CONTRAST = "local_contrast"
_NAMES = (PIXEL_SPARSENESS, CHANNEL_SPARSENESS, LOCAL_CONTRAST)


def map_measures(
    network: Network,
    units: Sequence[Unit],
    folder: ImageFolder,
    files: Sequence[ImageFile],
    *,
    batch_size: int = 8,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
) -> tuple[dict[Unit, dict[str, float | None]], int]:
    """Average three measures of units' maps over images, holding one batch at a time.

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

    Returns
    -------
    values : dict of Unit to dict
        ``pixel_sparseness``: mean share of a map's values that are not positive, 0 to 1;
        ``channel_sparseness``: share of images whose whole map is not positive, 0 to 1;
        ``local_contrast``: see :func:`local_contrast`; None for layers without space.
    images : int
        How many could be read.

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
        return _measured(channels_first(output, layer)[:, channels[layer.name]].float())

    sums = {name: np.zeros((3, len(columns))) for name, columns in channels.items()}
    images = done = 0
    batches = (files[start : start + batch_size] for start in range(0, len(files), batch_size))
    for batch in decode_batches(folder, batches, network.entry.preprocessing, cancel=cancel):
        done += len(batch.paths) + len(batch.failures)
        if batch.paths:
            with torch.inference_mode():
                inputs = network.input_from_pixels(torch.from_numpy(batch.pixels))
                for name, values in network.capture(list(layers.values()), inputs, reduced).items():
                    sums[name] += values.sum(1).double().cpu().numpy()
            images += len(batch.paths)
        progress(Progress("Measuring activation maps", done, len(files), network.name))
    return {
        unit: _named(sums[unit.layer][:, channels[unit.layer].index(unit.channel)], images)
        for unit in units
    }, images


def local_contrast(maps: Tensor) -> Tensor:
    """Mean over a map of the summed absolute differences to the four neighbours.

    Beyond the border the map counts as 0, as in the released code.

    Parameters
    ----------
    maps : Tensor, shape (n, k, h, w)

    Returns
    -------
    Tensor, shape (n, k)
    """
    padded = torch.nn.functional.pad(maps, (1, 1, 1, 1))
    down = (padded[..., 1:, 1:-1] - padded[..., :-1, 1:-1]).abs()
    right = (padded[..., 1:-1, 1:] - padded[..., 1:-1, :-1]).abs()
    total = down[..., 1:, :] + down[..., :-1, :] + right[..., 1:] + right[..., :-1]
    return total.mean((-2, -1))


def _measured(maps: Tensor) -> Tensor:
    """The three measures of each image and unit, shape (3, n, k)."""
    flat = maps.reshape(*maps.shape[:2], -1)
    silent_share = (flat <= 0).float().mean(2)
    whole = (flat <= 0).all(2).float()
    has_space = maps.dim() == 4
    contrast = local_contrast(maps) if has_space else torch.full_like(whole, torch.nan)
    return torch.stack([silent_share, whole, contrast])


def _named(sums: NDArray[np.float64], images: int) -> dict[str, float | None]:
    means = sums / images if images else np.full(3, np.nan)
    return {
        name: float(mean) if np.isfinite(mean) else None
        for name, mean in zip(_NAMES, means, strict=True)
    }
