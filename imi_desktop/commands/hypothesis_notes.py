"""Notes on hypotheses: what the planned sample can find."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imi_desktop.analysis.power import Test
    from imi_desktop.experiment.hypothesis import Hypothesis
    from imi_desktop.experiment.study import Study

_LARGEST, _STEPS = 20.0, 60


def hypothesis_notes(study: Study) -> list[str]:
    """What the sample of each hypothesis can find, where that can be told.

    Hypotheses that state a power get the effects that their sample finds with it; others are told
    of only if their sample is too small for any p below alpha. The sample is `planned_units` for
    the interpretability score and `planned_participants` for other measures, shared evenly by the
    groups where people meet one level only.
    """
    return [
        f"hypotheses.{stated.id}: {note}"
        for stated in study.hypotheses
        if (note := _note(study, stated) or _too_few(study, stated))
    ]


def _note(study: Study, stated: Hypothesis) -> str:
    test = _test(study, stated)
    if stated.power is None or test is None:
        return ""
    of_units = stated.measure == "interpretability_score"
    planned = stated.planned_units if of_units else stated.planned_participants
    what = "units" if of_units else "participants"
    if planned is None:
        return (
            f"it states a power of {stated.power:g} and no planned_{what}. imi-desktop power "
            "tells how many are needed."
        )
    groups = _groups(study, stated, test)
    effect = detectable_effect(
        test, planned // groups, stated.alpha, stated.power, 2 - (stated.direction != "two-sided")
    )
    each = f"{planned // groups} {what}" + (" in each group" if groups > 1 else "")
    if effect is None:
        return f"{each} are too few for a power of {stated.power:g}. See imi-desktop power."
    found = (
        f"{each} find effects of {effect:.2f} standard deviations or more with a power of "
        f"{stated.power:g} ({test.replace('_', ' ')}, α = {stated.alpha:g})"
    )
    if not stated.smallest_effect:
        return f"{found}."
    return (
        f"{found}; the smallest_effect of {stated.smallest_effect:g} is one if the standard "
        f"deviation is {stated.smallest_effect / effect:.3g} or less. imi-desktop power plans "
        "other samples."
    )


def _too_few(study: Study, stated: Hypothesis) -> str:
    """Whether not even the clearest outcome of a rank test could fall below alpha."""
    test = _test(study, stated)
    of_units = stated.measure == "interpretability_score"
    planned = stated.planned_units if of_units else stated.planned_participants
    if not of_units:
        planned = planned or study.participants
    if planned is None or test not in {"wilcoxon", "mann_whitney"}:
        return ""
    groups = _groups(study, stated, test)
    sides = 2 if stated.direction == "two-sided" else 1
    least = smallest_p(test, planned // groups, sides)
    if least <= stated.alpha:
        return ""
    enough = next(n for n in range(1, 100) if smallest_p(test, n, sides) <= stated.alpha)
    what = ("units" if of_units else "participants") + (" in each group" if groups > 1 else "")
    return (
        f"an exact {test.replace('_', ' ')} test of {planned // groups} {what} has no p below "
        f"{least:.3g}, and alpha is {stated.alpha:g}. Plan {enough} or more."
    )


def smallest_p(test: Test, cases: int, sides: int) -> float:
    """Exact p of the clearest outcome of a rank test.

    Parameters
    ----------
    cases : int
        Pairs, or cases per group.

    Returns
    -------
    float
        All `cases` differ in the same direction: 2^−n; all of one group are above all of the
        other: 1 / C(2n, n); twice that for two sides, 1 at most.
    """
    outcomes = math.comb(2 * cases, cases) if test == "mann_whitney" else 2**cases
    return min(sides / outcomes, 1.0)


def detectable_effect(
    test: Test, cases: int, alpha: float, power: float, sides: int
) -> float | None:
    """Smallest Cohen's d that so many cases (per group, or pairs) find; None if none is.

    The inverse of :func:`imi_desktop.analysis.power.cases_needed`.
    """
    from imi_desktop.analysis.power import PowerError, cases_needed

    def enough(effect: float) -> bool:
        try:
            return cases_needed(test, effect, alpha=alpha, power=power, sides=sides) <= cases
        except PowerError:
            return False

    low, high = 0.0, _LARGEST
    if not enough(high):
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
        if high - low < 1e-4:
            break
    return high


def _test(study: Study, stated: Hypothesis) -> Test | None:
    """The test as power analysis knows it; None for tests of several levels."""
    if stated.test in {"wilcoxon", "one_sample_wilcoxon"}:
        return "wilcoxon"
    if stated.test == "mann_whitney":
        return "mann_whitney"
    if stated.test == "t_test":
        between = stated.comparison.factor in study.design.between
        return "t" if between and stated.comparison.value is None else "paired_t"
    return None


def _groups(study: Study, stated: Hypothesis, test: Test) -> int:
    factor = stated.comparison.factor
    if test in {"wilcoxon", "paired_t"} and stated.comparison.value is None:
        return 1
    if factor in study.design.between and stated.measure != "interpretability_score":
        return max(len(study.levels_of(factor)), 1)
    return 2 if test in {"mann_whitney", "t"} else 1
