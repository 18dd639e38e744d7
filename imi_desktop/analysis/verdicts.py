"""Whether what was claimed before the data still stands after them.

Each hypothesis is tested as planned, on main, non-catch, included trials, whatever a page or a
command shows besides (Leavitt & Morcos 2020: a claim must be able to fail). The verdict weighs
the 95 % interval of the effect against the smallest effect of interest:

* **falsified** when the interval holds no effect as large as the smallest one of interest in the
  stated direction;
* **supported** when the planned test is significant in the stated direction and nothing of that
  holds;
* **undecided** otherwise, also when the test could not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.comparison_result import ComparisonResult, adjust
from imi_desktop.analysis.intervals import bootstrap_difference, bootstrap_intervals
from imi_desktop.analysis.planned_tests import planned_values, run_planned
from imi_desktop.analysis.selection import Selection
from imi_desktop.analysis.signed_rank import mostly_paired
from imi_desktop.analysis.verdict_data import Outcome, Verdict
from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.lock import Amendment, read_lock
from imi_desktop.experiment.study import Study


def judge(study: Study, trials: pd.DataFrame) -> list[Verdict]:
    """Judge every hypothesis of a study on its own trials.

    Hypotheses that name the same correction are corrected together.

    Parameters
    ----------
    trials : DataFrame
        All trials loaded; those of other studies, and those not planned for, are left out.
    """
    if not study.hypotheses:
        return []
    own = trials[(trials["study"].astype("string") == study.name).fillna(False).to_numpy(bool)]
    selected = Selection().apply(own if len(own) else trials.iloc[:0])
    lock = read_lock(study.folder)
    stated = {} if lock is None else lock.contents["hypotheses"]
    tests = _corrected(study.hypotheses, [run_planned(h, selected) for h in study.hypotheses])
    amendments = () if lock is None else lock.amendments
    return [
        _judge_one(
            study,
            hypothesis,
            test,
            selected,
            is_as_locked(hypothesis, stated) and not is_amended(hypothesis, amendments),
        )
        for hypothesis, test in zip(study.hypotheses, tests, strict=True)
    ]


def is_as_locked(hypothesis: Hypothesis, locked: Mapping[str, Any]) -> bool:
    """Whether the lock holds the hypothesis exactly as it is now.

    Keys that the lock does not hold, because it is of an earlier version, count as their defaults.
    """
    stored = locked.get(hypothesis.id)
    if stored is None:
        return False
    said = hypothesis.model_dump(mode="json", exclude_defaults=True)
    now = hypothesis.model_dump(mode="json", exclude_none=True)
    return set(said) <= set(stored) and all(now.get(key) == stored[key] for key in stored)


def is_amended(hypothesis: Hypothesis, amendments: Sequence[Amendment]) -> bool:
    """Whether a hypothesis was stated or changed by an amendment, with answers at hand."""
    starts = tuple(f"hypotheses: {hypothesis.id}{end}" for end in (" ", ".", "["))
    return any(change.startswith(starts) for entry in amendments for change in entry.changes)


def decide(
    hypothesis: Hypothesis,
    p: float | None,
    estimate: float | None,
    ci95: tuple[float, float] | None,
) -> tuple[Outcome, str]:
    """Turn a test and an interval into a verdict and the reason for it."""
    if p is None:
        return "undecided", "The planned test could not run."
    effect, direction = hypothesis.smallest_effect, hypothesis.direction
    if ci95 is not None and direction != "two-sided":
        high = ci95[1] if direction == "greater" else -ci95[0]
        if high < effect or (effect == 0 and high <= 0):
            return "falsified", _words("The interval lies below", effect)
    if ci95 is not None and direction == "two-sided" and -effect < ci95[0] <= ci95[1] < effect:
        return "falsified", _words("The interval lies within ±", effect)
    toward = (
        direction == "two-sided"
        or estimate is None
        or (estimate > 0 if direction == "greater" else estimate < 0)
    )
    if p < hypothesis.alpha and toward:
        return "supported", f"p is below the planned α of {hypothesis.alpha:g}."
    if p < hypothesis.alpha:
        return "undecided", "The effect has the other direction."
    return "undecided", f"p is not below the planned α of {hypothesis.alpha:g}."


def _judge_one(
    study: Study, hypothesis: Hypothesis, test: ComparisonResult, trials: pd.DataFrame, locked: bool
) -> Verdict:
    estimate, interval = effect_of(hypothesis, trials, study.seed)
    p = test.p if test.p_adjusted is None else test.p_adjusted
    outcome, reason = decide(hypothesis, p, estimate, interval)
    if test.reason:
        reason = f"{reason.rstrip('.')}: {test.reason}."
    return Verdict(
        study=study.name,
        id=hypothesis.id,
        sentence=hypothesis.sentence,
        outcome=outcome,
        locked=locked,
        test=test,
        alpha=hypothesis.alpha,
        estimate=estimate,
        ci95=interval,
        smallest_effect=hypothesis.smallest_effect,
        reason=reason,
    )


def effect_of(
    hypothesis: Hypothesis, trials: pd.DataFrame, seed: int
) -> tuple[float | None, tuple[float, float] | None]:
    """Difference of means that a hypothesis is about, and its bootstrap 95 % interval.

    Paired where the planned test is, or where half of the participants (or units) have both
    levels; else between groups, each resampled on its own. None where the hypothesis compares no
    two things.
    """
    first, second = planned_values(hypothesis, trials)
    if first is None:
        return None, None
    if second is None:
        value = hypothesis.comparison.value
        if value is None:
            return None, None
        return _one_sample(first[np.isfinite(first)] - value, seed)
    both = np.isfinite(first) & np.isfinite(second)
    paired = {"wilcoxon": bool(both.sum() >= 2), "mann_whitney": False}
    if paired.get(hypothesis.test, mostly_paired(first, second)):
        return _one_sample(first[both] - second[both], seed)
    a, b = first[np.isfinite(first)], second[np.isfinite(second)]
    if not len(a) or not len(b):
        return None, None
    estimate = float(a.mean() - b.mean())
    return estimate, bootstrap_difference(a, b, seed=seed)


def _one_sample(
    differences: np.ndarray, seed: int
) -> tuple[float | None, tuple[float, float] | None]:
    if not len(differences):
        return None, None
    low, high = bootstrap_intervals(differences[:, None], seed=seed, names=("difference",))[:, 0]
    known = bool(np.isfinite(low) and np.isfinite(high))
    return float(differences.mean()), (float(low), float(high)) if known else None


def _corrected(
    hypotheses: tuple[Hypothesis, ...], tests: list[ComparisonResult]
) -> list[ComparisonResult]:
    result = list(tests)
    places = sorted(range(len(tests)), key=lambda place: hypotheses[place].correction)
    for correction, group in groupby(places, key=lambda place: hypotheses[place].correction):
        ran = [(place, p) for place in group if (p := tests[place].p) is not None]
        if correction == "none":
            continue
        adjusted = adjust([p for _, p in ran], correction)
        for (place, _), p in zip(ran, adjusted, strict=True):
            result[place] = replace(tests[place], p_adjusted=p, correction=correction)
    return result


def _words(start: str, effect: float) -> str:
    space = "" if start.endswith("±") else " "
    return f"{start}{space}{effect:g}, the smallest effect of interest."
