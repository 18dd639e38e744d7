"""Colours and edges of an image, as numbers that can be compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLOUR_LEVELS = 5
ORIENTATIONS = 9
GRID = 2
_SIDE = 112  # px; half a stimulus: fine noise tells nothing about what an image shows
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def colour_histogram(image: Image.Image) -> NDArray[np.float32]:
    """Share of each colour, as square roots.

    Returns
    -------
    ndarray of float32, shape (COLOUR_LEVELS³,)
        Of length 1, so that a dot product is a Bhattacharyya coefficient, 0 to 1.
    """
    levels = (_pixels(image) * (COLOUR_LEVELS / 256)).astype(np.int64)
    codes = (levels[..., 0] * COLOUR_LEVELS + levels[..., 1]) * COLOUR_LEVELS + levels[..., 2]
    counts = np.bincount(codes.ravel(), minlength=COLOUR_LEVELS**3)
    return np.sqrt(counts / counts.sum()).astype(np.float32)


def edge_histogram(image: Image.Image) -> NDArray[np.float32]:
    """Share of gradient strength by orientation, in each cell of a coarse grid, as square roots.

    Orientations are modulo 180°, as in histograms of oriented gradients (Dalal & Triggs 2005).

    Returns
    -------
    ndarray of float32, shape (GRID² · ORIENTATIONS,)
        Of length 1, or all 0 for an image without edges.
    """
    grey = _pixels(image) @ _LUMA
    down, right = np.gradient(grey)
    strength = np.hypot(down, right)
    angle = np.mod(np.arctan2(down, right), np.pi)
    bins = np.minimum((angle * (ORIENTATIONS / np.pi)).astype(np.int64), ORIENTATIONS - 1)
    rows, columns = np.indices(grey.shape)
    cells = (rows * GRID // grey.shape[0]) * GRID + columns * GRID // grey.shape[1]
    sums = np.bincount(
        (cells * ORIENTATIONS + bins).ravel(),
        weights=strength.ravel(),
        minlength=GRID**2 * ORIENTATIONS,
    )
    total = sums.sum()
    return np.sqrt(sums / total if total > 0 else sums).astype(np.float32)


def _pixels(image: Image.Image) -> NDArray[np.float32]:
    small = image.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32)
