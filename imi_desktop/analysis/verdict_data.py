"""What a verdict holds; needs no pandas, so that the window can import it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from imi_desktop.analysis.comparison_result import ComparisonResult, finite

Outcome = Literal["supported", "falsified", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """What became of one hypothesis.

    Parameters
    ----------
    locked : bool
        Whether the hypothesis was locked before the first participant.
    estimate : float or None
        Mean difference `a` − `b` (or `a` − value) in units of the measure.
    ci95 : tuple of float or None
        Bootstrap 95 % interval of `estimate`.
    reason : str
        Why the outcome is what it is, one sentence.
    """

    study: str
    id: str
    sentence: str
    outcome: Outcome
    locked: bool
    test: ComparisonResult
    alpha: float
    estimate: float | None
    ci95: tuple[float, float] | None
    smallest_effect: float
    reason: str

    def to_json(self) -> dict[str, Any]:
        """The verdict as JSON-able values."""
        return {
            "study": self.study,
            "id": self.id,
            "sentence": self.sentence,
            "verdict": self.outcome,
            "locked": self.locked,
            "alpha": self.alpha,
            "estimate": finite(self.estimate),
            "ci95": list(self.ci95) if self.ci95 else None,
            "smallest_effect": self.smallest_effect,
            "test": self.test.to_json(),
            "reason": self.reason,
        }
