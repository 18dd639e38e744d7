"""Jobs run in processes of their own and can be followed, paused, cancelled."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from imi_desktop.gui.jobs import Job, JobList, State
from imi_desktop.gui.jobs_popover import JobRow, JobsPopover, held_words


@pytest.fixture
def images(tmp_path) -> Path:
    from small_study import draw_images

    draw_images(tmp_path / "images", 60)
    return tmp_path / "images"


def index(images: Path) -> dict[str, str]:
    return {"kind": "index_images", "folder": str(images)}


def test_a_job_reports_and_finishes(context, images, qtbot):
    job = context.jobs.start(index(images), "Images", light=True)
    stages = []
    job.progressed.connect(lambda progress: stages.append(progress.stage))
    with qtbot.waitSignal(job.finished, timeout=30_000) as blocker:
        pass
    assert blocker.args[0]["usable"] == 60
    assert job.state is State.FINISHED
    assert job.fraction == 1.0
    assert stages


def test_a_failure_is_one_sentence(context, tmp_path, qtbot):
    job = context.jobs.start(index(tmp_path / "nowhere"), "Images", light=True)
    with qtbot.waitSignal(job.failed, timeout=30_000) as blocker:
        pass
    assert "nowhere" in blocker.args[0]
    assert blocker.args[0].endswith(".")
    assert job.state is State.FAILED


def test_a_worker_that_dies_is_reported(context, images, qtbot, expected_log):
    expected_log.append("ended with")
    job = context.jobs.start(index(images), "Images", light=True)
    qtbot.waitUntil(lambda: job.state is State.RUNNING)
    with qtbot.waitSignal(job.failed, timeout=30_000) as blocker:
        job._process.kill()
    assert "log" in blocker.args[0]


def test_cancelling_does_not_wait_for_a_worker_that_is_busy(context, images, qtbot):
    job = context.jobs.start(index(images), "Images", light=True)
    qtbot.waitUntil(lambda: job.state is State.RUNNING)
    began = time.monotonic()
    with qtbot.waitSignal(job.cancelled, timeout=5000):
        job.cancel(grace_ms=500)
    assert time.monotonic() - began < 4
    assert job.state is State.CANCELLED


def test_jobs_wait_for_their_turn(context, images, qtbot):
    first = context.jobs.start(index(images), "First")
    second = context.jobs.start(index(images), "Second")
    qtbot.waitUntil(lambda: first.state is State.RUNNING)
    assert second.state is State.QUEUED
    second.cancel()
    assert second.state is State.CANCELLED
    third = context.jobs.start(index(images), "Third", light=True)
    qtbot.waitUntil(lambda: third.state is not State.QUEUED)
    qtbot.waitUntil(lambda: not context.jobs.active(), timeout=30_000)


def test_pause_and_resume(context, images, qtbot):
    job = context.jobs.start(index(images), "Images", light=True)
    qtbot.waitUntil(lambda: job.state is State.RUNNING)
    job.pause()
    assert job.state is State.PAUSED
    job.resume()
    with qtbot.waitSignal(job.finished, timeout=30_000):
        pass


def test_jobs_of_a_closed_study_are_cancelled(context, images, tmp_path, qtbot):
    study = tmp_path / "study"
    mine = context.jobs.start(index(images), "Mine", study=study)
    other = context.jobs.start(index(images), "Other", light=True)
    context.jobs.cancel_all(study, grace_ms=0)
    qtbot.waitUntil(lambda: mine.state is State.CANCELLED)
    qtbot.waitUntil(lambda: other.state is State.FINISHED, timeout=30_000)


def test_the_list_is_a_model(context, images, qtbot, qtmodeltester):
    jobs: JobList = context.jobs
    job = jobs.start(index(images), "Images", light=True)
    qtmodeltester.check(jobs)
    assert jobs.rowCount() == 1
    assert jobs.index(0).data() == "Images"
    assert jobs.index(0).data(Qt.ItemDataRole.UserRole) is job
    qtbot.waitUntil(lambda: job.state.over, timeout=30_000)
    jobs.clear_over()
    assert jobs.rowCount() == 0


def test_popover_shows_pause_and_cancel(context, theme, images, qtbot):
    job: Job = context.jobs.start(index(images), "Images", light=True)
    row = JobRow(theme, job)
    qtbot.addWidget(row)
    row.show()
    qtbot.waitUntil(lambda: job.state is State.RUNNING)
    assert row._cancel.isVisible()
    qtbot.mouseClick(row._cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.state is State.CANCELLED, timeout=10_000)
    assert not row._cancel.isVisible()
    assert row._state.text() == "cancelled"


def test_empty_popover_says_what_comes_here(context, theme, qtbot):
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    qtbot.addWidget(parent)
    popover = JobsPopover(theme, context.jobs, parent)
    texts = [
        child.text()
        for child in popover.findChildren(type(popover._rows.itemAt(0).widget()._title))
    ]
    assert "No jobs yet" in texts


def test_jobs_wait_while_a_session_runs_and_go_on_afterwards(context, theme, images, qtbot):
    running = context.jobs.start(index(images), "Running", light=True)
    mine = context.jobs.start(index(images), "Paused by hand", light=True)
    qtbot.waitUntil(lambda: mine.state is State.RUNNING and running.state is State.RUNNING)
    mine.pause()
    context.keep_quiet_for("P03")
    later = context.jobs.start(index(images), "Later", light=True)
    row = JobRow(theme, running)
    qtbot.addWidget(row)
    assert running.state is State.PAUSED
    assert held_words(running) == row._stage.whole_text == "Paused while P03's session runs"
    assert held_words(later) == "Waits while P03's session runs"
    assert (mine.held, held_words(mine)) == ("", "")
    qtbot.wait(50)
    assert later.state is State.QUEUED
    context.keep_quiet_for("P04")
    assert held_words(running) == "Paused while P04's session runs"
    assert held_words(later) == "Waits while P04's session runs"
    assert (mine.held, mine.state) == ("", State.PAUSED)
    context.keep_quiet_for("")
    assert (running.state, mine.state) == (State.RUNNING, State.PAUSED)
    qtbot.waitUntil(lambda: later.state is State.FINISHED, timeout=30_000)
    mine.resume()
    qtbot.waitUntil(lambda: not context.jobs.active(), timeout=30_000)
