"""Stimuli as PNG files."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imi_desktop import atomic
from imi_desktop.stimuli.images import open_rgb


def write_png(path: Path, pixels: NDArray[np.uint8]) -> str:
    """Write an image losslessly and atomically.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)

    Returns
    -------
    str
        SHA-256 of the file, in hexadecimal.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels, "RGB").save(buffer, "PNG")
    data = buffer.getvalue()
    atomic.write_bytes(path, data)
    return hashlib.sha256(data).hexdigest()


def read_stimulus(path: Path) -> NDArray[np.uint8]:
    """Read a stimulus, uint8 (height, width, 3).

    Raises
    ------
    UnreadableImageError
        If it is missing or damaged.
    """
    return np.asarray(open_rgb(path), dtype=np.uint8).copy()
