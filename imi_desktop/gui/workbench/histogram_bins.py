"""The numbers behind the activation plots: bins, percentiles, sparseness. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

PERCENTILES: tuple[float, ...] = (1.0, 15.0, 50.0, 85.0, 99.0, 99.9)
"""Percentiles drawn over a unit's histogram; queries of the difficulties lie at 1/99, 15/85 …"""

_BINS_AIMED_AT = 80
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class ActivationHistogram:
    """How often a unit's activation took which value over the image folder.

    Parameters
    ----------
    edges : ndarray of float64, shape (n_bins + 1,)
        Ascending, equally wide, at round numbers.
    counts : ndarray of int64, shape (n_bins,)
        Images per bin.
    percentiles : dict of float to float
        Activation at each of :data:`PERCENTILES`.
    n : int
        Images counted; those without an activation (NaN) are not.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    percentiles: dict[float, float]
    n: int


def nice_step(span: float, intervals: int) -> float:
    """Round width (1, 2, 2.5 or 5 times a power of ten) that cuts `span` into about `intervals`."""
    if not np.isfinite(span) or span <= 0:
        return 1.0
    raw = span / max(1, intervals)
    magnitude = 10.0 ** np.floor(np.log10(raw))
    for factor in _NICE:
        if factor * magnitude >= raw:
            return float(factor * magnitude)
    return float(10.0 * magnitude)


def activation_histogram(activations: ArrayLike) -> ActivationHistogram:
    """Count activations in equally wide bins with round edges.

    Parameters
    ----------
    activations : array-like of float, shape (n_images,)
        Spatial mean of the unit per image; NaN where an image could not be read.
    """
    values = np.asarray(activations, dtype=np.float64)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return ActivationHistogram(np.array([0.0, 1.0]), np.zeros(1, np.int64), {}, 0)
    low, high = float(values.min()), float(values.max())
    step = nice_step(high - low, min(_BINS_AIMED_AT, max(8, int(3 * np.sqrt(values.size)))))
    first = int(np.floor(low / step))
    last = int(np.floor(high / step)) + 1
    edges = np.arange(first, last + 1, dtype=np.float64) * step
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)
    at = np.percentile(values, PERCENTILES)
    percentiles = {p: float(v) for p, v in zip(PERCENTILES, at, strict=True)}
    return ActivationHistogram(edges, counts.astype(np.int64), percentiles, int(values.size))


def mini_histogram(activations: ArrayLike, n_bins: int = 18) -> NDArray[np.float32]:
    """Heights of a histogram the size of a word.

    Parameters
    ----------
    activations : array-like of float, any shape

    Returns
    -------
    ndarray of float32, shape (n_bins,)
        0 … 1, the fourth root of the counts over the range of the values, so that the tails,
        which exemplars come from, can be seen. All 0 if there is nothing to count.
    """
    values = np.asarray(activations, dtype=np.float64).ravel()
    values = values[np.isfinite(values)]
    if values.size == 0:
        return np.zeros(n_bins, np.float32)
    low, high = float(values.min()), float(values.max())
    if high <= low:
        heights = np.zeros(n_bins, np.float32)
        heights[n_bins // 2] = 1.0
        return heights
    counts, _ = np.histogram(values, bins=n_bins, range=(low, high))
    heights = np.sqrt(np.sqrt(counts / counts.max()))
    return heights.astype(np.float32)


def percentile_of(activations: ArrayLike, value: float) -> float:
    """Per cent of images whose activation is at most `value`; NaN without images.

    Parameters
    ----------
    activations : array-like of float, shape (n_images,)
    """
    values = np.asarray(activations, dtype=np.float64)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return float("nan")
    return float(100.0 * np.count_nonzero(values <= value) / values.size)


def lifetime_sparseness(activations: ArrayLike) -> float:
    """How few images drive a unit: 0 if all do equally, 1 if a single one does.

    ``(1 − mean(r)² / mean(r²)) / (1 − 1/n)`` with *r* the rectified activations (Vinje and
    Gallant 2000, Science 287:1273).

    Parameters
    ----------
    activations : array-like of float, shape (n_images,)

    Returns
    -------
    float
        0 … 1; NaN with fewer than two images or if no image has a positive activation.
    """
    values = np.asarray(activations, dtype=np.float64)
    driven = np.clip(values[np.isfinite(values)], 0.0, None)
    power = float(np.mean(driven**2)) if driven.size else 0.0
    if driven.size < 2 or power == 0.0:
        return float("nan")
    ratio = float(np.mean(driven)) ** 2 / power
    return float(np.clip((1.0 - ratio) / (1.0 - 1.0 / driven.size), 0.0, 1.0))
