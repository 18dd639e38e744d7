"""The Stimuli page on a small real study; the job's events are played to it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from small_study import MODEL, make_study

from imi_desktop.experiment import lock
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.jobs import Job
from imi_desktop.gui.workbench import cluster_address
from imi_desktop.gui.workbench.cluster_row import ClusterDialog
from imi_desktop.gui.workbench.stimuli_cells import Column, MatrixRow, RowFilter, WorkState
from imi_desktop.gui.workbench.stimuli_devices import DeviceReading, DevicesCard
from imi_desktop.gui.workbench.stimuli_page import StimuliPage
from imi_desktop.gui.workbench.stimuli_retry import WayOn
from imi_desktop.models.unit import Unit
from imi_desktop.progress import Progress

OpenPage = Callable[[Study], StimuliPage]
FIRST = Unit(MODEL, "blocks.1.0", 0)
PATIENCE = 20_000


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return make_study(tmp_path)


@pytest.fixture
def page(qtbot, context: AppContext) -> Iterator[StimuliPage]:
    context.jobs.at_once = 0  # jobs wait for ever, so that the tests can speak for them
    page = StimuliPage(context)
    qtbot.addWidget(page)
    context.study_changed.connect(page.set_study)
    page.resize(1720, 980)
    page.show()
    yield page
    page.stop()


@pytest.fixture
def open_page(qtbot, context: AppContext, page: StimuliPage) -> OpenPage:
    """Opens a study and waits until its files are looked through."""

    def open_(study: Study) -> StimuliPage:
        context.open_study(study.folder)
        qtbot.waitUntil(lambda: page.matrix is not None, timeout=PATIENCE)
        return page

    return open_


def job_of(context: AppContext) -> Job:
    return context.jobs.active()[0]


def report(context: AppContext, state: str, kind: str = "synthetic", **data: object) -> None:
    about = {"unit": FIRST.address, "model": MODEL, "kind": kind, "state": state}
    job_of(context).progressed.emit(Progress("Generating stimuli", 1, 10, "", {**data, **about}))


def fail_first(qtbot, page: StimuliPage, context: AppContext) -> None:
    page.acts.generate()
    report(context, "failed", failed="Out of memory, image 4 of 9.")
    line = {"unit": FIRST.address, "model": MODEL, "kind": "synthetic", "reason": "Out of memory."}
    job = job_of(context)
    job.finished.emit({"failed": [line]})
    job.cancel()
    qtbot.waitUntil(lambda: page.view.selected_row is not None, timeout=PATIENCE)


def test_without_a_study_nothing_can_be_generated(page: StimuliPage) -> None:
    assert page.state_word() == ""
    assert not page.details.retry.isVisible()
    page.acts.generate()
    assert not page.job.active


def test_a_fresh_study_shows_one_row_per_unit(open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    assert page.view.rows.rowCount() == 7
    assert page.subtitle.startswith("0 of 7 units complete")
    assert "to make the rest" in page.subtitle
    assert page.state_word().startswith("0")
    assert page.view.selected_row is not None


def test_a_job_started_elsewhere_is_followed(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    spec = {"kind": "generate", "study": str(study.folder)}
    context.jobs.start(spec, "Stimuli", study.folder)
    assert page.job.active
    report(context, "running", side="max", step=3, steps=12, activations=[0.5, 1.5])
    qtbot.waitUntil(
        lambda: page.side.running.isVisible() and page.matrix.live != {}, timeout=PATIENCE
    )
    qtbot.waitUntil(
        lambda: page.view.rows.row_at(0).cell(Column.SYNTHETIC_MAX).state is WorkState.RUNNING,
        timeout=PATIENCE,
    )
    assert page.segments.current == RowFilter.ALL.value
    report(context, "done", kind="natural")
    assert page.matrix.done == 40


def test_failures_come_first_with_ways_on(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    fail_first(qtbot, page, context)
    row = page.view.rows.row_at(0)
    assert row is not None and row.unit == FIRST and row.state is WorkState.FAILED
    page.view.select(FIRST)
    assert "failed" in page.details.title
    assert page.details.retry.isVisible()
    assert page.state_word() == "1 failed"


def test_retry_makes_only_that_unit(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    fail_first(qtbot, page, context)
    page.view.select(FIRST)
    qtbot.keyClick(page, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    spec = job_of(context).spec
    assert spec["units"] == [{"model": MODEL, "layer": "blocks.1.0", "channel": 0}]
    assert page.matrix.failures == {}


def test_a_unit_can_be_replaced_by_another_random_one(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    fail_first(qtbot, page, context)
    page.view.select(FIRST)
    page.details.ways.choose(WayOn.REPLACE)
    page.details.retry.click()
    again = Study.load(study.folder)
    assert FIRST not in {entry.unit for entry in again.units}
    assert len(again.units) == len(study.units)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (WayOn.STEPS, {"steps": 777}),
        (WayOn.DIVERSITY, {"diversity": 2.5}),
        (WayOn.PRESET, {"preset": "imi-2023"}),
    ],
)
def test_one_unit_is_retried_with_another_recipe(
    qtbot,
    open_page: OpenPage,
    study: Study,
    context: AppContext,
    way: WayOn,
    expected: dict[str, object],
) -> None:
    page = open_page(study)
    fail_first(qtbot, page, context)
    page.view.select(FIRST)
    ways = page.details.ways
    ways.steps.setValue(777)
    ways.diversity.setValue(2.5)
    ways.preset.setCurrentIndex(ways.preset.findData("imi-2023"))
    ways.choose(way)
    page.details.retry.click()
    about = {"model": MODEL, "layer": "blocks.1.0", "channel": 0}
    spec = job_of(context).spec
    assert spec["units"] == [about]
    assert spec["overrides"] == [about | expected]
    assert Study.load(study.folder).stimuli == study.stimuli


def test_a_locked_study_keeps_its_settings(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    (study.folder / lock.FILE_NAME).write_text("{}")
    page = open_page(study)
    fail_first(qtbot, page, context)
    page.view.select(FIRST)
    page.details.ways.choose(WayOn.REPLACE)
    with qtbot.waitSignal(context.failed) as failed:
        page.details.retry.click()
    assert "locked" in failed.args[0]


def test_rows_can_be_filtered(open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    page.search.setText("3.1 practice")
    assert page.view.rows.rowCount() == 2
    page.search.setText("blocks.3.1")
    assert page.view.rows.rowCount() == 5
    page.search.clear()
    assert page.view.rows.rowCount() == 7


def test_pausing_is_shown(qtbot, open_page: OpenPage, study: Study, context: AppContext) -> None:
    page = open_page(study)
    page.acts.generate()
    assert not page._generate.isEnabled() and page._pause.isEnabled()
    job_of(context).cancel()
    qtbot.waitUntil(lambda: not page.job.active, timeout=PATIENCE)
    assert page._generate.isEnabled() and "running" in page._pause.toolTip()


def test_a_narrow_window_puts_the_cards_into_tabs(open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    page.resize(1224, 600)
    assert page.view.delegate.compact
    page.resize(1720, 980)
    assert not page.view.delegate.compact


def test_the_settings_choose_the_device(
    open_page: OpenPage, study: Study, context: AppContext
) -> None:
    context.settings.values.device = "cpu"
    page = open_page(study)
    page.acts.generate()
    assert job_of(context).spec["device"] == "cpu"


def sent_by(job: Job, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What a job that only waits in the queue was told."""
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(job, "send", sent.append)
    return sent


def first_row(page: StimuliPage) -> MatrixRow:
    return next(row for row in page.matrix.rows() if row.unit == FIRST)


def test_a_running_task_can_be_paused_and_cancelled_alone(
    qtbot, open_page: OpenPage, study: Study, context: AppContext, monkeypatch
) -> None:
    page = open_page(study)
    page.acts.generate()
    sent = sent_by(job_of(context), monkeypatch)
    report(context, "running", side="max", step=3, steps=12, activations=[0.5])
    running = page.side.running
    qtbot.waitUntil(lambda: bool(running._rows) and running._rows[0].isVisible(), timeout=PATIENCE)
    row = running._rows[0]
    row.pause.click()
    assert sent[-1]["order"] == "pause"
    qtbot.waitUntil(lambda: first_row(page).cell(Column.SYNTHETIC_MAX).rests, timeout=PATIENCE)
    assert "Resume" in row.pause.toolTip()
    row.pause.click()
    assert sent[-1]["order"] == "resume"
    row.close_button.click()
    assert sent[-1] == {
        "order": "drop",
        "unit": {"model": MODEL, "layer": "blocks.1.0", "channel": 0},
        "kind": "synthetic",
    }
    report(context, "dropped")
    cell = first_row(page).cell(Column.SYNTHETIC_MAX)
    assert cell.state is WorkState.MISSING


def test_del_cancels_the_selected_unit_alone(
    qtbot, open_page: OpenPage, study: Study, context: AppContext, monkeypatch
) -> None:
    page = open_page(study)
    page.acts.generate()
    sent = sent_by(job_of(context), monkeypatch)
    page.view.select(FIRST)
    qtbot.keyClick(page, Qt.Key.Key_Delete)
    assert {(m["order"], m["kind"]) for m in sent} == {("drop", "natural"), ("drop", "synthetic")}
    assert page.job.active


def test_rows_are_opened_and_offer_their_menu_by_key(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    page.view.select(FIRST)
    with qtbot.waitSignal(context.page_wanted) as wanted:
        qtbot.keyClick(page.view, Qt.Key.Key_Return)
    assert wanted.args == ["units", FIRST.address]
    reason = QContextMenuEvent.Reason.Keyboard
    with qtbot.waitSignal(page.view.more_wanted) as more:
        page.view.contextMenuEvent(QContextMenuEvent(reason, QPoint(5, 5), QPoint(5, 5)))
    assert more.args[0].unit == FIRST
    texts = [action.text() for action in page.acts.row_menu(more.args[0]).actions()]
    assert "Cancel this unit" in texts and "Open folder" in texts


def test_a_pause_for_a_session_is_said(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    page.acts.generate()
    context.keep_quiet_for("P03")
    assert "paused while P03's session runs" in page.subtitle
    assert page.side.running._note.text() == "Paused while P03's session runs."
    context.keep_quiet_for("")
    assert "paused" not in page.subtitle


@pytest.fixture
def with_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra ``cluster``, installed or not."""
    monkeypatch.setattr(cluster_address, "has_dask", lambda: True)


def test_without_dask_the_cluster_says_what_is_missing(
    qtbot, open_page: OpenPage, study: Study, monkeypatch
) -> None:
    monkeypatch.setattr(cluster_address, "has_dask", lambda: False)
    cluster = open_page(study).side.devices.cluster
    cluster.use("tcp://127.0.0.1:1")
    qtbot.waitUntil(lambda: "Dask is not installed" in cluster.state, timeout=PATIENCE)
    assert "pip install" in cluster.box.toolTip()


def test_a_scheduler_that_does_not_answer_is_not_taken(
    qtbot, open_page: OpenPage, study: Study, context: AppContext, with_dask
) -> None:
    page = open_page(study)
    cluster = page.side.devices.cluster
    assert cluster.state == "No scheduler is set."
    assert not cluster.box.isEnabled() and cluster.box.toolTip() == "No scheduler is set."
    dialog = ClusterDialog(context, page)
    qtbot.addWidget(dialog)
    assert not dialog.go.isEnabled()
    dialog.line.setText("tcp://127.0.0.1:1")
    dialog.connect_now()
    qtbot.waitUntil(lambda: "Nothing answers" in dialog._problem.text(), timeout=PATIENCE)
    assert dialog.address == "" and dialog.go.isEnabled()


def test_a_scheduler_that_answers_makes_the_stimuli(
    qtbot, open_page: OpenPage, study: Study, context: AppContext, with_dask
) -> None:
    page = open_page(study)
    cluster = page.side.devices.cluster
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        cluster.use(address)
        qtbot.waitUntil(lambda: cluster.state == f"{address} answers", timeout=PATIENCE)
    cluster.box.setChecked(True)
    assert not page.side.devices.workers.isEnabled()
    page.acts.generate()
    assert job_of(context).spec["scheduler"] == address
    cluster.use("")
    assert not cluster.box.isChecked()


def test_devices_follow_the_setting_once_there_is_a_choice(theme, context, qtbot) -> None:
    context.settings.values.device = "cuda"
    card = DevicesCard(context)
    qtbot.addWidget(card)
    assert card._boxes["CPU"].isChecked() and not card._boxes["CPU"].isEnabled()
    card.show_readings([DeviceReading(name, 1e9, 8e9, "") for name in ("GPU 0", "CPU")])
    assert card.device == "cuda" and card._boxes["CPU"].isEnabled()
    card._boxes["CPU"].setChecked(True)
    assert card.device == "auto"
