"""Exemplars follow the published rules, checked against recomputations that share no code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.exemplar_rules import natural_batches
from imi_desktop.stimuli.exemplars import (
    DeadUnitError,
    ExemplarError,
    TooFewImagesError,
    borowski_batches,
    exemplar_seed,
    exemplars,
    images_needed,
)


def activations_of(n_images: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n_images).astype(np.float32)


def extreme_ranks(values: np.ndarray, side: str) -> dict[int, int]:
    """0 for the most extreme image, by a sort of Python's own."""
    order = sorted(range(len(values)), key=lambda i: (-values[i], i))
    if side == "min":
        order.reverse()
    return {image: rank for rank, image in enumerate(order)}


@pytest.mark.parametrize("side", ["max", "min"])
@pytest.mark.parametrize(("n_references", "n_batches"), [(9, 20), (1, 20), (4, 7)])
def test_every_batch_has_one_image_of_each_bin_and_its_query_from_the_extreme_one(
    side, n_references, n_batches
):
    values = activations_of(600)
    batches = borowski_batches(values, n_references, n_batches, seed=5).side(side)
    assert batches.shape == (n_batches, n_references + 1)
    ranks = extreme_ranks(values, side)
    bins = np.vectorize(lambda image: ranks[image] // n_batches)(batches)
    expected = [*range(n_references, 0, -1), 0]
    assert (bins == expected).all()
    assert sorted(ranks[i] for i in batches.ravel()) == list(range(batches.size))


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 2**31), st.integers(0, 40))
def test_no_image_is_in_two_places(n_references, n_batches, seed, spare):
    n_images = images_needed(n_references, n_batches) + spare
    values = np.round(activations_of(n_images, seed % 97), 1)  # many ties
    values[0] += 1e-3
    batches = borowski_batches(values, n_references, n_batches, seed)
    everything = np.concatenate([batches.max.ravel(), batches.min.ravel()])
    assert len(set(everything.tolist())) == everything.size


def test_the_seed_decides_the_batches():
    values = activations_of(500)
    again = [borowski_batches(values, seed=seed).max for seed in (3, 3, 4)]
    assert (again[0] == again[1]).all()
    assert (again[0] != again[2]).any()
    assert set(again[0].ravel()) == set(again[2].ravel())


def test_each_unit_has_a_seed_of_its_own():
    units = [Unit("m", "a", 1), Unit("m", "a", 2), Unit("m", "b", 1)]
    assert len({exemplar_seed(7, unit) for unit in units}) == 3
    assert exemplar_seed(7, units[0]) != exemplar_seed(8, units[0])


def test_too_few_images_are_refused_with_the_numbers():
    with pytest.raises(TooFewImagesError, match=r"need 400 usable images.* has 399"):
        borowski_batches(activations_of(399))


def test_a_dead_unit_is_named():
    with pytest.raises(DeadUnitError, match=r"dead.* 0 to each of the 400"):
        borowski_batches(np.zeros(400))


def test_values_that_are_no_numbers_are_refused():
    values = activations_of(400)
    values[3] = np.nan
    with pytest.raises(ExemplarError, match="not numbers"):
        borowski_batches(values)


def test_rank_and_percentile_of_exemplars():
    low, tied, high = exemplars([3.0, 1.0, 2.0, 2.0, 5.0], [1, 2, 4])
    assert (low.rank, low.percentile) == (5, 0.0)
    assert (tied.rank, tied.percentile) == (3, pytest.approx(37.5))
    assert (high.activation, high.rank, high.percentile) == (5.0, 1, 100.0)


class TestFootnote8:
    """Borowski et al. (2021): what happened instead of what was intended."""

    values = activations_of(1000)

    def batches(self, side):
        return natural_batches(self.values, rule="borowski2021-as-run", seed=2).side(side)

    @pytest.mark.parametrize("side", ["max", "min"])
    def test_only_the_110_most_extreme_images_are_used(self, side):
        ranks = extreme_ranks(self.values, side)
        used = {ranks[image] for image in self.batches(side).ravel()}
        assert len(used) == 110
        # Bins of twenty are shuffled before, so the last ten come from anywhere in the sixth bin.
        assert set(range(100)) < used
        assert used <= set(range(120))

    def test_maximal_queries_are_not_the_most_extreme(self):
        ranks = extreme_ranks(self.values, "max")
        queries = [ranks[image] for image in self.batches("max")[:, -1]]
        assert min(queries) >= 80
        assert max(queries) < 120

    def test_minimal_queries_are_the_twenty_least_activating(self):
        ranks = extreme_ranks(self.values, "min")
        assert sorted(ranks[image] for image in self.batches("min")[:, -1]) == list(range(20))

    def test_a_batch_holds_ten_different_images(self):
        for side in ("max", "min"):
            assert all(len(set(row)) == 10 for row in self.batches(side).tolist())

    def test_other_numbers_are_not_known(self):
        with pytest.raises(ExemplarError, match="9 references and 20 batches"):
            natural_batches(self.values, rule="borowski2021-as-run", n_references=1)


class TestDifficulty:
    """Zimmermann et al. (2023), A.2 and the ranks of the released code."""

    @pytest.mark.parametrize(
        ("difficulty", "first"),
        [("easy", 180), ("medium", 200), ("hard", 1000), ("very_hard", 3000)],
    )
    @pytest.mark.parametrize("side", ["max", "min"])
    def test_queries_come_from_their_percentile_and_references_from_the_end(
        self, difficulty, first, side
    ):
        values = activations_of(20_000)
        chosen = natural_batches(values, rule="zimmermann2023", difficulty=difficulty, seed=1)
        ranks = extreme_ranks(values, side)
        batches = np.vectorize(ranks.__getitem__)(chosen.side(side))
        assert sorted(batches[:, -1]) == list(range(first, first + 20))
        assert sorted(batches[:, :-1].ravel()) == list(range(180))
        assert (batches[:, :-1] // 20 == np.arange(8, -1, -1)).all()

    @pytest.mark.parametrize(
        ("difficulty", "published"), [("medium", 12_811), ("hard", 64_058), ("very_hard", 192_175)]
    )
    def test_ranks_on_imagenet_are_the_published_ones(self, difficulty, published):
        values = np.arange(1_281_167, dtype=np.float32)
        chosen = natural_batches(values, rule="zimmermann2023", difficulty=difficulty)
        assert chosen.min[:, -1].min() == published
        assert chosen.max[:, -1].max() == 1_281_167 - published - 1

    def test_a_folder_too_small_for_the_difficulty_is_refused_with_the_numbers(self):
        with pytest.raises(TooFewImagesError, match=r"rank 9 of 800 .* first 180.* 18000 images"):
            natural_batches(activations_of(800), rule="zimmermann2023", difficulty="medium")

    def test_the_rule_of_2021_knows_no_difficulty(self):
        with pytest.raises(ExemplarError, match="zimmermann2023"):
            natural_batches(activations_of(800), difficulty="hard")
