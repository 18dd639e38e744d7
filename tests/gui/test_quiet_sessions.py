"""Jobs of the window wait while the participant of a session started here is at work."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.jobs import Job, State
from imi_desktop.gui.workbench.sessions_page import SessionsPage
from imi_desktop.gui.workbench.sessions_process import RunOptions, SessionProcess
from imi_desktop.recording.facts import SessionFacts
from imi_desktop.recording.records import Record


def facts_after(*happened: tuple[str, dict[str, object]]) -> SessionFacts:
    records = [
        Record(number, number, "2026-11-22T10:00:00.000Z", type_, data)
        for number, (type_, data) in enumerate(happened, 1)
    ]
    return SessionFacts.of(records)


TRIAL = ("trial_shown", {"onset_ns": 1, "phase": "main"})
BREAK = ("page_shown", {"onset_ns": 2, "kind": "break", "page": "break"})
PAUSED = ("paused", {})


def test_rest_begins_with_a_break_or_a_pause_and_ends_with_the_next_trial() -> None:
    assert not facts_after(TRIAL).resting
    assert facts_after(TRIAL, BREAK).resting
    assert not facts_after(TRIAL, BREAK, TRIAL).resting
    assert facts_after(TRIAL, PAUSED).resting


@pytest.fixture
def page(qtbot, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> SessionsPage:
    page = SessionsPage(context)
    qtbot.addWidget(page)
    monkeypatch.setattr(SessionProcess, "running", property(lambda self: True))
    page.acts.process.options = RunOptions("P03")
    return page


def held(page: SessionsPage, state: str, *happened: tuple[str, dict[str, object]]) -> str:
    """What the jobs wait for when the journal has told so much."""
    page.live.feed = SimpleNamespace(
        state=state,
        facts=facts_after(*happened),
        folder=Path("sessions", "P03", "20261122T100000Z"),
        last=[],
        stop=lambda: None,
        deleteLater=lambda: None,
    )
    page._progressed("P03, trial 1 of 22")
    return page.context.jobs.held


def test_jobs_wait_in_blocks_and_go_on_in_breaks_and_at_the_end(
    page: SessionsPage, context: AppContext
) -> None:
    job: Job = context.jobs.start({"kind": "index_images", "folder": "nowhere"}, "Images")
    assert held(page, "running", TRIAL) == job.held == "P03's session"
    assert held(page, "running", TRIAL, BREAK) == job.held == ""
    assert held(page, "running", TRIAL, BREAK, TRIAL) == "P03's session"
    page.acts.process.ended.emit(0, "")
    assert context.jobs.held == ""
    job.cancel()


def test_a_pause_by_hand_outlasts_the_session(page: SessionsPage, context: AppContext) -> None:
    job = context.jobs.start({"kind": "index_images", "folder": "nowhere"}, "Images")
    job.state = State.RUNNING
    job.pause()
    assert held(page, "running", TRIAL) == "P03's session"
    page.acts.process.ended.emit(0, "")
    assert job.state is State.PAUSED
    job.cancel(grace_ms=0)


def test_simulated_participants_let_jobs_work(page: SessionsPage) -> None:
    page.acts.process.options = RunOptions("simulated-1", observer="chance")
    assert held(page, "running", TRIAL) == ""
