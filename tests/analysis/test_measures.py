"""Measures and their intervals, against plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imi_desktop.analysis.benchmark import plain_interval
from imi_desktop.analysis.intervals import bootstrap_intervals
from imi_desktop.analysis.measures import measure
from imi_desktop.analysis.selection import Selection, SelectionError, varied_columns


def by_name(rows, name, **group):
    return next(
        row for row in rows
        if row.measure == name and all(row.group.get(k) == v for k, v in group.items())
    )  # fmt: skip


def test_participants_are_averaged_first(make_trials):
    trials = make_trials(people=6)
    # One participant with many more trials must not weigh more.
    heavy = make_trials(people=1, per_condition=200, accuracy={"natural": 0.1}, participant="H")
    together = pd.concat([trials, heavy], ignore_index=True)
    row = by_name(measure(together), "proportion_correct", condition="natural")
    natural = together[together["condition"] == "natural"]
    means = natural["correct"].astype(float).groupby(natural["participant"].astype(str)).mean()
    assert row.n_participants == 7
    assert row.mean == pytest.approx(means.mean())
    assert row.sem2 == pytest.approx(2 * means.std() / np.sqrt(7))


def test_reaction_times_on_right_wrong_and_all(make_trials):
    trials = make_trials()
    rows = measure(trials, by=("condition",), resamples=0)
    for on, wanted in (("correct", True), ("incorrect", False), ("all", None)):
        taken = trials[trials["condition"] == "synthetic"]
        if wanted is not None:
            taken = taken[taken["correct"] == wanted]
        means = taken["reaction_time_ms"].groupby(taken["participant"].astype(str)).mean()
        row = next(
            r for r in rows
            if r.measure == "reaction_time_ms" and r.on == on
            and r.group["condition"] == "synthetic"
        )  # fmt: skip
        assert row.mean == pytest.approx(means.mean())
        assert row.n_trials == len(taken)


def test_confidence_shares_add_up(make_trials):
    rows = [
        r for r in measure(make_trials(), resamples=0)
        if r.measure == "confidence" and r.on == "all" and r.group["condition"] == "natural"
    ]  # fmt: skip
    assert [r.level for r in rows] == [1, 2, 3]
    assert sum(r.mean for r in rows) == pytest.approx(1)


def test_interpretability_score_averages_units_first(make_trials):
    trials = make_trials()
    row = by_name(measure(trials, resamples=0), "interpretability_score", condition="natural")
    natural = trials[trials["condition"] == "natural"]
    units = natural["layer"].astype(str) + ":" + natural["channel"].astype(str)
    means = natural["correct"].astype(float).groupby(units).mean()
    assert row.n_units == len(means)
    assert row.n_participants == 10
    assert row.mean == pytest.approx(means.mean())


def test_under_five_participants_no_interval(make_trials):
    row = by_name(measure(make_trials(people=4)), "proportion_correct", condition="natural")
    assert row.ci95 is None
    assert row.sem2 is not None


def test_one_participant_has_no_error(make_trials):
    row = by_name(measure(make_trials(people=1)), "proportion_correct", condition="natural")
    assert row.sem2 is None
    assert row.ci95 is None


def test_a_missing_group_value_is_a_group_of_its_own(make_trials):
    rows = measure(make_trials(), by=("branch",), resamples=0)
    assert rows[0].group == {"branch": None}


def test_bootstrap_agrees_with_a_plain_loop():
    random = np.random.default_rng(5)
    values = random.normal(size=(20, 2))
    plain = np.transpose([plain_interval(column, 10_000, random) for column in values.T])
    assert bootstrap_intervals(values, seed=1) == pytest.approx(plain, abs=0.03)


def test_without_spread_there_is_no_interval(make_trials):
    rows = measure(make_trials(accuracy={"natural": 1.0}))
    assert by_name(rows, "proportion_correct", condition="natural").ci95 is None


def test_intervals_of_proportions_stay_within_0_and_1(make_trials):
    for row in measure(make_trials(people=6, accuracy={"natural": 0.97})):
        if row.ci95 and not row.measure.startswith("reaction_time"):
            assert 0 <= row.ci95[0] <= row.mean <= row.ci95[1] <= 1


def test_medians_are_taken_within_participants(make_trials):
    trials = make_trials(people=5)
    right = trials[trials["correct"].astype(bool) & (trials["condition"] == "natural")]
    medians = right["reaction_time_ms"].groupby(right["participant"].astype(str)).median()
    row = next(
        r for r in measure(trials, resamples=0)
        if r.measure == "reaction_time_median_ms" and r.on == "correct"
        and r.group["condition"] == "natural"
    )  # fmt: skip
    assert row.mean == pytest.approx(medians.mean())
    assert row.averaged_within == "participants"


def test_confidence_discrimination_is_the_area_under_the_roc_curve(make_trials):
    trials = make_trials(people=4, per_condition=40)
    areas = []
    for _, rows in trials[trials["condition"] == "synthetic"].groupby("participant", observed=True):
        given = rows["confidence"].to_numpy(dtype=float)
        right = rows["correct"].to_numpy(dtype=bool)
        u = stats.mannwhitneyu(given[right], given[~right]).statistic
        areas.append(u / (right.sum() * (~right).sum()))
    rows = measure(trials, resamples=0)
    row = by_name(rows, "confidence_discrimination", condition="synthetic")
    assert row.mean == pytest.approx(np.mean(areas))
    assert {r.level for r in rows if r.measure == "accuracy_at_confidence"} == {1, 2, 3}


def test_intervals_are_the_same_every_time(make_trials):
    trials = make_trials()
    assert measure(trials, seed=3) == measure(trials, seed=3)
    assert measure(trials, seed=3) != measure(trials, seed=4)


@pytest.mark.parametrize("n", [10, 30])
def test_intervals_cover_the_truth(n):
    """95 % intervals hold the true mean in 93 to 97 % of 2 000 samples."""
    random = np.random.default_rng(n)
    samples = random.binomial(40, 0.75, size=(n, 2000)) / 40
    low, high = bootstrap_intervals(samples, seed=1, resamples=4000)
    assert 0.93 <= np.mean((low <= 0.75) & (high >= 0.75)) <= 0.97


def test_selection_takes_main_non_catch_included(make_trials):
    trials = pd.concat(
        [
            make_trials(people=2),
            make_trials(people=2, phase="practice"),
            make_trials(people=2, catch=True),
            make_trials(people=2, included=False),
        ],
        ignore_index=True,
    )
    assert len(Selection().apply(trials)) == 80
    assert len(Selection(phases=()).apply(trials)) == 160
    assert len(Selection(catch="only").apply(trials)) == 80
    assert len(Selection(include_excluded=True).apply(trials)) == 160
    assert len(Selection(where={"condition": ("natural",)}).apply(trials)) == 40


def test_varied_columns(make_trials):
    trials = make_trials(accuracy={"natural": 0.9, "none": 0.5})
    assert varied_columns(trials) == ("condition",)
    two = pd.concat([trials, make_trials(scheme="max_1")], ignore_index=True)
    assert varied_columns(two) == ("condition", "scheme")


def test_unknown_column(make_trials):
    with pytest.raises(SelectionError, match="no column “colour”"):
        measure(make_trials(), by=("colour",))
