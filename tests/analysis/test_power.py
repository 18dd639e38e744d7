"""A-priori power, and agreement between people."""

from __future__ import annotations

import pytest

from imi_desktop.analysis.power import (
    PowerError,
    answers_needed,
    cases_needed,
    sample_plan,
    simulate_design,
)
from imi_desktop.analysis.study_power import Truth, study_power
from imi_desktop.cli import main
from imi_desktop.exchange.imported_study import make_study
from imi_desktop.experiment.study import Study
from imi_desktop.paths import resource


def test_published_numbers():
    units = cases_needed("mann_whitney", 0.67, alpha=0.01, power=0.95)
    plan = sample_plan(units, answers_needed(0.1), 40)
    assert (plan.units_needed, plan.answers, plan.units, plan.participants) == (86, 30, 88, 66)
    assert (plan.units_rounded_down, plan.participants_rounded_down) == (84, 63)


@pytest.mark.parametrize("units", [1, 7, 86, 120])
@pytest.mark.parametrize("trials", [7, 39, 40])
def test_plans_never_fall_below_what_is_needed(units, trials):
    plan = sample_plan(units, 25, trials)
    assert plan.units >= units
    assert plan.participants * trials == plan.units * plan.answers


def test_t_test_of_the_textbook():
    assert cases_needed("t", 0.5, alpha=0.05, power=0.8) == 64  # Cohen 1988, table 2.4.1
    assert cases_needed("paired_t", 0.5, alpha=0.05, power=0.8) == 34


def test_impossible_designs():
    with pytest.raises(PowerError, match="above 0"):
        cases_needed("t", 0)
    with pytest.raises(PowerError, match="More than"):
        cases_needed("t", 1e-5)
    with pytest.raises(PowerError, match="1 or more"):
        sample_plan(0, 30, 40)


def test_simulation_holds_alpha_and_finds_effects():
    none = simulate_design(participants=12, trials=40, accuracy=(0.8, 0.8), studies=300)
    assert none.ci95[0] < 0.05
    large = simulate_design(participants=12, trials=40, accuracy=(0.95, 0.7), studies=100)
    assert large.power > 0.95


def test_power_of_a_studys_own_design(tmp_path, capsys):
    make_study(tmp_path / "s", "borowski2021-1", "inceptionv1")
    study = Study.load(tmp_path / "s")
    with pytest.raises(PowerError, match="states no hypothesis"):
        study_power(study, Truth((0.9, 0.8)))
    stated = {
        "id": "H1", "sentence": "Natural helps.", "null": "No.", "alternative": "Yes.",
        "comparison": {"factor": "condition", "a": "natural", "b": "synthetic"},
        "planned_participants": 8,
    }  # fmt: skip
    times = stated | {"id": "H2", "measure": "reaction_time_ms"}
    study.replace(hypotheses=[stated, times]).save()
    study = Study.load(tmp_path / "s")
    large, not_simulated = study_power(study, Truth((0.95, 0.7)), studies=10)
    assert (large.participants, large.trials) == (8, 8 * 135)
    assert large.power.power == 1
    assert not_simulated.reason == "only right and wrong answers can be simulated"
    none, _ = study_power(study, Truth((0.8, 0.8)), studies=20)
    assert none.power.power <= 0.25
    command = ["power", "--study", str(tmp_path / "s"), "--studies", "3", "--participants", "4"]
    assert main(command) == 0
    assert "H1, 4 participants, 540 trials: power" in capsys.readouterr().out


def test_a_plan_of_ratings_alone_has_no_power_to_simulate(tmp_path, capsys):
    protocol = resource("protocols", "borowski2021-1.toml").read_text("utf-8")
    start, end = protocol.index('[[parts.blocks]]\nname = "practice none"'), protocol.index("[[an")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "ratings.toml").write_text(protocol[:start] + protocol[end:], "utf-8")
    make_study(tmp_path / "s", "borowski2021-1", "inceptionv1")
    stated = {
        "id": "H1", "sentence": "Natural helps.", "null": "No.", "alternative": "Yes.",
        "comparison": {"factor": "condition", "a": "natural", "b": "synthetic"},
    }  # fmt: skip
    Study.load(tmp_path / "s").replace(hypotheses=[stated]).save()
    file = tmp_path / "s" / "study.toml"
    told = file.read_text("utf-8").replace(
        'protocol = "borowski2021-1"', 'protocol = "ratings.toml"'
    )
    file.write_text(told, "utf-8")
    assert main(["power", "--study", str(tmp_path / "s")]) == 2
    assert "plans only trials with ratings" in capsys.readouterr().err


def test_a_factor_that_trials_do_not_have_is_named(tmp_path):
    make_study(tmp_path / "s", "borowski2021-1", "inceptionv1")
    stated = {
        "id": "H1", "sentence": "It helps.", "null": "No.", "alternative": "Yes.",
        "comparison": {"factor": "mood", "a": "good", "b": "bad"},
    }  # fmt: skip
    study = Study.load(tmp_path / "s").replace(hypotheses=[stated])
    (found,) = study_power(study, Truth((0.9, 0.8)), participants=2, studies=1)
    assert found.reason == "trials have no column “mood”"
