"""Which clock times a click."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imi_desktop.gui.presenter.event_clock import EventClock, unwrap

MS = 1_000_000


@given(
    now_ms=st.integers(min_value=0, max_value=2**40),
    delay_ms=st.integers(min_value=-1000, max_value=10_000),
)
def test_unwrapping_finds_the_time_over_any_number_of_wraps(now_ms, delay_ms):
    handler_ns = (now_ms + delay_ms) * MS + 123_456
    assert unwrap(now_ms % 2**32, handler_ns) == now_ms * MS


def test_the_event_clock_counts_after_one_good_click():
    clock = EventClock()
    first = clock.read(5_000, 5_001 * MS)
    assert (first.clock, first.ns) == ("handler", 5_001 * MS)
    second = clock.read(6_000, 6_020 * MS)
    assert (second.clock, second.ns) == ("event", 6_000 * MS + MS // 2)
    assert second.handler_ns == 6_020 * MS


@pytest.mark.parametrize("stamp_ms", [0, 17, 6_100])
def test_a_foreign_clock_is_never_used_again(stamp_ms):
    clock = EventClock()
    clock.read(5_000, 5_001 * MS)
    strange = clock.read(stamp_ms, 6_000 * MS)
    assert (strange.clock, strange.ns) == ("handler", 6_000 * MS)
    assert clock.read(7_000, 7_001 * MS).clock == "handler"
    assert clock.summary()["trusted"] is False


def test_a_busy_loop_does_not_cost_the_event_clock():
    clock = EventClock()
    clock.read(5_000, 5_001 * MS)
    late = clock.read(6_000, 6_400 * MS)
    assert (late.clock, late.ns) == ("event", 6_000 * MS + MS // 2)
    assert clock.read(7_000, 7_001 * MS).clock == "event"


def test_a_first_click_in_a_busy_loop_only_puts_the_check_off():
    clock = EventClock()
    assert clock.read(5_000, 5_300 * MS).clock == "handler"
    assert clock.read(6_000, 6_001 * MS).clock == "handler"
    assert clock.read(7_000, 7_001 * MS).clock == "event"


def test_the_summary_tells_the_differences():
    clock = EventClock()
    for n in range(5):
        clock.read(1_000 * n + 1_000, (1_000 * n + 1_000 + n) * MS)
    assert clock.summary() == {
        "n": 5,
        "trusted": True,
        "median_ms": 1.5,
        "smallest_ms": -0.5,
        "largest_ms": 3.5,
    }
