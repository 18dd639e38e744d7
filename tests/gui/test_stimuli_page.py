"""The Stimuli page on a small real study; the job's events are played to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from small_study import MODEL, make_study

from imi_desktop.experiment import lock
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.jobs import Job
from imi_desktop.gui.workbench.stimuli_cells import Column, RowFilter, WorkState
from imi_desktop.gui.workbench.stimuli_details import WayOn
from imi_desktop.gui.workbench.stimuli_page import StimuliPage
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
    page.generate()
    report(context, "failed", failed="Out of memory, image 4 of 9.")
    line = {"unit": FIRST.address, "model": MODEL, "kind": "synthetic", "reason": "Out of memory."}
    job = job_of(context)
    job.finished.emit({"failed": [line]})
    job.cancel()
    qtbot.waitUntil(lambda: page.view.selected_row is not None, timeout=PATIENCE)


def test_without_a_study_nothing_can_be_generated(page: StimuliPage) -> None:
    assert page.state_word() == ""
    assert not page.details.retry.isVisible()
    page.generate()
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
    page.details.choose(WayOn.REPLACE)
    page.details.retry.click()
    again = Study.load(study.folder)
    assert FIRST not in {entry.unit for entry in again.units}
    assert len(again.units) == len(study.units)


def test_more_steps_change_the_study(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    fail_first(qtbot, page, context)
    page.view.select(FIRST)
    page.details.choose(WayOn.STEPS)
    page.details.steps.setValue(777)
    page.details.retry.click()
    assert Study.load(study.folder).stimuli.synthetic.steps == 777
    assert page.job.active


def test_a_locked_study_keeps_its_settings(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    (study.folder / lock.FILE_NAME).write_text("{}")
    page = open_page(study)
    fail_first(qtbot, page, context)
    page.view.select(FIRST)
    page.details.choose(WayOn.REPLACE)
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
    page.generate()
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
    page.generate()
    assert job_of(context).spec["device"] == "cpu"
