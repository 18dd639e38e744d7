"""One answer of a participant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imi_desktop.experiment.trial import Position

RtClock = Literal["event", "handler", "simulated"]


@dataclass(frozen=True)
class Response:
    """One answer, with every clock that saw it. All times are of one monotonic clock, in ns.

    Parameters
    ----------
    chosen_position : Position or None
        Which query was chosen; None for ratings.
    confidence : int or None
        1 (not confident) to 3 (very).
    rating : float or None
        −100 (not intuitive) to 100, for intuitiveness trials.
    onset_ns : int
        When the trial's frame was on the screen.
    response_ns : int
        When the answer was given, by the clock named in `rt_clock`.
    handler_ns : int
        When the program saw the answer.
    event_ns : int or None
        The input event's own time, None if it has none that can be trusted.
    rt_clock : {"event", "handler", "simulated"}
        What `response_ns` was taken from.
    reaction_time_ms : float
        From onset to answer.
    x, y : float or None
        Where the pointer was, in px of the screen.
    device : str
        ``mouse``, ``keyboard``, ``touch`` or ``observer``.
    """

    chosen_position: Position | None
    confidence: int | None
    rating: float | None
    onset_ns: int
    response_ns: int
    handler_ns: int
    event_ns: int | None
    rt_clock: RtClock
    reaction_time_ms: float
    x: float | None = None
    y: float | None = None
    device: str = "mouse"
