"""Verdicts on stated hypotheses, from known truth."""

from __future__ import annotations

import pandas as pd
import pytest

from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.comparisons import default_tests
from imi_desktop.analysis.deviations import deviations
from imi_desktop.analysis.load import categorical
from imi_desktop.analysis.measures import cell_means, number
from imi_desktop.analysis.planned_tests import run_planned
from imi_desktop.analysis.verdicts import decide, effect_of, is_as_locked, judge
from imi_desktop.exchange.imported_study import make_study
from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.lock import lock_study
from imi_desktop.experiment.study import Study


def hypothesis(**changes: object) -> Hypothesis:
    fields = {
        "id": "H1", "sentence": "Natural helps more.", "null": "No.", "alternative": "Yes.",
        "comparison": {"factor": "condition", "a": "natural", "b": "synthetic"},
        "direction": "greater",
    }  # fmt: skip
    return Hypothesis.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("p", "estimate", "interval", "smallest", "direction", "outcome"),
    [
        (0.01, 0.1, (0.05, 0.15), 0.0, "greater", "supported"),
        (0.4, 0.02, (-0.05, 0.09), 0.0, "greater", "undecided"),
        (0.9, -0.1, (-0.15, -0.05), 0.0, "greater", "falsified"),
        (0.01, 0.02, (0.01, 0.03), 0.05, "greater", "falsified"),
        (0.01, -0.1, (-0.15, -0.05), 0.0, "less", "supported"),
        (0.4, 0.0, (-0.02, 0.02), 0.05, "two-sided", "falsified"),
        (None, None, None, 0.0, "greater", "undecided"),
    ],
)
def test_decisions(p, estimate, interval, smallest, direction, outcome):
    stated = hypothesis(smallest_effect=smallest, direction=direction)
    assert decide(stated, p, estimate, interval)[0] == outcome


def test_effect_is_the_paired_difference(make_trials):
    estimate, interval = effect_of(hypothesis(), make_trials(people=12), 1)
    assert interval[0] < estimate < interval[1]
    assert estimate == pytest.approx(0.2, abs=0.1)


def test_effect_follows_the_planned_test_where_few_took_part_in_both(make_trials):
    natural = make_trials(people=14, accuracy={"natural": 0.9})
    synthetic = make_trials(people=14, accuracy={"synthetic": 0.7}, seed=2)
    people = synthetic["participant"].astype(str)
    synthetic["participant"] = people.where(people < "P03", "other " + people).astype("category")
    trials = categorical(pd.concat([natural, synthetic], ignore_index=True))
    means = [cell_means(t, ("condition",), number(t["correct"])).table["mean"].mean()
             for t in (natural, synthetic)]  # fmt: skip
    for test in ("mann_whitney", "t_test"):
        estimate, interval = effect_of(hypothesis(test=test), trials, 1)
        assert estimate == pytest.approx(means[0] - means[1])
        assert interval is not None
    assert run_planned(hypothesis(test="t_test"), trials).method == "Welch"
    assert effect_of(hypothesis(test="wilcoxon"), trials, 1)[1] is None
    tests = default_tests(trials, ("condition",))
    (found,) = [
        t for t in tests if t.name == "Mann–Whitney U" and t.comparison.endswith("accuracy")
    ]
    assert found.n == 28
    assert "3 of the participants are in both groups" in found.assumptions[-1]


def stated_study(tmp_path, *hypotheses: Hypothesis) -> Study:
    make_study(tmp_path / "s", "borowski2021-1", "inceptionv1")
    study = Study.load(tmp_path / "s")
    study.replace(hypotheses=[h.model_dump(exclude_none=True) for h in hypotheses]).save()
    return Study.load(tmp_path / "s")


def test_judged_on_planned_trials_only(tmp_path, make_trials):
    study = stated_study(tmp_path, hypothesis(), hypothesis(id="H2", direction="less"))
    verdicts = judge(study, make_trials(people=20))
    assert [v.outcome for v in verdicts] == ["supported", "falsified"]
    assert not verdicts[0].locked
    assert verdicts[0].test.status == "planned"
    nothing = judge(study, make_trials(people=20, included=False))
    assert {v.outcome for v in nothing} == {"undecided"}


def test_locked_means_unchanged_since_the_lock(tmp_path, make_trials):
    study = stated_study(tmp_path, hypothesis())
    lock_study(study)
    assert judge(study, make_trials())[0].locked
    changed = study.replace(hypotheses=[hypothesis(alpha=0.1).model_dump(exclude_none=True)])
    assert not judge(changed, make_trials())[0].locked


def test_a_lock_of_an_earlier_version_lacks_keys_that_were_not_there():
    stated = hypothesis()
    stored = stated.model_dump(mode="json", exclude_none=True)
    del stored["trim_ms"]
    assert is_as_locked(stated, {stated.id: stored})
    assert not is_as_locked(hypothesis(trim_ms=[200, 5000]), {stated.id: stored})
    assert not is_as_locked(hypothesis(alpha=0.1), {stated.id: stored})


@pytest.mark.parametrize(
    "test",
    ["wilcoxon", "mann_whitney", "kruskal_wallis", "rm_anova", "mixed_anova", "chi_square",
     "spearman", "one_sample_wilcoxon", "t_test", "logistic_mixed"],
)  # fmt: skip
def test_every_planned_test_runs_or_says_why(tmp_path, make_trials, test):
    study = stated_study(tmp_path, hypothesis(test=test))
    (verdict,) = judge(study, make_trials(people=8))
    assert verdict.test.p is not None or verdict.test.reason
    verdict.to_json()


def test_scores_against_the_depth_of_layers(tmp_path, make_trials):
    """Layers go by their relative depth, whatever the order of their names (2023, section 4)."""
    accuracy = {"conv_stem": 0.55, "blocks.1.0": 0.75, "conv_head": 0.98}
    parts = [
        make_trials(
            per_condition=40,
            accuracy={"natural": p},
            seed=n,
            model="efficientnet_lite0",
            layer=name,
        )
        for n, (name, p) in enumerate(accuracy.items())
    ]
    trials = categorical(conform(pd.concat(parts).astype(object), "made for the test"))
    stated = hypothesis(
        measure="interpretability_score", test="spearman", comparison={"factor": "layer"}
    )
    (verdict,) = judge(stated_study(tmp_path, stated), trials)
    assert verdict.test.n == 21
    assert verdict.test.statistic > 0.8


def test_times_are_trimmed_only_as_planned(tmp_path, make_trials):
    slow = {"measure": "reaction_time_ms", "test": "t_test", "direction": "two-sided"}
    study = stated_study(
        tmp_path, hypothesis(**slow), hypothesis(id="H2", trim_ms=[0, 5000], **slow)
    )
    all_times, some = judge(study, make_trials(people=12))
    assert all_times.test.dropped is None
    assert "times outside the planned 0 to 5000 ms" in some.test.dropped
    assert all_times.test.statistic != some.test.statistic
    assert some.test.dropped == some.test.dropped_by_rule
    with pytest.raises(ValueError, match="the shorter one first"):
        hypothesis(trim_ms=[5000, 200])


def test_against_a_fixed_value(tmp_path, make_trials):
    chance = {"factor": "condition", "a": "natural", "value": 0.5}
    study = stated_study(tmp_path, hypothesis(comparison=chance, test="one_sample_wilcoxon"))
    (verdict,) = judge(study, make_trials(people=10))
    assert verdict.outcome == "supported"
    assert verdict.estimate == pytest.approx(0.4, abs=0.1)


def test_deviations_from_the_plan_are_listed(tmp_path, make_trials):
    planned = hypothesis(planned_participants=12, planned_units=20)
    study = stated_study(tmp_path, planned)
    trials = make_trials(people=10)
    found = [entry.sentence for entry in deviations(study, trials, judge(study, trials))]
    assert found == [
        "The hypotheses were not locked before the first session.",
        "12 participants were planned, 10 entered.",
    ]
    lock_study(study)
    changed = study.replace(hypotheses=[hypothesis(alpha=0.1).model_dump(exclude_none=True)])
    (entry,) = deviations(changed, trials, judge(changed, trials))
    assert (entry.hypothesis, entry.sentence) == ("H1", "It was stated or changed after the lock.")
    assert deviations(study, trials.iloc[:0], []) == ()
