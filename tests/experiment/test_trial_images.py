"""Which images a trial shows."""

from __future__ import annotations

import pytest

from imi_desktop.experiment.trial_images import trial_images
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.exemplars import borowski_batches
from imi_desktop.stimuli.pack import QUERY, natural_path, synthetic_path

UNIT = Unit("net", "layer", 3)


@pytest.mark.parametrize("scheme", ["max_1", "min_max_1"])
def test_one_reference_is_the_most_extreme_of_nine(scheme: str):
    """Index 8 is the strongest reference in published packs."""
    natural = trial_images("forward_prediction", "natural", scheme, UNIT, 2)
    assert natural.references_max == (natural_path(UNIT, 2, "max", 8),)
    synthetic = trial_images("forward_prediction", "synthetic", scheme, UNIT, 2)
    assert synthetic.references_max == (synthetic_path(UNIT, "max", 8),)
    if scheme == "max_1":
        assert natural.references_min == synthetic.references_min == ()
    else:
        assert natural.references_min == (natural_path(UNIT, 2, "min", 8),)
        assert synthetic.references_min == (synthetic_path(UNIT, "min", 8),)
    assert natural.target == natural_path(UNIT, 2, "max", QUERY)


@pytest.mark.parametrize("side", ["max", "min"])
def test_that_reference_has_the_ranks_of_the_two_bin_rule(side: str):
    """With one reference, A.1.2 takes it from ranks 21 to 40 and the query from ranks 1 to 20."""
    ranked = [float(-rank if side == "max" else rank) for rank in range(1000)]
    nine = borowski_batches(ranked, 9, 20, seed=4).side(side)
    one = borowski_batches(ranked, 1, 20, seed=4).side(side)
    assert set(nine[:, 8]) == set(one[:, 0]) == set(range(20, 40))
    assert set(nine[:, QUERY]) == set(one[:, 1]) == set(range(20))


def test_nine_references_come_in_order():
    images = trial_images("forward_prediction", "natural", "min_max_9", UNIT, 0)
    assert images.references_max == tuple(natural_path(UNIT, 0, "max", i) for i in range(9))
    assert images.references_min == tuple(natural_path(UNIT, 0, "min", i) for i in range(9))


def test_catch_queries_are_copies():
    images = trial_images(
        "forward_prediction", "synthetic", "min_max_9", UNIT, 0, catch=True, copied=(4, 7)
    )
    assert images.target == images.references_max[4]
    assert images.distractor == images.references_min[7]
