"""Random shift, scale and rotation of every image, fused into one bilinear warp."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from imi_desktop.stimuli.visualization.presets import Transforms


def draw_warps(
    n: int, transforms: Transforms, canvas: int, window: int, generator: torch.Generator
) -> torch.Tensor:
    """Draw one affine map per image, from the window's pixels to the canvas's.

    The same chain as Lucent's ``jitter``, ``random_scale``, ``random_rotate`` and ``jitter`` on
    the canvas, followed by the central `window`; where it reaches beyond the canvas it is black.

    Parameters
    ----------
    canvas, window : int
        Sides in px.
    generator : torch.Generator
        On the CPU; draws shifts, scale and angle of every image.

    Returns
    -------
    torch.Tensor
        float32 (n, 2, 3), as :func:`torch.nn.functional.affine_grid` takes them.
    """
    first = torch.randint(transforms.jitter[0], (n, 2), generator=generator).double()
    second = torch.randint(transforms.jitter[1], (n, 2), generator=generator).double()
    scale = _choose(transforms.scales, n, generator)
    angle = torch.deg2rad(_choose(transforms.degrees, n, generator))
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    rotation = torch.stack(
        [torch.stack([cosine, -sine], dim=1), torch.stack([sine, cosine], dim=1)], dim=1
    )
    # A window pixel p (from the centre) shows the canvas at R⁻¹(p − second)/scale − first.
    shift = -(rotation @ second[:, :, None])[:, :, 0] - first
    warps = torch.cat([rotation * (window / canvas), shift[:, :, None] * (2 / canvas)], dim=2)
    return warps.float()


def warp(images: torch.Tensor, warps: torch.Tensor, side: int) -> torch.Tensor:
    """Look at every image through its warp.

    Parameters
    ----------
    images : torch.Tensor
        float32 (n, 3, canvas, canvas).
    warps : torch.Tensor
        From :func:`draw_warps`.
    side : int
        Width and height of the result in px, usually the window's.

    Returns
    -------
    torch.Tensor
        float32 (n, 3, side, side).
    """
    size = [images.shape[0], images.shape[1], side, side]
    grid = functional.affine_grid(warps.to(images.device), size, align_corners=False)
    return functional.grid_sample(
        images, grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )


def centre(images: torch.Tensor, side: int) -> torch.Tensor:
    """The central square of every image, (n, 3, side, side)."""
    margin = (images.shape[-1] - side) / 2
    start = math.floor(margin)
    return images[..., start : start + side, start : start + side]


def _choose(values: tuple[float, ...], n: int, generator: torch.Generator) -> torch.Tensor:
    picked = torch.randint(len(values), (n,), generator=generator)
    return torch.tensor(values, dtype=torch.float64)[picked]
