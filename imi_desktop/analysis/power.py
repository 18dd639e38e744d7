"""How many units, answers and participants a study needs (Zimmermann et al. 2023, A.5)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from imi_desktop.analysis.signed_rank import signed_rank
from imi_desktop.errors import UserError
from imi_desktop.seeds import generator

Test = Literal["t", "mann_whitney", "paired_t", "wilcoxon"]
EFFICIENCY = 3 / math.pi
"""Asymptotic relative efficiency of the rank tests against t for normal data (G*Power's choice)."""
_MOST = 1_000_000


class PowerError(UserError):
    """A design with such numbers cannot be computed."""


@dataclass(frozen=True)
class SamplePlan:
    """Units, answers and participants of a planned study.

    Parameters
    ----------
    units_needed : int
        Units per model that the test needs.
    answers_least : int
        Fewest answers per unit for the wanted precision.
    answers : int
        The same rounded up to tens, as published.
    units : int
        Fewest units, not below `units_needed`, that fill the participants' sessions exactly.
    units_rounded_down, participants_rounded_down : int
        Most units not above `units_needed` that do, and their participants; what Zimmermann et
        al. (2023) took. 0 if there are none.
    """

    units_needed: int
    answers_least: int
    answers: int
    units: int
    participants: int
    units_rounded_down: int
    participants_rounded_down: int


@dataclass(frozen=True)
class DesignPower:
    """Outcome of simulating a design.

    Parameters
    ----------
    power : float
        Share of simulated studies with p below α.
    ci95 : tuple of float
        Wilson interval of `power`.
    """

    power: float
    ci95: tuple[float, float]
    studies: int


def cases_needed(
    test: Test, effect: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> int:
    """Cases per group (or pairs) that a test needs, from the noncentral t distribution.

    Rank tests need 1 / A.R.E. times as many as t, with A.R.E. 3/π.

    Parameters
    ----------
    effect : float
        Cohen's d, of the differences where pairs are tested.

    Examples
    --------
    >>> cases_needed("mann_whitney", 0.67, alpha=0.01, power=0.95)
    86
    """
    if not effect > 0:
        raise PowerError("The effect size must be above 0.")
    if not (0 < alpha < 1 and 0 < power < 1 and power > alpha):
        raise PowerError("α and power must lie between 0 and 1, and power above α.")
    paired = test in {"paired_t", "wilcoxon"}
    low, high = 2, 2
    while _t_power(high, effect, alpha, sides, paired) < power:
        low, high = high, high * 2
        if high > _MOST:
            raise PowerError(
                f"More than {_MOST} cases would be needed for an effect of {effect:g}."
            )
    while low < high:
        middle = (low + high) // 2
        if _t_power(middle, effect, alpha, sides, paired) < power:
            low = middle + 1
        else:
            high = middle
    ranks = test in {"mann_whitney", "wilcoxon"}
    return math.ceil(low / EFFICIENCY) if ranks else low


def answers_needed(sd: float, p: float = 0.5) -> int:
    """Fewest answers per unit for which the proportion correct has at most this SD.

    Parameters
    ----------
    sd : float
        Wanted standard deviation of the estimate, √(p (1 − p) / n).
    p : float
        True proportion; 0.5 is the worst case.
    """
    if not 0 < sd < 0.5 or not 0 < p < 1:
        raise PowerError("The standard deviation must lie between 0 and 0.5, p between 0 and 1.")
    return math.ceil(p * (1 - p) / sd**2 - 1e-9)


def sample_plan(units_needed: int, answers_least: int, trials_each: int) -> SamplePlan:
    """Turn units and answers into participants who all answer `trials_each` trials.

    Answers are rounded up to tens, units up to the next number that divides evenly: 86 units, 30
    answers and 40 trials give 88 units and 66 participants. Zimmermann et al. (2023) went down to
    84 units and 63 participants instead, slightly below the power they had planned for.
    """
    if min(units_needed, answers_least, trials_each) < 1:
        raise PowerError("Units, answers and trials must be 1 or more.")
    answers = math.ceil(answers_least / 10) * 10
    units = units_needed
    while units * answers % trials_each:
        units += 1
    fewer = units_needed
    while fewer * answers % trials_each:
        fewer -= 1
    return SamplePlan(
        units_needed,
        answers_least,
        answers,
        units,
        units * answers // trials_each,
        fewer,
        fewer * answers // trials_each,
    )


def simulate_design(
    *,
    participants: int,
    trials: int,
    accuracy: tuple[float, float],
    participant_sd: float = 0.5,
    slope_sd: float = 0.3,
    unit_sd: float = 0.8,
    units: int = 45,
    alpha: float = 0.05,
    studies: int = 1000,
    seed: int = 1,
) -> DesignPower:
    """Power of a within-participant design with the Wilcoxon test, by simulating it.

    Answers are right with a probability whose logit is the sum of the condition's, the
    participant's, the participant's difference between conditions, and the unit's (as SIMR does
    with a logistic mixed model).

    Parameters
    ----------
    trials : int
        Per participant and condition.
    accuracy : tuple of float
        Mean proportion correct in the two conditions for an average participant and unit.
    participant_sd, slope_sd, unit_sd : float
        Standard deviations of the random effects on the logit scale.
    """
    if min(participants, trials, units, studies) < 1 or not all(0 < a < 1 for a in accuracy):
        raise PowerError("Counts must be 1 or more and accuracies lie between 0 and 1.")
    random = generator(seed, "power", participants, trials, units)
    base = np.log(np.array(accuracy) / (1 - np.array(accuracy)))
    significant = 0
    for _ in range(studies):
        person = random.normal(0, participant_sd, participants)
        slope = random.normal(0, slope_sd, participants)
        unit = random.normal(0, unit_sd, units)
        means = []
        for condition in (0, 1):
            shown = random.integers(units, size=(participants, trials))
            tilt = slope / 2 if condition == 0 else -slope / 2
            logit = base[condition] + (person + tilt)[:, None] + unit[shown]
            means.append((random.random(shown.shape) < 1 / (1 + np.exp(-logit))).mean(axis=1))
        p = signed_rank(means[0], means[1], "").p
        significant += p is not None and p < alpha
    interval = stats.binomtest(significant, studies).proportion_ci(method="wilson")
    return DesignPower(significant / studies, (float(interval.low), float(interval.high)), studies)


def _t_power(n: int, effect: float, alpha: float, sides: int, paired: bool) -> float:
    df = n - 1 if paired else 2 * n - 2
    shift = effect * math.sqrt(n if paired else n / 2)
    critical = stats.t.ppf(1 - alpha / sides, df)
    power = float(stats.nct.sf(critical, df, shift))
    if sides == 2:
        power += float(stats.nct.cdf(-critical, df, shift))
    return power
