"""A protocol that was written by following the documentation alone, and broken ones."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from placeholder_stimuli import write_placeholders

from imi_desktop.cli import main
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import PageStep

OWN = Path(__file__).with_name("own_protocol.toml")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough small images for four batches."""
    folder = tmp_path_factory.mktemp("images")
    noise = np.random.default_rng(3)
    for number in range(90):
        pixels = noise.integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return folder


def new(folder: Path, protocol: Path, images: Path, *more: str) -> int:
    return main(
        ["new", str(folder), "--protocol", str(protocol), "--model", "efficientnet_lite0",
         "--images", str(images), "--seed", "2", *more]
    )  # fmt: skip


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The protocol with some text replaced."""
    text = OWN.read_text("utf-8")
    for old, now in changes:
        assert old in text
        text = text.replace(old, now, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, "utf-8")
    return path


def test_from_the_file_to_a_result(tmp_path: Path, images: Path, capsys):
    assert new(tmp_path / "study", OWN, images, "--participants", "12") == 0
    study = Study.load(tmp_path / "study")
    sets = {entry.unit: entry.set for entry in study.units if entry.role == "main"}
    answers: Counter = Counter()
    orders: dict[str, Counter] = defaultdict(Counter)
    for number in range(1, 13):
        plan = plan_session(study, f"P{number}")
        assert [len(block.trials) for block in plan.blocks] == [2, 5, 0, 5, 0]
        assert sum(block.length for block in plan.blocks) == plan.n_trials == 16
        main_trials = [t for t in plan.trials if t.phase == "main" and not t.catch]
        assert len({t.unit for t in main_trials}) == 8
        by_scheme = defaultdict(set)
        for trial in main_trials:
            by_scheme[trial.scheme].add(sets[trial.unit])
            answers[trial.condition, trial.unit] += 1
        assert all(len(found) == 1 for found in by_scheme.values())
        orders[main_trials[0].condition][main_trials[0].scheme] += 1
        assert {b.wording.question for b in plan.blocks} == {
            "Which image belongs to the **right** ones?"
        }
        farewell = plan.closing[-1]
        assert isinstance(farewell, PageStep)
        assert farewell.paragraphs == ("Those were 16 trials of study. **Thank you.**",)
    assert {condition: dict(found) for condition, found in orders.items()} == {
        condition: {"min_max_9": 3, "max_9": 3} for condition in ("natural", "synthetic")
    }
    assert len(answers) == 2 * 12
    assert set(answers.values()) == {4}

    write_placeholders(study)
    for number in range(1, 5):
        arguments = ["--participant", f"P{number}", "--observer", "chance:0.9"]
        assert main(["run", str(study.folder), *arguments]) == 0
    assert main(["check", str(study.folder)]) == 0
    capsys.readouterr()
    arguments = ["analyze", str(study.folder), "--by", "scheme", "--json", "--include-excluded"]
    assert main(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["participants"] == 4
    schemes = {m["scheme"] for m in said["measures"] if m["measure"] == "proportion_correct"}
    assert schemes == {"min_max_9", "max_9"}


def test_broken_references_are_told_at_once_with_file_key_and_reason(
    tmp_path: Path, images: Path, capsys
):
    path = changed(
        tmp_path,
        ('each = "scheme"', 'each = "shceme"'),
        ('units = "catch", count = 1, batch = "fixed"', 'units = "foil", count = 1, batch = "fxd"'),
        ('follows = "scheme"', 'follows = "schemes"'),
        ('conditions = ["natural"]\n\n[[analyses]]', 'conditions = ["blurred"]\n\n[[analyses]]'),
    )
    assert new(tmp_path / "study", path, images) == 2
    said = capsys.readouterr().err
    assert str(path) in said
    for expected in (
        "parts[2].each: there is no factor “shceme”",
        "no foil units are declared",
        "no batches “fxd” are declared",
        "factors.unit_set.follows: there is no factor “schemes”",
        "exclusion[3].conditions[1]: “blurred” is not among the protocol's conditions",
    ):
        assert expected in said
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("changes", "options", "said"),
    [
        ([("count = 4, deal", "count = 9, deal")], [], "asks for 9 main units"),
        ([('units = "practice", count = 2', 'units = "practice", count = 5')], [], "asks for 5"),
        ([], ["--batches", "9"], "needs 180 different usable images"),
        ([("natural_batches = 4", "natural_batches = 9")], [], "needs 180 different usable images"),
        ([('role = "catch"', 'role = "practice"')], [], "practice units are declared twice"),
        ([('closing = ["comment", "farewell"]', 'closing = ["adieu"]')], [], "“adieu”"),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_made(
    tmp_path: Path, images: Path, capsys, changes: list, options: list[str], said: str
):
    assert new(tmp_path / "study", changed(tmp_path, *changes), images, *options) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "study").exists()


def test_unequal_answers_are_told_by_new_and_check(tmp_path: Path, images: Path, capsys):
    path = changed(tmp_path, ("participants_per_level = 6", "participants_per_level = 5"))
    assert new(tmp_path / "study", path, images) == 0
    assert "cannot answer every unit" in capsys.readouterr().out
    main(["check", str(tmp_path / "study"), "--json"])
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("cannot answer every unit" in note for note in notes)


def test_units_listed_twice_are_told_by_check(tmp_path: Path, images: Path, capsys):
    assert new(tmp_path / "study", OWN, images) == 0
    file = tmp_path / "study" / "study.toml"
    study = Study.load(tmp_path / "study")
    text, first = file.read_text("utf-8"), study.units[0]
    other = study.units[7]
    assert f'"{other.layer}", channel = {other.channel}' in text
    file.write_text(
        text.replace(
            f'"{other.layer}", channel = {other.channel}',
            f'"{first.layer}", channel = {first.channel}',
        ),
        "utf-8",
    )
    capsys.readouterr()
    assert main(["check", str(tmp_path / "study"), "--json"]) == 1
    sentences = [p["sentence"] for p in json.loads(capsys.readouterr().out)["problems"]]
    assert any(f"{first.unit} is both main left and main right" in s for s in sentences)
    assert str(file) in sentences[0]
