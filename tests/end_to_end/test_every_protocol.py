"""Every protocol from ``new`` to ``analyze``, with simulated participants.

Stimuli are placeholders and six people take part. With ``IMI_FULL=1`` the stimuli are made by
``generate`` from the 800 sample images, with feature visualizations of two steps, and 24 people
take part; that takes an hour, and ``IMI_FULL_BATCHES`` limits the batches of natural images.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from placeholder_stimuli import write_placeholders

from imi_desktop.cli import main
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.recording.trial_table import read_trials

PLANNED = 24
MODEL = "efficientnet_lite0"
FULL = os.environ.get("IMI_FULL") == "1"
PARTICIPANTS = PLANNED if FULL else 6
FULL_BATCHES = os.environ.get("IMI_FULL_BATCHES", "")


@dataclass(frozen=True)
class Published:
    """What one participant of a published design does.

    Parameters
    ----------
    main : dict
        Main trials asked per cell of `cell`, catch and intuitiveness trials left out.
    between : bool
        Whether a participant meets one of the conditions only.
    catch, practice, repeated, ratings, instruction : int
        Trials of each kind; practice counts the first attempt.
    options : tuple of str
        Options of ``new`` that make the study small without touching the counts.
    """

    main: dict[tuple[str, ...], int]
    cell: tuple[str, ...] = ("condition",)
    between: bool = False
    catch: int = 0
    practice: int = 0
    repeated: int = 0
    ratings: int = 0
    instruction: int = 0
    options: tuple[str, ...] = ()
    stimuli: dict[str, dict[str, int]] = field(default_factory=dict)


DESIGNS = {
    # A.1.1 and Fig. 8: 45 trials of each type, 3 catch trials in each of 6 blocks, 18 repeated.
    "borowski2021-1": Published(
        main={("synthetic",): 45, ("natural",): 45, ("none",): 45},
        catch=18,
        practice=15,
        repeated=18,
        ratings=3,
    ),
    # A.1.1: 20 trials per type and scheme, 2 catch trials in each of 16 blocks; ratings twice.
    "borowski2021-2": Published(
        main={
            (condition, scheme): 20
            for condition in ("synthetic", "natural")
            for scheme in ("max_1", "min_max_1", "max_9", "min_max_9")
        },
        cell=("condition", "scheme"),
        catch=32,
        practice=24,
        ratings=6,
    ),
    # Section 3, A.3: 18 main and 3 catch trials, practice in fours.
    "zimmermann2021": Published(
        main={(c,): 18 for c in ("synthetic", "natural", "mixed", "blurred", "none")},
        between=True,
        catch=3,
        practice=4,
        instruction=1,
        stimuli={"occlusion": {"stride_px": 33}},
    ),
    # A.8: 9 main, 3 catch, 2 practice trials and one that explains.
    "zimmermann2021-replication": Published(
        main={("natural",): 9, ("synthetic",): 9},
        between=True,
        catch=3,
        practice=2,
        instruction=1,
    ),
    # A.3: 40 real trials, 5 catch and 5 practice trials.
    "zimmermann2023": Published(
        main={("natural",): 40, ("synthetic",): 40},
        between=True,
        catch=5,
        practice=5,
        options=("--units", "40"),
    ),
    "quick": Published(
        main={("natural",): 6, ("synthetic",): 6, ("none",): 6}, catch=2, practice=2
    ),
}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The sample images, or small ones of noise where stimuli are placeholders."""
    if FULL:
        return Path(request.getfixturevalue("imagenet_sample"))
    folder = tmp_path_factory.mktemp("images")
    noise = np.random.default_rng(3)
    for number in range(60):
        pixels = noise.integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return folder


def new(folder: Path, protocol: str, images: Path) -> Study:
    """Make the study by the command."""
    batches = FULL_BATCHES if FULL else "2"
    arguments = [
        "new", str(folder), "--protocol", protocol, "--model", MODEL, "--images", str(images),
        "--seed", "11", "--participants", str(PLANNED), "--preset", "fast", "--steps", "2",
        *DESIGNS[protocol].options, *(["--batches", batches] if batches else []),
    ]  # fmt: skip
    assert main(arguments) == 0
    study = Study.load(folder)
    stimuli = study.stimuli.model_dump(exclude_none=True)
    for table, values in DESIGNS[protocol].stimuli.items():
        stimuli[table] |= values
    study = study.replace(stimuli=stimuli)
    study.save()
    return study


def planned_as_published(study: Study, number: int) -> None:
    """Compare the trial list of a participant with the design."""
    design = DESIGNS[study.protocol]
    plan = plan_session(study, f"P{number:02}")
    asked = [
        t for t in plan.trials if t.phase == "main" and not t.catch and t.task != "intuitiveness"
    ]
    # Trials without references belong to no scheme.
    found = Counter(tuple(str(getattr(t, name)) for name in design.cell) for t in asked)
    if design.between:
        assert len(found) == 1
        assert found.items() <= design.main.items()
    else:
        assert found == design.main
    assert sum(t.catch for t in plan.trials) == design.catch
    phases = Counter(t.phase for t in plan.trials)
    assert phases["practice"] == design.practice
    assert phases["instruction"] == design.instruction
    assert sum(t.task == "intuitiveness" for t in plan.trials) == design.ratings
    assert sum(block.length for block in plan.blocks if block.repeats) == design.repeated


@pytest.mark.slow
@pytest.mark.timeout(7200 if FULL else 300)
@pytest.mark.parametrize("protocol", DESIGNS)
def test_from_new_to_analyze(protocol: str, tmp_path: Path, images: Path, capsys):
    study = new(tmp_path / "study", protocol, images)
    folder = str(study.folder)
    if FULL:
        assert main(["pick", folder]) == 0  # some drawn units may respond to no image
        study = Study.load(study.folder)
        capsys.readouterr()
        assert main(["generate", folder, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["failed"] == []
    else:
        write_placeholders(study)

    for number in range(1, PLANNED + 1):
        planned_as_published(study, number)
        if number <= PARTICIPANTS:
            assert main(["trials", folder, "--participant", f"P{number:02}", "--json"]) == 0
    for number in range(1, PARTICIPANTS + 1):
        observer = "pixels" if FULL and number % 8 == 0 else "chance:0.9"
        arguments = ["run", folder, "--participant", f"P{number:02}", "--observer", observer]
        assert main(arguments) == 0

    capsys.readouterr()
    assert main(["check", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []

    rows = read_trials(study.folder)
    main_rows = rows[(rows["phase"] == "main") & ~rows["catch"].astype(bool)]
    asked = main_rows[main_rows["task"] != "intuitiveness"]
    design = DESIGNS[protocol]
    per_person = asked.groupby("participant").size()
    assert len(per_person) == PARTICIPANTS
    each = set(design.main.values()) if design.between else {sum(design.main.values())}
    assert set(per_person) == each
    assert (rows["phase"] == "repeated").sum() == design.repeated * PARTICIPANTS

    assert main(["analyze", folder, "--json", "--include-excluded"]) == 0
    everybody = json.loads(capsys.readouterr().out)
    assert everybody["participants"] == PARTICIPANTS
    assert everybody["trials"] == len(asked)
    accuracy = [m for m in everybody["measures"] if m["measure"] == "proportion_correct"]
    conditions = {cell[0] for cell in design.main}
    assert {m["condition"] for m in accuracy} == conditions
    assert main(["analyze", folder, "--json"]) == 0
    included = json.loads(capsys.readouterr().out)
    excluded = {entry["participant"] for entry in included["quality"]["excluded"]}
    assert included["participants"] + len(excluded) == PARTICIPANTS
    assert main(["analyze", folder, "--report", str(tmp_path / "report.html")]) == 0
    assert (tmp_path / "report.html").stat().st_size > 10_000
