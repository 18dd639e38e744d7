"""What is asked before people or observers take part, and what marks a session afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from some_sessions import draw_stimuli, take_part

from imi_desktop.experiment.study import Study
from imi_desktop.gui.workbench.sessions_model import STATE
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
from imi_desktop.gui.workbench.sessions_start import StartDialog
from imi_desktop.observers.chance import ChanceObserver
from imi_desktop.observers.simulate import run_observer
from imi_desktop.recording.participants import (
    Participant,
    read_participant,
)


def cells(page: SessionsPage, column: int) -> dict[str, str]:
    model = page.table.model
    return {
        row.participant.id: model.index(place, column).data()
        for place, row in enumerate(model.rows)
    }


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
