"""The numbers behind the activation plots: bins and percentiles. Knows no Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
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


def digits_of(values: Iterable[float], significant: int = 2) -> int:
    """Decimals that show the largest of `values` with so many significant digits; 1 to 5."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=1.0)
    if largest == 0:
        return 1
    return max(1, min(5, significant - 1 - math.floor(math.log10(largest))))


def percentile_digits(percentile: float) -> int:
    """Decimals that tell a percentile (0 … 100) from 0 and from 100."""
    distance = min(percentile, 100.0 - percentile)
    if distance <= 0 or distance >= 10:
        return 0
    return 1 if distance >= 1 else 2 if distance >= 0.1 else 4


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


def mini_histograms(activations: ArrayLike, n_bins: int = 18) -> NDArray[np.float32]:
    """Heights of histograms the size of a word.

    Parameters
    ----------
    activations : array-like of float, shape (n_images, n_units)
        NaN where an image could not be read.

    Returns
    -------
    ndarray of float32, shape (n_units, n_bins)
        0 … 1, the fourth root of the counts over the range of each unit's values, so that the
        tails, which exemplars come from, can be seen. All 0 if there is nothing to count.
    """
    values = np.asarray(activations, dtype=np.float32)
    n_units = values.shape[1]
    known = np.isfinite(values)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    span = np.where(high > low, high - low, 1.0)
    start = np.where(high > low, low, low - 0.5)
    with np.errstate(invalid="ignore"):
        place = np.where(known, (values - start) / span * n_bins, 0)
    place = np.clip(place.astype(np.int64), 0, n_bins - 1) + n_bins * np.arange(n_units)
    counts = np.bincount(place[known], minlength=n_bins * n_units).reshape(n_units, n_bins)
    most = np.maximum(counts.max(axis=1, keepdims=True), 1)
    return np.sqrt(np.sqrt(counts / most)).astype(np.float32)


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
