"""Balance over many participants, whoever has to be replaced."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from assembled_study import assemble
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2_contingency, kstest

from imi_desktop.experiment.balance import balanced_subsets
from imi_desktop.experiment.participant import open_number
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.protocol import protocol_names
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import SessionPlan, Trial

PEOPLE = 80


def asked(plan: SessionPlan) -> list[Trial]:
    """Main trials without catch and intuitiveness trials."""
    return [
        t for t in plan.trials if t.phase == "main" and not t.catch and t.task != "intuitiveness"
    ]


def recruited(study: Study, places: int, seed: int) -> list[SessionPlan]:
    """Plans of those who pass, where a third of all sessions is excluded and posted again."""
    rng = np.random.default_rng(seed)
    given_out: list[tuple[int, bool]] = []
    passed = []
    while len(passed) < places:
        number = open_number(given_out)
        included = bool(rng.random() > 1 / 3)
        given_out.append((number, included))
        if included:
            passed.append(plan_session(study, f"worker{len(given_out)}x", number=number))
    assert len(given_out) > places
    return passed


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_replaced_participants_keep_30_answers_for_every_unit(seed: int):
    study = assemble("zimmermann2023", model="efficientnet_lite0", participants=126, seed=seed % 97)
    answers: Counter[Hashable] = Counter()
    for plan in recruited(study, 126, seed):
        trials = asked(plan)
        assert len({t.unit for t in trials}) == len(trials) == 40
        answers.update((t.unit, t.condition) for t in trials)
    assert len(answers) == 2 * 84
    assert set(answers.values()) == {30}


def test_replaced_participants_keep_conditions_and_image_sets_balanced():
    study = assemble("zimmermann2021", participants=250)
    cells = Counter(
        (trials[0].condition, trials[0].image_set)
        for plan in recruited(study, 250, 8)
        if (trials := asked(plan))
    )
    assert len(cells) == 50
    assert set(cells.values()) == {5}


def test_replaced_participants_keep_table_1():
    study = assemble("borowski2021-2", participants=8)
    orders = Counter(plan.counterbalancing["scheme"] for plan in recruited(study, 8, 2))
    assert sorted(orders.values()) == [2, 2, 2, 2]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**63 - 1))
def test_63_people_with_40_of_84_units_give_30_answers_each(seed: int):
    shares = balanced_subsets(84, 40, 63, seed)
    assert all(len(set(share)) == 40 for share in shares)
    assert set(Counter(unit for share in shares for unit in share).values()) == {30}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_balance_differs_by_one_at_most(data: st.DataObject):
    units = data.draw(st.integers(1, 40))
    each = data.draw(st.integers(1, units))
    people = data.draw(st.integers(1, 30))
    shares = balanced_subsets(units, each, people, data.draw(st.integers(0, 2**32)))
    counts = Counter(unit for share in shares for unit in share)
    assert len(shares) == people
    assert all(len(share) == len(set(share)) == each for share in shares)
    assert max(counts.values()) - min(counts[unit] for unit in range(units)) <= 1


@cache
def trials_of(protocol: str) -> list[Trial]:
    """Trials with a right side of many participants, none of whom shares a list with another."""
    study = assemble(protocol, model="efficientnet_lite0")
    apart = len(study.run_conditions) if study.design.shared_order else 1
    plans = [plan_session(study, f"P{1 + n * apart}") for n in range(PEOPLE)]
    return [trial for plan in plans for trial in plan.trials if trial.target_position is not None]


@pytest.fixture(params=protocol_names())
def many_trials(request: pytest.FixtureRequest) -> list[Trial]:
    """Trials of each protocol."""
    return trials_of(request.param)


def right_is_first(trial: Trial) -> bool:
    return trial.target_position in {"upper", "left"}


def test_the_max_query_is_on_each_side_equally_often(many_trials: list[Trial]):
    first = sum(map(right_is_first, many_trials))
    assert binomtest(first, len(many_trials)).pvalue > 1e-3


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("condition", lambda t: t.condition),
        ("scheme", lambda t: t.scheme),
        ("unit", lambda t: t.unit),
        ("trial", lambda t: t.number),
        ("block", lambda t: t.block),
        ("catch", lambda t: t.catch),
        ("images", lambda t: t.image_set),
    ],
)
def test_the_side_tells_nothing(
    many_trials: list[Trial], name: str, key: Callable[[Trial], Hashable]
):
    table: dict[Hashable, list[int]] = defaultdict(lambda: [0, 0])
    for trial in many_trials:
        table[key(trial)][right_is_first(trial)] += 1
    rows = [row for row in table.values() if sum(row) >= 10]
    assert rows
    if len(rows) > 1:
        assert chi2_contingency(rows).pvalue > 1e-3, name


@pytest.mark.parametrize("protocol", [name for name in protocol_names() if name != "quick"])
def test_one_side_says_nothing_about_the_next(protocol: str):
    """Only quick balances the sides within blocks, so that they depend on each other."""
    pairs = [[0, 0], [0, 0]]
    for one, other in pairwise(trials_of(protocol)):
        if one.block == other.block and other.number == one.number + 1:
            pairs[right_is_first(one)][right_is_first(other)] += 1
    assert chi2_contingency(pairs).pvalue > 1e-3


def test_catch_trials_are_anywhere():
    study = assemble("borowski2021-2", model="efficientnet_lite0")
    places = [
        place
        for number in range(1, 61)
        for block in plan_session(study, f"P{number}").blocks
        if any(t.catch for t in block.trials)
        for place, trial in enumerate(block.trials)
        if trial.catch
    ]
    assert min(places) == 0
    assert max(places) == 11
    assert kstest(np.asarray(places) / 12, "uniform").statistic < 0.1


def test_each_unit_comes_once_in_each_condition():
    study = assemble("borowski2021-1")
    main = {entry.unit for entry in study.units_of("main")}
    for number in range(1, 21):
        seen: dict[str, list[object]] = defaultdict(list)
        for trial in asked(plan_session(study, f"P{number}")):
            seen[trial.condition].append(trial.unit)
        assert set(seen) == {"synthetic", "natural", "none"}
        for units in seen.values():
            assert set(units) == main
            assert len(units) == len(main)
