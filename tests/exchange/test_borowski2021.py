"""The released answers: every number that is known about them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from imi_desktop.analysis.analyze import AnalysisOptions, analyze
from imi_desktop.analysis.load import load_trials
from imi_desktop.exchange.borowski2021 import import_borowski2021
from imi_desktop.exchange.imported_table import ForeignFormatError


@pytest.fixture(scope="module")
def analysis(tmp_path_factory, experiment_1_data):
    study = tmp_path_factory.mktemp("study") / "iv1-lab"
    import_borowski2021(experiment_1_data, study)
    return analyze([study]).to_json()


def measured(analysis, name, **wanted):
    return next(
        m for m in analysis["measures"]
        if m["measure"] == name and all(m.get(k) == v for k, v in wanted.items())
    )  # fmt: skip


def outcome(analysis, comparison, method=""):
    return next(
        t for t in analysis["tests"] if t["comparison"] == comparison and method in t["method"]
    )


def test_published_accuracy(analysis):
    natural = measured(analysis, "proportion_correct", condition="natural")
    synthetic = measured(analysis, "proportion_correct", condition="synthetic")
    none = measured(analysis, "proportion_correct", condition="none")
    assert (round(natural["mean"], 3), round(natural["sem2"], 3)) == (0.922, 0.018)
    assert (round(synthetic["mean"], 3), round(synthetic["sem2"], 3)) == (0.820, 0.043)
    assert round(none["mean"], 3) == 0.431
    assert all(m["n_participants"] == 10 and m["n_trials"] == 450
               for m in (natural, synthetic, none))  # fmt: skip
    assert (analysis["participants"], analysis["trials"]) == (10, 1350)


def test_published_reaction_times(analysis):
    natural = measured(analysis, "reaction_time_ms", condition="natural", on="correct")
    synthetic = measured(analysis, "reaction_time_ms", condition="synthetic", on="correct")
    assert round(natural["mean"] / 1000, 2) == 6.60
    assert round(synthetic["mean"] / 1000, 2) == 9.70


def test_published_tests(analysis):
    comparison = "natural – synthetic, accuracy"
    exact = outcome(analysis, comparison, "exact")
    assert (exact["statistic"], round(exact["p"], 4)) == (0, 0.0039)
    approximate = outcome(analysis, comparison, "continuity correction")
    assert (approximate["statistic"], round(approximate["p"], 4)) == (0, 0.0092)
    selection = outcome(analysis, "selection mode, accuracy")
    assert selection["df"] == [1, 9]
    assert (round(selection["statistic"], 3), round(selection["p"], 4)) == (6.138, 0.0351)
    confidence = outcome(analysis, "confidence × condition, right answers")
    assert (round(confidence["statistic"], 2), confidence["df"]) == (83.87, [2])
    assert confidence["n"] == 784


def test_published_catch_trials(analysis):
    quality = analysis["quality"]
    assert (quality["catch_missed"], quality["catch_trials"]) == (2, 180)
    assert quality["participants_missing_catch"] == 2
    assert quality["excluded"] == []


def test_json_holds_no_nan(analysis):
    json.dumps(analysis, allow_nan=False)
    assert set(analysis) >= {
        "participants",
        "trials",
        "measures",
        "tests",
        "quality",
        "verdicts",
        "amendments",
    }


def test_units_and_provenance(tmp_path, experiment_1_data):
    report = import_borowski2021(experiment_1_data, tmp_path / "study")
    trials = load_trials([tmp_path / "study"]).trials
    assert len(trials) == report.trials == 1890
    main = trials[(trials["phase"] == "main") & ~trials["catch"] & trials["correct"].notna()]
    assert main.groupby(["layer", "branch", "channel"], observed=True).ngroups == 45
    assert set(main["unit_selection"]) == {"random", "hand_picked"}
    assert trials["rating"].notna().sum() == 30
    assert trials["reaction_time_ms"].min() >= 0
    assert any("negative reaction time" in problem.lower() for problem in report.problems)
    provenance = json.loads((tmp_path / "study/imported/borowski2021.json").read_text())
    assert len(provenance["files"]) == 2
    assert all(len(file["sha256"]) == 64 for file in provenance["files"])


def test_importing_again_replaces(tmp_path, experiment_1_data):
    for _ in range(2):
        import_borowski2021(experiment_1_data, tmp_path)
    assert len(load_trials([tmp_path]).trials) == 1890


def test_by_any_columns(tmp_path, experiment_1_data):
    import_borowski2021(experiment_1_data, tmp_path)
    found = analyze([tmp_path], AnalysisOptions(by=("layer", "condition"), resamples=0))
    accuracy = [row for row in found.measures if row.measure == "proportion_correct"]
    assert len(accuracy) == 27
    assert {row.n_participants for row in accuracy if row.n_trials == 50} == {10}


def experiment_two(rows: list[dict[str, object]]) -> pd.DataFrame:
    plain = {
        "subject_id": 11, "trial_nr": 0, "block_nr": 1, "instr_type": "optimized",
        "trial_type": "main", "catch_trial": False, "batch": 1, "layer": "layer_0",
        "kernel_size": 1, "channel": "channel_0", "correct": True, "conf_rating": -2, "RT": 3.5,
        "timeout": False, "response": "a", "correct_response": "a",
        "instruction_grid_mode": "min_max", "n_instruction_patches": 9, "expert_level": "lay",
        "batch_block": "b",
    }  # fmt: skip
    return pd.DataFrame([plain | {"trial_nr": i} | row for i, row in enumerate(rows)])


def test_experiment_two_from_its_description(tmp_path):
    units = tmp_path / "borowski2021-units"
    units.mkdir()
    head = (
        "encoding in folder structure\nlayer_number,kernel_size_number,channel_number,layer_name,"
        "pre_post_relu,kernel_size,feature_map_number\n"
    )
    (units / "layer_folder_mapping_sampled_trials.csv").write_text(
        head + "0,1,0,mixed3a,pre_relu,3x3,189\n"
    )
    (units / "exp2_batch_block_b.csv").write_text(head + "0,1,0,mixed3a,pre_relu,3x3,97\n")
    rows = [
        {},
        {"instruction_grid_mode": "max_max", "n_instruction_patches": 1},
        {"instr_type": "natural", "response": "b", "conf_rating": 3, "correct": False},
    ]
    experiment_two(rows).to_csv(tmp_path / "experiment_II.csv", index=False)
    import_borowski2021(tmp_path / "experiment_II.csv", tmp_path / "study")
    trials = load_trials([tmp_path / "study"]).trials
    assert list(trials["scheme"]) == ["min_max_9", "max_1", "min_max_9"]
    assert set(trials["expert_level"]) == {"lay"}
    assert set(trials["channel"]) == {97}
    assert list(trials["chosen_position"]) == ["upper", "upper", "lower"]
    assert list(trials["confidence"]) == [2, 2, 3]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"conf_rating": 2}, "row 1: conf_rating is “2”"),
        ({"correct": False}, "row 1: correct is “False”"),
        ({"instr_type": "blurry"}, "row 1: instr_type is “blurry”"),
        ({"instruction_grid_mode": "diagonal"}, "instruction_grid_mode is “diagonal”"),
        ({"RT": "soon"}, "RT is “soon”"),
    ],
)
def test_impossible_rows_import_nothing(tmp_path, change, words):
    experiment_two([change]).to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(ForeignFormatError) as error:
        import_borowski2021(tmp_path / "bad.csv", tmp_path / "study")
    assert words in error.value.sentence
    assert not list((tmp_path / "study").rglob("*.parquet"))


def test_other_files_are_named(tmp_path):
    (tmp_path / "cake.csv").write_text("flour,eggs\n1,2\n")
    with pytest.raises(ForeignFormatError, match=r"cake.csv lacks the columns RT, batch"):
        import_borowski2021(tmp_path / "cake.csv", tmp_path / "study")
    with pytest.raises(ForeignFormatError, match="There is no"):
        import_borowski2021(tmp_path / "nothing", tmp_path / "study")
