"""Whether a study's design can test its hypotheses at all."""

from __future__ import annotations

import math
from collections.abc import Iterator

from imi_desktop.errors import UserError
from imi_desktop.experiment.hypothesis import OBSERVER_NAMES, Hypothesis
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.protocol import Block, TrialGroup
from imi_desktop.experiment.study import Study

_OMNIBUS = ("kruskal_wallis", "rm_anova", "mixed_anova", "chi_square")
_PAIRED = ("wilcoxon", "rm_anova")
_OPEN = ("expert_level", "site", "background")
ABOUT_UNITS = ("model", "layer", "channel", "branch", "unit_selection")
"""What may be compared that the study's list of units decides."""
_NUMBERS = ("trial", "block", "channel", "confidence", "reaction_time_ms")
_WITH_VALUE = ("wilcoxon", "one_sample_wilcoxon", "t_test")
_RIGHT_OR_WRONG = ("proportion_correct", "interpretability_score")
_COUNTED = ("proportion_correct", "confidence")
_ALL_LEVELS = ("kruskal_wallis", "rm_anova", "mixed_anova", "spearman")
_OF_UNITS = ("logistic_mixed", "spearman", "kruskal_wallis", "chi_square")
_OF_PEOPLE = ("rm_anova", "mixed_anova")
_OF_PATCHES = ("centre", "variance", "saliency", "deepgaze", "primary-object")
_EXPERT_LEVELS = ("expert", "lay", "1", "2", "3")
_RANGES: dict[str, tuple[float, float]] = {
    "proportion_correct": (0, 1),
    "interpretability_score": (0, 1),
    "confidence": (1, 3),
    "rating": (-100, 100),
    "reaction_time_ms": (0, math.inf),
}


def untestable(study: Study, stated: Hypothesis | None = None) -> list[str]:
    """Say what keeps each hypothesis from being tested, or one of them; empty if all can be.

    A hypothesis is testable if the design varies what it compares, measures what it is about, and
    its test suits how participants meet the levels.
    """
    return [
        f"hypotheses.{hypothesis.id}: {problem}"
        for hypothesis in ((stated,) if stated else study.hypotheses)
        for problem in _problems(study, hypothesis)
    ]


def _problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    yield from _comparison_problems(study, hypothesis)
    yield from _test_problems(study, hypothesis)
    yield from _sample_problems(study, hypothesis)
    yield from _baseline_problems(study, hypothesis)
    rules = {rule.kind for rule in study.design.exclusion}
    for name in hypothesis.exclusion:
        if name not in rules:
            yield f"the protocol {study.design.name} has no exclusion rule “{name}”."


def _baseline_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    patches = any(
        study.design.task_of(block) == "counterfactual" for block, _ in _groups(study, hypothesis)
    )
    for baseline in hypothesis.baselines:
        if baseline == "none":
            if "none" not in study.run_conditions:
                yield "the baseline “none” is not among the conditions that are run."
        elif baseline.startswith("random:"):
            if baseline not in study.models:
                yield f"the baseline “{baseline}” is not among the study's models."
        elif baseline.partition(":")[0] not in OBSERVER_NAMES:
            yield (
                f"the baseline “{baseline}” is neither none, random:<model> nor an observer; "
                f"observers are {', '.join(OBSERVER_NAMES)}."
            )
        elif baseline.partition(":")[0] in _OF_PATCHES and not patches:
            yield (
                f"the baseline “{baseline}” judges patches, and no trial of {study.design.name} "
                "shows any, so that it would only guess; chance does that too."
            )


def _comparison_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    comparison = hypothesis.comparison
    has_ratings = any(
        study.design.task_of(block) == "intuitiveness" for block in study.design.blocks()
    )
    if hypothesis.measure == "rating" and not has_ratings:
        yield f"nothing is rated in the protocol {study.design.name}."
        return
    yield from _size_problems(hypothesis)
    if hypothesis.test == "spearman":
        yield from _number_problems(study, hypothesis)
        return
    if comparison.value is not None and not comparison.a:
        yield "comparison.value needs the level comparison.a that is compared with it."
        return
    if comparison.value is not None and comparison.b:
        yield "comparison.a is compared either with comparison.b or with comparison.value."
    if comparison.factor in _OPEN:
        yield from _open_problems(study, hypothesis)
        return
    levels = _levels(study, hypothesis)
    if levels is None:
        yield f"“{comparison.factor}” is nothing that a trial of this study tells."
        return
    listed = ", ".join(sorted(levels)) or "not known"
    if comparison.value is None and len(levels) < 2:
        yield (
            f"this study does not vary {comparison.factor}, so that there is nothing to compare; "
            f"it is always {listed}."
        )
        return
    for level in (comparison.a, comparison.b):
        if level and level not in levels:
            yield f"{comparison.factor} is never “{level}” in this study; it is {listed}."
    if comparison.a and comparison.a == comparison.b:
        yield f"“{comparison.a}” is compared with itself."


def _number_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    """Columns that cannot be correlated with the measure; layers go by their depth."""
    factor = hypothesis.comparison.factor
    if factor == "layer":
        if len(_levels(study, hypothesis) or ()) < 2:
            yield "this study does not vary layer, so that there is nothing to compare."
    elif factor not in _NUMBERS:
        yield (
            f"spearman needs numbers, and {factor} is none; {', '.join(_NUMBERS)} and layer, by "
            "its depth, are."
        )
    elif factor == hypothesis.measure:
        yield f"“{factor}” is compared with itself."


def _size_problems(hypothesis: Hypothesis) -> Iterator[str]:
    """Values and effects that the measure cannot have."""
    low, high = _RANGES[hypothesis.measure]
    value = hypothesis.comparison.value
    if value is not None and not low <= value <= high:
        upto = f"from {low:g} to {high:g}" if high < math.inf else f"{low:g} or more"
        yield f"{hypothesis.measure} is never {value:g}; it goes {upto}."
    if hypothesis.smallest_effect > high - low:
        yield (
            f"smallest_effect is {hypothesis.smallest_effect:g}, and two means of "
            f"{hypothesis.measure} differ by {high - low:g} at most."
        )


def _open_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    """What is known of participants only when they come."""
    comparison = hypothesis.comparison
    asked = study.design.participant_fields
    if comparison.factor != "site" and comparison.factor not in asked:
        yield (
            f"participants are not asked for their {comparison.factor}; participant_fields of "
            f"{study.design.name} lists {', '.join(asked) or 'nothing'}."
        )
    for level in (comparison.a, comparison.b):
        if comparison.factor == "expert_level" and level and level not in _EXPERT_LEVELS:
            yield f"expert_level is never “{level}”; it is {', '.join(_EXPERT_LEVELS)}."
    if comparison.a and comparison.a == comparison.b:
        yield f"“{comparison.a}” is compared with itself."


def _test_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    comparison, test = hypothesis.comparison, hypothesis.test
    if test in _OMNIBUS and hypothesis.direction != "two-sided":
        yield f"{test} knows no direction; say two-sided, or choose a test of two levels."
    if comparison.value is not None and test not in _WITH_VALUE:
        yield f"{test} cannot compare with a fixed value; {', '.join(_WITH_VALUE)} can."
    if test == "chi_square" and hypothesis.measure not in _COUNTED:
        yield f"chi_square counts answers; {hypothesis.measure} is not counted."
    if test == "mixed_anova":
        yield from _mixed_problems(study, comparison.factor)
    if test == "one_sample_wilcoxon" and comparison.value is None:
        yield "one_sample_wilcoxon needs comparison.value."
    if test == "logistic_mixed" and hypothesis.measure not in _RIGHT_OR_WRONG:
        yield f"logistic_mixed tests right and wrong answers; {hypothesis.measure} is neither."
    of_two = {"mann_whitney", "wilcoxon", "t_test", "logistic_mixed"}
    needs_two = test in of_two and comparison.value is None
    if needs_two and not (comparison.a and comparison.b):
        yield f"{test} needs the two levels comparison.a and comparison.b."
    if test in _ALL_LEVELS and comparison.value is None and (comparison.a or comparison.b):
        yield (
            f"{test} takes in every {comparison.factor}; leave comparison.a and comparison.b out, "
            "or choose a test of two levels."
        )
    if comparison.value is None:
        yield from _case_problems(study, hypothesis)


def _case_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    """Tests that take the same cases for different ones, or the other way round."""
    factor, test = hypothesis.comparison.factor, hypothesis.test
    if hypothesis.measure == "interpretability_score":
        if test in _OF_PEOPLE:
            yield (
                f"the cases of interpretability_score are units, and {test} compares people; "
                "take proportion_correct, or kruskal_wallis."
            )
        elif factor in ABOUT_UNITS and test == "wilcoxon":
            yield (
                f"each unit has one {factor} only, and {test} needs every unit at both levels; "
                "mann_whitney or kruskal_wallis can test it."
            )
        elif factor == "condition" and test == "mann_whitney":
            yield (
                "the same units are answered in every condition, and mann_whitney takes them for "
                "different ones; wilcoxon can test it."
            )
        return
    between = factor in study.design.between or factor in _OPEN
    if between and test in _PAIRED:
        yield (
            f"each participant meets one {factor} only, and {test} needs all of them "
            "from the same participants; mann_whitney or kruskal_wallis can test it."
        )
    if not between and test == "mann_whitney":
        yield (
            f"the same participants meet every {factor}, and mann_whitney takes them "
            "for different people; wilcoxon can test it."
        )
    if not between and test == "kruskal_wallis" and factor in {"condition", "scheme"}:
        yield (
            f"the same participants meet every {factor}, and kruskal_wallis takes them for "
            "different ones; rm_anova can test it."
        )


def _sample_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    planned, participants = hypothesis.planned_participants, study.participants
    if planned and participants and planned > participants:
        yield f"it plans {planned} participants, and the study {participants}."
    of_people = hypothesis.measure != "interpretability_score" and hypothesis.test not in _OF_UNITS
    if min(planned or 2, participants or 2) < 2 and of_people:
        yield f"one participant is too few for {hypothesis.test}."
    units = sum(entry.role == "main" for entry in study.units)
    if hypothesis.planned_units and hypothesis.planned_units > units:
        yield f"it plans {hypothesis.planned_units} units, and the study lists {units}."


def _mixed_problems(study: Study, factor: str) -> Iterator[str]:
    if "condition" in study.design.between or len(study.run_conditions) < 2:
        yield "mixed_anova needs several conditions that each participant meets."
    if factor not in (*study.design.between, *_OPEN) or factor == "condition":
        yield f"mixed_anova needs a comparison.factor between participants; {factor} is none."


def _levels(study: Study, hypothesis: Hypothesis) -> set[str] | None:
    """Levels of a column of the trial table that the trials in question take."""
    factor = hypothesis.comparison.factor
    main = [entry for entry in study.units if entry.role == "main"]
    if hypothesis.measure == "rating":
        main = [entry for entry in study.units if entry.role == "intuitiveness"]
    known: dict[str, set[str]] = {
        "condition": _values(study, hypothesis, "condition") & set(study.run_conditions),
        "model": {entry.model for entry in main},
        "layer": {entry.layer for entry in main},
        "channel": {str(entry.channel) for entry in main},
        "branch": {entry.branch for entry in main if entry.branch},
        "unit_selection": {entry.selection for entry in main},
        "difficulty": {study.stimuli.natural.difficulty},
        "scheme": _values(study, hypothesis, "scheme"),
        "task": {study.design.task_of(block) for block, _ in _groups(study, hypothesis)},
    }
    if factor == "block":
        return _blocks(study, hypothesis)
    return known.get(factor)


def _groups(study: Study, hypothesis: Hypothesis) -> Iterator[tuple[Block, TrialGroup]]:
    """Groups of main trials that the measure is taken from."""
    rated = hypothesis.measure == "rating"
    for block in study.design.blocks():
        if block.phase == "main" and (study.design.task_of(block) == "intuitiveness") is rated:
            for group in block.trials:
                yield block, group


def _values(study: Study, hypothesis: Hypothesis, name: str) -> set[str]:
    """Values that a text field of the groups can take."""
    values: set[str] = set()
    for _, group in _groups(study, hypothesis):
        text = str(getattr(group, name))
        values |= set(study.levels_of(text[1:])) if text.startswith("$") else {text}
    return values


def _blocks(study: Study, hypothesis: Hypothesis) -> set[str]:
    rated = hypothesis.measure == "rating"
    try:
        trials = plan_session(study, "P1").trials
    except UserError:
        return set()  # told with the study's other problems
    return {
        str(trial.block)
        for trial in trials
        if trial.phase == "main" and (trial.task == "intuitiveness") is rated
    }
