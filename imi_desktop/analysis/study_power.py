"""Power of a study's own hypotheses, by simulating its own design.

The trial lists are those that the study would present; answers come from a logistic mixed model
with participants and units as random effects (as SIMR does; Green & MacLeod 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from imi_desktop.analysis.cells import UNIT, row_keys
from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.load import categorical
from imi_desktop.analysis.planned_tests import run_planned
from imi_desktop.analysis.power import DesignPower, PowerError
from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.seeds import generator

_MEASURES = {"proportion_correct", "interpretability_score"}


@dataclass(frozen=True)
class Truth:
    """What is taken for true in the simulation.

    Parameters
    ----------
    accuracy : tuple of float
        Proportion correct of an average participant and unit at level a and at level b (at every
        other level the mean of both).
    participant_sd, slope_sd, unit_sd : float
        Standard deviations on the log odds scale: of participants, of participants' differences
        between a and b, of units.
    """

    accuracy: tuple[float, float]
    participant_sd: float = 0.5
    slope_sd: float = 0.3
    unit_sd: float = 0.8


@dataclass(frozen=True)
class HypothesisPower:
    """Power of one hypothesis in the simulated design.

    Parameters
    ----------
    power : DesignPower or None
        None where it cannot be simulated; `reason` says why.
    """

    id: str
    participants: int
    trials: int
    power: DesignPower | None
    reason: str | None = None


def study_power(
    study: Study, truth: Truth, *, participants: int | None = None, studies: int = 200
) -> list[HypothesisPower]:
    """Simulate the study many times and run the planned test of every hypothesis.

    Parameters
    ----------
    participants : int or None
        None takes what each hypothesis plans, then what the study plans.
    studies : int
        Simulated studies.

    Raises
    ------
    PowerError
        If the study states no hypothesis, plans no trials that are right or wrong, or a number is
        not possible.
    """
    if not study.hypotheses:
        raise PowerError(f"{study.folder} states no hypothesis, so there is no power to compute.")
    if studies < 1 or not all(0 < share < 1 for share in truth.accuracy):
        raise PowerError("Studies must be 1 or more and accuracies lie between 0 and 1.")
    tables: dict[int, pd.DataFrame] = {}
    found = []
    for hypothesis in study.hypotheses:
        people = participants or hypothesis.planned_participants or study.participants
        people = people or study.participants_per_level
        if people not in tables:
            tables[people] = planned_trials(study, people)
        found.append(_simulated(study, hypothesis, tables[people], truth, people, studies))
    return found


def planned_trials(study: Study, participants: int) -> pd.DataFrame:
    """Main trials, without catch trials and ratings, that the first participants would answer.

    Raises
    ------
    PowerError
        If there are none.
    """
    rows = []
    for number in range(1, participants + 1):
        plan = plan_session(study, f"P{number}")
        rows += [
            {
                "study": study.name, "participant": plan.participant, "task": trial.task,
                "phase": "main", "catch": False, "block": trial.block, "trial": trial.number,
                "condition": trial.condition, "scheme": trial.scheme,
                "difficulty": trial.difficulty, "model": trial.unit.model,
                "layer": trial.unit.layer, "branch": trial.branch,
                "channel": trial.unit.channel, "unit_selection": trial.unit_selection,
                "image_set": trial.image_set, "correct": True,
            }
            for trial in plan.trials
            if trial.phase == "main" and not trial.catch and trial.task != "intuitiveness"
        ]  # fmt: skip
    if not rows:
        raise PowerError(
            f"{study.folder} plans only trials with ratings, and only right and wrong answers can "
            "be simulated."
        )
    return categorical(conform(pd.DataFrame(rows), f"The plan of {study.name}"))


def _simulated(
    study: Study,
    hypothesis: Hypothesis,
    trials: pd.DataFrame,
    truth: Truth,
    people: int,
    studies: int,
) -> HypothesisPower:
    comparison = hypothesis.comparison
    reason = None
    if hypothesis.measure not in _MEASURES:
        reason = "only right and wrong answers can be simulated"
    elif not comparison.a:
        reason = "the hypothesis names no level"
    elif comparison.factor not in trials.columns:
        reason = f"trials have no column “{comparison.factor}”"
    elif trials[comparison.factor].notna().sum() == 0:
        reason = f"the plan does not tell {comparison.factor}"
    if reason:
        return HypothesisPower(hypothesis.id, people, len(trials), None, reason)
    level = trials[comparison.factor].astype("string").to_numpy(dtype=object, na_value=np.nan)
    side = np.where(level == comparison.a, 0.5, np.where(level == comparison.b, -0.5, 0.0))
    person, _ = pd.factorize(trials["participant"])
    unit, _ = pd.factorize(row_keys(trials, UNIT))
    odds = np.log(np.array(truth.accuracy) / (1 - np.array(truth.accuracy)))
    base = odds.mean() + side * (odds[0] - odds[1])
    random = generator(study.seed, "power", hypothesis.id, people)
    significant = 0
    for _ in range(studies):
        logit = base + random.normal(0, truth.participant_sd, person.max() + 1)[person]
        logit = logit + random.normal(0, truth.slope_sd, person.max() + 1)[person] * side
        logit = logit + random.normal(0, truth.unit_sd, unit.max() + 1)[unit]
        right = random.random(len(logit)) < 1 / (1 + np.exp(-logit))
        trials = trials.assign(correct=pd.array(right, dtype="boolean"))
        p = run_planned(hypothesis, trials).p
        significant += p is not None and p < hypothesis.alpha
    interval = stats.binomtest(significant, studies).proportion_ci(method="wilson")
    power = DesignPower(significant / studies, (float(interval.low), float(interval.high)), studies)
    return HypothesisPower(hypothesis.id, people, len(trials), power)
