"""Hypotheses stated before the data (Leavitt & Morcos 2020)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from imi_desktop.experiment.toml_file import ListOf, Table

Measure = Literal[
    "proportion_correct", "reaction_time_ms", "confidence", "rating", "interpretability_score"
]
Direction = Literal["greater", "less", "two-sided"]
Test = Literal[
    "wilcoxon",
    "mann_whitney",
    "kruskal_wallis",
    "rm_anova",
    "mixed_anova",
    "chi_square",
    "spearman",
    "one_sample_wilcoxon",
    "t_test",
    "logistic_mixed",
]
Correction = Literal["none", "bonferroni", "holm"]
OBSERVER_NAMES = (
    "chance",
    "pixels",
    "perceptual",
    "lpips",
    "dreamsim",
    "centre",
    "variance",
    "saliency",
    "deepgaze",
    "primary-object",
)
"""Simulated participants that can be named as baselines; the room ``observers`` has them."""


class Comparison(Table):
    """What is compared: two levels of one column, or one level with a fixed value.

    Parameters
    ----------
    factor : str
        Column of the trial table, e.g. ``condition`` or ``model``.
    a, b : str
        The two levels; the direction reads "a is greater than b". Either may be empty when all
        levels enter (Kruskal–Wallis, ANOVA, Spearman) or when `value` takes the place of `b`.
    value : float or None
        Fixed value to compare level `a` with, e.g. 0.5 for chance.
    """

    factor: str = "condition"
    a: str = ""
    b: str = ""
    value: float | None = None


class Hypothesis(Table):
    """One falsifiable statement and how it will be tested.

    Parameters
    ----------
    id : str
        Short name, e.g. ``H1``.
    sentence, null, alternative : str
        The claim in plain words, what holds if it is wrong, what holds if it is right.
    smallest_effect : float
        Smallest effect of interest, in units of the measure (difference of means).
    planned_participants, planned_units : int or None
        The sample the power analysis asked for.
    trim_ms : tuple of float
        Shortest and longest reaction time that counts, in ms; empty for no trimming.
    baselines : tuple of str
        What the effect is held against: ``none`` (no references), ``random:<model>``, or the name
        of an observer, with its parameter after a colon.
    """

    id: str = Field(min_length=1, max_length=32)
    sentence: str = Field(min_length=1)
    null: str = Field(min_length=1)
    alternative: str = Field(min_length=1)
    measure: Measure = "proportion_correct"
    comparison: Comparison
    test: Test = "wilcoxon"
    direction: Direction = "two-sided"
    alpha: float = Field(default=0.05, gt=0, lt=1)
    correction: Correction = "none"
    smallest_effect: float = Field(default=0.0, ge=0)
    power: float | None = Field(default=None, gt=0, lt=1)
    planned_participants: int | None = Field(default=None, ge=1)
    planned_units: int | None = Field(default=None, ge=1)
    exclusion: ListOf[str] = ()
    trim_ms: ListOf[float] = ()
    baselines: ListOf[str] = ()

    @field_validator("trim_ms")
    @classmethod
    def _two_bounds(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if value and (len(value) != 2 or not 0 <= value[0] < value[1]):
            raise ValueError("must be two times in ms, the shorter one first")
        return value

    @field_validator("id")
    @classmethod
    def _plain_id(cls, value: str) -> str:
        if not all(character.isalnum() or character in "-_" for character in value):
            raise ValueError("may hold letters, digits, - and _ only")
        return value
