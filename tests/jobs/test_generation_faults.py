"""A full disk and images that spoil on the way end in sentences, and the work goes on later."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from generated_study import LAYER, MODEL, make_images, make_study

from imi_desktop.cli import main
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.generation import Options, generate
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.image_folder import ImageFolder
from imi_desktop.stimuli.manifest import Manifest
from imi_desktop.stimuli.pack import StimulusPack


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return make_images(tmp_path_factory.mktemp("data") / "images")


@pytest.fixture(scope="module")
def generated(images, tmp_path_factory):
    study = make_study(tmp_path_factory.mktemp("study") / "small", images, conditions=["natural"])
    again(study.folder)
    return study.folder


def again(folder):
    return generate(folder, Options(workers=1), lambda _progress: None, PausableToken())


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 5 MB that is really full when it is full."""
    if not sys.platform.startswith("linux"):
        pytest.skip("small disks are made by Linux's tmpfs")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("only the superuser can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_ends_the_work_with_a_sentence_and_leaves_what_was_made(
    generated, small_disk, capsys
):
    study = Path(shutil.copytree(generated, small_disk / "study"))
    shutil.rmtree(study / "stimuli")
    filler = small_disk / "filler"
    used = sum(path.stat().st_size for path in small_disk.rglob("*") if path.is_file())
    one_unit = sum(path.stat().st_size for path in (generated / "stimuli").rglob("*")) // 4
    filler.write_bytes(bytes((5 << 20) - used - 2 * one_unit))
    assert main(["generate", str(study), "--workers", "1"]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert str(study) in said
    assert "No space left on device" in said
    assert "Traceback" not in said
    kept = {record.task for record in Manifest.read(study)}
    assert len(kept) >= 1
    filler.unlink()
    outcome = again(study)
    assert (outcome.skipped, outcome.made) == (len(kept), 4 - len(kept))
    files = stimuli_needed(Study.load(study)).files
    assert StimulusPack(study).missing(files) == StimulusPack(study).damaged(files) == []


def test_images_that_spoil_before_they_are_recorded_are_left_out_with_the_reason(images, tmp_path):
    own = Path(shutil.copytree(images, tmp_path / "images"))
    study = make_study(tmp_path / "study", own, conditions=["natural"])

    def spoil(progress):
        if progress.stage == "Loading the model":
            (own / "003.png").write_bytes(b"spoilt")
            (own / "007.png").unlink()

    outcome = generate(study.folder, Options(workers=1), spoil, PausableToken())
    assert (outcome.made, outcome.failed) == (4, [])
    folder = ImageFolder.read(study.folder / "dataset.csv", own)
    assert {file.path for file in folder.unusable} == {"003.png", "007.png"}
    table = ActivationTable.read(study.folder, MODEL, LAYER)
    assert table.n_images == 42
    assert np.isfinite(table.all_units()).all()
    shown = {record.source_image for record in Manifest.read(study.folder)}
    assert not shown & {"003.png", "007.png"}
