"""The lock: what defines the experiment cannot change unnoticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from assembled_study import assemble

from imi_desktop.experiment.lock import (
    FREE_FIELDS,
    LockError,
    StudyLockedError,
    amend,
    lock_study,
    read_lock,
    refuse_changes,
    verify_lock,
)
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.paths import resource
from imi_desktop.stimuli.manifest import Record, append
from imi_desktop.stimuli.pack import sha256_of


def change(study: Study, **changes: Any) -> Study:
    changed = study.replace(**changes)
    changed.save()
    return Study.load(study.folder)


def test_unlocked_study_may_change(quick: Study):
    assert read_lock(quick.folder) is None
    assert verify_lock(quick) == []
    refuse_changes(quick)


def test_unchanged_study_passes(quick: Study):
    lock = lock_study(quick)
    assert lock_study(quick) == lock == read_lock(quick.folder)
    assert verify_lock(Study.load(quick.folder)) == []


def test_layout_and_place_of_images_are_free(quick: Study):
    lock_study(quick)
    quick.file.write_text("# A remark.\n" + quick.file.read_text("utf-8"), "utf-8")
    moved = change(Study.load(quick.folder), images="/elsewhere", site="Tübingen")
    assert verify_lock(moved) == []


def test_changes_are_named(quick: Study):
    lock_study(quick)
    changed = change(quick, seed=99, language="de")
    found = {(d.part, d.key): d for d in verify_lock(changed)}
    assert found["study", "seed"].sentence == "study: seed was 5 and is 99."
    assert ("study", "language") in found
    assert any(part == "trial_lists" for part, _ in found)
    with pytest.raises(StudyLockedError, match="seed was 5 and is 99"):
        refuse_changes(changed)


def test_hypothesis_added_after_the_data(quick: Study):
    lock_study(quick)
    hypothesis = {
        "id": "H1",
        "sentence": "s",
        "null": "n",
        "alternative": "a",
        "comparison": {"a": "natural", "b": "none"},
    }
    found = verify_lock(change(quick, hypotheses=[hypothesis]))
    assert [(d.part, d.key, d.locked) for d in found] == [("hypotheses", "H1", "")]


def test_changed_stimulus(quick: Study):
    file = quick.folder / stimuli_needed(quick).files[0]
    file.parent.mkdir(parents=True)
    file.write_bytes(b"one")
    lock_study(quick)
    assert verify_lock(quick) == []
    file.write_bytes(b"other")
    assert [d.part for d in verify_lock(quick)] == ["stimuli"]


def test_amendments_are_kept_with_reason_and_date(quick: Study):
    first = lock_study(quick)
    with pytest.raises(LockError, match="nothing to amend"):
        amend(quick, author="A", reason="none")
    changed = change(quick, participants=24)
    with pytest.raises(LockError, match="a reason"):
        amend(changed, author="A", reason=" ")
    lock = amend(changed, author="A. Researcher", reason="More participants came.")
    assert verify_lock(changed) == []
    assert lock == read_lock(quick.folder)
    assert lock.made == first.made
    assert lock.amendments[0].author == "A. Researcher"
    assert "study: participants was 12 and is 24." in lock.amendments[0].changes
    again = amend(change(changed, seed=6), author="B", reason="Wrong seed.")
    assert [a.author for a in again.amendments] == ["A. Researcher", "B"]


def test_amending_an_unlocked_study(quick: Study):
    with pytest.raises(LockError, match="not locked"):
        amend(quick, author="A", reason="r")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 2}'])
def test_damaged_lock_is_refused_and_kept(quick: Study, text: str):
    path: Path = quick.folder / "lock.json"
    path.write_text(text, "utf-8")
    with pytest.raises(LockError):
        lock_study(quick)
    assert path.read_text("utf-8") == text


def test_lock_file_is_readable(quick: Study):
    lock_study(quick)
    values = json.loads((quick.folder / "lock.json").read_text("utf-8"))
    assert set(values["hashes"]) == {
        "study",
        "protocol",
        "hypotheses",
        "stimuli",
        "trial_lists",
    }
    assert all(len(sha256) == 64 for sha256 in values["hashes"].values())


def test_refusals_name_trial_lists_and_stimuli_once(quick: Study):
    files = stimuli_needed(quick).files[:3]
    for file in files:
        (quick.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (quick.folder / file).write_bytes(b"one")
    lock_study(quick)
    for file in files:
        (quick.folder / file).write_bytes(b"other")
    with pytest.raises(StudyLockedError) as refused:
        refuse_changes(change(quick, seed=99))
    lines = refused.value.sentence.splitlines()
    assert "  trial lists of P1…P24 changed." in lines
    assert f"  stimuli: 3 files changed, the first is {files[0]}." in lines
    assert len(lines) == 5


def test_bytes_are_compared_where_asked(quick: Study):
    file = stimuli_needed(quick).files[0]
    path = quick.folder / file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"one")
    unit = quick.units[0].unit
    recorded = Record(
        file, sha256_of(path), unit, "natural", "max", 0, activation=1.0, task="", made=""
    )
    append(quick.folder, [recorded])
    lock_study(quick)
    path.write_bytes(b"other")
    assert verify_lock(quick) == []
    assert [d.key for d in verify_lock(quick, {file: sha256_of(path)})] == [file]
    assert verify_lock(quick, {}) == []


def test_missing_and_later_stimuli_are_no_change_but_amendments_tell_missing_ones(quick: Study):
    first, later = stimuli_needed(quick).files[:2]
    for file in (first, later):
        (quick.folder / file).parent.mkdir(parents=True, exist_ok=True)
    (quick.folder / first).write_bytes(b"one")
    lock_study(quick)
    (quick.folder / first).unlink()
    (quick.folder / later).write_bytes(b"later")
    assert verify_lock(quick) == []
    lock = amend(quick, author="A", reason="To be made again.")
    assert any("stimuli" in change for change in lock.amendments[0].changes)


EVERY_KEY: dict[str, Any] = {
    "name": "other",
    "seed": 99,
    "language": "de",
    "audience": "lay",
    "conditions": ["natural", "none"],
    "participants": 7,
    "keyboard": True,
    "stimuli": {"natural": {"batches": 5}},
    "display": {"minimum_refresh_hz": 100.0},
}


def test_every_key_of_a_study_is_locked_or_free(quick: Study):
    elsewhere = {"units", "hypotheses", "models", "protocol"}  # these cannot change alone
    assert {*EVERY_KEY, *FREE_FIELDS, *elsewhere, "format"} == set(Study.model_fields)


@pytest.mark.parametrize("key", sorted(EVERY_KEY))
def test_no_key_changes_unnoticed(quick: Study, key: str):
    lock_study(quick)
    changed = change(quick, **{key: EVERY_KEY[key]})
    found = [d for d in verify_lock(changed) if d.part == "study"]
    assert found
    assert all(d.key.partition(".")[0] == key for d in found)
    with pytest.raises(StudyLockedError, match=f"study: {key}"):
        refuse_changes(changed)
    amended = amend(changed, author="A", reason="Because.")
    assert any(change.startswith(f"study: {key}") for change in amended.amendments[-1].changes)
    refuse_changes(changed)


@pytest.mark.parametrize(
    ("key", "value"), [("channel", 1), ("selection", "hand_picked"), ("layer", "conv_stem")]
)
def test_no_unit_changes_unnoticed(quick: Study, key: str, value: object):
    lock_study(quick)
    units = [entry.model_dump(exclude_none=True) for entry in quick.units]
    changed = change(quick, units=[{**units[0], key: value}, *units[1:]])
    with pytest.raises(StudyLockedError, match=rf"study: units\[1\]\.{key} was "):
        refuse_changes(changed)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("minimum = 1", "minimum = 0", "exclusion[1].minimum"),
        ('order = "given"', 'order = "random"', "parts[1].blocks[1].order"),
        ("[[units]]", "[timings]\nfeedback_ms = 1\n\n[[units]]", "timings.feedback_ms"),
        ('title = "Quick', 'title = "Quicker', "title"),
        ("[[exclusion]]", "[texts.trial.trial]\nquestion = 'Hm?'\n[[exclusion]]", "texts.trial"),
    ],
)
def test_own_protocols_are_locked_with_their_words(tmp_path: Path, old: str, new: str, told: str):
    own = tmp_path / "own.toml"
    text = resource("protocols", "quick.toml").read_text("utf-8")
    assert old in text
    own.write_text(text, "utf-8")
    study = assemble(str(own), tmp_path / "study", "efficientnet_lite0")
    study.write_new()
    study = Study.load(study.folder)
    lock_study(study)
    (study.folder / "own.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(StudyLockedError) as refused:
        refuse_changes(Study.load(study.folder))
    assert f"protocol: {told}" in refused.value.sentence
