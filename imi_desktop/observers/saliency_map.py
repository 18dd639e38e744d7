"""Predicted fixation density by the spectral residual (Hou & Zhang 2007, CVPR)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

_SIDE = 64  # px; the scale of the paper
_SMOOTHING = 3  # px; its local average filter
_BLUR = 2.5  # px; about its Gaussian of 10 px at 224 px


def saliency_map(image: Image.Image) -> NDArray[np.float64]:
    """Share of fixations predicted for each pixel.

    The log amplitude spectrum minus its local average, with the image's own phase, shows what
    is unexpected in the image; no prior for the centre is added.

    Returns
    -------
    ndarray of float64, shape (height, width)
        Not negative, with sum 1.
    """
    small = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    spectrum = np.fft.fft2(np.asarray(small, dtype=np.float64))
    amplitude = np.log(np.abs(spectrum) + 1e-9)
    residual = amplitude - ndimage.uniform_filter(amplitude, _SMOOTHING, mode="wrap")
    unexpected = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = ndimage.gaussian_filter(unexpected, _BLUR)
    scaled = Image.fromarray(smooth.astype(np.float32)).resize(
        image.size, Image.Resampling.BILINEAR
    )
    density = np.maximum(np.asarray(scaled, dtype=np.float64), 0)
    total = density.sum()
    return density / total if total > 0 else np.full(density.shape, 1 / density.size)
