"""The timing self-test: refresh rate and dropped frames from the times of swaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imi_desktop.display.profile import RefreshMeasurement
from imi_desktop.errors import UserError

WARM_UP_FRAMES = 60
MEASURED_FRAMES = 600
_LONG = 1.5


class TooFewFramesError(UserError):
    """The self-test saw too few frames to say anything."""


def measure_refresh(
    swaps_ns: Sequence[int],
    *,
    synchronised: bool,
    surface: str,
    warm_up: int = WARM_UP_FRAMES,
    compositor: str = "",
) -> RefreshMeasurement:
    """Regress swap time on frame number.

    Dropped frames are taken out first: an interval of more than 1.5 median periods advances the
    frame number by as many periods as it lasted.

    Parameters
    ----------
    swaps_ns : sequence of int, shape (n_frames,)
        Monotonic time of every swap, ns.
    synchronised : bool
        Whether the surface waits for the display.
    surface : str
        Kind of surface, for the record.
    warm_up : int
        Frames at the start that do not count.
    compositor : str
        Whether one runs, for the record.

    Raises
    ------
    TooFewFramesError
        If fewer than ten frames are left.
    """
    times = np.asarray(swaps_ns[warm_up:], dtype=np.float64) * 1e-6
    if times.size < 10:
        raise TooFewFramesError(
            f"The self-test saw only {times.size} frames after its warm-up. "
            "Keep the window visible and run it again."
        )
    intervals = np.diff(times)
    median = float(np.median(intervals))
    steps = np.maximum(1, np.round(intervals / median)) if median > 0 else np.ones_like(intervals)
    number = np.concatenate([[0.0], np.cumsum(steps)])
    period = float(np.polyfit(number, times - times[0], 1)[0])
    return RefreshMeasurement(
        hz=1000.0 / period,
        sd_ms=float(np.std(intervals[steps == 1], ddof=1)) if np.sum(steps == 1) > 1 else 0.0,
        frames=int(intervals.size),
        long_intervals=int(np.sum(intervals > _LONG * median)),
        synchronised=synchronised,
        surface=surface,
        compositor=compositor,
        intervals_ms=tuple(round(float(interval), 3) for interval in intervals),
    )
