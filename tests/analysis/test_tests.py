"""Statistical tests, against scipy and by simulation."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imi_desktop.analysis.anova import mixed, repeated_measures
from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.comparison_result import adjust
from imi_desktop.analysis.comparisons import default_tests
from imi_desktop.analysis.group_tests import (
    binomial_against_chance,
    chi_squared,
    kruskal_wallis,
    mann_whitney,
    spearman,
)
from imi_desktop.analysis.signed_rank import APPROXIMATE, signed_rank


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(8)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_signed_rank_is_scipys_without_ties(random, alternative):
    a, b = random.normal(0.4, 1, 14), random.normal(0, 1, 14)
    ours = signed_rank(a, b, "", alternative=alternative)
    theirs = stats.wilcoxon(a, b, alternative=alternative, method="exact")
    assert (ours.statistic, ours.p) == pytest.approx((theirs.statistic, theirs.pvalue))
    ours = signed_rank(a, b, "", alternative=alternative, method=APPROXIMATE)
    theirs = stats.wilcoxon(a, b, alternative=alternative, method="asymptotic", correction=True)
    assert ours.p == pytest.approx(theirs.pvalue)


def test_exact_signed_rank_with_ties_is_the_permutation_test(random):
    differences = random.integers(-3, 5, 10).astype(float)
    ours = signed_rank(differences, np.zeros(10), "")
    nonzero = differences[differences != 0]
    every = stats.PermutationMethod(n_resamples=np.inf)
    assert ours.p == pytest.approx(stats.wilcoxon(nonzero, method=every).pvalue)


def test_equal_means_with_rounding_noise_are_no_difference():
    result = signed_rank(np.full(6, 0.1 + 0.2), np.full(6, 0.3), "")
    assert result.p is None
    assert result.reason == "no participant differs between the two"


def test_ties_that_rounding_hides_from_the_approximation_are_said():
    shares = np.array([41, 44, 43, 39, 44, 44]) / 45
    differences = shares - np.array([33, 38, 40, 35, 41, 43]) / 45
    approximate = signed_rank(differences, np.zeros(6), "", method=APPROXIMATE)
    (said,) = [words for words in approximate.assumptions if "As in JASP" in words]
    tied = stats.wilcoxon([8, 6, 3, 4, 3, 1], correction=True, method="asymptotic").pvalue
    assert said.endswith(f"p = {tied:.4f}.")
    assert approximate.p != pytest.approx(tied, abs=1e-6)
    exact = signed_rank(differences, np.zeros(6), "")
    again = signed_rank(np.array([8.0, 6, 3, 4, 3, 1]), np.zeros(6), "")
    assert (exact.p, exact.effect_size) == (again.p, again.effect_size)


def test_many_differences_are_approximated_and_said(random):
    differences = random.normal(0.1, 1, 501)
    result = signed_rank(differences, np.zeros(501), "")
    assert result.method == APPROXIMATE
    assert result.p == pytest.approx(
        stats.wilcoxon(differences, correction=True, method="asymptotic").pvalue
    )


def test_unpaired_values_are_dropped_and_said():
    result = signed_rank(np.array([1, 2, 3, np.nan]), np.array([0.0, 0, 0, 0]), "")
    assert (result.n, result.dropped) == (3, "1 without both values")


def test_rank_biserial_bounds():
    assert signed_rank(np.arange(1.0, 7), np.zeros(6), "").effect_size.value == 1
    assert mann_whitney(np.arange(6.0), np.arange(6.0) + 10, "").effect_size.value == -1


def test_tests_that_cannot_run_say_why():
    same = np.ones(8)
    assert mann_whitney(same, same, "").reason == "all values are the same"
    assert mann_whitney(same[:1], same, "").reason.startswith("fewer than two participants")
    assert chi_squared(np.array([[3, 0], [4, 0]]), "").reason
    assert kruskal_wallis({"a": same, "b": same}, "")[0].reason == "all values are the same"
    assert spearman(same, np.arange(8.0), "").reason == "one of the two does not vary"
    assert binomial_against_chance(0, 0, "").reason == "no answers"
    people = pd.DataFrame({"participant": list("aabbcc"), "c": list("xyxyxy"), "mean": [0.5] * 6})
    assert repeated_measures(people, ("c",), "")[0].reason == "all values are the same"
    assert (
        "all 3 participants are experts"
        in mixed(people.assign(level="expert"), "c", "level", "")[0].reason
    )


def test_repeated_measures_of_two_levels_is_a_squared_t(random):
    a, b = random.normal(0.5, 1, 9), random.normal(0, 1, 9)
    people = pd.DataFrame(
        {"participant": [*range(9), *range(9)], "c": ["a"] * 9 + ["b"] * 9, "mean": [*a, *b]}
    )
    result = repeated_measures(people, ("c",), "")[0]
    assert result.statistic == pytest.approx(stats.ttest_rel(a, b).statistic ** 2)
    assert result.df == (1, 8)


def test_participants_without_all_cells_are_dropped(random):
    people = pd.DataFrame(
        {"participant": [*range(6), *range(5)], "c": ["a"] * 6 + ["b"] * 5,
         "mean": random.normal(size=11)}
    )  # fmt: skip
    result = repeated_measures(people, ("c",), "")[0]
    assert (result.n, result.dropped) == (5, "1 without all 2 cells")


def test_corrections():
    assert adjust([0.01, 0.04, 0.03], "holm") == pytest.approx([0.03, 0.06, 0.06])
    assert adjust([0.01, 0.5], "bonferroni") == [0.02, 1.0]


def test_signed_rank_holds_its_alpha(random):
    rejected = [signed_rank(random.normal(size=12), np.zeros(12), "").p < 0.05 for _ in range(1000)]
    assert np.mean(rejected) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def test_default_tests_within_participants(make_trials):
    tests = default_tests(make_trials(), ("condition",))
    first = tests[0]
    assert first.comparison == "natural – synthetic, accuracy"
    assert first.name == "Wilcoxon signed-rank"
    assert first.p_adjusted == first.p


def test_default_tests_between_participants(make_trials):
    trials = pd.concat(
        [
            make_trials(accuracy={"natural": 0.9}),
            make_trials(accuracy={"synthetic": 0.6}, study="t"),
        ],
        ignore_index=True,
    )
    trials["study"] = trials["study"].astype("category")
    assert default_tests(trials, ("condition",))[0].name == "Mann–Whitney U"


def rated(order: str, people: int = 8, channel: bool = True) -> pd.DataFrame:
    """Ratings of three units that rise by 10 between the two times."""
    rows = []
    for person in range(people):
        for time in (1, 2):
            for unit in range(3):
                rows.append(
                    {
                        "study": "s", "participant": f"P{person}", "session": None,
                        "task": "intuitiveness", "phase": "main", "catch": False,
                        "condition": "synthetic", "correct": None,
                        "model": "m", "layer": "l", "channel": unit if channel else None,
                        "attempt": time if order == "attempt" else 1,
                        "block": {"block": 1 if time == 1 else 26, "attempt": None}.get(order),
                        "trial": unit + (100 * (time - 1) if order != "attempt" else 0),
                        "rating": float(person + 10 * time + unit),
                    }
                )  # fmt: skip
    table = pd.DataFrame(rows).sample(frac=1, random_state=1)
    return conform(table, "made for the test")


@pytest.mark.parametrize(
    ("order", "channel"),
    [("attempt", True), ("attempt", False), ("block", True), ("block", False), ("trial", True)],
)
def test_ratings_before_and_after_by_the_order_of_trials(order, channel):
    (test,) = default_tests(rated(order, channel=channel), ("condition",))
    assert test.comparison == "intuitiveness after – before"
    assert (test.n, test.effect_size.value) == (8, 1)


def test_ratings_once_are_no_before_and_after():
    trials = rated("block")
    assert default_tests(trials[trials["block"] == 1].reset_index(drop=True), ()) == []
    some = trials[(trials["block"] == 1) | (trials["channel"] < 2)].reset_index(drop=True)
    (test,) = default_tests(some, ())
    assert test.dropped == "8 ratings of units rated once"


def test_no_test_gives_nan_to_json(make_trials):
    trials = make_trials(people=1, per_condition=1)
    for test in default_tests(trials, ("condition", "layer")):
        json.dumps(test.to_json(), allow_nan=False)


def test_mixed_anova_is_that_of_the_sums_and_differences(random):
    """Two levels within: the effects are one-way ANOVAs of people's means and differences."""
    people = pd.DataFrame(
        {
            "participant": np.repeat([f"P{i}" for i in range(11)], 2),
            "condition": ["natural", "synthetic"] * 11,
            "expert_level": np.repeat(["expert"] * 7 + ["lay"] * 4, 2),
            "mean": random.normal(0.8, 0.1, 22),
        }
    )
    found = {one.comparison: one for one in mixed(people, "condition", "expert_level", "accuracy")}
    wide = people.pivot(index="participant", columns="condition", values="mean")
    expert = people.groupby("participant")["expert_level"].first().eq("expert")
    for values, name in (
        (wide.mean(axis=1), "expert level, accuracy"),
        (wide["natural"] - wide["synthetic"], "expert level × reference type, accuracy"),
    ):
        theirs = stats.f_oneway(values[expert], values[~expert])
        assert found[name].df == (1, 9)
        assert found[name].statistic == pytest.approx(theirs.statistic)
        assert found[name].p == pytest.approx(theirs.pvalue)
