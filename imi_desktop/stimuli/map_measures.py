"""Sparseness and local contrast of units' activation maps over an image folder.

As in Zimmermann et al. 2023, appendix B.4, and the notebooks released with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imi_desktop.models.network import Network
from imi_desktop.models.unit import Unit
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder
from imi_desktop.stimuli.unit_maps import measured_maps, read_batches

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
    sums = np.zeros((len(_NAMES), len(units)))
    images = 0
    batches = read_batches(network, folder, files, batch_size, cancel)
    for batch, numbers in measured_maps(network, units, batches, _measured):
        sums += numbers.sum(axis=1, dtype=np.float64)
        images += len(batch.paths)
        progress(Progress("Measuring activation maps", batch.done, len(files), network.name))
    return {unit: _named(sums[:, place], images) for place, unit in enumerate(units)}, images


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
    means = sums / images if images else np.full(len(_NAMES), np.nan)
    return {
        name: float(mean) if np.isfinite(mean) else None
        for name, mean in zip(_NAMES, means, strict=True)
    }
