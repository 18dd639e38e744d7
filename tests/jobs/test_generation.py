import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from generated_study import LAYER, MODEL, make_images, make_study
from PIL import Image

from imi_desktop.cli import main
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.generation import Options, generate
from imi_desktop.jobs.outdated import outdated_files, study_tasks
from imi_desktop.jobs.study_lock import StudyBusyError, generating
from imi_desktop.models.unit import Unit
from imi_desktop.progress import Cancelled
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.exemplars import borowski_batches, exemplar_seed
from imi_desktop.stimuli.manifest import Manifest
from imi_desktop.stimuli.pack import StimulusPack, natural_path, synthetic_path

UNIT = Unit(MODEL, LAYER, 1)
ONE = Options(workers=1)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return make_images(tmp_path_factory.mktemp("data") / "images")


@pytest.fixture(scope="module")
def generated(images, tmp_path_factory):
    study = make_study(tmp_path_factory.mktemp("study") / "small", images)
    seen = []
    outcome = generate(study.folder, ONE, seen.append, PausableToken())
    return study, outcome, seen


@pytest.fixture
def copy(generated, tmp_path):
    return Path(shutil.copytree(generated[0].folder, tmp_path / "copy"))


def again(folder, options=ONE):
    return generate(folder, options, lambda _progress: None, PausableToken())


def test_everything_that_trials_show_is_made(generated):
    study, outcome, _seen = generated
    pack = StimulusPack(study.folder)
    files = stimuli_needed(study).files
    assert pack.missing(files) == []
    assert pack.damaged(files) == []
    assert (outcome.made, outcome.skipped, outcome.failed) == (8, 0, [])
    for file in files:
        with Image.open(study.folder / file) as image:
            assert (image.size, image.mode) == ((224, 224), "RGB")


def test_natural_images_are_the_rules_choice_with_their_place_in_the_folder(generated):
    study, _outcome, _seen = generated
    table = ActivationTable.read(study.folder, MODEL, LAYER)
    values = table.unit(UNIT.channel)
    chosen = borowski_batches(values, 9, 2, exemplar_seed(study.seed, UNIT))
    manifest = Manifest.read(study.folder)
    for side in ("max", "min"):
        for index in range(10):
            record = manifest.get(natural_path(UNIT, 1, side, index))
            source = chosen.side(side)[1, index]
            assert record.source_image == table.images[source]
            assert record.activation == values[source]
            assert record.rank == 1 + (values > values[source]).sum()


def test_visualizations_come_from_the_weakest_to_the_strongest(generated):
    study, _outcome, _seen = generated
    manifest = Manifest.read(study.folder)
    for side, sign in (("max", 1), ("min", -1)):
        values = [manifest.get(synthetic_path(UNIT, side, i)).activation for i in range(9)]
        assert (np.diff(sign * np.array(values)) >= 0).all()


def test_progress_tells_every_task_and_ends_at_the_total(generated):
    _study, _outcome, seen = generated
    stage = [progress for progress in seen if progress.data.get("state")]
    done = {(p.data["unit"], p.data["kind"]) for p in stage if p.data["state"] == "done"}
    assert len(done) == 8
    assert stage[-1].done == pytest.approx(stage[-1].total)
    assert {p.stage for p in seen} >= {"Indexing images", "Generating stimuli"}


def test_what_is_done_is_not_done_again(copy):
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*.png")}
    outcome = again(copy)
    assert (outcome.made, outcome.skipped) == (0, 8)
    assert before == {path: path.stat().st_mtime_ns for path in copy.rglob("*.png")}


def test_damaged_and_missing_images_are_made_again_with_the_same_bytes(copy):
    damaged = copy / synthetic_path(UNIT, "max", 3)
    missing = copy / natural_path(UNIT, 1, "min", 9)
    content = damaged.read_bytes(), missing.read_bytes()
    damaged.write_bytes(b"broken")
    missing.unlink()
    outcome = again(copy)
    assert (outcome.made, outcome.skipped) == (2, 6)
    assert (damaged.read_bytes(), missing.read_bytes()) == content


def outdated(folder):
    study = Study.load(folder)
    return set(outdated_files(study, study_tasks(study), Manifest.read(folder)))


def test_other_parameters_make_the_stimuli_anew(copy, capsys):
    assert not outdated(copy)
    text = (copy / "study.toml").read_text()
    (copy / "study.toml").write_text(text.replace("steps = 1", "steps = 2"))
    assert synthetic_path(UNIT, "max", 0) in outdated(copy)
    assert all("/optimized_images/" in file for file in outdated(copy))
    assert main(["check", str(copy)]) == 1
    assert "stimulus images are outdated" in capsys.readouterr().out
    outcome = again(copy, Options(workers=1, only="synthetic", units=(UNIT,)))
    assert outcome.made == 1
    record = Manifest.read(copy).get(synthetic_path(UNIT, "max", 0))
    assert record.parameters["preset"]["steps"] == 2
    assert synthetic_path(UNIT, "max", 0) not in outdated(copy)


def test_one_unit_that_fails_does_not_stop_the_others(copy, capsys):
    shutil.rmtree(copy / "stimuli")
    table = copy / "activations" / MODEL / f"{LAYER}.parquet"
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = pq.read_table(table)
    place = columns.schema.get_field_index("c2")
    dead = columns.set_column(place, "c2", pa.array(np.zeros(len(columns), np.float32)))
    pq.write_table(dead, table)
    assert main(["generate", str(copy), "--only", "natural", "--workers", "1", "--json"]) == 1
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["made"] == 3
    assert [entry["unit"] for entry in outcome["failed"]] == [f"{LAYER}:2"]
    assert outcome["failed"][0]["reason"].endswith(".")


def test_images_that_vanished_fail_the_units_that_show_them(images, tmp_path):
    own = Path(shutil.copytree(images, tmp_path / "images"))
    study = make_study(tmp_path / "study", own, conditions=["natural"])
    again(study.folder)
    shutil.rmtree(study.folder / "stimuli")
    for path in own.iterdir():
        path.unlink()
    outcome = again(study.folder, Options(workers=1, only="natural"))
    assert len(outcome.failed) == 4
    assert "Could not read the image" in outcome.failed[0]["reason"]


def test_too_few_images_are_a_sentence_with_the_numbers(tmp_path, capsys):
    study = make_study(tmp_path / "study", make_images(tmp_path / "few", 12))
    assert main(["generate", str(study.folder), "--workers", "1"]) == 2
    assert "needs 40 usable images" in capsys.readouterr().err


def test_weights_are_asked_for_before_the_images_are_indexed(images, tmp_path, capsys, monkeypatch):
    study = make_study(tmp_path / "study", images)
    monkeypatch.setenv("IMI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("imi_desktop.models.weights_files.find_weights", lambda _entry: None)
    assert main(["generate", str(study.folder), "--workers", "1"]) == 2
    assert "are not on this computer" in capsys.readouterr().err
    assert not (study.folder / "dataset.csv").exists()


@pytest.mark.parametrize("device", ["foo", "cuda:99"])
def test_a_device_that_is_not_there_is_told_once(copy, capsys, device):
    (copy / synthetic_path(UNIT, "max", 3)).unlink()
    assert main(["generate", str(copy), "--workers", "1", "--device", device]) == 2
    said = capsys.readouterr().err
    assert said.count(f"device “{device}”") + said.count(f"“{device}” is not a device") == 1


@pytest.mark.parametrize("workers", ["0", "-2", "many"])
def test_a_number_of_workers_that_makes_no_sense_is_refused(copy, capsys, workers):
    with pytest.raises(SystemExit) as stopped:
        main(["generate", str(copy), "--workers", workers])
    assert stopped.value.code == 2
    assert "is not a whole number from 1" in capsys.readouterr().err


def test_missed_extremes_are_told_with_numbers_and_small_folders_noted(copy, capsys):
    shutil.rmtree(copy / "stimuli" / MODEL / LAYER / "channel_1")
    assert main(["generate", str(copy), "--workers", "1", "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    for remark in outcome["remarks"]:  # one step reaches no extreme
        for side in remark["missed"]:
            assert side["side"] in {"max", "min"}
            assert 1 <= side["missed"] <= side["images"] == 9
            assert isinstance(side["needed"], float)
    assert [remark["missed"] for remark in outcome["remarks"] if remark["missed"]]
    assert any("references of" in note for note in outcome["notes"])


def test_two_generations_of_one_study_do_not_mix(copy):
    with generating(copy), pytest.raises(StudyBusyError):
        again(copy)


def test_cancelling_keeps_what_was_finished(copy):
    shutil.rmtree(copy / "stimuli")
    cancel = PausableToken()

    def stop_after_the_first(progress):
        if progress.data.get("state") == "done":
            cancel.cancel()

    with pytest.raises(Cancelled):
        generate(copy, ONE, stop_after_the_first, cancel)
    kept = len(Manifest.read(copy))
    assert kept >= 20
    assert again(copy, Options(workers=1, only="natural")).skipped >= 1


def test_a_killed_generation_goes_on_where_it_stopped(copy):
    shutil.rmtree(copy / "stimuli")
    command = [sys.executable, "-m", "imi_desktop", "generate", str(copy), "--only", "natural"]
    process = subprocess.Popen([*command, "--workers", "1"], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not len(Manifest.read(copy)) and time.monotonic() < deadline:
        time.sleep(0.02)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _gone, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive
    finished = {record.task for record in Manifest.read(copy)}
    outcome = again(copy, Options(workers=1, only="natural"))
    assert outcome.skipped == len(finished) >= 1
    assert outcome.made == 4 - len(finished)


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be made read-only there")
def test_a_study_that_cannot_be_written_is_refused(copy, monkeypatch, capsys):
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("imi_desktop.jobs.study_lock.os.open", refuse)
    assert main(["generate", str(copy)]) == 2
    assert "Make the study folder writable" in capsys.readouterr().err
