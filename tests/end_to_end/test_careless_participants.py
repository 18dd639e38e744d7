"""The careless are excluded with reasons, and the accuracy of the rest is what it was."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from placeholder_stimuli import write_placeholders

from imi_desktop.cli import main
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import Trial
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.observer import ObserverAnswer
from imi_desktop.observers.simulate import PAGE_MS, run_observer
from imi_desktop.recording.session import Session

RIGHT = ChanceObserver(1.0)


@dataclass(frozen=True)
class Person:
    """Answers right, except for one bad habit.

    Parameters
    ----------
    always : str
        Side that is chosen whatever is shown; empty for none.
    reaction_time_ms : float
        Of every trial; 0 for a plausible one.
    fails_catch : bool
        Whether catch trials are answered wrong.
    """

    name: str
    always: str = ""
    reaction_time_ms: float = 0
    fails_catch: bool = False
    page_ms: int = PAGE_MS

    def respond(self, trial: Trial, study_folder: Path, rng: np.random.Generator) -> ObserverAnswer:
        """Answer one trial."""
        answer = RIGHT.respond(trial, study_folder, rng)
        if self.fails_catch and trial.catch:
            answer = ChanceObserver(0.0).respond(trial, study_folder, rng)
        if self.always:
            answer = replace(answer, position=self.always)
        if self.reaction_time_ms:
            answer = replace(answer, reaction_time_ms=self.reaction_time_ms)
        return answer


CAREFUL = Person("careful")
CARELESS = {
    Person("clicker", always="upper"): {"share of the side chosen most"},
    Person("hasty", reaction_time_ms=60, page_ms=1500): {
        "seconds on the instructions",
        "seconds in all",
    },
    Person("inattentive", fails_catch=True): {"catch trials right"},
}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough small images for two batches."""
    folder = tmp_path_factory.mktemp("images")
    noise = np.random.default_rng(3)
    for number in range(60):
        pixels = noise.integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return folder


def make_study(folder: Path, images: Path, protocol: str, *more: str) -> Study:
    """A study with placeholders."""
    arguments = ["new", str(folder), "--protocol", protocol, "--model", "efficientnet_lite0"]
    arguments += ["--images", str(images), "--batches", "2", "--seed", "5", *more]
    assert main(arguments) == 0
    study = Study.load(folder)
    write_placeholders(study)
    return study


def take_part(study: Study, participant: str, person: Person) -> None:
    """A whole session, recorded as every other."""
    plan = plan_session(study, participant)
    session = Session.open(study, participant, plan=plan, lock=True)
    try:
        run_observer(session, person, page_ms=person.page_ms)
        assert session.step is None
    finally:
        session.close()


def analyze(study: Study, capsys: pytest.CaptureFixture[str], *more: str) -> dict:
    """What the command says."""
    capsys.readouterr()
    assert main(["analyze", str(study.folder), "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


def test_bad_habits_are_excluded_with_their_reasons(tmp_path: Path, images: Path, capsys):
    study = make_study(tmp_path / "study", images, "zimmermann2023", "--units", "40")
    people = [CAREFUL, *CARELESS, replace(CAREFUL, name="another")]
    for number, person in enumerate(people, start=1):
        take_part(study, f"{person.name}{number}", person)
    found = {
        entry["participant"].rstrip("0123456789"): " ".join(entry["reasons"])
        for entry in analyze(study, capsys)["quality"]["excluded"]
    }
    assert set(found) == {person.name for person in CARELESS}
    for person, expected in CARELESS.items():
        for words in expected:
            assert words in found[person.name]
    assert "catch" not in found["hasty"]
    said = analyze(study, capsys)
    assert said["participants"] == 2
    accuracy = [m for m in said["measures"] if m["measure"] == "proportion_correct"]
    assert {m["mean"] for m in accuracy} == {1.0}
    assert analyze(study, capsys, "--include-excluded")["participants"] == len(people)
    assert main(["check", str(study.folder)]) == 0


def test_the_counterfactual_rules_find_them_too(tmp_path: Path, images: Path, capsys):
    study = make_study(tmp_path / "study", images, "zimmermann2021", "--condition", "natural")
    one_sided = Person("clicker", always="left")
    for number, person in enumerate([CAREFUL, one_sided, *list(CARELESS)[1:]], start=1):
        take_part(study, f"{person.name}{number}", person)
    excluded = analyze(study, capsys)["quality"]["excluded"]
    found = {entry["participant"]: " ".join(entry["reasons"]) for entry in excluded}
    assert set(found) == {"clicker2", "hasty3", "inattentive4"}
    assert "answers on the rarer side: 0, needs 1" in found["clicker2"]
    assert "seconds on the instructions" in found["hasty3"]
    assert "catch trials right: 0, needs 2" in found["inattentive4"]


@pytest.mark.parametrize("accuracy", [0.5, 0.7, 0.9])
def test_known_accuracy_is_recovered(tmp_path: Path, images: Path, accuracy: float, capsys):
    study = make_study(tmp_path / "study", images, "quick", "--units", "12")
    for number in range(1, 13):
        session = Session.open(study, f"P{number:02}", plan=plan_session(study, f"P{number:02}"))
        try:
            run_observer(session, ChanceObserver(accuracy))
        finally:
            session.close()
    said = analyze(study, capsys, "--include-excluded")
    measures = [m for m in said["measures"] if m["measure"] == "proportion_correct"]
    assert {m["condition"] for m in measures} == {"natural", "synthetic", "none"}
    inside = [m["ci95"][0] <= accuracy <= m["ci95"][1] for m in measures]
    assert sum(inside) >= 2  # each covers it 95 times of 100
    for m in measures:
        assert m["mean"] == pytest.approx(accuracy, abs=2 * m["sem2"])
        assert m["n_trials"] == 12 * 12
