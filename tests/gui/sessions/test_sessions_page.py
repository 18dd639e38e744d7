"""The Sessions page: who takes part, what runs, and what can be done about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from some_sessions import draw_stimuli, take_part

from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import TrialStep
from imi_desktop.gui.workbench.sessions_checks import screen_check, stimuli_check
from imi_desktop.gui.workbench.sessions_model import CATCH, STATE, TRIALS
from imi_desktop.gui.workbench.sessions_page import SessionsPage
from imi_desktop.gui.workbench.sessions_process import RunOptions
from imi_desktop.gui.workbench.sessions_register import (
    ReasonDialog,
)
from imi_desktop.gui.workbench.sessions_rows import RowReader, order_words
from imi_desktop.gui.workbench.sessions_rt_chart import block_strips
from imi_desktop.gui.workbench.sessions_words import record_words
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.simulate import run_observer
from imi_desktop.recording.participants import (
    plan_for,
)
from imi_desktop.recording.records import Record, read_journal
from imi_desktop.recording.requests import waiting


def cells(page: SessionsPage, column: int) -> dict[str, str]:
    model = page.table.model
    return {
        row.participant.id: model.index(place, column).data()
        for place, row in enumerate(model.rows)
    }


def test_every_state_is_told_in_words(make_page, full: Study) -> None:
    page = make_page(full)
    assert cells(page, STATE) == {
        "P01": "done",
        "P02": "excluded: talked on the phone",
        "P03": "interrupted at trial 6",
        "P04": "planned",
        "P05": "excluded: catch trials right: 0, needs 1 or more",
        "P06": "ended early: stopped by participant",
        "P07": "cannot be read",
        "P08": "cannot be read",
    }
    assert cells(page, TRIALS)["P01"] == "22"
    assert cells(page, CATCH)["P01"] == "2 / 2"
    assert cells(page, CATCH)["P04"] == "–"
    assert page.subtitle == "1 done · 1 to resume · 1 planned · 2 excluded · 1 ended early"
    assert page.state_word() == "1 / 6"


def test_groups_and_filter_choose_rows(make_page, full: Study) -> None:
    page = make_page(full)
    page.table.shown.set_group("open")
    assert page.table.shown.rowCount() == 2
    page.table.shown.set_group("excluded")
    assert page.table.shown.rowCount() == 5
    page.table.shown.set_group("all")
    page.table.filter.setText("phone")
    assert page.table.shown.rowCount() == 1


def test_the_chosen_session_is_shown_with_what_can_be_done(make_page, full: Study, qtbot) -> None:
    page = make_page(full)
    page.show_detail("P03")
    assert page.detail.title == "P03, interrupted"
    assert page.start.text() == "Resume session…"
    assert page.start.isEnabled()
    assert page.live.folder is not None
    assert len(page.live.chart.rows()) == 5
    page.show_detail("P02")
    assert page.detail.title == "P02, excluded"
    menu = page.row_menu(page.detail.row)
    assert [action.text() for action in menu.actions()] == [
        "Start another session…",
        "Open session folder",
        "Include again…",
        "Show trial list",
    ]


def test_a_running_session_is_followed_and_nothing_else_can_start(
    make_page, study: Study, qtbot
) -> None:
    session = take_part(study, "P01", 4)
    page = make_page(study)
    told: list[str] = []
    page.context.running.connect(told.append)
    assert cells(page, STATE)["P01"] == "running, 18\u2009%"
    assert not page.start.isEnabled()
    assert page.start.toolTip() == "P01 is taking part now"
    step = session.step
    assert isinstance(step, TrialStep)
    session.trial_shown(5, {})
    words = f"Trial {step.trial.number} of 22"
    qtbot.waitUntil(lambda: page.live._trial.text() == words, timeout=5000)
    run_observer(session, ChanceObserver(1))
    session.close()
    qtbot.waitUntil(lambda: page.live.feed.state == "done", timeout=5000)
    assert told[-1] == ""
    page.refresh()
    qtbot.waitUntil(lambda: page.start.isEnabled(), timeout=5000)
    assert cells(page, STATE)["P01"] == "done"


def test_pause_and_notes_are_asked_of_the_running_session(make_page, study: Study, qtbot) -> None:
    session = take_part(study, "P01", 2)
    page = make_page(study)
    qtbot.mouseClick(page.live.pause, Qt.MouseButton.LeftButton)
    assert waiting(session.folder) == ["pause"]
    assert page.live.pause.text() == "Pauses after this trial"
    assert not page.live.pause.isEnabled()
    page.live.note.click()
    dialog = page.findChildren(ReasonDialog)[0]
    assert not dialog.go.isEnabled()
    dialog.text.setText("telephone rang")
    dialog.go.click()
    assert waiting(session.folder) == ["pause", "note"]
    session.close()


def test_a_pause_shows_that_nothing_is_on_the_screen(make_page, study: Study, qtbot) -> None:
    session = take_part(study, "P01", 2)
    session.record("paused", {"reason": "experimenter"})
    page = make_page(study)
    qtbot.waitUntil(lambda: page.live.pause.text() == "Paused", timeout=5000)
    assert not page.live.pause.isEnabled()
    assert page.live._trial.text() == "2 of 22 trials"
    session.record("resumed", {})
    qtbot.waitUntil(lambda: page.live.pause.text() == "Pause after this trial", timeout=5000)
    session.close()


def test_what_is_said_of_a_session_goes_when_the_next_one_starts(
    make_page, study: Study, context, monkeypatch
) -> None:
    page, mended = make_page(study), []
    context.mended.connect(mended.append)
    monkeypatch.setattr(page.acts.process, "start", lambda *_: None)
    page.acts.process.options = RunOptions("P01")
    page.acts.process.ended.emit(-1, "")
    page.acts._run(RunOptions("P01", resume=True))
    assert len(mended) == 1 and mended[0].startswith("The session of P01 stopped unexpectedly")


def test_the_facts_of_a_session_keep_their_height(make_page, full: Study, qtbot) -> None:
    page = make_page(full, 1280)
    page.resize(1280, 620)
    with qtbot.waitExposed(page):
        page.show()
    page.show_detail("P06")
    values = page.detail._values
    assert values.height() >= values.sizeHint().height()


def test_nothing_on_the_page_tells_what_was_answered(make_page, full: Study) -> None:
    page = make_page(full)
    page.show_detail("P01")
    rows = page.live.tail.records
    said = " ".join(
        str(rows.index(row, column).data())
        for row in range(rows.rowCount())
        for column in range(rows.columnCount())
    )
    for word in ("upper", "lower", "right", "wrong", "correct"):
        assert word not in said
    assert set(page.live.chart.rows()[0]) == {
        "trial", "attempt", "block", "phase", "condition", "catch", "reaction_time_ms",
    }  # fmt: skip


def test_the_plot_and_its_data_can_be_saved(make_page, full: Study, tmp_path: Path) -> None:
    page = make_page(full)
    page.show_detail("P01")
    page.live.write_plot(tmp_path / "plot.svg")
    assert b"<svg" in (tmp_path / "plot.svg").read_bytes()
    page.live.write_plot(tmp_path / "plot.csv")
    assert len((tmp_path / "plot.csv").read_text().splitlines()) == 23


def test_checks_of_screen_and_stimuli(study: Study) -> None:
    assert screen_check(study, (1920, 1080), None, False).state == "fine"
    refused = screen_check(study, (1280, 720), None, False)
    assert (refused.state, refused.overridable) == ("error", True)
    assert screen_check(study, (1280, 720), None, True).state == "warn"
    plan = plan_for(study, "P01")
    assert stimuli_check(study, plan).state == "error"
    draw_stimuli(study)
    assert stimuli_check(study, plan).word.endswith("not in the manifest")


def test_in_a_narrow_window_table_and_session_are_tabs(make_window, qtbot, full: Study) -> None:
    window = make_window(1280, 720)
    window.context.open_study(full.folder)
    window.context.show_page("sessions")
    page = window.findChildren(SessionsPage)[0]
    qtbot.waitUntil(lambda: bool(page.table.model.rows), timeout=20_000)
    assert page.table.isVisible()
    assert not page.live.isVisible()
    page._tabs._clicked("session")
    page._tabs.set_current("session")
    page._arrange()
    assert page.live.isVisible()
    assert not page.table.isVisible()


def test_rows_are_read_again_only_when_a_journal_has_grown(full: Study, monkeypatch) -> None:
    reader = RowReader(full)
    first = reader.read()
    calls: list[Path] = []
    original = read_journal
    monkeypatch.setattr(
        "imi_desktop.gui.workbench.sessions_rows.read_journal",
        lambda path: (calls.append(path), original(path))[1],
    )
    assert [row.state for row in reader.read()] == [row.state for row in first]
    assert len(calls) == 1  # the damaged one


def test_words_for_orders_blocks_and_records() -> None:
    assert order_words({"number": 3, "condition": "natural, synthetic"}) == "Natural first"
    assert order_words({"number": 3, "condition": "very_hard"}) == "very hard"
    assert order_words({"number": 3}) == ""
    strips = block_strips(
        [
            {"number": 1, "name": "practice", "phase": "practice", "conditions": {}, "trials": 2},
            {"number": 2, "name": "m", "phase": "main", "conditions": {"natural": 7}, "trials": 7},
        ]
    )
    assert [(s.first, s.last, s.label) for s in strips] == [(1, 2, "pract."), (3, 9, "N 2")]
    answer = {
        "trial": 4, "onset_ns": 0, "response_ns": 5_840_000_000, "chosen_position": "upper",
        "correct": True,
    }  # fmt: skip
    assert record_words(Record(1, 1, "", "response", answer)) == "trial 4, 5.84 s"
    text = {"page": "strategy", "question": "?", "text": "secret", "done_ns": 1}
    assert "secret" not in record_words(Record(1, 1, "", "answer_text", text))
