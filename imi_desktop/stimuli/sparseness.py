"""How selective a unit is, by its activations over an image folder. Knows no torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def lifetime_sparseness(activations: ArrayLike) -> NDArray[np.float64]:
    """How few images drive each unit: 0 if all do equally, 1 if a single one does.

    ``(1 − mean(r)² / mean(r²)) / (1 − 1/n)`` with *r* the rectified activations (Vinje and
    Gallant 2000, Science 287:1273).

    Parameters
    ----------
    activations : array-like of float, shape (n_images, n_units)
        NaN where an image could not be read.

    Returns
    -------
    ndarray of float64, shape (n_units,)
        0 … 1; NaN with fewer than two images or if no image has a positive activation.
    """
    values = np.asarray(activations, dtype=np.float64)
    known = np.isfinite(values)
    n = known.sum(axis=0)
    driven = np.where(known, np.clip(values, 0.0, None), 0.0)
    some = np.maximum(n, 1)
    mean, power = driven.sum(axis=0) / some, (driven**2).sum(axis=0) / some
    defined = (n > 1) & (power > 0)
    ratio = mean**2 / np.where(defined, power, 1.0)
    sparseness = (1.0 - ratio) / (1.0 - 1.0 / np.where(defined, n, 2))
    return np.where(defined, np.clip(sparseness, 0.0, 1.0), np.nan)
