"""Other people's formats, in and out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imi_desktop.analysis.columns import NAMES, TrialTableError
from imi_desktop.analysis.load import load_trials
from imi_desktop.commands import export as export_command
from imi_desktop.exchange.export import FolderInUseError, NothingToExportError, export_study
from imi_desktop.exchange.imi_responses import import_imi
from imi_desktop.exchange.imported_check import (
    describe_imports,
    has_imports,
    imported_problems,
)
from imi_desktop.exchange.imported_table import ForeignFormatError
from imi_desktop.exchange.jspsych_tasks import import_jspsych_tasks
from imi_desktop.exchange.stimuli_folder import import_stimuli_folder
from imi_desktop.exchange.trials_csv import import_trials_csv
from imi_desktop.models.errors import UnknownModelError
from imi_desktop.models.unit import Unit
from imi_desktop.recording.participants import Participant, write_participant
from imi_desktop.stimuli.pack import natural_path, synthetic_path

ROW = {
    "participant": "P1", "session": "1", "task": "forward_prediction", "phase": "main",
    "catch": "False", "block": "1", "trial": "1", "attempt": "1", "condition": "natural",
    "correct": "True", "confidence": "3", "reaction_time_ms": "1234.5", "included": "True",
    "onset_ns": "1760000000123456789",
}  # fmt: skip


def csv(path: Path, rows: list[dict[str, str]]) -> Path:
    pd.DataFrame([ROW | {"trial": str(i)} | row for i, row in enumerate(rows, 1)]).to_csv(
        path, index=False
    )
    return path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    source = csv(tmp_path / "answers.csv", [{}, {"correct": "False", "rating": ""}, {}])
    import_trials_csv(source, tmp_path / "study")
    return tmp_path / "study"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_come_back_as_they_left(study, tmp_path, kind):
    (written,) = export_study(study, tmp_path / "out", kind)
    before, after = load_trials([study]).trials, load_trials([written]).trials
    pd.testing.assert_frame_equal(before, after, check_categorical=False)
    assert after["onset_ns"].iloc[0] == 1760000000123456789


def test_trials_csv_tells_what_it_dropped(tmp_path):
    report = import_trials_csv(csv(tmp_path / "a.csv", [{"mood": "good"}]), tmp_path / "study")
    assert report.dropped == {"mood": "no column of the trial table"}
    assert report.trials == 1
    assert any("left missing" in line for line in report.lines())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("participant,phase\nP1,main\n", "lacks the columns catch, condition, correct"),
        ("", "is empty"),
        ('a,b\n"1,2\n', "is not a table"),
    ],
)
def test_hostile_text(tmp_path, content, words):
    (tmp_path / "bad.csv").write_text(content)
    with pytest.raises(TrialTableError, match=words):
        import_trials_csv(tmp_path / "bad.csv", tmp_path / "study")
    assert not (tmp_path / "study" / "imported").exists() or not list(
        (tmp_path / "study" / "imported").glob("*.parquet")
    )


def test_hostile_encodings_and_line_ends(tmp_path):
    text = csv(tmp_path / "good.csv", [{"participant": "Zoë"}, {}]).read_text()
    (tmp_path / "latin.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(TrialTableError, match="is not UTF-8 text"):
        import_trials_csv(tmp_path / "latin.csv", tmp_path / "study")
    (tmp_path / "wide.csv").write_bytes(text.encode("utf-16"))
    with pytest.raises(TrialTableError, match="is UTF-16 text"):
        import_trials_csv(tmp_path / "wide.csv", tmp_path / "study")
    lines = text.splitlines()
    mixed = "\ufeff" + lines[0] + "\r\n" + lines[1] + "\n" + lines[2] + "\r\n"
    (tmp_path / "mixed.csv").write_text(mixed, newline="")
    import_trials_csv(tmp_path / "mixed.csv", tmp_path / "study")
    assert list(load_trials([tmp_path / "study"]).trials["participant"]) == ["Zoë", "P1"]


def test_a_trial_twice_imports_nothing(tmp_path):
    source = csv(tmp_path / "twice.csv", [{"trial": "7"}, {"trial": "7"}])
    with pytest.raises(TrialTableError, match="holds 1 trials twice"):
        import_trials_csv(source, tmp_path / "study")
    assert not list((tmp_path / "study").rglob("*.parquet"))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(
        ["confidence", "correct", "condition", "trial", "reaction_time_ms", "catch"]
    ),
    value=st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12),
)  # fmt: skip
def test_any_value_is_taken_or_refused_with_a_sentence(tmp_path, name, value):
    source = csv(tmp_path / "any.csv", [{name: value}])
    try:
        report = import_trials_csv(source, tmp_path / "study")
    except TrialTableError as error:
        assert error.sentence.endswith(".")
    else:
        assert report.trials == 1


def test_psych_ds(study, tmp_path):
    export_study(study, tmp_path / "out", "psych-ds")
    description = json.loads((tmp_path / "out/dataset_description.json").read_text())
    (data,) = (tmp_path / "out/data").glob("study-*_data.csv")
    names = {variable["name"] for variable in description["variableMeasured"]}
    assert set(pd.read_csv(data).columns) == names
    assert description["@context"] == "https://schema.org/"


def test_bids(study, tmp_path):
    export_study(study, tmp_path / "out", "bids")
    root = tmp_path / "out"
    path = root / "sub-P1/beh/sub-P1_task-forwardprediction_beh.tsv"
    table = pd.read_csv(path, sep="\t", na_values="n/a")
    assert len(table) == 3
    assert table["response_time"].iloc[0] == pytest.approx(1.2345)
    sidecar = json.loads((root / "task-forwardprediction_beh.json").read_text())
    assert set(table.columns) <= set(sidecar)
    assert (root / "participants.tsv").read_text() == "participant_id\nsub-P1\n"


def test_bids_labels_stay_unlike(tmp_path):
    rows = [{"participant": "P-1"}, {"participant": "P_1"}]
    import_trials_csv(csv(tmp_path / "a.csv", rows), tmp_path / "study")
    export_study(tmp_path / "study", tmp_path / "out", "bids")
    assert len(list((tmp_path / "out").glob("sub-*"))) == 2


def test_nothing_to_export(tmp_path):
    (tmp_path / "sessions").mkdir()
    with pytest.raises(NothingToExportError, match="holds no answers yet"):
        export_study(tmp_path, tmp_path / "out", "csv")
    with pytest.raises(NothingToExportError, match="holds no stimuli yet"):
        export_study(tmp_path, tmp_path / "out", "stimuli-folder")


def test_every_format_of_the_command_is_there(study, tmp_path):
    for kind in export_command.FORMATS[:4]:
        assert export_study(study, tmp_path / kind, kind)


def picture(path: Path, shade: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (shade, shade, shade)).save(path)
    return path


def shade(path: Path) -> int:
    with Image.open(path) as image:
        return image.getpixel((0, 0))[0]


@pytest.fixture
def published_folder(tmp_path: Path) -> Path:
    unit = tmp_path / "published" / "mixed4c" / "channel_7"
    for side, base in (("max", 0), ("min", 100)):
        for index in range(10):
            picture(unit / "natural_images" / f"{side}_{index}.png", base + index)
        for index in range(9):
            picture(unit / "optimized_images" / f"{side}_{index}.png", base + 20 + index)
    return tmp_path / "published"


def test_stimuli_folder_there_and_back(published_folder, tmp_path):
    unit = Unit("inceptionv1", "mixed4c", 7)
    study = tmp_path / "study"
    report = import_stimuli_folder(published_folder, study, model="inceptionv1")
    assert len(report.outputs) == 38
    assert shade(study / natural_path(unit, 0, "max", 9)) == 9
    assert shade(study / natural_path(unit, 0, "min", 9)) == 100  # the min query is min_0
    assert shade(study / synthetic_path(unit, "max", 8)) == 28
    export_study(study, tmp_path / "back", "stimuli-folder")
    for path in published_folder.rglob("optimized_images/*.png"):
        back = tmp_path / "back" / path.relative_to(published_folder)
        assert back.read_bytes() == path.read_bytes()
    natural = tmp_path / "back/mixed4c/channel_7/natural_images/batch_0"
    assert shade(natural / "min_0.png") == 100


def test_published_stimuli_folder(published_formats, tmp_path):
    report = import_stimuli_folder(
        published_formats / "stimuli-folder", tmp_path, model="inceptionv1"
    )
    assert len(report.outputs) == 76
    assert not report.problems


def test_published_jspsych_task(published_formats, tmp_path):
    report = import_jspsych_tasks(published_formats / "jspsych-2afc", tmp_path)
    assert len(report.outputs) == 40
    assert not report.problems
    unit = Unit("jspsych", "demo_natural_9_references", 1)
    assert (tmp_path / natural_path(unit, 0, "min", 9)).is_file()


def test_jspsych_tasks_there_and_back(published_folder, tmp_path):
    study = tmp_path / "study"
    import_stimuli_folder(published_folder, study, model="inceptionv1")
    export_study(study, tmp_path / "tasks", "jspsych-tasks")
    index = json.loads((tmp_path / "tasks/natural_batch_0/index.json").read_text())
    assert (index["n_reference_images"], index["n_trials"]) == ("9", 1)
    trial = tmp_path / "tasks/natural_batch_0/trials/trial_1"
    assert sorted(p.name for p in (trial / "queries").iterdir()) == ["max.png", "min.png"]
    assert (trial / "references/min_1.png").is_file()
    assert not (trial / "references/min_0.png").exists()
    report = import_jspsych_tasks(tmp_path / "tasks", tmp_path / "again")
    assert not report.problems


def test_broken_task_folders(tmp_path):
    with pytest.raises(ForeignFormatError, match=r"holds no index\.json"):
        import_jspsych_tasks(tmp_path, tmp_path / "study")
    (tmp_path / "index.json").write_text('{"n_trials": 1}')
    with pytest.raises(ForeignFormatError, match="must be JSON with task_name"):
        import_jspsych_tasks(tmp_path, tmp_path / "study")
    (tmp_path / "index.json").write_text('{"n_trials": 1, "n_reference_images": "9"}')
    (tmp_path / "trials/trial_4").mkdir(parents=True)
    with pytest.raises(ForeignFormatError, match=r"lacks queries/max\.png"):
        import_jspsych_tasks(tmp_path, tmp_path / "study")


def responses(path: Path, rows: list[dict[str, object]]) -> Path:
    plain = {
        "participant_id": "w1", "task_id": "t1", "rt": 2500, "button_pressed": 4, "confidence": 2,
        "correct": True, "catch_trial": False, "is_demo": False, "batch": 1, "layer": "layer3.1",
        "channel": 12, "mode": "optimized", "model": "resnet50", "passed_checks": True,
        "passed_catch_trials": True,
    }  # fmt: skip
    pd.DataFrame([plain | row for row in rows]).to_csv(path, index=False)
    return path


def test_imi_responses(tmp_path):
    failed = {"task_id": "t2", "passed_checks": False, "passed_catch_trials": False}
    path = responses(
        tmp_path / "responses_resnet50.csv",
        [{}, {"mode": "natural"}, {"is_demo": True}, {"rt": -1}, failed],
    )
    report = import_imi(path, tmp_path / "study")
    trials = load_trials([tmp_path / "study"]).trials
    assert set(trials.columns) == set(NAMES)
    assert list(trials["condition"])[:2] == ["synthetic", "natural"]
    assert list(trials["phase"]) == ["main", "main", "practice", "main", "main"]
    assert np.isnan(trials["reaction_time_ms"].iloc[3])
    assert list(trials["included"]) == [True, True, True, True, False]
    assert trials["exclusion_reasons"].iloc[4] == "catch trials"
    assert report.problems == {"A reaction time that is not possible became missing": 1}


def test_imi_positions_checks_and_catch_trials(tmp_path):
    rows = [
        {"button_pressed": 1, "confidence": 2},
        {"button_pressed": 5, "confidence": 3, "correct": False},
        {"button_pressed": 0, "confidence": 3},
        {"mode": "catch_trial", "model": "catch/manual", "batch": -1, "catch_trial": True,
         "button_pressed": 4},
        {"task_id": "t2", "passed_checks": False, "instruction_time_result": False,
         "button_pressed": 4},
    ]  # fmt: skip
    path = responses(tmp_path / "responses_a.csv", rows)
    report = import_imi(path, tmp_path / "study")
    trials = load_trials([tmp_path / "study"]).trials
    assert list(trials["chosen_position"]) == ["upper", "lower", "upper", "lower", "lower"]
    assert list(trials["target_position"]) == ["upper", "upper", "upper", "lower", "lower"]
    catch = trials.iloc[3]
    assert catch["catch"]
    assert catch[["condition", "model", "image_set"]].isna().all()
    assert trials["exclusion_reasons"].iloc[4] == "instruction time"
    assert report.problems == {"button_pressed contradicts the confidence, which was kept": 1}


def test_imi_refuses_what_it_does_not_know(tmp_path):
    path = responses(tmp_path / "responses_a.csv", [{}, {"mode": "cartoon"}])
    with pytest.raises(ForeignFormatError, match="row 2: mode is “cartoon”"):
        import_imi(path, tmp_path / "study")
    path = responses(tmp_path / "responses_c.csv", [{"button_pressed": 7}])
    with pytest.raises(ForeignFormatError, match="button_pressed is “7” but must be 0 to 5"):
        import_imi(path, tmp_path / "study")
    pd.DataFrame({"rt": [1]}).to_csv(tmp_path / "responses_b.csv", index=False)
    with pytest.raises(ForeignFormatError, match="lacks the columns participant_id, task_id"):
        import_imi(tmp_path / "responses_b.csv", tmp_path / "study")


def test_trials_that_are_there_already_are_refused(study, tmp_path):
    again = csv(tmp_path / "again.csv", [{}])
    with pytest.raises(TrialTableError, match=r"answers\.parquet") as refused:
        import_trials_csv(again, study)
    assert "again" in refused.value.sentence
    assert [path.name for path in (study / "imported").glob("again*")] == []
    import_trials_csv(tmp_path / "answers.csv", study)  # the same table may be replaced


def test_a_failed_import_leaves_no_folder(tmp_path):
    with pytest.raises(TrialTableError):
        import_trials_csv(csv(tmp_path / "a.csv", [{"correct": "perhaps"}]), tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_stimuli_of_an_unknown_model_are_refused(published_folder, tmp_path):
    with pytest.raises(UnknownModelError):
        import_stimuli_folder(published_folder, tmp_path / "study", model="nosuch")
    assert not (tmp_path / "study").exists()


def test_exports_do_not_mix_with_other_files(study, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("")
    with pytest.raises(FolderInUseError, match="other files"):
        export_study(study, mine, "bids")
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
    export_study(study, tmp_path / "out", "csv")
    export_study(study, tmp_path / "out", "csv")
    with pytest.raises(FolderInUseError, match="an export as csv"):
        export_study(study, tmp_path / "out", "psych-ds")


def test_bids_leaves_identifying_fields_out(study, tmp_path):
    told = {"age": 31, "name": "Ada"}
    write_participant(study, Participant("P1", told, frozenset({"name"})))
    export_study(study, tmp_path / "out", "bids")
    people = (tmp_path / "out" / "participants.tsv").read_text()
    assert people == "participant_id\tage\nsub-P1\t31\n"


def test_imported_tables_are_checked(study):
    assert has_imports(study)
    assert list(imported_problems(study)) == []
    assert describe_imports(study).startswith("data made elsewhere: 3 trials from ")
    table = study / "imported" / "answers.parquet"
    trials = pd.read_parquet(table)
    trials["correct"] = True
    trials.to_parquet(table)
    (problem,) = imported_problems(study)
    assert problem.file == table
    assert "is not the table that the import wrote" in problem.sentence
    table.write_bytes(b"PAR1")
    assert "Import the table again." in next(imported_problems(study)).sentence
    provenance = table.with_suffix(".json")
    told = json.loads(provenance.read_text("utf-8"))
    for damage in ({"trials": "many"}, {"outputs": None}, {"outputs": [1]}):
        provenance.write_text(json.dumps(told | damage), "utf-8")
        assert any("does not describe" in p.sentence for p in imported_problems(study))
        assert "nothing that can be read" in describe_imports(study)
    provenance.write_text(json.dumps(told), "utf-8")
    table.unlink()
    assert "1 file is missing" in next(imported_problems(study)).sentence
