"""What the main window asks of a running session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from example_study import ExampleStudy, do_step, example_plan, go_to_trial

from imi_desktop.experiment.trial import PageStep, TrialStep
from imi_desktop.recording.facts import SessionFacts
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.records import Record, read_journal
from imi_desktop.recording.requests import Request, ask, waiting
from imi_desktop.recording.session import Session
from imi_desktop.recording.session_folder import state_of


@pytest.fixture
def study(tmp_path: Path) -> ExampleStudy:
    return ExampleStudy(tmp_path)


@pytest.fixture
def session(study: ExampleStudy) -> Session:
    opened = Session.open(study, "P01", plan=example_plan())
    go_to_trial(opened)
    return opened


def records(session: Session) -> list[Record]:
    return read_journal(session.folder / JOURNAL_NAME).records


def test_a_pause_comes_after_the_present_trial_and_ends_with_its_page(session: Session) -> None:
    ask(session.folder, Request("pause", ""))
    assert waiting(session.folder) == ["pause"]
    assert isinstance(session.step, TrialStep)
    do_step(session)
    assert waiting(session.folder) == []
    assert isinstance(session.step, PageStep)
    assert session.step.kind == "break"
    session.page_shown(5)
    assert SessionFacts.of(records(session)).paused
    session.page_done()
    assert [record.type for record in records(session)][-2:] == ["paused", "resumed"]
    assert isinstance(session.step, TrialStep)
    assert session.step.trial.number == 2
    session.close()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_pause_is_announced_in_the_studys_language(study: ExampleStudy, language: str) -> None:
    study = replace(study, language=language)
    session = Session.open(study, "P01", plan=example_plan())
    go_to_trial(session)
    ask(session.folder, Request("pause", ""))
    do_step(session)
    assert isinstance(session.step, PageStep)
    assert ("Pause" if language == "de" else "pause") in session.step.title
    session.close()


def test_a_session_killed_in_its_pause_goes_on_with_the_next_trial(
    study: ExampleStudy, session: Session
) -> None:
    ask(session.folder, Request("pause", ""))
    do_step(session)
    session.page_shown(5)
    session.close()
    ask(session.folder, Request("pause", ""))
    resumed = Session.open(study, "P01", resume=True, plan=example_plan())
    assert isinstance(resumed.step, TrialStep)
    assert resumed.step.trial.number == 2
    do_step(resumed)
    assert isinstance(resumed.step, PageStep)
    assert resumed.step.name == "block_intro_2"
    resumed.close()


def test_notes_go_into_the_journal(session: Session) -> None:
    ask(session.folder, Request("note", "Lüftung war laut"))
    ask(session.folder, Request("note", "zweite Notiz"))
    do_step(session)
    notes = [record.data["text"] for record in records(session) if record.type == "note"]
    assert notes == ["Lüftung war laut", "zweite Notiz"]
    session.close()


def test_a_session_ended_from_outside_is_over_after_the_trial(session: Session) -> None:
    ask(session.folder, Request("end", "participant felt ill"))
    do_step(session)
    assert session.step is None
    session.close()
    assert state_of(session.folder) == "aborted"
    facts = SessionFacts.of(records(session))
    assert (facts.reason, facts.trials_done) == ("participant felt ill", 1)


def test_a_session_ended_during_its_pause_is_over_when_the_pause_is(session: Session) -> None:
    ask(session.folder, Request("pause", ""))
    do_step(session)
    session.page_shown(5)
    ask(session.folder, Request("end", "fire alarm"))
    session.page_done()
    assert session.step is None
    session.close()
    assert SessionFacts.of(records(session)).reason == "fire alarm"


def test_what_is_asked_on_a_page_is_done_after_it(study: ExampleStudy) -> None:
    session = Session.open(study, "P01", plan=example_plan())
    ask(session.folder, Request("note", "came late"))
    do_step(session)
    assert "note" in [record.type for record in records(session)]
    session.close()
