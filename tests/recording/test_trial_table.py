"""The trial table and the facts that journals give."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pandas as pd
import pytest
from example_study import ExampleStudy, do_step, example_plan, go_to_trial, response

from imi_desktop.recording import marks
from imi_desktop.recording.errors import SessionLockedError
from imi_desktop.recording.facts import SessionFacts
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.participants import Participant, write_participant
from imi_desktop.recording.records import Record, read_journal
from imi_desktop.recording.session import Session
from imi_desktop.recording.session_folder import state_of
from imi_desktop.recording.trial_table import COLUMNS, read_trials


@pytest.fixture
def study(tmp_path: Path) -> ExampleStudy:
    return ExampleStudy(tmp_path)


def finish(session: Session) -> Session:
    while session.step is not None:
        do_step(session)
    session.close()
    return session


def new_session(study: ExampleStudy, participant: str = "P01", **options: object) -> Session:
    return Session.open(study, participant, plan=example_plan(participant), **options)


def facts_of(session: Session) -> SessionFacts:
    return SessionFacts.of(read_journal(session.folder / JOURNAL_NAME).records)


def test_a_study_without_sessions_has_an_empty_table(tmp_path: Path) -> None:
    trials = read_trials(tmp_path)
    assert trials.empty
    assert {name: str(dtype) for name, dtype in trials.dtypes.items()} == COLUMNS


def test_every_column_of_a_session_is_right(study: ExampleStudy) -> None:
    write_participant(study.folder, Participant("P01", {"expert_level": 2}))
    session = new_session(study)
    go_to_trial(session)
    do_step(session, right=False)
    finish(session)
    trials = read_trials(study.folder)
    assert list(trials.columns) == list(COLUMNS)
    assert {name: str(dtype) for name, dtype in trials.dtypes.items()} == COLUMNS
    assert list(trials["trial"]) == [1, 2, 1, 2, 3, 4, 5, 6, 7, 8]
    assert list(trials["attempt"]) == [1, 1, 2, 2, 1, 1, 1, 1, 1, 1]
    first = trials.iloc[0].dropna().to_dict()
    assert first == {
        "study": "example",
        "participant": "P01",
        "session": session.folder.name,
        "expert_level": "2",
        "task": "forward_prediction",
        "phase": "practice",
        "catch": False,
        "block": 1,
        "trial": 1,
        "attempt": 1,
        "condition": "natural",
        "scheme": "min_max_9",
        "model": "net",
        "layer": "layer",
        "channel": 1,
        "unit_selection": "random",
        "image_set": "3",
        "target_position": "upper",
        "chosen_position": "lower",
        "correct": False,
        "confidence": 2,
        "reaction_time_ms": 900.0,
        "onset_ns": 10**9,
        "response_ns": 1_900_000_000,
        "timeout": False,
        "included": True,
    }


def test_nanoseconds_keep_every_digit(study: ExampleStudy) -> None:
    session = new_session(study)
    step = go_to_trial(session)
    onset_ns = 2**61 + 1
    session.trial_shown(onset_ns, {})
    session.respond(response(step, onset_ns))
    session.close()
    assert read_trials(study.folder)["onset_ns"].iloc[0] == onset_ns


def test_a_resumed_session_counts_once(study: ExampleStudy) -> None:
    session = new_session(study)
    step = go_to_trial(session)
    session.trial_shown(5, {})
    session.close()  # shown but not answered
    resumed = new_session(study, resume=True)
    assert resumed.step == step
    finish(resumed)
    trials = read_trials(study.folder)
    assert list(trials["trial"]) == list(range(1, 9))
    assert trials["onset_ns"].iloc[0] == 10**9
    assert trials["session"].nunique() == 1


def test_every_session_of_every_participant_is_there(study: ExampleStudy) -> None:
    for participant in ("P02", "P01", "P01"):
        finish(new_session(study, participant))
    trials = read_trials(study.folder)
    counts = trials.groupby(["participant", "session"]).size()
    assert list(counts) == [8, 8, 8]
    assert list(dict.fromkeys(trials["participant"])) == ["P01", "P02"]


def test_excluded_sessions_stay_with_their_reasons(study: ExampleStudy) -> None:
    session = finish(new_session(study))
    marks.exclude(session.folder, "talked on the phone")
    marks.exclude(session.folder, "knew the units")
    trials = read_trials(study.folder)
    assert not trials["included"].any()
    assert set(trials["exclusion_reasons"]) == {"talked on the phone; knew the units"}
    assert state_of(session.folder) == "done"
    marks.include_again(session.folder, "a mistake")
    trials = read_trials(study.folder)
    assert trials["included"].all()
    assert trials["exclusion_reasons"].isna().all()


def test_an_interrupted_session_can_be_ended_and_a_running_one_not_marked(
    study: ExampleStudy,
) -> None:
    session = new_session(study)
    go_to_trial(session)
    do_step(session)
    with pytest.raises(SessionLockedError):
        marks.end_for_good(session.folder, "left")
    session.close()
    marks.end_for_good(session.folder, "left")
    assert state_of(session.folder) == "aborted"
    assert facts_of(session).reason == "left"


def test_facts_tell_progress_attention_and_quality(study: ExampleStudy) -> None:
    session = new_session(study)
    session.page_shown(10**9)
    session.page_done(done_ns=2 * 10**9)
    session.page_shown(2 * 10**9)
    session.page_done(done_ns=22 * 10**9)
    step = go_to_trial(session)
    session.trial_shown(23 * 10**9, {})
    session.respond(response(step, 23 * 10**9, right=False))
    session.record("frame_missed", {"before": "trial", "frames": 2})
    session.record("focus_lost", {})
    session.record("paused", {"reason": "experimenter"})
    facts = facts_of(session)
    assert facts.paused
    assert facts.instruction_ms == 20_000
    assert facts.session_ms == pytest.approx(22_900)
    session.record("resumed", {})
    session.trial_done()
    for _ in range(9):
        do_step(session)
    session.close()
    facts = facts_of(session)
    assert (facts.missed_frames, facts.focus_lost, facts.pauses) == (2, 1, 1)
    assert not facts.paused
    assert facts.practice_attempts == 2
    assert facts.planned_trials == 8
    assert facts.trials_done == 7
    assert facts.catch == (1, 1)
    assert facts.chosen == {"upper": 4, "lower": 5}
    assert [answer.right for answer in facts.answered if not answer.catch] == [None] * 8
    assert facts.outcome is None


def test_time_between_two_processes_is_not_session_time(study: ExampleStudy) -> None:
    session = new_session(study)
    do_step(session)
    session.close()
    resumed = new_session(study, resume=True)
    resumed.page_shown(10**15)
    resumed.page_done(done_ns=10**15 + 5 * 10**9)
    resumed.close()
    assert facts_of(resumed).instruction_ms == 5_000


def test_the_table_is_what_analyses_take(study: ExampleStudy) -> None:
    finish(new_session(study))
    columns = pytest.importorskip("imi_desktop.analysis.columns")
    trials = read_trials(study.folder)
    pd.testing.assert_frame_equal(columns.conform(trials, "journals"), trials)


def test_a_clock_that_jumps_changes_no_time(
    study: ExampleStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    jumps = itertools.cycle((timedelta(0), timedelta(days=-400), timedelta(hours=3)))

    class JumpingClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + next(jumps)

    monkeypatch.setattr("imi_desktop.recording.journal.datetime", JumpingClock)
    session = finish(new_session(study))
    utc = [record.utc for record in read_journal(session.folder / JOURNAL_NAME).records]
    assert utc != sorted(utc), "the wall clock went back"
    trials = read_trials(study.folder)
    assert trials["reaction_time_ms"].tolist() == [900.0] * len(trials)
    assert {answer.reaction_time_ms for answer in facts_of(session).answered} == {900.0}
    assert state_of(session.folder) == "done"


@pytest.mark.parametrize("counted", [None, 0])
def test_frames_are_missed_only_where_they_are_counted(counted: int | None) -> None:
    display = {"missed_frames": counted}
    shown = Record(0, 0, "", "trial_shown", {"onset_ns": 1, "phase": "main", "display": display})
    assert SessionFacts.of([shown]).missed_frames == counted
