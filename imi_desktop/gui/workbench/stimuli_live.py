"""What is known of one task while it is being made. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from imi_desktop.stimuli.pack import Side


@dataclass
class LiveTask:
    """What the job told of one task last.

    Parameters
    ----------
    began : float
        Monotonic seconds when it was first reported running.
    side : str or None
        Side that is being made.
    step, steps : int
        Of the run in hand.
    side_share : float
        How much of that side is done, 0 … 1; a search has many runs.
    activations : list of float
        Of the images being optimised, as they are now.
    preview : str
        File with those images side by side; empty if there is none.
    halted : bool
        Whether this task alone was told to wait.
    """

    began: float
    side: Side | None = None
    step: int = 0
    steps: int = 0
    side_share: float = 0.0
    activations: list[float] = field(default_factory=list)
    preview: str = ""
    halted: bool = False
    _rested: float = 0.0
    _rests_since: float | None = None

    @property
    def share(self) -> float:
        """How much of the task is done, 0 … 1: max comes first, then min."""
        if not self.steps:
            return 0.0
        return min(1.0, (self.side_share + (self.side == "min")) / 2)

    @property
    def rests(self) -> bool:
        """Whether it waits now, with the others or alone."""
        return self._rests_since is not None

    def rest(self, now: float, resting: bool) -> None:
        """Begin or end a rest; its time does not count in the estimate."""
        if resting and self._rests_since is None:
            self._rests_since = now
        elif not resting and self._rests_since is not None:
            self._rested += now - self._rests_since
            self._rests_since = None

    def seconds_left(self, now: float) -> float | None:
        """Until the task is done, at the pace so far; None in the first steps."""
        return self._seconds_for(1 - self.share, now)

    def seconds_left_of_side(self, now: float) -> float | None:
        """Until the side that is being made is done; of the whole task where there is no side."""
        if self.side is None or not self.steps:
            return self.seconds_left(now)
        return self._seconds_for(max(0.0, 1 - self.side_share) / 2, now)

    def _seconds_for(self, share: float, now: float) -> float | None:
        if self.share < 0.02:
            return None
        end = now if self._rests_since is None else self._rests_since
        return (end - self.began - self._rested) * share / self.share
