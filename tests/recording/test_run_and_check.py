"""``run --observer`` and ``check`` on a study whose images are small but there."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from imi_desktop.analysis.recording_checks import check_recording
from imi_desktop.cli import main
from imi_desktop.experiment.lock import read_lock
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.recording.journal import JOURNAL_NAME, Journal
from imi_desktop.recording.participants import participant_ids
from imi_desktop.recording.session import Session
from imi_desktop.recording.session_folder import sessions_of, state_of
from imi_desktop.recording.trial_table import read_trials
from imi_desktop.stimuli.manifest import Manifest, Record, append, manifest_path
from imi_desktop.stimuli.pack import sha256_of

MODEL = "efficientnet_lite0"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study by the quick protocol with grey images."""
    units = [
        {
            "model": "efficientnet_lite0",
            "layer": "conv_stem",
            "channel": 8 * place + number,
            "role": pool.role,
        }
        for place, pool in enumerate(Protocol.load("quick").units)
        for number in range(pool.count)
    ]
    made = Study.create(
        tmp_path / "study",
        name="small",
        protocol="quick",
        seed=7,
        images="images",
        models=[MODEL],
        units=units,
    )
    records = []
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (120, 120, 120)).save(content, "PNG")
    for file in stimuli_needed(made).files:
        path = made.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.getvalue())
        records.append(
            Record(
                file=file,
                sha256=sha256_of(path),
                unit=made.units[0].unit,
                kind="natural",
                side="max",
                index=0,
                activation=1.0,
                task="",
                made="2026-01-01T00:00:00+00:00",
            )
        )
    append(made.folder, records)
    return made


def run(study: Study, *arguments: str, participant: str = "P01", observer: str = "chance") -> int:
    return main(
        ["run", str(study.folder), "--participant", participant, "--observer", observer, *arguments]
    )


def problems(
    study: Study, capsys: pytest.CaptureFixture[str], code: int
) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["check", str(study.folder), "--json"]) == code
    return json.loads(capsys.readouterr().out)["problems"]


def test_a_simulated_study_is_recorded_and_clean(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study) == 0
    assert "22 answers by chance" in capsys.readouterr().out
    assert run(study, participant="P02", observer="pixels") == 0
    trials = read_trials(study.folder)
    assert list(trials.groupby("participant").size()) == [22, 22]
    assert set(trials["condition"]) == {"natural", "synthetic", "none"}
    assert problems(study, capsys, 0) == []
    assert main(["check", str(study.folder)]) == 0
    assert "no problems found" in capsys.readouterr().out
    checks = check_recording([study.folder])
    assert (checks.sessions, checks.simulated) == (2, 2)
    assert (checks.missed_frames, checks.with_counted_frames) == (0, 0), "nobody counted them"


def test_wrong_use_gets_a_sentence_and_exit_code_2(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study, participant="a/b") == 2
    assert "cannot be a participant id" in capsys.readouterr().err
    assert run(study, observer="nobody") == 2
    assert "There is no observer" in capsys.readouterr().err
    assert run(study, "--resume") == 2
    assert "no unfinished session" in capsys.readouterr().err
    assert not (study.folder / "lock.json").exists()
    assert main(["run", str(study.folder / "stimuli"), "--participant", "P01"]) == 2
    assert "is not a study" in capsys.readouterr().err
    assert not (study.folder / "sessions").exists()


def test_missing_stimuli_are_counted_before_anything_is_recorded(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in stimuli_needed(study).files[:3]:
        (study.folder / file).unlink()
    code = run(study)
    said = capsys.readouterr().err
    listed = problems(study, capsys, 1)
    assert [problem["about"] for problem in listed] == ["stimuli"]
    assert len(listed[0]["files"]) == 3
    if code == 2:  # this participant's trials need one of the three
        assert "imi-desktop generate" in said
        assert not (study.folder / "sessions").exists()


def test_swapped_stimuli_are_not_shown(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    swapped = plan_session(study, "P01").trials[0].images[0]
    (study.folder / swapped).write_bytes(b"another image")
    assert run(study) == 2
    said = capsys.readouterr().err
    assert "1 of the" in said
    assert "not what the manifest says" in said
    assert swapped in said
    assert not (study.folder / "sessions").exists()
    assert not (study.folder / "lock.json").exists()


def test_stimuli_swapped_together_with_the_manifest_differ_from_the_lock(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study) == 0
    manifest_path(study.folder).unlink()
    swapped = plan_session(study, "P02").trials[0].images[0]
    (study.folder / swapped).write_bytes(b"another image")
    assert run(study, participant="P02") == 2
    assert f"stimuli: {swapped} changed." in capsys.readouterr().err


def test_a_second_session_is_made_only_when_asked_for(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study) == 0
    assert run(study) == 2
    assert "--again" in capsys.readouterr().err
    assert len(sessions_of(study.folder, "P01")) == 1
    assert run(study, "--again") == 0
    assert len(sessions_of(study.folder, "P01")) == 2


def test_an_id_in_other_capitals_is_refused(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study, participant="P01") == 0
    assert run(study, participant="p01") == 2
    assert "There is a participant P01 already" in capsys.readouterr().err
    assert participant_ids(study.folder) == ["P01"]


def test_a_lost_lock_is_a_problem_once_people_took_part(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = study.folder / "lock.json"
    assert run(study, participant="simulated") == 0
    lock.unlink()
    assert run(study, participant="S02") == 0  # only simulated participants took part
    session = Session.open(study, "P01", lock=True)
    session.abort("went home")
    session.close()
    lock.unlink()
    assert run(study, participant="P02") == 2
    assert "lock.json is gone" in capsys.readouterr().err
    assert not lock.exists()
    assert [problem["about"] for problem in problems(study, capsys, 1)] == ["lock"]
    amending = ["amend", str(study.folder), "--author", "A. Researcher"]
    assert main([*amending, "--reason", "The disk was lost."]) == 0
    assert "lock was lost" in read_lock(study.folder).amendments[0].changes[0]
    assert run(study, participant="P02") == 0


def test_an_unfinished_session_is_resumed_and_a_running_one_left_alone(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study) == 0
    (folder,) = sessions_of(study.folder, "P01")
    path = folder / JOURNAL_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:20]) + lines[20][:7])
    (problem,) = problems(study, capsys, 1)
    assert "torn" in problem["sentence"]
    assert run(study) == 2
    assert "--resume" in capsys.readouterr().err
    journal = Journal.open(path)
    assert run(study, "--resume") == 2
    assert "is being recorded by process" in capsys.readouterr().err
    journal.close()
    assert run(study, "--resume") == 0
    assert state_of(folder) == "done"
    assert len(read_trials(study.folder)) == 22
    assert problems(study, capsys, 0) == []


def test_check_names_every_problem_at_once(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    for participant in ("P01", "P02"):
        assert run(study, participant=participant) == 0
    path = sessions_of(study.folder, "P01")[0] / JOURNAL_NAME
    content = bytearray(path.read_bytes())
    content[content.index(b'"trial":') + 8] ^= 1
    path.write_bytes(content)
    (study.folder / "sessions" / "P02" / "participant.json").write_text("{")
    (study.folder / stimuli_needed(study).files[0]).unlink()
    listed = problems(study, capsys, 1)
    said = " ".join(str(problem["sentence"]) for problem in listed)
    assert "damaged at line" in said
    assert "not a participant's record" in said
    assert "1 stimulus image is missing" in said


def test_check_of_a_broken_study_file_still_checks_the_sessions(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study) == 0
    (study.file).write_text(study.file.read_text().replace("seed", "sead"))
    path = sessions_of(study.folder, "P01")[0] / JOURNAL_NAME
    path.write_bytes(path.read_bytes()[10:])
    assert {problem["about"] for problem in problems(study, capsys, 1)} == {"study", "sessions"}


def test_check_says_when_the_study_was_changed_under_its_sessions(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study) == 0
    study.replace(seed=8).save()
    listed = problems(study, capsys, 1)
    assert {problem["about"] for problem in listed} == {"lock", "sessions"}
    said = " ".join(str(problem["sentence"]) for problem in listed)
    assert "another trial list" in said
    assert "seed was 7 and is 8" in said
    assert run(study, participant="P02") == 2
    assert "was changed after its first participant" in capsys.readouterr().err


def test_sessions_before_an_amendment_are_no_problem(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was changed on purpose, and said, is not told again of every session before it."""
    assert run(study) == 0
    study.replace(seed=8).save()
    amended = ["amend", str(study.folder), "--author", "A", "--reason", "Another seed."]
    assert main(amended) == 0
    assert problems(study, capsys, 0) == []
    assert run(study, participant="P02") == 0
    assert problems(study, capsys, 0) == []
    Study.load(study.folder).replace(seed=9).save()
    listed = problems(study, capsys, 1)
    assert {problem["about"] for problem in listed} == {"lock", "sessions"}


def test_check_of_no_study_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert "is not a study" in capsys.readouterr().err


def test_the_first_session_locks_the_study(study: Study) -> None:
    assert run(study, "--resume") == 2
    assert not (study.folder / "lock.json").exists()
    assert run(study) == 0
    assert (study.folder / "lock.json").is_file()


def test_sessions_that_fail_a_rule_of_the_protocol_are_marked(study: Study) -> None:
    assert run(study, observer="chance:0") == 0
    assert run(study, participant="P02", observer="chance:1") == 0
    trials = read_trials(study.folder).set_index("participant")
    assert not trials.loc["P01", "included"].any()
    assert trials.loc["P01", "exclusion_reasons"].unique().tolist() == [
        "catch trials right: 0, needs 1 or more"
    ]
    assert trials.loc["P02", "included"].all()


def test_check_tells_stimuli_without_a_record_and_a_torn_manifest(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = manifest_path(study.folder)
    with manifest.open("ab") as file:
        file.write(b'{"format": 1, "fi')
    (torn,) = problems(study, capsys, 1)
    assert "is torn" in torn["sentence"]
    manifest.unlink()
    (unknown,) = problems(study, capsys, 1)
    assert unknown["files"] == list(stimuli_needed(study).files)


def test_check_believes_an_imported_pack(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    manifest_path(study.folder).unlink()
    report = study.folder / "imported" / "stimuli-folder.json"
    report.parent.mkdir()
    report.write_text(json.dumps({"outputs": stimuli_needed(study).files}))
    assert problems(study, capsys, 0) == []


def test_a_damaged_manifest_is_told_once(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = manifest_path(study.folder)
    manifest.write_text("no record\n" + manifest.read_text())
    assert run(study) == 2
    listed = problems(study, capsys, 1)
    assert len(listed) == 1
    assert str(manifest) in listed[0]["sentence"]


def test_check_notes_stimuli_that_are_less_extreme_than_they_should_be(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    records = Manifest.read(study.folder)
    first, second, *_ = records
    missed = {"reaches_natural": False}
    append(study.folder, [replace(first, kind="synthetic", parameters=missed)])
    append(study.folder, [replace(second, side="min", percentile=44.0)])
    capsys.readouterr()
    assert main(["check", str(study.folder), "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("reaches the natural extreme" in note for note in notes)
    assert any("up to percentile 44" in note for note in notes)
    assert main(["check", str(study.folder)]) == 0
    assert "Note: " in capsys.readouterr().out


def test_sessions_are_excluded_and_included_again(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study) == 0
    command = ["exclude", str(study.folder), "--participant", "P01", "--reason", "Talked."]
    assert main(command) == 0
    assert not read_trials(study.folder)["included"].any()
    assert main([*command, "--include-again"]) == 0
    assert read_trials(study.folder)["included"].all()
    capsys.readouterr()
    assert main(["exclude", str(study.folder), "--participant", "P09", "--reason", "x"]) == 2
    assert "P09 has no session" in capsys.readouterr().err


def test_changes_are_run_with_once_they_are_amended(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(study) == 0
    study.replace(participants=9).save()
    assert run(study, participant="P02") == 2
    assert "imi-desktop amend" in capsys.readouterr().err
    amending = ["amend", str(study.folder), "--author", "A. Researcher", "--reason", "More came."]
    assert main(amending) == 0
    assert "participants" in capsys.readouterr().out
    assert run(study, participant="P02") == 0
    assert main(amending) == 2
    assert "nothing to amend" in capsys.readouterr().err
