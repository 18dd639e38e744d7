"""Observers go through whole sessions of every task, as people do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from placeholder_stimuli import write_placeholders

from imi_desktop.cli import main
from imi_desktop.experiment.study import Study
from imi_desktop.recording.trial_table import read_trials
from imi_desktop.stimuli.image_folder import index_folder
from imi_desktop.stimuli.manifest import Manifest, append

TASKS = {
    "zimmermann2021": {"counterfactual"},
    "borowski2021-1": {"forward_prediction", "intuitiveness"},
}


@pytest.mark.slow
@pytest.mark.parametrize("protocol", TASKS)
def test_every_task(protocol: str, tmp_path: Path, capsys):
    images = tmp_path / "images"
    images.mkdir()
    for number in range(45):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(images / f"{number:02}.png")
    arguments = ["new", str(tmp_path / "study"), "--protocol", protocol, "--batches", "2"]
    arguments += ["--model", "efficientnet_lite0", "--images", str(images), "--seed", "5"]
    assert main(arguments) == 0
    study = Study.load(tmp_path / "study")
    write_placeholders(study)
    labels = label_the_source(study)
    names = ["pixels", "saliency"]
    if protocol == "zimmermann2021":
        names += ["centre", "variance", f"primary-object:{labels}"]
    for number, name in enumerate(names, start=1):
        people = ["--participant", f"P{number}", "--observer", name]
        assert main(["run", str(study.folder), *people]) == 0
    rows = read_trials(study.folder)
    assert set(rows["participant"]) == {f"P{number}" for number in range(1, len(names) + 1)}
    assert set(rows["task"]) == TASKS[protocol]
    rated = rows["task"] == "intuitiveness"
    assert rows.loc[rated, "rating"].between(-100, 100).all()
    assert rows.loc[~rated, "confidence"].isin([1, 2, 3]).all()
    assert main(["check", str(study.folder)]) == 0


def label_the_source(study: Study) -> Path:
    """Say that natural images come from one photograph, and mark its object."""
    folder = index_folder(study.images_folder)
    folder.write(study.folder / "dataset.csv")
    source = folder.usable[0].path
    natural = [r for r in Manifest.read(study.folder) if r.kind == "natural"]
    append(study.folder, [type(r)(**{**vars(r), "source_image": source}) for r in natural])
    labels = study.folder.parent / "objects.csv"
    labels.write_text(f"image,left,top,right,bottom\n{source},5,5,30,30\n")
    return labels
