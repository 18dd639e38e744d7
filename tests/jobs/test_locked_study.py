"""Generating for a study that people took part in changes nothing that they saw."""

import shutil
from pathlib import Path

import pytest
from generated_study import LAYER, MODEL, make_images, make_study

from imi_desktop.experiment.lock import StudyLockedError, amend, lock_study
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.generation import Options, generate
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Manifest
from imi_desktop.stimuli.pack import natural_path

UNIT = Unit(MODEL, LAYER, 1)


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    images = make_images(tmp_path_factory.mktemp("data") / "images")
    folder = tmp_path_factory.mktemp("study") / "small"
    study = make_study(folder, images, conditions=["natural"])
    again(study.folder)
    lock_study(study)
    return study.folder


@pytest.fixture
def locked(generated, tmp_path):
    return Path(shutil.copytree(generated, tmp_path / "locked"))


def again(folder):
    return generate(folder, Options(workers=1), lambda _progress: None, PausableToken())


def content(folder):
    return {path: path.read_bytes() for path in sorted((folder / "stimuli").rglob("*.png"))}


def test_a_changed_study_is_refused_before_anything_is_made(locked):
    before = content(locked)
    text = (locked / "study.toml").read_text()
    (locked / "study.toml").write_text(text.replace("seed = 11", "seed = 12"))
    with pytest.raises(StudyLockedError, match="seed was 11 and is 12"):
        again(locked)
    assert content(locked) == before


def test_missing_images_are_made_again_if_they_are_the_same(locked):
    before = content(locked)
    (locked / natural_path(UNIT, 1, "max", 9)).unlink()
    (locked / natural_path(UNIT, 1, "max", 3)).write_bytes(b"broken")
    outcome = again(locked)
    assert (outcome.made, outcome.skipped, outcome.failed) == (1, 3, [])
    assert content(locked) == before
    assert not (locked / "stimuli" / ".locked").exists()


def test_nothing_is_looked_at_when_nothing_is_missing(locked):
    (locked / "dataset.csv").unlink()
    assert again(locked).skipped == 4
    assert not (locked / "dataset.csv").exists()


def test_images_that_come_out_differently_are_not_kept(locked, tmp_path):
    other = make_images(tmp_path / "other", 50)
    Study.load(locked).replace(images=str(other)).save()  # where images lie is not locked
    (locked / "dataset.csv").unlink()
    missing = locked / natural_path(UNIT, 1, "max", 9)
    missing.unlink()
    before, records = content(locked), list(Manifest.read(locked))
    outcome = again(locked)
    assert [entry["unit"] for entry in outcome.failed] == [UNIT.address]
    assert "differ from those that participants saw" in outcome.failed[0]["reason"]
    assert content(locked) == before
    assert list(Manifest.read(locked)) == records
    shutil.rmtree(missing.parent.parent)
    amend(Study.load(locked), author="A. Researcher", reason="The image folder was lost.")
    assert again(locked).failed == []
    assert missing.is_file()


def test_what_a_killed_run_had_kept_is_put_back(locked):
    before = content(locked)
    name = natural_path(UNIT, 1, "max", 9)
    kept = locked / "stimuli" / ".locked" / name
    kept.parent.mkdir(parents=True)
    (locked / name).replace(kept)
    (locked / name).write_bytes(b"half made")
    assert again(locked).skipped == 4
    assert content(locked) == before
