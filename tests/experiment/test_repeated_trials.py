"""Repeated trials: the three most and three least confident of a type."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from assembled_study import assemble
from hypothesis import given, settings
from hypothesis import strategies as st

from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.repeated_trials import choose_repeated, with_examples
from imi_desktop.paths import resource

PLAN = plan_session(assemble("borowski2021-1"), "P4")
BLOCKS = [block for block in PLAN.blocks if block.repeats]
MAIN = [t for t in PLAN.trials if t.phase == "main" and t.queries and not t.catch]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=len(PLAN.trials), max_size=len(PLAN.trials)))
def test_most_and_least_confident_come_back(confidences: list[int]):
    answered = list(zip(PLAN.trials, confidences, strict=True))
    by_images = {(t.condition, t.unit): c for t, c in answered if t in MAIN}
    numbers = []
    for block in BLOCKS:
        chosen = choose_repeated(block, answered)
        assert chosen == choose_repeated(block, answered)
        condition = block.repeats.condition
        of_type = sorted(c for (kind, _), c in by_images.items() if kind == condition)
        expected = of_type[:3] + of_type[-3:]
        found = sorted(by_images[t.condition, t.unit] for t in chosen)
        assert found == expected
        assert len({t.unit for t in chosen}) == 6
        assert {t.phase for t in chosen} == {"repeated"}
        assert {t.block for t in chosen} == {block.number}
        assert not any(t.catch for t in chosen)
        numbers += [t.number for t in chosen]
    planned = max(t.number for t in PLAN.trials)
    assert numbers == list(range(planned + 1, planned + 19))


def test_same_images_new_positions():
    answered = [(t, 1 + t.number % 3) for t in PLAN.trials]
    originals = {(t.condition, t.unit): t for t in MAIN}
    turned = 0
    for block in BLOCKS:
        for trial in choose_repeated(block, answered):
            before = originals[trial.condition, trial.unit]
            assert set(trial.queries.values()) == set(before.queries.values())
            assert trial.queries[trial.target_position] == before.queries[before.target_position]
            turned += trial.target_position != before.target_position
    assert 0 < turned < 18


def test_ties_are_broken_at_random():
    counts = Counter()
    for number in range(1, 41):
        plan = plan_session(assemble("borowski2021-1"), f"P{number}")
        block = next(b for b in plan.blocks if b.repeats and b.repeats.condition == "natural")
        chosen = choose_repeated(block, [(t, 2) for t in plan.trials])
        counts.update(t.unit for t in chosen)
    assert len(counts) > 35


def test_too_few_answers():
    answered = [(t, 2) for t in PLAN.trials if t.condition == "natural"][:4]
    block = next(b for b in BLOCKS if b.repeats.condition == "natural")
    assert len(choose_repeated(block, answered)) <= 4
    assert choose_repeated(block, [(t, None) for t in PLAN.trials]) == ()


def test_examples_stand_in_for_what_answers_will_choose():
    shown = with_examples(PLAN)
    assert shown == with_examples(PLAN)
    assert [block.repeats for block in shown.blocks] == [block.repeats for block in PLAN.blocks]
    assert len(shown.trials) == PLAN.n_trials
    assert [trial.number for trial in shown.trials] == list(range(1, PLAN.n_trials + 1))
    examples = [trial for trial in shown.trials if trial.phase == "repeated"]
    assert Counter(trial.condition for trial in examples) == dict.fromkeys(
        ("synthetic", "natural", "none"), 6
    )
    met = {(trial.condition, trial.unit) for trial in MAIN}
    assert {(trial.condition, trial.unit) for trial in examples} <= met
    assert shown.trials[: len(PLAN.trials)] == PLAN.trials


def test_plans_without_repeated_blocks_need_no_examples():
    plan = plan_session(assemble("quick", model="efficientnet_lite0"), "P1")
    assert with_examples(plan) == plan


def test_only_types_that_were_asked_about_come_back(tmp_path: Path):
    """Ratings show synthetic images; whoever answers natural trials repeats none of these."""
    text = resource("protocols", "borowski2021-1.toml").read_text("utf-8")
    rated, _rest = text.split('[[parts.blocks]]\nname = "practice none"')
    declared = re.sub(
        r"\[factors\.condition\].*?\n\n",
        '[factors.condition]\nlevels = ["synthetic", "natural"]\nbetween = true\n\n',
        rated,
        flags=re.DOTALL,
    )
    main = """[[parts.blocks]]
name = "main"
phase = "main"
trials = [{ condition = "$condition", count = 4, batch = "$condition" }]

[parts.repeated]
conditions = ["synthetic", "natural", "none"]
"""
    own = tmp_path / "own.toml"
    own.write_text(declared + main, "utf-8")
    study = assemble(str(own), tmp_path / "study")
    for number, condition in ((1, "synthetic"), (2, "natural")):
        plan = plan_session(study, f"P{number}")
        (repeated,) = [block for block in plan.blocks if block.repeats]
        assert repeated.repeats.condition == condition
        # Only four trials can come back, though three and three are asked for.
        assert (repeated.repeats.most_confident, repeated.repeats.least_confident) == (3, 1)
        assert plan.n_trials == 3 + 4 + 4
        answered = [(trial, 2) for trial in plan.trials]
        assert len(choose_repeated(repeated, answered)) == repeated.length
