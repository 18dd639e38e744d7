"""Intervals of effect sizes cover the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from imi_desktop.analysis.effect_intervals import (
    Interval,
    cohens_d_interval,
    cramers_v_interval,
    dominance_interval,
    epsilon_squared_interval,
    kappa_interval,
    partial_eta_squared_interval,
    spearman_interval,
    walsh_interval,
)

RUNS = 400


def covered(draw: Callable[[np.random.Generator], Interval | None], truth: float) -> float:
    random = np.random.default_rng(1)
    intervals = [draw(random) for _ in range(RUNS)]
    return float(np.mean([i is not None and i[0] <= truth <= i[1] for i in intervals]))


def in_band(share: float) -> bool:
    return 0.95 - 0.035 <= share <= 0.99


@pytest.mark.parametrize("n", [10, 30])
@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_rank_biserial_of_pairs(n, shift):
    truth = 2 * stats.norm.cdf(shift * np.sqrt(2)) - 1
    assert in_band(covered(lambda r: walsh_interval(r.normal(shift, 1, n)), truth))


@pytest.mark.parametrize("shift", [0.0, 0.7])
def test_rank_biserial_of_groups(shift):
    truth = 2 * stats.norm.cdf(shift / np.sqrt(2)) - 1
    assert in_band(
        covered(lambda r: dominance_interval(r.normal(shift, 1, 15), r.normal(0, 1, 20)), truth)
    )


def test_cohens_d():
    def draw(random: np.random.Generator) -> Interval | None:
        found = stats.ttest_1samp(random.normal(0.5, 1, 12), 0)
        return cohens_d_interval(float(found.statistic), 11, 1 / np.sqrt(12))

    assert in_band(covered(draw, 0.5))
    assert cohens_d_interval(np.inf, 11, 1) is None


def test_cramers_v():
    shares = np.array([[0.2, 0.3, 0.5], [0.4, 0.3, 0.3]]) / 2
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    truth = np.sqrt(((shares - expected) ** 2 / expected).sum())

    def draw(random: np.random.Generator) -> Interval | None:
        counts = random.multinomial(300, shares.ravel()).reshape(2, 3)
        found = stats.chi2_contingency(counts, correction=False)
        return cramers_v_interval(found.statistic, found.dof, 300, 2)

    assert in_band(covered(draw, truth))


def test_epsilon_squared():
    means = (0.0, 0.4, 0.8)
    random = np.random.default_rng(2)
    large = [random.normal(mean, 1, 100_000) for mean in means]
    truth = stats.kruskal(*large).statistic / (300_000 - 1)

    def draw(random: np.random.Generator) -> Interval | None:
        h = stats.kruskal(*[random.normal(mean, 1, 30) for mean in means]).statistic
        return epsilon_squared_interval(float(h), 3, 90)

    assert in_band(covered(draw, truth))


def test_partial_eta_squared_on_the_verge():
    """A result on the verge of significance has an interval from 0 upwards."""
    low, high = partial_eta_squared_interval(4.0, 1, 198)
    assert 0 <= low < 0.001
    assert high == pytest.approx(0.070, abs=0.01)


def test_spearman():
    def draw(random: np.random.Generator) -> Interval | None:
        pairs = random.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 40)
        return spearman_interval(float(stats.spearmanr(pairs).statistic), 40)

    assert in_band(covered(draw, 6 / np.pi * np.arcsin(0.25)))
    assert spearman_interval(1.0, 10) is None


def test_kappa():
    def draw(random: np.random.Generator) -> Interval | None:
        first = random.random(200) < 0.5
        second = np.where(random.random(200) < 0.75, first, ~first)
        return kappa_interval(first, second)

    assert in_band(covered(draw, 0.5))
    assert kappa_interval(np.ones(5), np.ones(5)) is None
    assert kappa_interval(np.ones(5), np.array([0, 1, 1, 0, 1])) is None, "one answers alike"


def test_all_one_way_is_not_taken_for_certain():
    low, high = walsh_interval(np.arange(1.0, 11.0))
    assert 0.2 < low < 0.5
    assert high == 1
    low, high = dominance_interval(np.arange(10.0) - 20, np.arange(10.0))
    assert (low, high < -0.2) == (-1, True)
