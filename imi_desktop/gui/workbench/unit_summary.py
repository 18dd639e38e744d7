"""What the unit list shows of one unit, and in which order units are listed. Knows no Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imi_desktop.gui.workbench.histogram_bins import mini_histograms
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.sparseness import lifetime_sparseness

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


def summarize(
    activations: ArrayLike, images: Sequence[str], n_shown: int = N_SHOWN
) -> list[UnitSummary]:
    """Reduce units' activations to what the list shows, many at once.

    Parameters
    ----------
    activations : array-like of float, shape (n_images, n_units)
        NaN where an image could not be read.
    images : sequence of str, length n_images
        What to call them.
    n_shown : int
        Images to keep per side.
    """
    values = np.asarray(activations, dtype=np.float32)
    known = np.isfinite(values)
    strongest = _extremes(np.where(known, -values, np.inf), n_shown)
    weakest = _extremes(np.where(known, values, np.inf), n_shown)
    sparseness = lifetime_sparseness(values)
    histograms = mini_histograms(values)
    n_known = known.sum(axis=0)
    summaries = []
    for unit in range(values.shape[1]):
        high = strongest[: min(n_shown, n_known[unit]), unit]
        low = weakest[: min(n_shown, n_known[unit]), unit]
        summaries.append(
            UnitSummary(
                strongest=tuple(images[i] for i in high),
                weakest=tuple(images[i] for i in low),
                maximum=float(values[high[0], unit]) if high.size else math.nan,
                minimum=float(values[low[0], unit]) if low.size else math.nan,
                sparseness=float(sparseness[unit]),
                histogram=histograms[unit],
            )
        )
    return summaries


def _extremes(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Rows of the `count` smallest values of each column, ascending; ties by row."""
    count = min(count, values.shape[0])
    if count == 0:
        return np.empty((0, values.shape[1]), np.intp)
    rows = np.argpartition(values, count - 1, axis=0)[:count]
    rows.sort(axis=0)
    order = np.argsort(np.take_along_axis(values, rows, axis=0), axis=0, kind="stable")
    return np.take_along_axis(rows, order, axis=0)


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
