"""Where the patch of an occluded image is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Patch:
    """A rectangle of pixels; `bottom` and `right` are the first row and column after it."""

    top: int
    left: int
    bottom: int
    right: int

    def of(self, image: NDArray[np.generic]) -> NDArray[np.generic]:
        """The covered part of an image of shape (height, width, …)."""
        return image[self.top : self.bottom, self.left : self.right]

    @property
    def centre(self) -> tuple[float, float]:
        """Row and column of its centre."""
        return (self.top + self.bottom) / 2, (self.left + self.right) / 2


def find_patch(original: NDArray[np.uint8], occluded: NDArray[np.uint8]) -> Patch | None:
    """Find the patch as the smallest rectangle that holds every changed pixel.

    Parameters
    ----------
    original, occluded : ndarray of uint8, shape (height, width, 3)
        The same image without and with the patch.

    Returns
    -------
    Patch or None
        None if the images do not differ.
    """
    changed = (original != occluded).any(axis=2)
    rows = np.flatnonzero(changed.any(axis=1))
    columns = np.flatnonzero(changed.any(axis=0))
    if rows.size == 0:
        return None
    return Patch(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
