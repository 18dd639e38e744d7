"""Scores of units, what goes with them, and models' values."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from statsmodels.stats.proportion import proportion_confint

from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.figure_data import wilson
from imi_desktop.analysis.group_tests import spearman
from imi_desktop.analysis.machine_score import fitted_temperature, machine_results
from imi_desktop.analysis.per_model import (
    ModelValuesError,
    model_correlations,
    model_scores,
    read_model_values,
)
from imi_desktop.analysis.unit_correlates import Measured, read_measured, unit_correlates
from imi_desktop.analysis.unit_scores import (
    difficulty_levels,
    natural_against_synthetic,
    unit_intervals,
)
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.unit_measures import UnitMeasures, UnitMeasuresError, measures_path


def answered(probabilities: np.ndarray, people: int = 30, seed: int = 1, **columns) -> pd.DataFrame:
    """Each unit answered once by each person, right with the unit's probability."""
    random = np.random.default_rng(seed)
    rows = [
        {
            "study": "s", "participant": f"P{person}", "phase": "main", "catch": False,
            "task": "forward_prediction", "condition": "natural", "model": "m", "layer": "l",
            "channel": unit, "image_set": "0", "correct": bool(random.random() < p),
        } | columns
        for person in range(people)
        for unit, p in enumerate(probabilities)
    ]  # fmt: skip
    return conform(pd.DataFrame(rows), "made for the test")


@pytest.mark.parametrize(("right", "n"), [(0, 10), (5, 10), (30, 30), (1, 1)])
def test_wilson_is_that_of_statsmodels(right, n):
    low, high = wilson(np.array([right]), np.array([n]))
    expected = proportion_confint(right, n, method="wilson")
    assert (low[0], high[0]) == pytest.approx(expected)


def test_intervals_of_units_cover_their_truth():
    truth = np.random.default_rng(3).uniform(0.4, 0.98, 2000)
    found = {one.channel: one for one in unit_intervals(answered(truth))}
    inside = [found[i].ci95[0] <= p <= found[i].ci95[1] for i, p in enumerate(truth)]
    assert 0.93 < np.mean(inside) < 0.975
    assert found[0].n_participants == found[0].n_trials == 30


def test_natural_against_synthetic_by_unit():
    truth = np.linspace(0.5, 0.9, 40)
    trials = pd.concat(
        [answered(truth + 0.08), answered(truth, seed=2, condition="synthetic")],
        ignore_index=True,
    )
    paired, same = natural_against_synthetic(unit_intervals(trials))
    assert (paired.n, paired.n_of) == (40, "units")
    assert paired.p is not None
    assert paired.p < 0.01
    assert same.effect_size is not None
    assert same.effect_size.value > 0.4
    assert natural_against_synthetic(unit_intervals(answered(truth))) == []


def test_difficulty_counts_shared_units_only():
    parts = [
        answered(np.full(20, 0.95), difficulty="easy"),
        answered(np.full(15, 0.7), seed=2, difficulty="hard"),
    ]
    means, tests = difficulty_levels(unit_intervals(pd.concat(parts, ignore_index=True)))
    assert [(one.difficulty, one.n_units) for one in means] == [("easy", 15), ("hard", 15)]
    assert [test.comparison for test in tests] == ["easy – hard, score per unit, natural, m"]
    assert tests[0].p < 0.01


def test_a_simulated_correlation_is_found_again():
    random = np.random.default_rng(5)
    contrast = random.normal(0, 1, 84)
    scores = unit_intervals(answered(expit(1 + contrast)))
    values = {Unit("m", "l", i): {"local_contrast": float(x)} for i, x in enumerate(contrast)}
    (found,) = unit_correlates(scores, Measured(values))
    assert found.name == "local_contrast"
    assert found.test.effect_size.value > 0.6
    low, high = found.test.effect_size.ci95
    assert low < found.test.effect_size.value < high
    blind = {unit: {"local_contrast": float(random.random())} for unit in values}
    (nothing,) = unit_correlates(scores, Measured(blind))
    low, high = nothing.test.effect_size.ci95
    assert low < 0 < high


def test_spearman_intervals_cover_the_truth():
    random = np.random.default_rng(6)
    r = 0.5
    truth = 6 / np.pi * np.arcsin(r / 2)
    inside = 0
    for _ in range(1000):
        x, noise = random.normal(size=(2, 84))
        result = spearman(x, r * x + np.sqrt(1 - r**2) * noise, "")
        low, high = result.effect_size.ci95
        inside += low <= truth <= high
    assert 0.93 < inside / 1000 < 0.975


def test_measures_are_read_as_written(tmp_path: Path):
    unit = Unit("m", "l", 3)
    measures = UnitMeasures(
        "selectivity", {"images": 4}, {unit: {"selectivity": 0.5, "accuracy_lost": None}},
        notes=("A note.",), made="now",
    )  # fmt: skip
    measures.write(tmp_path)
    assert UnitMeasures.read(tmp_path, "selectivity") == measures
    assert UnitMeasures.read(tmp_path, "activation_maps") is None

    first = SimpleNamespace(folder=tmp_path, name="first")
    assert read_measured([first]).values == {unit: {"selectivity": 0.5}}
    assert read_measured([first]).notes == ("A note.",)
    other = UnitMeasures("selectivity", {"images": 9}, {unit: {"selectivity": 0.25}})
    other.write(tmp_path / "other")
    both = read_measured([first, SimpleNamespace(folder=tmp_path / "other", name="other")])
    assert both.values == {unit: {"selectivity": 0.25}}
    assert "different numbers for the same units (1 of them)" in both.notes[1]
    path = measures_path(tmp_path, "selectivity")
    for text in ("{", "[]", '{"format": 9, "kind": "selectivity"}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UnitMeasuresError):
            UnitMeasures.read(tmp_path, "selectivity")


def test_temperature_of_people_is_found_again():
    random = np.random.default_rng(7)
    differences = random.normal(0.1, 0.2, 400)
    truth = 0.15
    trials = answered(expit(differences / truth))
    tasks = pd.DataFrame(
        {"model": "m", "layer": "l", "channel": range(400), "image_set": "0",
         "difference": differences}
    )  # fmt: skip
    assert fitted_temperature(tasks, trials, "natural") == pytest.approx(truth, rel=0.1)
    assert fitted_temperature(tasks, trials, "synthetic") is None
    perfect = tasks.assign(difference=1.0)
    assert fitted_temperature(perfect, answered(np.ones(400), people=1), "natural") is None


def test_machine_scores_beside_peoples():
    random = np.random.default_rng(8)
    differences = random.normal(0.1, 0.2, 60)
    scores = unit_intervals(answered(expit(differences / 0.1)))
    units = [Unit("m", "l", i) for i in range(60)]
    values = {
        unit: {"machine_score_natural": float(expit(d / 0.1))}
        for unit, d in zip(units, differences, strict=True)
    }
    source = UnitMeasures(
        "machine_score", {"temperature": 0.1, "observer": "pixels"}, values,
        details=[
            {"model": "m", "layer": "l", "channel": i, "condition": "natural", "image_set": "0",
             "difference": float(d)}
            for i, d in enumerate(differences)
        ],
    )  # fmt: skip
    trials = answered(expit(differences / 0.1))
    correlates = unit_correlates(scores, Measured(values, (("s", source),)))
    (found,) = machine_results([("s", source)], correlates, trials)
    assert (found.n_units, found.n_tasks, found.temperature) == (60, 60, 0.1)
    assert found.score == pytest.approx(expit(differences / 0.1).mean())
    assert found.accuracy == pytest.approx((differences > 0).mean())
    assert found.correlation.test.effect_size.value > 0.85
    assert found.human == pytest.approx(np.mean([one.score for one in scores]))
    others = pd.concat([trials, trials.assign(study="other", correct=False)])
    (beside,) = machine_results([("s", source)], correlates, others)
    assert beside.fitted_temperature == found.fitted_temperature
    unsaid = replace(source, settings={})
    with pytest.raises(UnitMeasuresError, match="lack their temperature"):
        machine_results([("s", unsaid)], correlates, trials)


def test_models_against_their_values(tmp_path: Path):
    table = tmp_path / "values.csv"
    table.write_text("model,top1,year\na,70,2015\nb,75,\nc,80,2017\nd,85,2020\n", encoding="utf-8")
    values = read_model_values(table)
    assert values["b"] == {"top1": 75.0}
    parts = [
        answered(np.full(20, p), seed=i, model=name)
        for i, (name, p) in enumerate({"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}.items())
    ]
    models = model_scores(unit_intervals(pd.concat(parts, ignore_index=True)), values)
    by_name = {test.comparison: test for test in model_correlations(models)}
    assert by_name["score × top1, natural"].statistic == pytest.approx(-1)
    assert by_name["score × year, natural"].reason == "fewer than four pairs"


@pytest.mark.parametrize(
    "text",
    ["name,top1\na,1\n", "model\na\n", "model,top1\na,high\n", "model,top1\na,1\na,2\n",
     "model,top1\n,1\n", "model,top1\na,inf\n"],
)  # fmt: skip
def test_wrong_values_are_refused(tmp_path: Path, text: str):
    (tmp_path / "values.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ModelValuesError):
        read_model_values(tmp_path / "values.csv")


def test_all_of_it_is_in_the_json(tmp_path: Path, capsys):
    from imi_desktop.cli import main
    from imi_desktop.exchange.table_files import write_trials

    trials = pd.concat([answered(np.linspace(0.5, 1, 12)),
                        answered(np.linspace(0.5, 1, 12), condition="synthetic")])  # fmt: skip
    write_trials(trials, tmp_path / "trials.csv")
    (tmp_path / "v.csv").write_text("model,top1\nm,70\n", encoding="utf-8")
    values = str(tmp_path / "v.csv")
    path = str(tmp_path / "trials.csv")
    assert main(["analyze", path, "--json", "--model-values", values]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["units"]["scores"]) == 24
    assert len(found["units"]["tests"]) == 2
    assert found["models"]["scores"][0]["values"] == {"top1": 70.0}
    assert found["agreement"]["groups"] == ["natural", "synthetic"]
    assert found["counterfactual"]["queries"] == []
    report = tmp_path / "report.html"
    assert main(["analyze", path, "--report", str(report)]) == 0
    assert "Natural – synthetic".lower() in capsys.readouterr().out.lower()
    assert "all of it is exploratory" in report.read_text(encoding="utf-8")
