"""The commands ``new`` and ``trials``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import stats

from imi_desktop.cli import main
from imi_desktop.commands.hypothesis_notes import detectable_effect, smallest_p
from imi_desktop.experiment.plan import minutes_for
from imi_desktop.experiment.study import Study


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """45 small images in two folders."""
    folder = tmp_path / "images"
    noise = np.random.default_rng(0)
    for number in range(45):
        place = folder / ("a" if number % 2 else "b")
        place.mkdir(parents=True, exist_ok=True)
        pixels = noise.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"{number}.png")
    return folder


def new(folder: Path, images: Path, *more: object, protocol: str = "quick") -> int:
    return main(
        ["new", str(folder), "--protocol", protocol, "--model", "efficientnet_lite0",
         "--images", str(images), "--batches", "2", *map(str, more)]
    )  # fmt: skip


def test_draws_units_over_the_depth(tmp_path: Path, images: Path, capsys):
    assert new(tmp_path / "s", images, "--units", 12, "--seed", 4, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    study = Study.load(tmp_path / "s")
    assert said["main_units"] == len(study.units_of("main")) == 12
    assert said["seed"] == study.seed == 4
    assert said["images_needed"] == 40
    assert len({unit.layer for unit in study.units_of("main")}) > 6
    assert len({unit.unit for unit in study.units}) == len(study.units)


def test_same_seed_same_study(tmp_path: Path, images: Path):
    for name in ("one", "two"):
        assert new(tmp_path / name, images, "--seed", 4, "--name", "same") == 0
    texts = [(tmp_path / name / "study.toml").read_text("utf-8") for name in ("one", "two")]
    assert texts[0] == texts[1]


def test_without_a_seed_one_is_drawn_and_kept(tmp_path: Path, images: Path):
    for name in ("one", "two"):
        assert new(tmp_path / name, images) == 0
    assert Study.load(tmp_path / "one").seed != Study.load(tmp_path / "two").seed


def test_hand_picked_units_and_settings(tmp_path: Path, images: Path):
    assert (
        new(
            tmp_path / "s", images, "--unit", "blocks.2.1:3", "--unit", "blocks.5.0:9",
            "--language", "de", "--audience", "lay", "--condition", "natural",
            "--condition", "none", "--participants", 7, "--preset", "fast", "--steps", 16,
        )
        == 0
    )  # fmt: skip
    study = Study.load(tmp_path / "s")
    main_units = study.units_of("main")
    assert [unit.unit.address for unit in main_units] == ["blocks.2.1:3", "blocks.5.0:9"]
    assert {unit.selection for unit in main_units} == {"hand_picked"}
    assert study.run_conditions == ("natural", "none")
    assert (study.language, study.audience, study.participants) == ("de", "lay", 7)
    assert (study.stimuli.synthetic.preset, study.stimuli.synthetic.steps) == ("fast", 16)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--batches", "5"], "needs 100 different usable images"),
        (["--unit", "blocks.2.1:400"], "no channel 400"),
        (["--unit", "blocks.2.l:3"], "blocks.2.1"),
        (["--unit", "blocks.2.1"], "is not a unit"),
        (["--unit", "blocks.2.1:3", "--unit", "blocks.2.1:3"], "listed twice"),
        (["--model", "efficientnet_lite9"], "no model “efficientnet_lite9”"),
        (["--protocol", "quickly"], "no protocol “quickly”"),
        (["--preset", "best"], "no preset “best”"),
        (["--condition", "mixed"], "no condition “mixed”"),
        (["--protocol", "borowski2021-1", "--units", "3"], "exactly 45 main units"),
        (["--units", "1000000"], "1000003 units were asked for"),
    ],
)
def test_wrong_use_writes_nothing(tmp_path: Path, images: Path, capsys, more: list[str], said: str):
    assert new(tmp_path / "s", images, *more) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("arguments", [["--units", "0"], ["--seed", "-1"], ["--steps", "many"]])
def test_wrong_numbers(tmp_path: Path, images: Path, capsys, arguments: list[str]):
    with pytest.raises(SystemExit) as stopped:
        new(tmp_path / "s", images, *arguments)
    assert stopped.value.code == 2
    assert "is not a whole number" in capsys.readouterr().err


def test_mistakes_are_told_by_their_options(tmp_path: Path, images: Path, capsys):
    assert new(tmp_path / "s", images, "--condition", "mixed", "--name", "") == 2
    said = capsys.readouterr().err
    assert "--condition: quick has no condition" in said or "--name: must not be empty." in said
    assert "study.toml" not in said


def test_notes_tell_of_a_small_image_folder_and_of_missing_weights(
    tmp_path: Path, images: Path, capsys, monkeypatch
):
    monkeypatch.setenv("IMI_HOME", str(tmp_path / "home"))
    assert new(tmp_path / "s", images, "--model", "resnet50", "--units", "2", "--json") == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("chosen from 45" in note for note in notes)
    assert any("weights of ResNet-50" in note for note in notes)


def test_a_model_that_was_never_looked_at_is_looked_at(
    tmp_path: Path, images: Path, capsys, monkeypatch
):
    monkeypatch.setenv("IMI_HOME", str(tmp_path / "home"))
    model = "random:timm:mobilenetv3_small_050"
    assert main(
        ["new", str(tmp_path / "s"), "--protocol", "quick", "--model", model,
         "--images", str(images), "--batches", "2"]
    ) == 0  # fmt: skip
    assert Study.load(tmp_path / "s").models == (model,)


def test_sessions_are_told_to_last_rather_too_long():
    assert [minutes_for(trials) for trials in (1, 30, 31, 90, 91)] == [5, 5, 10, 15, 20]


def test_unusable_images_do_not_count(tmp_path: Path, images: Path, capsys):
    files = sorted(images.rglob("*.png"))
    for number, file in enumerate(files[:10]):
        file.write_bytes(b"no image" if number % 2 else files[20].read_bytes())
    assert new(tmp_path / "s", images) == 2
    said = capsys.readouterr().err
    assert "needs 40 different usable images" in said
    assert "has 35 (of 45 image files)" in said


def test_trials_as_table_and_json(tmp_path: Path, images: Path, capsys):
    assert new(tmp_path / "s", images, "--units", 3, "--seed", 1) == 0
    capsys.readouterr()
    assert main(["trials", str(tmp_path / "s"), "--participant", "P02", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["participant"] == "P02"
    assert said["n_trials"] == len(said["trials"]) == 13
    fields = set(said["trials"][0])
    assert {"number", "block", "condition", "scheme", "unit", "references_max", "queries"} <= fields
    assert said["trials"][0]["unit"]["address"]
    assert main(["trials", str(tmp_path / "s"), "--participant", "P02"]) == 0
    table = capsys.readouterr().out
    assert table.startswith("Participant P02: 13 trials")
    assert "Block 4: main (main)" in table
    assert table.count("catch") == 2


def test_trials_refuses_wrong_ids(tmp_path: Path, images: Path, capsys):
    assert new(tmp_path / "s", images, "--units", 3) == 0
    assert main(["trials", str(tmp_path / "s"), "--participant", "a/b"]) == 2
    assert "cannot be a participant id" in capsys.readouterr().err
    assert main(["trials", str(tmp_path / "s"), "--participant", "CON"]) == 2
    assert "Windows keeps this name for a device" in capsys.readouterr().err
    assert main(["trials", str(tmp_path / "s"), "--participant", "x" * 500]) == 2
    assert len(capsys.readouterr().err) < 300


def test_a_file_that_is_no_toml_is_told_in_one_sentence(tmp_path: Path, images: Path, capsys):
    assert new(tmp_path / "s", images, "--units", 3) == 0
    capsys.readouterr()
    (tmp_path / "s" / "study.toml").write_text("this is not TOML")
    assert main(["trials", str(tmp_path / "s"), "--participant", "P1"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path / 's' / 'study.toml'} is not valid TOML: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("power = 0.8\nplanned_participants = 10", "10 participants find effects of 1."),
        ("power = 0.8\nplanned_participants = 2", "2 participants are too few"),
        ("power = 0.8", "no planned_participants"),
        ("planned_participants = 10", ""),
        ("planned_participants = 4", "has no p below 0.125, and alpha is 0.05. Plan 6 or more"),
        ('planned_participants = 4\ndirection = "greater"', "no p below 0.0625"),
        ('planned_participants = 5\ndirection = "greater"', ""),
    ],
)
def test_the_planned_sample_is_held_against_the_power(
    tmp_path: Path, images: Path, capsys, stated: str, said: str
):
    assert new(tmp_path / "s", images, "--seed", 1) == 0
    with (tmp_path / "s" / "study.toml").open("a", encoding="utf-8") as file:
        file.write(
            f"""
[[hypotheses]]
id = "H1"
sentence = "Natural images help more."
null = "They do not."
alternative = "They do."
smallest_effect = 0.1
{stated}

[hypotheses.comparison]
a = "natural"
b = "synthetic"
"""
        )
    capsys.readouterr()
    main(["check", str(tmp_path / "s"), "--json"])
    notes = [n for n in json.loads(capsys.readouterr().out)["notes"] if "hypotheses" in n]
    assert [said in note for note in notes] == ([True] if said else [])


def test_units_that_do_not_exist_are_told_together(tmp_path: Path, images: Path, capsys):
    wrong = ["--unit", "blocks.99:1", "--unit", "conv_stem:1", "--unit", "conv_stem:9999"]
    assert new(tmp_path / "s", images, *wrong) == 2
    said = capsys.readouterr().err
    assert "blocks.99" in said
    assert "9999" in said
    assert len(said.splitlines()) == 2
    assert not (tmp_path / "s").exists()


def test_detectable_effect_inverts_the_published_plan():
    assert detectable_effect("mann_whitney", 86, 0.01, 0.95, 2) == pytest.approx(0.67, abs=0.005)


def test_clearest_outcomes_are_those_of_the_exact_tests():
    ahead = np.arange(1.0, 6.0)
    assert smallest_p("wilcoxon", 5, 2) == stats.wilcoxon(ahead).pvalue
    assert smallest_p("wilcoxon", 5, 1) == stats.wilcoxon(ahead, alternative="greater").pvalue
    two = stats.mannwhitneyu(ahead + 9, ahead, method="exact")
    assert smallest_p("mann_whitney", 5, 2) == pytest.approx(two.pvalue)
