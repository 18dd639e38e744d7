"""A session that was interrupted goes on as if nothing had happened."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from example_study import ExampleStudy, do_step, example_plan, go_to_trial, response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imi_desktop.experiment.trial import TrialStep
from imi_desktop.recording.errors import (
    JournalDamagedError,
    NothingToResumeError,
    PlanChangedError,
    SessionLockedError,
    UnfinishedSessionError,
)
from imi_desktop.recording.journal import JOURNAL_NAME, LOCK_NAME
from imi_desktop.recording.records import Record, encode, read_journal
from imi_desktop.recording.session import Session
from imi_desktop.recording.session_folder import state_of


@pytest.fixture
def study(tmp_path: Path) -> ExampleStudy:
    return ExampleStudy(tmp_path)


def interrupted(study: ExampleStudy, answers: int = 1) -> Session:
    session = Session.open(study, "P01", plan=example_plan())
    go_to_trial(session)
    for _ in range(answers):
        do_step(session)
    session.close()
    return session


def resume(study: ExampleStudy) -> Session:
    return Session.open(study, "P01", resume=True, plan=example_plan())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rights=st.lists(st.booleans(), min_size=30, max_size=30), cut=st.integers(2, 60))
def test_replaying_any_beginning_of_a_journal_gives_the_step_that_followed(
    tmp_path_factory: pytest.TempPathFactory, rights: list[bool], cut: int
) -> None:
    study = ExampleStudy(tmp_path_factory.mktemp("study"))
    session = Session.open(study, "P01", plan=example_plan())
    steps_after: dict[int, object] = {}
    path = session.folder / JOURNAL_NAME
    answers = iter(rights)
    while session.step is not None:
        steps_after[len(path.read_bytes().splitlines())] = session.step
        do_step(session, right=next(answers))
    session.close()
    lines = path.read_bytes().splitlines(keepends=True)
    cut = min(cut, len(lines) - 1)
    path.write_bytes(b"".join(lines[:cut]))
    kinds = [record.type for record in read_journal(path).records]
    resumed = resume(study)
    done = sum(kind in {"consent", "page_done", "response", "answer_text"} for kind in kinds)
    expected = list(steps_after.values())[done] if done < len(steps_after) else None
    assert resumed.step == expected
    resumed.close()


def test_the_first_unanswered_trial_comes_next_and_is_shown_anew(study: ExampleStudy) -> None:
    interrupted(study, answers=1)
    session = resume(study)
    assert session.resumed
    assert isinstance(session.step, TrialStep)
    assert session.step.trial.number == 2
    with pytest.raises(RuntimeError, match="before it was shown"):
        session.respond(response(session.step, 1))
    session.close()


def test_a_trial_answered_but_not_left_is_not_asked_again(study: ExampleStudy) -> None:
    session = Session.open(study, "P01", plan=example_plan())
    step = go_to_trial(session)
    session.trial_shown(1, {})
    session.respond(response(step, 1))
    session.close()
    session = resume(study)
    assert isinstance(session.step, TrialStep)
    assert session.step.trial.number == 2
    session.close()


def test_a_session_resumes_in_a_copy_of_the_folder(study: ExampleStudy, tmp_path: Path) -> None:
    session = Session.open(study, "P01", plan=example_plan())
    go_to_trial(session)
    do_step(session)
    copy = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "sessions", copy / "sessions")  # with the lock of the live one
    assert (copy / "sessions/P01" / session.folder.name / LOCK_NAME).exists()
    resumed = resume(ExampleStudy(copy))
    assert resumed.step == session.step
    resumed.close()
    session.close()


def test_a_running_session_cannot_be_opened_twice(study: ExampleStudy) -> None:
    session = Session.open(study, "P01", plan=example_plan())
    assert state_of(session.folder) == "running"
    for again in (False, True):
        with pytest.raises(SessionLockedError):
            Session.open(study, "P01", resume=again, plan=example_plan())
    do_step(session)
    session.close()
    assert state_of(session.folder) == "interrupted"


def test_an_unfinished_session_must_be_resumed_first(study: ExampleStudy) -> None:
    interrupted(study)
    with pytest.raises(UnfinishedSessionError, match="--resume"):
        Session.open(study, "P01", plan=example_plan())


def test_there_must_be_something_to_resume(study: ExampleStudy) -> None:
    with pytest.raises(NothingToResumeError, match="no unfinished session"):
        resume(study)
    session = Session.open(study, "P01", plan=example_plan())
    while session.step is not None:
        do_step(session)
    session.close()
    with pytest.raises(NothingToResumeError):
        resume(study)


def test_another_trial_list_is_refused_and_nothing_is_changed(study: ExampleStudy) -> None:
    session = interrupted(study)
    before = (session.folder / JOURNAL_NAME).read_bytes()
    with pytest.raises(PlanChangedError, match="Restore the study file"):
        Session.open(study, "P01", resume=True, plan=replace(example_plan(), seed=12))
    assert (session.folder / JOURNAL_NAME).read_bytes() == before


def test_a_journal_of_another_walk_is_refused(study: ExampleStudy) -> None:
    session = interrupted(study)
    path = session.folder / JOURNAL_NAME
    records = read_journal(path).records
    stray = {"trial": 7, "attempt": 1, "correct": True, "confidence": 1, "rating": None}
    line = encode(Record(len(records), 1, "2026-01-01T00:00:00.000Z", "response", stray))
    path.write_bytes(path.read_bytes() + line)
    before = path.read_bytes()
    with pytest.raises(JournalDamagedError, match=rf"line {len(records) + 1}: it is about trial 7"):
        resume(study)
    assert path.read_bytes() == before


def test_a_session_that_died_before_its_first_record_can_be_resumed(study: ExampleStudy) -> None:
    session = Session.open(study, "P01", plan=example_plan())
    session.close()
    (session.folder / JOURNAL_NAME).write_bytes(b"")
    resumed = resume(study)
    do_step(resumed)
    resumed.close()
    types = [record.type for record in read_journal(resumed.folder / JOURNAL_NAME).records]
    assert types[:3] == ["journal_created", "session_started", "session_resumed"]


def test_a_session_that_died_after_its_last_step_is_ended_by_resuming(study: ExampleStudy) -> None:
    session = Session.open(study, "P01", plan=example_plan())
    while session.step is not None:
        do_step(session)
    session.close()
    path = session.folder / JOURNAL_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    resumed = resume(study)
    assert resumed.step is None
    resumed.close()
    assert state_of(resumed.folder) == "done"
