"""Units are drawn as in 2023: a layer uniformly, then a channel uniformly, none twice."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.models.unit_sampling import TooFewUnitsError, sample_units


def layer(name, channels, of_interest=True):
    return Layer(name, "convolution", channels, None, 0.0, of_interest)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.integers(0, 2**40), st.data())
def test_no_unit_is_drawn_twice_and_all_can_be_drawn(widths, seed, data):
    layers = [layer(f"l{i}", width) for i, width in enumerate(widths)]
    n = data.draw(st.integers(0, sum(widths)))
    units = sample_units("m", layers, n, seed)
    assert len(set(units)) == n
    assert all(unit.channel < widths[int(unit.layer[1:])] for unit in units)
    assert units == sample_units("m", layers, n, seed)


def test_layers_have_the_same_chance_whatever_their_width():
    layers = [layer("narrow", 2000), layer("wide", 50_000)]
    drawn = Counter(unit.layer for unit in sample_units("m", layers, 2000, seed=1))
    assert 900 < drawn["narrow"] < 1100


def test_blocked_layers_and_units_are_not_drawn():
    layers = [layer("a", 3), layer("b", 3), layer("stem", 3, of_interest=False)]
    units = sample_units("m", layers, 2, 0, block=["b", ("a", 1)])
    assert set(units) == {Unit("m", "a", 0), Unit("m", "a", 2)}


def test_too_few_units_are_refused_with_the_numbers():
    with pytest.raises(TooFewUnitsError, match=r"84 units were asked for.* only 3"):
        sample_units("m", [layer("a", 3)], 84, 0)


def test_the_default_network_gives_84_units():
    layers = layers_of("efficientnet_lite0")
    units = sample_units("efficientnet_lite0", layers, 84, seed=42)
    assert len(set(units)) == 84
    assert len({unit.layer for unit in units}) > 40
