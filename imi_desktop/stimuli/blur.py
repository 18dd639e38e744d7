"""References that are sharp only where it matters (Zimmermann et al. 2021, A.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

Pixels = NDArray[np.uint8]


def gaussian_kernel(size: int) -> NDArray[np.float64]:
    """Gaussian weights of an odd number of pixels, summing to 1.

    The standard deviation follows from the size as in OpenCV, which the authors used:
    0.3·((size − 1)/2 − 1) + 0.8; 3.5 px for 21.

    Raises
    ------
    ValueError
        If the size is even.
    """
    if size % 2 == 0:
        raise ValueError(f"a Gaussian kernel has an odd size, not {size}")
    deviation = 0.3 * ((size - 1) * 0.5 - 1) + 0.8
    offsets = np.arange(size) - (size - 1) / 2
    weights = np.exp(-(offsets**2) / (2 * deviation**2))
    return weights / weights.sum()


def blurred(image: Pixels, size: int = 21) -> Pixels:
    """Blur an image with a size × size Gaussian kernel, reflecting it at its edges.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    """
    weights = gaussian_kernel(size)
    smooth = image.astype(np.float64)
    for axis in (0, 1):
        smooth = correlate1d(smooth, weights, axis=axis, mode="mirror")
    return np.rint(smooth).clip(0, 255).astype(np.uint8)


def sharp_patch(image: Pixels, background: Pixels, top: int, left: int, patch: int) -> Pixels:
    """Put one sharp patch of `image` into a blurred `background`."""
    result = background.copy()
    result[top : top + patch, left : left + patch] = image[top : top + patch, left : left + patch]
    return result
