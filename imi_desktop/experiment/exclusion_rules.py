"""Exclusion rules as data; :mod:`imi_desktop.experiment.exclusion` evaluates them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from imi_desktop.experiment.toml_file import Table

RuleKind = Literal[
    "catch_correct",
    "position_count",
    "position_share",
    "instruction_seconds",
    "session_seconds",
    "practice_attempts",
    "participations",
]


class ExclusionRule(Table):
    """One quality check; a session that fails it is marked, never deleted.

    Parameters
    ----------
    kind : str
        What is measured: catch trials answered right; how often the rarest position was chosen;
        the share of the most chosen position; seconds on the instruction pages; seconds of the
        whole session; attempts at the practice block; earlier participations.
    minimum, maximum : float or None
        Bounds within which the value passes; both ends belong to the range.
    conditions : tuple of str
        Conditions the rule holds for; empty for all.
    """

    kind: RuleKind
    minimum: float | None = Field(default=None)
    maximum: float | None = Field(default=None)
    conditions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_a_bound(self) -> ExclusionRule:
        if self.minimum is None and self.maximum is None:
            raise ValueError("needs a minimum or a maximum")
        return self
