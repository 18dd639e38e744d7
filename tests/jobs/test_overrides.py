"""Single units are visualized in another way, and stay so."""

import json
import shutil
from pathlib import Path

import pytest
from generated_study import LAYER, MODEL, make_images, make_study

from imi_desktop.cli import main
from imi_desktop.jobs.context import JobContext, PausableToken
from imi_desktop.jobs.generate import run
from imi_desktop.jobs.generation import Options, generate
from imi_desktop.jobs.overrides import Override, OverrideError
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Manifest
from imi_desktop.stimuli.pack import synthetic_path
from imi_desktop.stimuli.visualization.presets import UnknownPresetError, find

UNIT = Unit(MODEL, LAYER, 1)


@pytest.mark.parametrize("name", ["standard", "imi-2023", "borowski-2021"])
def test_a_weight_is_kept_throughout_one_run(name):
    preset = Override(diversity=2.5, steps=40).applied(find(name), 9)
    assert (preset.method, preset.diversity, preset.steps) == ("fixed", 2.5, 40)
    assert preset.controller is preset.search is None


def test_another_recipe_has_its_own_steps_and_the_studys_number_of_images():
    preset = Override(preset="limited").applied(find("standard").with_overrides(7), 4)
    assert (preset.name, preset.method, preset.steps, preset.images) == (
        "limited", "limited", find("limited").steps, 4,
    )  # fmt: skip
    assert Override().applied(find("fast"), 9) == find("fast")


@pytest.mark.parametrize("values", [{"diversity": -1}, {"diversity": float("nan")}, {"steps": 0}])
def test_numbers_that_make_no_sense_are_refused(values):
    with pytest.raises(OverrideError, match=r"Use a .*number from [01]\.$"):
        Override(**values)


def test_an_unknown_recipe_is_refused():
    with pytest.raises(UnknownPresetError, match="no visualization preset “finest”"):
        Override(preset="finest")


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    images = make_images(tmp_path_factory.mktemp("data") / "images")
    study = make_study(tmp_path_factory.mktemp("study") / "small", images)
    generate(study.folder, Options(workers=1), lambda _progress: None, PausableToken())
    return study.folder


@pytest.fixture
def copy(generated, tmp_path):
    return Path(shutil.copytree(generated, tmp_path / "copy"))


def ask(folder, **values):
    arguments = {"study": str(folder), "workers": 1, "only": "synthetic"}
    if values:
        unit = {"model": MODEL, "layer": LAYER, "channel": 1}
        arguments["overrides"] = [unit | {"diversity": None} | values]
    return run(arguments, JobContext())


def parameters(folder, unit=UNIT):
    return Manifest.read(folder).get(synthetic_path(unit, "max", 0)).parameters


def test_what_was_overridden_stays_until_something_else_is_asked_for(copy):
    before = (copy / synthetic_path(UNIT, "max", 0)).read_bytes()
    assert ask(copy, steps=2, diversity=3.0)["made"] == 1
    assert parameters(copy)["override"] == {"steps": 2, "diversity": 3.0}
    assert (parameters(copy)["steps"], parameters(copy)["diversity"]) == (2, 3.0)
    assert "override" not in parameters(copy, Unit(MODEL, LAYER, 2))
    # Neither the same again nor a plain generation makes anything anew.
    assert ask(copy, steps=2, diversity=3.0)["made"] == 0
    assert ask(copy)["made"] == 0
    # An empty override goes back to the study's settings, to the byte.
    back = run(
        {
            "study": str(copy), "workers": 1, "only": "synthetic",
            "overrides": [{"model": MODEL, "layer": LAYER, "channel": 1}],
        },
        JobContext(),
    )  # fmt: skip
    assert back["made"] == 1
    assert "override" not in parameters(copy)
    assert (copy / synthetic_path(UNIT, "max", 0)).read_bytes() == before


def test_the_command_line_overrides_units_that_it_names(copy, capsys):
    command = ["generate", str(copy), "--workers", "1", "--json"]
    assert main([*command, "--unit", f"{LAYER}:1", "--diversity", "4"]) == 0
    assert json.loads(capsys.readouterr().out)["made"] == 1
    assert parameters(copy)["override"] == {"diversity": 4.0}
    for wrong, sentence in (
        (["--steps", "3"], "name them with --unit"),
        (["--unit", f"{LAYER}:99"], "is no unit of"),
        (["--unit", f"{LAYER}:1", "--preset", "finest"], "no visualization preset"),
        (["--unit", f"{LAYER}:1", "--steps", "3", "--as-study"], "leave the others out"),
    ):
        assert main([*command, *wrong]) == 2
        assert sentence in capsys.readouterr().err


def test_other_settings_of_the_study_outdate_what_was_overridden(copy):
    ask(copy, diversity=3.0)
    text = (copy / "study.toml").read_text()
    (copy / "study.toml").write_text(text.replace("steps = 1", "steps = 2"))
    assert ask(copy)["made"] == 4
    assert "override" not in parameters(copy)
