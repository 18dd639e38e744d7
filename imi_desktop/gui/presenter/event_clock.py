"""When a click happened: the event's own time stamp where it can be trusted.

On X11 an event carries the server's monotonic clock in whole milliseconds, 32 bits wide; it is
right even while the event loop is busy. Elsewhere it may be stamped late or count from another
zero. So it counts only from the first click on whose stamp lies within −1 … +50 ms of the handler's
clock. After that a late handler is a busy loop, which is when the stamp is worth most; a stamp from
the future or older than any busy loop shows another clock, and is never used again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

EARLIEST_MS = -1.0
LATEST_MS = 50.0
"""What a click's handler may lag behind its stamp for the clocks to be taken for the same one."""
BUSIEST_MS = 2_000.0
"""What it may lag once they are."""
_WRAP_MS = 2**32
_NS = 1_000_000

ClockName = Literal["event", "handler"]


@dataclass(frozen=True)
class ClickTime:
    """The time of one click on the monotonic clock, ns.

    Parameters
    ----------
    event_ns : int or None
        Unwrapped time stamp of the event plus half a millisecond (it is cut to whole ones); None
        if the event's clock is not the monotonic one.
    handler_ns : int
        When the handler was called.
    clock : str
        Which of the two counts.
    """

    event_ns: int | None
    handler_ns: int
    clock: ClockName

    @property
    def ns(self) -> int:
        """The time that counts."""
        return self.event_ns if self.clock == "event" and self.event_ns else self.handler_ns


def unwrap(stamp_ms: int, near_ns: int) -> int:
    """Nearest time to `near_ns` (ns) that has `stamp_ms` as its lower 32 bits of ms, in ns."""
    near_ms = near_ns // _NS
    offset = (stamp_ms - near_ms) % _WRAP_MS
    if offset >= _WRAP_MS // 2:
        offset -= _WRAP_MS
    return (near_ms + offset) * _NS


@dataclass
class EventClock:
    """Checks the event clock on every click and says which clock counts.

    Attributes
    ----------
    differences_ms : list of float
        Handler minus event time of every click since the clocks were found to be one, ms.
    trusted : bool
        False once a stamp has shown another clock.
    """

    differences_ms: list[float] = field(default_factory=list)
    trusted: bool = True

    @property
    def counts(self) -> bool:
        """Whether the next click is timed by its stamp."""
        return self.trusted and bool(self.differences_ms)

    def read(self, stamp_ms: int, handler_ns: int) -> ClickTime:
        """Time one click.

        Parameters
        ----------
        stamp_ms : int
            The event's time stamp; 0 if it has none.
        handler_ns : int
            Monotonic clock when the handler was called.
        """
        event_ns = unwrap(stamp_ms, handler_ns) + _NS // 2
        difference = (handler_ns - event_ns) / _NS
        known = bool(self.differences_ms)
        if stamp_ms == 0 or (known and not EARLIEST_MS <= difference <= BUSIEST_MS):
            self.trusted = False
        elif known or EARLIEST_MS <= difference <= LATEST_MS:
            self.differences_ms.append(difference)
        if not self.trusted:
            return ClickTime(None if stamp_ms == 0 else event_ns, handler_ns, "handler")
        return ClickTime(event_ns, handler_ns, "event" if known else "handler")

    def summary(self) -> dict[str, float | int | bool]:
        """What the check found, for the journal: counts and differences in ms."""
        found = sorted(self.differences_ms)
        if not found:
            return {"n": 0, "trusted": self.trusted}
        return {
            "n": len(found),
            "trusted": self.trusted,
            "median_ms": found[len(found) // 2],
            "smallest_ms": found[0],
            "largest_ms": found[-1],
        }
