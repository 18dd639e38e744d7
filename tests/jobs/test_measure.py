"""What ``imi-desktop measure`` computes for a small study."""

from __future__ import annotations

import json
from shutil import copyfile

import pytest
from generated_study import make_images, make_study

from imi_desktop.cli import main
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.protocol import Failed, Finished, JobSpec
from imi_desktop.jobs.worker import do_job
from imi_desktop.stimuli.pack import SIDES, natural_path
from imi_desktop.stimuli.unit_measures import UnitMeasures


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("measured")
    images = make_images(root / "images", count=20)
    return make_study(root / "study", images, conditions=("natural", "none"))


def measure(study, kind, **arguments):
    spec = JobSpec(kind, {"study": str(study.folder), "device": "cpu", **arguments})
    return do_job(spec, JobContext())


def test_maps_from_the_command_line(study, capsys):
    assert main(["measure", str(study.folder), "maps", "--images", "6", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (row,) = found["units"]
    assert 0 < row["pixel_sparseness"] < 1
    assert found["settings"]["images"] == 6
    assert UnitMeasures.read(study.folder, "activation_maps").to_json() == found


def test_selectivity_and_ablation(study, tmp_path):
    outcome = measure(study, "selectivity")
    assert isinstance(outcome, Failed)
    assert "WordNet id" in outcome.sentence
    labels = tmp_path / "labels.csv"
    rows = [f"{number:03}.png,{number % 2}" for number in range(12)]
    labels.write_text("\n".join(["image,label", *rows]), encoding="utf-8")
    outcome = measure(study, "selectivity", labels=str(labels), ablate="mean")
    assert isinstance(outcome, Finished)
    found = UnitMeasures.read(study.folder, "selectivity")
    (row,) = found.values.values()
    assert 0 <= row["selectivity"] <= 1
    assert {"accuracy", "accuracy_lost", "accuracy_lost_preferred", "accuracy_lost_control"} <= set(
        row
    )
    assert found.settings["ablate"] == "mean"
    named = [line.replace(",0", ",cat").replace(",1", ",dog") for line in rows]
    labels.write_text("\n".join(["image,label", *named]), encoding="utf-8")
    assert isinstance(measure(study, "selectivity", labels=str(labels), images=8), Finished)
    found = UnitMeasures.read(study.folder, "selectivity")
    assert "nothing was ablated" in " ".join(found.notes)
    assert isinstance(measure(study, "selectivity", labels=str(labels), images=1), Failed)
    labels.write_text("image,label\n000.png,cat\n", encoding="utf-8")
    assert isinstance(measure(study, "selectivity", labels=str(labels)), Failed)


def test_machine_score(study):
    (unit,) = (entry.unit for entry in study.units if entry.role == "main")
    assert "no unit with all images" in measure(study, "machine_score").sentence
    for side in SIDES:
        for index in range(10):
            path = study.folder / natural_path(unit, 1, side, index)
            path.parent.mkdir(parents=True, exist_ok=True)
            copyfile(study.images_folder / f"{index:03}.png", path)
    assert isinstance(
        measure(study, "machine_score", observer="pixels", temperature=0.05), Finished
    )
    found = UnitMeasures.read(study.folder, "machine_score")
    assert found.settings == {"temperature": 0.05, "observer": "pixels"}
    assert [row["image_set"] for row in found.details] == ["1"]
    (row,) = found.values.values()
    assert 0 <= row["machine_score_natural"] <= 1
    outcome = measure(study, "machine_score", observer="pixels", temperature=0)
    assert outcome == Failed("The temperature must be a number above 0.")
    outcome = measure(study, "machine_score", observer="chance")
    assert isinstance(outcome, Failed)
    assert "compares no images" in outcome.sentence
