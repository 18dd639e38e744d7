"""Hypotheses that the design cannot test are refused with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from assembled_study import assemble

from imi_desktop.experiment.hypothesis import OBSERVER_NAMES, Comparison, Hypothesis
from imi_desktop.experiment.hypothesis_check import untestable
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.toml_file import InvalidFileError
from imi_desktop.observers.declared import observer_names

GOOD: dict[str, Any] = {
    "id": "H1",
    "sentence": "Natural images help more than feature visualizations.",
    "null": "Both help equally.",
    "alternative": "Natural images give more right answers.",
    "comparison": {"a": "natural", "b": "synthetic"},
    "direction": "greater",
    "smallest_effect": 0.05,
    "planned_participants": 10,
    "baselines": ["none"],
}
STUDY = assemble("borowski2021-1", participants=10)
BETWEEN = assemble("zimmermann2021")


def problems(study: Study = STUDY, **changes: Any) -> list[str]:
    return untestable(study.replace(hypotheses=[GOOD | changes]))


def test_testable():
    assert problems() == []
    assert problems(BETWEEN, test="mann_whitney", exclusion=["catch_correct"]) == []
    assert problems(comparison={"a": "natural", "value": 0.5}, test="one_sample_wilcoxon") == []
    assert problems(test="rm_anova", direction="two-sided", comparison={"factor": "layer"}) == []
    assert problems(test="spearman", comparison={"factor": "trial"}) == []
    assert problems(baselines=["none", "pixels", "chance:0.6", "perceptual:resnet50"]) == []
    expertise = {"test": "mixed_anova", "direction": "two-sided"}
    assert problems(**expertise, comparison={"factor": "expert_level"}) == []


def test_ratings_before_and_after():
    study = assemble("borowski2021-2", participants=23)
    last = str(len(plan_session(study, "P1").blocks))
    stated = {"measure": "rating", "comparison": {"factor": "block", "a": "1", "b": last}}
    assert problems(study, **stated, baselines=[]) == []
    stated["comparison"]["b"] = "2"
    assert any("block is never “2”" in p for p in problems(study, **stated, baselines=[]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"comparison": {"a": "natural", "b": "blurred"}}, "condition is never “blurred”"),
        ({"comparison": {"a": "natural", "b": "natural"}}, "compared with itself"),
        ({"comparison": {"factor": "model", "a": "inceptionv1"}}, "it is always inceptionv1"),
        ({"comparison": {"a": "natural", "value": 50}}, "never 50; it goes from 0 to 1"),
        ({"smallest_effect": 5}, "differ by 1 at most"),
        ({"comparison": {"a": "natural", "b": "none", "value": 0.5}}, "either with comparison.b"),
        ({"baselines": ["saliency"]}, "shows any, so that it would only guess"),
        ({"planned_participants": 1}, "one participant is too few"),
        (
            {"test": "kruskal_wallis", "direction": "two-sided", "comparison": {}},
            "rm_anova can test it",
        ),
        (
            {"test": "rm_anova", "direction": "two-sided"},
            "leave comparison.a and comparison.b out",
        ),
        (
            {"test": "mann_whitney", "comparison": {"factor": "expert_level", "a": "novice"}},
            "expert_level is never “novice”",
        ),
        ({"comparison": {"factor": "weather", "a": "x", "b": "y"}}, "“weather” is nothing"),
        ({"comparison": {"a": "natural"}}, "needs the two levels"),
        ({"test": "mann_whitney"}, "the same participants meet every condition"),
        ({"test": "kruskal_wallis"}, "knows no direction"),
        ({"planned_participants": 20}, "plans 20 participants, and the study 10"),
        ({"planned_units": 60}, "plans 60 units, and the study lists 45"),
        ({"baselines": ["random:inceptionv1"]}, "random:inceptionv1"),
        ({"exclusion": ["catch_correct"]}, "no exclusion rule “catch_correct”"),
        ({"baselines": ["pixel"]}, "neither none, random:<model> nor an observer"),
        ({"test": "spearman", "comparison": {"factor": "branch"}}, "spearman needs numbers"),
        ({"test": "mixed_anova", "direction": "two-sided"}, "between participants"),
        ({"test": "chi_square", "measure": "reaction_time_ms"}, "is not counted"),
        (
            {"test": "mann_whitney", "comparison": {"a": "natural", "value": 0.5}},
            "cannot compare with a fixed value",
        ),
        ({"test": "logistic_mixed", "measure": "confidence"}, "right and wrong answers"),
        ({"test": "logistic_mixed", "comparison": {"a": "natural"}}, "needs the two levels"),
        ({"comparison": {"value": 0.5}}, "needs the level comparison.a"),
        ({"comparison": {"factor": "phase", "a": "main", "b": "practice"}}, "“phase” is nothing"),
        ({"measure": "rating"}, "it is always synthetic"),
    ],
)
def test_untestable(changes: dict[str, Any], said: str):
    found = problems(**changes)
    assert any(said in problem for problem in found), found
    assert all(problem.startswith("hypotheses.H1: ") for problem in found)


def test_between_participants_no_paired_test():
    assert any("mann_whitney or kruskal_wallis" in p for p in problems(BETWEEN, test="wilcoxon"))
    score = {"measure": "interpretability_score", "test": "wilcoxon"}
    assert problems(BETWEEN, **score) == []


def test_units_are_the_cases_of_the_score():
    """Each unit has one layer and is answered in every condition."""
    score = {"measure": "interpretability_score", "planned_participants": 1}
    layers = {"factor": "layer", "a": "mixed3a", "b": "mixed5b"}
    every = {"direction": "two-sided", "comparison": {"factor": "layer"}}
    assert problems(**score) == []
    assert problems(**score, test="mann_whitney", comparison=layers) == []
    assert problems(**score | every, test="kruskal_wallis") == []
    assert problems(**score | every, test="spearman") == []
    paired = problems(**score, comparison=layers)
    assert any("each unit has one layer only" in p for p in paired)
    same = problems(**score, test="mann_whitney")
    assert any("the same units are answered in every condition" in p for p in same)
    people = problems(**score | every, test="rm_anova")
    assert any("the cases of interpretability_score are units" in p for p in people)


def test_participants_are_asked_for_what_is_compared():
    compared = {"factor": "expert_level", "a": "3", "b": "lay"}
    assert problems(test="mann_whitney", comparison=compared) == []
    found = problems(BETWEEN, test="mann_whitney", comparison=compared)
    assert any("not asked for their expert_level" in p for p in found)


def test_one_mistake_is_told_once():
    one = {"factor": "model", "a": "resnet50", "b": "vit_b_32"}
    assert len(problems(comparison=one)) == 1
    value = {"a": "natural", "value": 0.5}
    assert len(problems(test="mann_whitney", comparison=value)) == 1
    assert len(problems(BETWEEN, measure="rating", test="mann_whitney", baselines=[])) == 1


def test_rating_needs_something_rated():
    assert any("nothing is rated" in p for p in problems(BETWEEN, measure="rating"))
    assert not any("nothing is rated" in p for p in problems(measure="rating"))


def test_the_observers_that_can_be_baselines_are_those_there_are():
    assert observer_names() == OBSERVER_NAMES


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"alpha": 1.5}, "hypotheses[1].alpha"),
        ({"test": "anova"}, "hypotheses[1].test"),
        ({"sentence": ""}, "hypotheses[1].sentence"),
        ({"id": "H 1"}, "hypotheses[1].id"),
    ],
)
def test_schema(changes: dict[str, Any], key: str):
    with pytest.raises(InvalidFileError) as caught:
        problems(**changes)
    assert any(problem.startswith(key) for problem in caught.value.problems)


def test_ids_are_unique():
    with pytest.raises(InvalidFileError, match="H1 is used twice"):
        STUDY.replace(hypotheses=[GOOD, GOOD])


def test_documentation_names_every_field_and_observer():
    text = (Path(__file__).parents[2] / "docs" / "study-file.md").read_text("utf-8")
    for name in [*Hypothesis.model_fields, *Comparison.model_fields, *OBSERVER_NAMES]:
        assert f"`{name}" in text, name
