"""How the mouse reports: its polling rate, and the clock that stamps its clicks."""

from __future__ import annotations

from dataclasses import dataclass

PAUSE_MS = 50
"""A longer time between two reports means that the mouse rested."""

_ENOUGH = 50


@dataclass
class MouseRate:
    """Polling rate of a mouse, from the time stamps of its movements.

    Stamps are whole milliseconds, so the rate is that of many reports in a row: reports that
    followed each other while the mouse moved, by the time that they took.

    Attributes
    ----------
    reports : int
        Reports that followed another without a pause.
    moving_ms : int
        Time they took, ms.
    """

    reports: int = 0
    moving_ms: int = 0
    _last_ms: int | None = None

    def add(self, stamp_ms: int) -> None:
        """Take one movement's time stamp (ms) into account."""
        if self._last_ms is not None and 0 <= stamp_ms - self._last_ms <= PAUSE_MS:
            self.reports += 1
            self.moving_ms += stamp_ms - self._last_ms
        self._last_ms = stamp_ms

    @property
    def hz(self) -> float | None:
        """Reports per second; None before fifty of them."""
        if self.reports < _ENOUGH or self.moving_ms == 0:
            return None
        return 1000.0 * self.reports / self.moving_ms
