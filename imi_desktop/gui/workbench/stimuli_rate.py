"""How fast images come, and when the rest will be there. Knows no Qt."""

from __future__ import annotations

from collections import deque

_WINDOW_S = 30 * 60.0
_NOW_S = 120.0


class Throughput:
    """Images per minute over the last half hour, with the pauses in it.

    All times are seconds of one monotonic clock, given by the caller.
    """

    def __init__(self) -> None:
        self._done: deque[tuple[float, float]] = deque()
        self._pauses: list[tuple[float, float | None, str]] = []
        self._started: float | None = None

    def start(self, now: float) -> None:
        """Work begins."""
        self._started = now
        self._done.clear()
        self._pauses.clear()

    def add(self, now: float, images: float) -> None:
        """Count images (or parts of them) finished since the last call."""
        if self._started is None:
            self._started = now
        if images > 0:
            self._done.append((now, images))
        while self._done and self._done[0][0] < now - _WINDOW_S:
            self._done.popleft()

    def pause(self, now: float, why: str) -> None:
        """Work stops for a while."""
        if not self._pauses or self._pauses[-1][1] is not None:
            self._pauses.append((now, None, why))

    def resume(self, now: float) -> None:
        """Work goes on."""
        if self._pauses and self._pauses[-1][1] is None:
            begin, _, why = self._pauses[-1]
            self._pauses[-1] = (begin, now, why)

    @property
    def pauses(self) -> list[tuple[float, float | None, str]]:
        """(begin, end or None while it lasts, why), oldest first."""
        return list(self._pauses)

    def rate(self, now: float, over: float = _NOW_S) -> float | None:
        """Images per minute over the last `over` seconds of work; None before the first image."""
        if self._started is None or not self._done:
            return None
        begin = max(self._started, now - over)
        images = sum(n for t, n in self._done if t > begin)
        busy = now - begin - self._paused_within(begin, now)
        if busy < 1.0:
            return None
        if images == 0:
            return self.rate(now, over * 4) if begin > self._started else None
        return 60.0 * images / busy

    def seconds_left(self, now: float, images_left: float) -> float | None:
        """Estimate from the rate over the last ten minutes; None if there is none yet."""
        if images_left <= 0:
            return 0.0
        rate = self.rate(now, 600.0)
        return None if not rate else 60.0 * images_left / rate

    def series(self, now: float, bins: int = 60) -> tuple[list[float], list[float]]:
        """Minutes before now (−30 … 0) and images per minute, for the plot."""
        width = _WINDOW_S / bins
        totals = [0.0] * bins
        for t, n in self._done:
            place = int((t - (now - _WINDOW_S)) / width)
            if 0 <= place < bins:
                totals[place] += n
        minutes = [-(_WINDOW_S - (i + 0.5) * width) / 60.0 for i in range(bins)]
        if self._started is None:
            return [], []
        first = max(0, int((self._started - (now - _WINDOW_S)) / width))
        return minutes[first:], [60.0 * n / width for n in totals[first:]]

    def _paused_within(self, begin: float, end: float) -> float:
        return sum(
            max(0.0, min(end, stop if stop is not None else end) - max(begin, start))
            for start, stop, _ in self._pauses
        )
