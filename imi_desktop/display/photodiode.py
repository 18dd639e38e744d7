"""Evaluates what a photodiode saw of the flip test."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imi_desktop.display.profile import PhotodiodeMeasurement
from imi_desktop.errors import UserError

FLIPS = 1000
_MINIMUM_FLIPS = 10


class PhotodiodeError(UserError):
    """The diode's recording cannot be matched to the flips."""


def read_trace(text: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read a diode's CSV: two columns, time in ms and signal, with or without a header.

    Returns
    -------
    tuple of ndarray, shape (n_samples,)
        Time in ms and signal in the diode's own unit.

    Raises
    ------
    PhotodiodeError
        If it is not two columns of numbers.
    """
    rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) if row]
    if rows and not _is_number(rows[0][0]):
        rows = rows[1:]
    try:
        table = np.array([[float(row[0]), float(row[1])] for row in rows])
    except (ValueError, IndexError) as error:
        raise PhotodiodeError(
            "The diode's file needs two columns of numbers: time in ms and signal."
        ) from error
    if table.shape[0] < 2:
        raise PhotodiodeError("The diode's file holds fewer than two samples.")
    return table[:, 0], table[:, 1]


def edges(time_ms: NDArray[np.float64], signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times in ms at which the signal crosses the middle of its range, with hysteresis.

    Parameters
    ----------
    time_ms, signal : ndarray, shape (n_samples,)
        The trace.
    """
    low, high = np.percentile(signal, (2, 98))
    if high <= low:
        return np.empty(0)
    third = (high - low) / 3
    state = np.zeros(signal.shape, dtype=np.int8)
    state[signal > high - third] = 1
    state[signal < low + third] = -1
    known = np.flatnonzero(state)
    changes = known[1:][state[known][1:] != state[known][:-1]]
    middle = (low + high) / 2
    before = changes - 1
    slope = signal[changes] - signal[before]
    share = np.where(slope == 0, 0.0, (middle - signal[before]) / np.where(slope == 0, 1, slope))
    share = np.clip(share, 0.0, 1.0)
    return np.asarray(time_ms[before] + share * (time_ms[changes] - time_ms[before]))


def evaluate(
    flips_ms: Sequence[float],
    time_ms: NDArray[np.float64],
    signal: NDArray[np.float64],
) -> PhotodiodeMeasurement:
    """Lag from stamped flip to light, and its standard deviation.

    Parameters
    ----------
    flips_ms : sequence of float
        Stamped times of the flips, ms, on the diode's clock up to a constant if that is shared;
        otherwise only the standard deviation means something.
    time_ms, signal : ndarray, shape (n_samples,)
        What the diode saw.

    Raises
    ------
    PhotodiodeError
        If the number of light changes is not that of the flips.
    """
    seen = edges(time_ms, signal)
    if len(flips_ms) < _MINIMUM_FLIPS or seen.size != len(flips_ms):
        raise PhotodiodeError(
            f"The diode saw {seen.size} changes and the screen made {len(flips_ms)}. "
            "Place the diode on the patch, record the whole test and try again."
        )
    lag = seen - np.asarray(flips_ms, dtype=np.float64)
    return PhotodiodeMeasurement(
        flips=len(flips_ms), lag_ms=float(np.mean(lag)), sd_ms=float(np.std(lag, ddof=1))
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
