"""What the unit list shows of one unit, and in which order units are listed. Knows no Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imi_desktop.gui.workbench.histogram_bins import lifetime_sparseness, mini_histogram
from imi_desktop.models.unit import Unit

N_SHOWN = 4
"""Strongest images shown per unit in the list."""


class UnitOrder(StrEnum):
    """How the unit list is sorted."""

    CHANNEL = "channel"
    SPARSENESS = "sparseness"
    MAXIMUM = "max activation"


@dataclass(frozen=True)
class UnitSummary:
    """One unit's activations over the image folder, in a few numbers.

    Parameters
    ----------
    strongest, weakest : tuple of str
        Images, relative to the image folder; the most extreme one first.
    maximum, minimum : float
        Most extreme activations; NaN if nothing was recorded.
    sparseness : float
        Lifetime sparseness, 0 … 1, or NaN.
    histogram : ndarray of float32, shape (18,)
        Heights 0 … 1.
    """

    strongest: tuple[str, ...]
    weakest: tuple[str, ...]
    maximum: float
    minimum: float
    sparseness: float
    histogram: NDArray[np.float32]


def summarize(activations: ArrayLike, images: Sequence[str], n_shown: int = N_SHOWN) -> UnitSummary:
    """Reduce one unit's activations to what the list shows.

    Parameters
    ----------
    activations : array-like of float, shape (n_images,)
        NaN where an image could not be read.
    images : sequence of str, length n_images
        What to call them.
    n_shown : int
        Images to keep per side.
    """
    values = np.asarray(activations, dtype=np.float32)
    known = np.flatnonzero(np.isfinite(values))
    if known.size == 0:
        nothing = float("nan")
        return UnitSummary((), (), nothing, nothing, nothing, mini_histogram(values))
    order = _extremes(values[known], n_shown)
    weakest = known[order[0]]
    strongest = known[order[1]]
    return UnitSummary(
        strongest=tuple(images[i] for i in strongest),
        weakest=tuple(images[i] for i in weakest),
        maximum=float(values[strongest[0]]),
        minimum=float(values[weakest[0]]),
        sparseness=lifetime_sparseness(values),
        histogram=mini_histogram(values),
    )


def _extremes(values: NDArray[np.float32], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of the `count` smallest (ascending) and largest (descending) values."""
    count = min(count, values.size)
    low = np.argpartition(values, count - 1)[:count]
    high = np.argpartition(values, values.size - count)[values.size - count :]
    # Ties are broken by position, so that the same table always shows the same images.
    return low[np.lexsort((low, values[low]))], high[np.lexsort((high, -values[high]))]


def sorted_units(
    units: Sequence[Unit], summaries: Mapping[Unit, UnitSummary], order: UnitOrder
) -> list[Unit]:
    """Units in the order asked for; those without a value come last, by address.

    Sparseness and maximum are listed from the largest down.
    """
    if order is UnitOrder.CHANNEL:
        return list(units)

    def value(unit: Unit) -> float:
        summary = summaries.get(unit)
        if summary is None:
            return math.nan
        return summary.sparseness if order is UnitOrder.SPARSENESS else summary.maximum

    keyed = [(value(unit), place, unit) for place, unit in enumerate(units)]
    keyed.sort(
        key=lambda item: (math.isnan(item[0]), -item[0] if item[0] == item[0] else 0.0, item[1])
    )
    return [unit for _, _, unit in keyed]
