"""Whether a study's design can test its hypotheses at all."""

from __future__ import annotations

from collections.abc import Iterator

from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.study import Study

_OMNIBUS = ("kruskal_wallis", "rm_anova", "mixed_anova", "chi_square")
_PAIRED = ("wilcoxon", "rm_anova")
_OPEN = ("expert_level", "site", "background")


def untestable(study: Study) -> list[str]:
    """Say what keeps each hypothesis from being tested; empty if all can be.

    A hypothesis is testable if the design varies what it compares, measures what it is about, and
    its test suits how participants meet the levels.
    """
    return [
        f"hypotheses.{hypothesis.id}: {problem}"
        for hypothesis in study.hypotheses
        for problem in _problems(study, hypothesis)
    ]


def _problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    yield from _comparison_problems(study, hypothesis)
    yield from _test_problems(study, hypothesis)
    yield from _sample_problems(study, hypothesis)
    for baseline in hypothesis.baselines:
        if baseline == "none" and "none" not in study.run_conditions:
            yield "the baseline “none” is not among the conditions that are run."
        if baseline.startswith("random:") and baseline not in study.models:
            yield f"the baseline “{baseline}” is not among the study's models."
    rules = {rule.kind for rule in study.design.exclusion}
    for name in hypothesis.exclusion:
        if name not in rules:
            yield f"the protocol {study.design.name} has no exclusion rule “{name}”."


def _comparison_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    comparison = hypothesis.comparison
    has_ratings = any(
        study.design.task_of(block) == "intuitiveness" for block in study.design.blocks()
    )
    if hypothesis.measure == "rating" and not has_ratings:
        yield f"nothing is rated in the protocol {study.design.name}."
    if comparison.value is not None and not comparison.a and not comparison.b:
        return
    levels = _levels(study, comparison.factor)
    if levels is None:
        if comparison.factor not in _OPEN:
            yield f"“{comparison.factor}” is nothing that a trial of this study tells."
        return
    for level in (comparison.a, comparison.b):
        if level and level not in levels:
            yield (
                f"{comparison.factor} is never “{level}” in this study; it is "
                f"{', '.join(sorted(levels)) or 'not known'}."
            )
    if comparison.a and comparison.a == comparison.b:
        yield f"“{comparison.a}” is compared with itself."
    if comparison.value is None and len(levels) < 2:
        yield f"this study does not vary {comparison.factor}, so that there is nothing to compare."


def _test_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    comparison, test = hypothesis.comparison, hypothesis.test
    if test in _OMNIBUS and hypothesis.direction != "two-sided":
        yield f"{test} knows no direction; say two-sided, or choose a test of two levels."
    if test == "one_sample_wilcoxon" and comparison.value is None:
        yield "one_sample_wilcoxon needs comparison.value."
    needs_two = test in {"mann_whitney", "wilcoxon", "t_test"} and comparison.value is None
    if needs_two and not (comparison.a and comparison.b):
        yield f"{test} needs the two levels comparison.a and comparison.b."
    if hypothesis.measure == "interpretability_score":
        return
    between = comparison.factor in study.design.between or comparison.factor in _OPEN
    if between and test in _PAIRED and comparison.value is None:
        yield (
            f"each participant meets one {comparison.factor} only, and {test} needs all of them "
            "from the same participants; mann_whitney or kruskal_wallis can test it."
        )
    if not between and test == "mann_whitney":
        yield (
            f"the same participants meet every {comparison.factor}, and mann_whitney takes them "
            "for different people; wilcoxon can test it."
        )


def _sample_problems(study: Study, hypothesis: Hypothesis) -> Iterator[str]:
    planned, participants = hypothesis.planned_participants, study.participants
    if planned and participants and planned > participants:
        yield f"it plans {planned} participants, and the study {participants}."
    units = sum(entry.role == "main" for entry in study.units)
    if hypothesis.planned_units and hypothesis.planned_units > units:
        yield f"it plans {hypothesis.planned_units} units, and the study lists {units}."


def _levels(study: Study, factor: str) -> set[str] | None:
    """Levels of a column of the trial table that main trials of this study take."""
    main = [entry for entry in study.units if entry.role == "main"]
    known: dict[str, set[str]] = {
        "condition": set(study.run_conditions),
        "model": {entry.model for entry in main},
        "layer": {entry.layer for entry in main},
        "channel": {str(entry.channel) for entry in main},
        "branch": {entry.branch for entry in main if entry.branch},
        "unit_selection": {entry.selection for entry in main},
        "difficulty": {study.stimuli.natural.difficulty},
        "phase": {block.phase for block in study.design.blocks()},
        "task": {study.design.task_of(block) for block in study.design.blocks()},
        "scheme": _schemes(study),
    }
    return known.get(factor)


def _schemes(study: Study) -> set[str]:
    schemes = set()
    for block in study.design.blocks():
        for group in block.trials:
            name = group.scheme.removeprefix("$")
            schemes |= set(study.levels_of(name)) if group.scheme.startswith("$") else {name}
    return schemes
