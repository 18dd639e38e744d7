"""The Sessions page: who takes part, what runs, and what can be done about it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import TrialStep
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.workbench.sessions_checks import screen_check, stimuli_check
from imi_desktop.gui.workbench.sessions_model import CATCH, STATE, TRIALS
from imi_desktop.gui.workbench.sessions_page import SessionsPage
from imi_desktop.gui.workbench.sessions_process import RunOptions
from imi_desktop.gui.workbench.sessions_register import (
    ReasonDialog,
    RegisterDialog,
    SimulateDialog,
    following_ids,
    next_id,
    place_left_open,
)
from imi_desktop.gui.workbench.sessions_rows import RowReader, order_words
from imi_desktop.gui.workbench.sessions_rt_chart import block_strips
from imi_desktop.gui.workbench.sessions_start import StartDialog
from imi_desktop.gui.workbench.sessions_words import record_words
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.simulate import run_observer
from imi_desktop.progress import Cancelled, CancelToken, Progress
from imi_desktop.recording import marks
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.participants import (
    Participant,
    plan_for,
    read_participant,
    write_participant,
)
from imi_desktop.recording.records import Record, read_journal
from imi_desktop.recording.requests import waiting
from imi_desktop.recording.session import Session

MODEL = "efficientnet_lite0"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study by the quick protocol without images; its sessions look at none."""
    units = [
        {"model": MODEL, "layer": "conv_stem", "channel": 8 * place + number, "role": pool.role}
        for place, pool in enumerate(Protocol.load("quick").units)
        for number in range(pool.count)
    ]
    return Study.create(
        tmp_path / "study",
        name="small",
        protocol="quick",
        seed=7,
        images="images",
        models=[MODEL],
        units=units,
        participants=6,
    )


def draw_stimuli(study: Study) -> None:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (120, 120, 120)).save(content, "PNG")
    for file in stimuli_needed(study).files:
        path = study.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.getvalue())


def take_part(
    study: Study, participant: str, answers: int | None = None, p: float = 0.9
) -> Session:
    """Let an observer answer, all trials or the first few; the session is left open then."""
    cancel = CancelToken()

    def count(progress: Progress) -> None:
        if progress.done == answers:
            cancel.cancel()

    session = Session.open(study, participant)
    try:
        run_observer(session, ChanceObserver(p), progress=count, cancel=cancel)
    except Cancelled:
        return session
    session.close()
    return session


@pytest.fixture
def full(study: Study) -> Study:
    """A study with sessions in every state but running."""
    take_part(study, "P01", p=1)
    marks.exclude(take_part(study, "P02", p=1).folder, "talked on the phone")
    take_part(study, "P03", 5).close()
    take_part(study, "P05", p=0)
    aborted = take_part(study, "P06", 3)
    aborted.abort("stopped by participant")
    aborted.close()
    write_participant(study.folder, Participant("P04", {"expert_level": "2"}))
    damaged = take_part(study, "P07", 2)
    damaged.close()
    path = damaged.folder / JOURNAL_NAME
    path.write_bytes(path.read_bytes().replace(b'"trial":1', b'"trial":7', 1))
    write_participant(study.folder, Participant("P08"))
    (study.folder / "sessions" / "P08" / "participant.json").write_text("{")
    return study


@pytest.fixture
def make_page(qtbot, context: AppContext) -> Callable[[Study, int], SessionsPage]:
    def make(study: Study, width: int = 1680) -> SessionsPage:
        page = SessionsPage(context)
        qtbot.addWidget(page)
        page.resize(width, 940)
        page.show()
        page.set_study(study)
        folder = study.folder / "sessions"
        if folder.is_dir():
            qtbot.waitUntil(lambda: bool(page.table.model.rows), timeout=20_000)
        return page

    return make


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


def test_participants_are_registered_one_by_one_or_many_at_once(
    make_page, study: Study, qtbot
) -> None:
    page = make_page(study)
    assert page.subtitle == "No participant is registered yet"
    page.acts.register()
    dialog = page.findChildren(RegisterDialog)[0]
    assert dialog.first.text() == "P01"
    dialog.form.set_values({"expert_level": "3"})
    dialog.go.click()
    assert read_participant(study.folder, "P01").fields == {"expert_level": "3"}
    qtbot.waitUntil(lambda: len(page.table.model.rows) == 1, timeout=5000)
    page.acts.register()
    dialog = page.findChildren(RegisterDialog)[-1]
    assert dialog.first.text() == "P02"
    dialog.number.setValue(3)
    dialog.go.click()
    qtbot.waitUntil(lambda: len(page.table.model.rows) == 4, timeout=5000)
    assert set(cells(page, STATE).values()) == {"planned"}


@pytest.mark.parametrize(
    ("text", "said"),
    [("P01", "registered already"), ("p01", "registered already"), ("a/b", "cannot be")],
)
def test_ids_that_cannot_be_taken_are_refused_at_once(
    theme, study: Study, qtbot, text: str, said: str
) -> None:
    dialog = RegisterDialog(theme, study, ["P01"])
    qtbot.addWidget(dialog)
    dialog.first.setText(text)
    assert not dialog.go.isEnabled()
    assert said in dialog.go.toolTip()


def test_registering_begins_at_the_id_and_goes_from_line_to_line(
    theme, study: Study, qtbot
) -> None:
    dialog = RegisterDialog(theme, study, [])
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
    qtbot.waitUntil(dialog.first.hasFocus)
    dialog.focusNextChild()
    assert dialog.number.hasFocus()
    dialog.focusNextChild()
    asked = dialog.form._inputs["expert_level"]
    assert asked.isAncestorOf(dialog.focusWidget()) or asked.hasFocus()
    assert not dialog._hint.isVisible()
    dialog.number.setValue(2)
    assert dialog._hint.isVisible()


def test_ids_count_up() -> None:
    assert next_id([]) == "P01"
    assert next_id(["P01", "P09", "pilot"]) == "P10"
    assert following_ids("A099", 3) == ["A099", "A100", "A101"]
    assert following_ids("Ann", 1) == ["Ann"]
    assert following_ids("Ann", 2) == ["Ann01", "Ann02"]


def test_the_place_of_an_excluded_session_is_filled_again(theme, study: Study, qtbot) -> None:
    assert place_left_open([(Participant("P01"), True), (Participant("P05"), True)]) is None
    people = [(Participant("P01"), True), (Participant("P02"), False)]
    assert place_left_open(people) == 2
    assert place_left_open([*people, (Participant("P03", number=2), True)]) is None
    dialog = RegisterDialog(theme, study, ["P01", "P02"], number=2)
    qtbot.addWidget(dialog)
    (made,) = dialog.participants()
    assert (made.id, made.number) == ("P03", 2)


def start_dialog(page: SessionsPage, qtbot, participant: str) -> StartDialog:
    page.show_detail(participant)
    page.start.click()
    dialog = page.findChildren(StartDialog)[-1]
    qtbot.waitUntil(lambda: "Stimuli" in dialog._checks, timeout=10_000)
    return dialog


def test_after_a_finished_session_the_next_one_is_somebody_elses(
    make_page, study: Study, qtbot
) -> None:
    session = take_part(study, "P01", 0)
    run_observer(session, ChanceObserver(1))
    session.close()
    page = make_page(study)
    page.show_detail("P01")
    page.start.click()
    dialog = page.findChildren(RegisterDialog)[-1]
    dialog.accept()
    qtbot.waitUntil(lambda: bool(page.findChildren(StartDialog)), timeout=10_000)
    assert page.findChildren(StartDialog)[-1].participant().id == "P02"


def test_a_session_starts_only_when_everything_is_there(make_page, full: Study, qtbot) -> None:
    page = make_page(full)
    dialog = start_dialog(page, qtbot, "P04")
    dialog.windowed.setChecked(True)
    assert not dialog.go.isEnabled()
    assert "Stimuli" in dialog.go.toolTip()
    dialog.reject()
    draw_stimuli(full)
    dialog = start_dialog(page, qtbot, "P04")
    dialog.windowed.setChecked(True)
    assert dialog.go.isEnabled()
    dialog.form.set_values({"expert_level": "1"})
    assert dialog.options() == RunOptions("P04", screen=1, windowed=True)
    assert dialog.participant().fields == {"expert_level": "1"}
    dialog.reject()


def test_a_refused_screen_needs_a_written_reason(make_page, full: Study, qtbot) -> None:
    draw_stimuli(full)
    page = make_page(full)
    dialog = start_dialog(page, qtbot, "P03")
    assert dialog.windowTitle() == "Resume session: P03"
    assert "1736 × 1024" in dialog._problem.text()  # the screen of this platform is small
    assert not dialog.go.isEnabled()
    dialog.override.setText("pilot on a laptop")
    assert dialog.go.isEnabled()
    options = dialog.options()
    assert (options.resume, options.override) == (True, "pilot on a laptop")
    dialog.reject()


def test_checks_of_screen_and_stimuli(study: Study) -> None:
    assert screen_check(study, (1920, 1080), None, False).state == "fine"
    refused = screen_check(study, (1280, 720), None, False)
    assert (refused.state, refused.overridable) == ("error", True)
    assert screen_check(study, (1280, 720), None, True).state == "warn"
    plan = plan_for(study, "P01")
    assert stimuli_check(study, plan).state == "error"
    draw_stimuli(study)
    assert stimuli_check(study, plan).word.endswith("not in the manifest")


def test_arguments_of_the_session_process() -> None:
    options = RunOptions("P01", resume=True, screen=2, override="pilot", observer="")
    assert options.arguments(Path("s"))[2:] == [
        "run", "s", "--participant", "P01", "--resume", "--screen", "2", "--override", "pilot",
    ]  # fmt: skip
    simulated = RunOptions("S01", observer="chance:0.8")
    assert simulated.arguments(Path("s"))[-2:] == ["--observer", "chance:0.8"]


def test_simulated_participants_take_part_one_after_the_other(
    make_page, study: Study, qtbot
) -> None:
    draw_stimuli(study)
    page = make_page(study)
    page.simulate.click()
    dialog = page.findChildren(SimulateDialog)[0]
    dialog.parameter.setText("0.9")
    dialog.number.setValue(2)
    assert dialog.observer_name() == "chance:0.9"
    dialog.go.click()
    qtbot.waitUntil(
        lambda: (
            [row.state for row in page.table.model.rows] == ["done", "done"]
            and not page.acts.process.running
        ),
        timeout=60_000,
    )
    assert [row.participant.id for row in page.table.model.rows] == ["S01", "S02"]


def test_why_a_session_was_refused_is_shown(make_page, study: Study, qtbot) -> None:
    page = make_page(study)
    said: list[str] = []
    page.context.failed.connect(said.append)
    page.acts._run(RunOptions("P01", observer="chance"))
    qtbot.waitUntil(lambda: bool(said), timeout=30_000)
    assert "imi-desktop generate" in said[0]


def test_marks_are_made_with_a_reason(make_page, full: Study, qtbot) -> None:
    page = make_page(full)
    page.show_detail("P01")
    page._do("exclude")
    dialog = page.findChildren(ReasonDialog)[-1]
    dialog.text.setText("spoke to P02")
    dialog.go.click()
    qtbot.waitUntil(lambda: cells(page, STATE)["P01"].startswith("excluded"), timeout=5000)
    page._do("include")
    dialog = page.findChildren(ReasonDialog)[-1]
    dialog.text.setText("did not")
    dialog.go.click()
    qtbot.waitUntil(lambda: cells(page, STATE)["P01"] == "done", timeout=5000)


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
