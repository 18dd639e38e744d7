"""The search for a patch position: which part of an image matters most to a unit.

Zimmermann et al. (2021), A.2: a square patch of the mean colour of the pixels that it covers, at
every position of a grid of stride 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.pack import IMAGE_SIZE
from imi_desktop.stimuli.region_forward import Region, RegionForward
from imi_desktop.stimuli.unit_graph import unit_graph
from imi_desktop.stimuli.visualization.network_cut import channels_last
from imi_desktop.stimuli.visualization.unit_view import UnitView

_BATCH = 32
"""Positions per forward pass; more leave the processor's cache (measured)."""

Pixels = NDArray[np.uint8]
OnShare = Callable[[float], None]


@dataclass(frozen=True)
class PatchGrid:
    """Positions of a square patch within an image.

    Parameters
    ----------
    patch : int
        Side of the patch, px: 66, 90 or 112 in the paper.
    stride : int
        Distance of neighbouring positions, px.
    size : int
        Side of the image, px.
    """

    patch: int = 90
    stride: int = 2
    size: int = IMAGE_SIZE

    @property
    def starts(self) -> range:
        """First row (or column) of the patch at each position."""
        return range(0, self.size - self.patch + 1, self.stride)

    @property
    def shape(self) -> tuple[int, int]:
        """Positions down and across; 68 × 68 for 90 px."""
        return len(self.starts), len(self.starts)

    def corner(self, index: int) -> tuple[int, int]:
        """Top and left of the patch at a place of the flattened grid."""
        row, column = divmod(int(index), len(self.starts))
        return self.starts[row], self.starts[column]


def occluded(image: Pixels, top: int, left: int, patch: int) -> Pixels:
    """Copy of an image with one patch in the mean colour of the pixels that it covers.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    """
    copy = image.copy()
    covered = image[top : top + patch, left : left + patch]
    copy[top : top + patch, left : left + patch] = _mean_colour(covered)
    return copy


def occlusion_map(
    view: UnitView,
    image: Pixels,
    grid: PatchGrid,
    cancel: CancelToken,
    on_share: OnShare,
    exact: bool = False,
) -> NDArray[np.float32]:
    """Activation of a unit for an image with the patch at every position.

    Parameters
    ----------
    image : ndarray of uint8, shape (224, 224, 3)
    exact : bool
        Compute every position by a whole forward pass of the original network.

    Returns
    -------
    ndarray of float32, shape of the grid

    Raises
    ------
    Cancelled
        If asked to stop.
    """

    def content(top: int, left: int) -> Pixels:
        covered = image[top : top + grid.patch, left : left + grid.patch]
        return np.broadcast_to(_mean_colour(covered), covered.shape)

    return _patch_map(view, image, content, grid, cancel, on_share, exact)


def sharpness_map(
    view: UnitView,
    sharp: Pixels,
    blurred: Pixels,
    grid: PatchGrid,
    cancel: CancelToken,
    on_share: OnShare,
    exact: bool = False,
) -> NDArray[np.float32]:
    """Activation of a unit for a blurred image with one sharp patch at every position.

    Parameters
    ----------
    sharp, blurred : ndarray of uint8, shape (224, 224, 3)

    Returns
    -------
    ndarray of float32, shape of the grid
    """

    def content(top: int, left: int) -> Pixels:
        return sharp[top : top + grid.patch, left : left + grid.patch]

    return _patch_map(view, blurred, content, grid, cancel, on_share, exact)


def _patch_map(
    view: UnitView,
    base: Pixels,
    content: Callable[[int, int], Pixels],
    grid: PatchGrid,
    cancel: CancelToken,
    on_share: OnShare,
    exact: bool,
) -> NDArray[np.float32]:
    local = not exact and view.cut.graph is not None and view.native == base.shape[0]
    passes = _LocalPasses(view, base) if local else _WholePasses(view, base, exact)
    total = grid.shape[0] * grid.shape[1]
    values = np.empty(total, np.float32)
    for start in range(0, total, _BATCH):
        cancel.check()
        corners = [grid.corner(index) for index in range(start, min(start + _BATCH, total))]
        patches = np.stack([content(top, left) for top, left in corners])
        values[start : start + len(corners)] = passes.activations(patches, corners)
        on_share((start + len(corners)) / total)
    return values.reshape(grid.shape)


class _LocalPasses:
    """Computes what a patch can change only."""

    def __init__(self, view: UnitView, base: Pixels) -> None:
        assert view.cut.graph is not None
        self._view = view
        network_input = channels_last(view.normalise(_rgb(base[None], view.device)))
        graph, self._positions = view.cut.graph, view.unit_positions
        if view.layer.channel_axis == 1:
            graph = unit_graph(graph, view.unit.channel, network_input)
            self._positions = _only_channel
        self._forward = RegionForward(graph, network_input)
        self._map = self._positions(self._forward.base_output)[0]

    def activations(self, patches: Pixels, corners: list[tuple[int, int]]) -> NDArray[np.float32]:
        """Activations with each patch at its corner, (n,)."""
        tops, lefts = [top for top, _ in corners], [left for _, left in corners]
        changed = self._view.normalise(_rgb(patches, self._view.device))
        output = self._forward.run(channels_last(changed), tops, lefts)
        if not isinstance(output, Region):
            return self._positions(output).flatten(1).mean(dim=1).cpu().numpy()
        new = self._positions(output.values).sum(dim=(1, 2), dtype=torch.float64)
        old = torch.stack(
            [
                self._map[top : top + output.height, left : left + output.width].sum(
                    dtype=torch.float64
                )
                for top, left in zip(output.tops, output.lefts, strict=True)
            ]
        )
        whole = self._map.sum(dtype=torch.float64)
        return ((whole - old + new) / self._map.numel()).float().cpu().numpy()


class _WholePasses:
    """Computes whole images: for reference, and for networks that cannot be traced."""

    def __init__(self, view: UnitView, base: Pixels, exact: bool) -> None:
        self._view = view
        self._base = base
        self._exact = exact

    def activations(self, patches: Pixels, corners: list[tuple[int, int]]) -> NDArray[np.float32]:
        """Activations with each patch at its corner, (n,)."""
        images = np.repeat(self._base[None], len(corners), axis=0)
        side = patches.shape[1]
        for image, patch, (top, left) in zip(images, patches, corners, strict=True):
            image[top : top + side, left : left + side] = patch
        return self._view.verify(images) if self._exact else self._view.measure(images)


def _only_channel(output: torch.Tensor) -> torch.Tensor:
    return output[:, 0]


def _mean_colour(covered: Pixels) -> Pixels:
    return np.rint(covered.mean(axis=(0, 1))).astype(np.uint8)


def _rgb(pixels: Pixels, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels)).to(device).permute(0, 3, 1, 2) / 255
