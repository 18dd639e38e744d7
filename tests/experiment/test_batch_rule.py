"""Batches: always there, and given to everyone in turn."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from imi_desktop.experiment.batch_rule import BatchRule

rules = st.builds(
    BatchRule,
    first=st.integers(0, 30),
    step=st.integers(0, 3),
    every=st.integers(1, 5),
    lowest=st.integers(0, 5),
    highest=st.integers(-1, 30),
)


@given(rules, st.integers(0, 10_000), st.integers(1, 20))
def test_batches_exist(rule: BatchRule, k: int, n_batches: int):
    assert 0 <= rule.batch(k, n_batches) < n_batches
    assert rule.batch(k, n_batches) in rule.batches(n_batches, None)


@given(st.integers(1, 20), st.integers(1, 4))
def test_everyone_in_turn(n_batches: int, every: int):
    rule = BatchRule(first=3, every=every)
    given_out = Counter(rule.batch(k, n_batches) for k in range(n_batches * every))
    assert set(given_out.values()) == {every}


@given(rules, st.integers(1, 40), st.integers(1, 20))
def test_planned_participants_need_no_more(rule: BatchRule, people: int, n_batches: int):
    needed = set(rule.batches(n_batches, people))
    assert needed == {rule.batch(k, n_batches) for k in range(people)}
