"""Behind the Stimuli page: states of work, order, rate and estimates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_study import MODEL, make_study

from imi_desktop.experiment import lock
from imi_desktop.experiment.study import Study
from imi_desktop.gui.workbench.cluster_address import SchedulerAddressError, whole_address
from imi_desktop.gui.workbench.stimuli_cells import (
    Cell,
    Column,
    MatrixRow,
    RowFilter,
    RowOrder,
    WorkState,
    counts,
    matches,
    ordinal,
    sorted_rows,
)
from imi_desktop.gui.workbench.stimuli_live import LiveTask
from imi_desktop.gui.workbench.stimuli_matrix import StimuliMatrix
from imi_desktop.gui.workbench.stimuli_rate import Throughput
from imi_desktop.gui.workbench.stimuli_scan import scan
from imi_desktop.gui.workbench.stimuli_table import cell_text, short_cause
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Record, append
from imi_desktop.stimuli.pack import synthetic_path

FIRST = Unit(MODEL, "blocks.1.0", 0)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return make_study(tmp_path, {"blocks.1.0": 24})


@pytest.fixture
def matrix(study: Study) -> StimuliMatrix:
    return StimuliMatrix(study, scan(study), clock=iter(range(10_000)).__next__)


def write_synthetic(study: Study, side: str, ranks: list[int]) -> None:
    """Images of the first unit; a rank above 1 is one that a photograph outdoes."""
    task = next(t for t in scan(study).tasks if (t.unit, t.kind) == (FIRST, "synthetic"))
    records = []
    for index, rank in enumerate(ranks):
        file = synthetic_path(FIRST, side, index)  # type: ignore[arg-type]
        path = study.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), 30 * index, np.uint8)).save(path)
        records.append(
            Record(
                file,
                "0" * 64,
                FIRST,
                "synthetic",
                side,
                index,
                float(index),
                task.hash,
                "now",
                rank=rank,
            )
        )
    append(study.folder, records)


def row_of(matrix: StimuliMatrix, unit: Unit = FIRST) -> MatrixRow:
    return next(row for row in matrix.rows() if row.unit == unit)


def event(state: str, kind: str = "synthetic", **data: object) -> dict[str, object]:
    return {"unit": FIRST.address, "model": MODEL, "kind": kind, "state": state, **data}


def test_a_fresh_study_misses_everything_but_recorded_activations(matrix: StimuliMatrix) -> None:
    row = row_of(matrix)
    assert row.cell(Column.ACTIVATIONS).state is WorkState.DONE
    assert row.cell(Column.NATURAL).state is WorkState.MISSING
    assert row.cell(Column.SYNTHETIC_MAX).total == 9
    assert row.cell(Column.OCCLUSION_BLUR).state is WorkState.NOT_NEEDED
    other = row_of(matrix, Unit(MODEL, "blocks.3.1", 0))
    assert other.cell(Column.ACTIVATIONS).state is WorkState.MISSING
    assert matrix.done == 0 < matrix.total
    assert matrix.seconds_of_work > 0


def test_images_on_disk_are_done_and_checked(study: Study) -> None:
    write_synthetic(study, "max", [1] * 9)
    row = row_of(StimuliMatrix(study, scan(study)))
    cell = row.cell(Column.SYNTHETIC_MAX)
    assert (cell.state, cell.done) == (WorkState.DONE, 9)
    assert cell.images[0].endswith("max_8.png")
    checks = row.cell(Column.CHECKS)
    assert (checks.done, checks.total) == (9, 18)


def test_images_that_a_photograph_outdoes_ask_for_attention(study: Study) -> None:
    write_synthetic(study, "max", [1] * 7 + [3, 2])
    matrix = StimuliMatrix(study, scan(study))
    row = row_of(matrix)
    assert row.cell(Column.SYNTHETIC_MAX).state is WorkState.WEAK
    assert cell_text(row.cell(Column.SYNTHETIC_MAX), Column.SYNTHETIC_MAX) == "2 of 9 too weak"
    assert sorted_rows(matrix.rows(), RowOrder.ATTENTION)[0].unit == FIRST


def test_a_search_tells_its_own_share_of_a_side(matrix: StimuliMatrix) -> None:
    matrix.start()
    matrix.take("Generating stimuli", event("running", side="min", step=9, steps=10, share=0.2))
    (live,) = matrix.live.values()
    assert live.share == pytest.approx(0.6)
    assert row_of(matrix).cell(Column.SYNTHETIC_MIN).fraction == pytest.approx(0.2)


def test_images_made_with_other_settings_are_outdated(study: Study) -> None:
    write_synthetic(study, "max", [1] * 9)
    synthetic = study.stimuli.synthetic.model_copy(update={"steps": 999})
    stimuli = study.stimuli.model_copy(update={"synthetic": synthetic})
    changed = study.replace(stimuli=stimuli.model_dump(exclude_none=True))
    matrix = StimuliMatrix(changed, scan(changed))
    cell = row_of(matrix).cell(Column.SYNTHETIC_MAX)
    assert (cell.state, cell.done, matrix.outdated) == (WorkState.OUTDATED, 0, 9)
    assert cell_text(cell, Column.SYNTHETIC_MAX) == "outdated"
    assert cell.images  # what there is can still be seen
    assert row_of(matrix).cell(Column.SYNTHETIC_MIN).state is WorkState.MISSING
    assert matches(row_of(matrix), RowFilter.ALL, "outdated")
    matrix.start()
    matrix.take("Generating stimuli", event("done"))
    assert row_of(matrix).cell(Column.SYNTHETIC_MAX).done == 9
    assert matrix.outdated == 0


def test_what_participants_saw_is_there_whatever_made_it(study: Study) -> None:
    write_synthetic(study, "max", [1] * 9)
    (study.folder / lock.FILE_NAME).write_text("{}")
    synthetic = study.stimuli.synthetic.model_copy(update={"steps": 999})
    stimuli = study.stimuli.model_copy(update={"synthetic": synthetic})
    changed = study.replace(stimuli=stimuli.model_dump(exclude_none=True))
    assert row_of(StimuliMatrix(changed, scan(changed))).cell(Column.SYNTHETIC_MAX).done == 9


def test_a_generation_is_followed_from_queue_to_done(matrix: StimuliMatrix) -> None:
    matrix.start()
    queued = row_of(matrix).cell(Column.NATURAL)
    assert (queued.state, queued.position) == (WorkState.QUEUED, 1)
    matrix.take("Generating stimuli", event("running", "natural"))
    assert row_of(matrix).cell(Column.NATURAL).state is WorkState.RUNNING
    done = matrix.take("Generating stimuli", event("done", "natural"))
    assert done == (FIRST, "natural")
    assert row_of(matrix).cell(Column.NATURAL).state is WorkState.DONE


def test_max_is_made_before_min(matrix: StimuliMatrix) -> None:
    matrix.start()
    step = {"step": 50, "steps": 100, "activations": [1.0, 2.0], "preview": "p.png"}
    matrix.take("Generating stimuli", event("running", side="max", **step))
    row = row_of(matrix)
    assert row.cell(Column.SYNTHETIC_MAX).fraction == 0.5
    assert cell_text(row.cell(Column.SYNTHETIC_MIN), Column.SYNTHETIC_MIN) == "waits for max"
    matrix.take("Generating stimuli", event("running", side="min", **step))
    row = row_of(matrix)
    assert row.cell(Column.SYNTHETIC_MIN).state is WorkState.RUNNING
    assert row.cell(Column.SYNTHETIC_MAX).state is WorkState.WAITING
    live = matrix.live[FIRST, "synthetic"]
    assert live.share == 0.75 and live.preview == "p.png"
    left = live.seconds_left(live.began + 75)
    assert left == pytest.approx(25)


def test_failures_stay_until_the_next_attempt(matrix: StimuliMatrix) -> None:
    matrix.start()
    matrix.take("Generating stimuli", event("failed", failed="Out of GPU memory, image 4 of 9."))
    cell = row_of(matrix).cell(Column.SYNTHETIC_MAX)
    assert (cell.state, cell.cause) == (WorkState.FAILED, "Out of GPU memory, image 4 of 9.")
    matrix.stop()
    assert row_of(matrix).state is WorkState.FAILED
    assert matrix.failed_files == 18
    matrix.start()
    assert row_of(matrix).cell(Column.SYNTHETIC_MAX).state is WorkState.QUEUED


def test_failures_at_the_end_of_a_job_are_kept(matrix: StimuliMatrix) -> None:
    line = {"unit": FIRST.address, "model": MODEL, "kind": "synthetic", "reason": "No memory."}
    matrix.fail([line, {**line, "unit": "nowhere:1"}])
    assert matrix.failures == {(FIRST, "synthetic"): "No memory."}


def test_events_of_units_that_are_gone_are_ignored(matrix: StimuliMatrix) -> None:
    assert matrix.take("Generating stimuli", {"unit": "gone:1", "kind": "natural"}) is None


def row(channel: int, state: WorkState, position: int | None = None) -> MatrixRow:
    cell = Cell(state, total=9, position=position)
    return MatrixRow(Unit("m", "l", channel), "random", {Column.NATURAL: cell})


def test_what_needs_attention_comes_first() -> None:
    rows = [
        row(0, WorkState.DONE),
        row(1, WorkState.QUEUED, 5),
        row(2, WorkState.FAILED),
        row(3, WorkState.QUEUED, 2),
        row(4, WorkState.RUNNING),
    ]
    order = [r.unit.channel for r in sorted_rows(rows, RowOrder.ATTENTION)]
    assert order == [2, 4, 3, 1, 0]
    found = counts(rows)
    assert found[RowFilter.ALL] == 5
    assert found[RowFilter.QUEUED] == 2
    assert matches(rows[2], RowFilter.FAILED, "l:2 random")
    assert not matches(rows[2], RowFilter.FAILED, "other")


def test_rate_counts_only_working_time() -> None:
    rate = Throughput()
    rate.start(0.0)
    assert rate.rate(10.0) is None
    for second in range(0, 60, 6):
        rate.add(float(second + 1), 1.0)
    assert rate.rate(60.0) == pytest.approx(10.0)
    rate.pause(60.0, "a session was in a block")
    rate.resume(120.0)
    assert rate.rate(120.0) == pytest.approx(10.0, rel=0.05)
    assert rate.seconds_left(120.0, 20) == pytest.approx(120.0, rel=0.05)
    minutes, values = rate.series(120.0)
    assert len(minutes) == len(values) and max(values) > 0


def test_causes_in_cells_have_at_most_eight_words() -> None:
    assert short_cause("Too weak: 4.1, needs 6.3 or more.") == "Too weak: 4.1, needs 6.3 or more"
    assert short_cause("one two three four five six seven eight nine.").endswith("eight…")


@pytest.mark.parametrize(
    ("n", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd")]
)
def test_places_in_the_queue(n: int, word: str) -> None:
    assert ordinal(n) == word


def test_time_in_pauses_does_not_count_in_the_estimate() -> None:
    live = LiveTask(began=0.0, side="max", step=50, steps=100, side_share=0.5)
    assert live.seconds_left(10.0) == pytest.approx(30.0)
    live.rest(10.0, True)
    assert live.rests and live.seconds_left(500.0) == pytest.approx(30.0)
    live.rest(500.0, False)
    assert live.seconds_left(510.0) == pytest.approx(60.0)


def test_a_sides_time_left_goes_with_its_share() -> None:
    live = LiveTask(began=0.0, side="max", step=90, steps=100, side_share=0.9)
    assert live.seconds_left_of_side(90.0) == pytest.approx(10.0)
    assert live.seconds_left(90.0) == pytest.approx(110.0)
    live.side, live.step, live.side_share = "min", 50, 0.5
    assert live.seconds_left_of_side(150.0) == pytest.approx(50.0)


def test_a_dropped_task_is_missing_and_leaves_the_queue(matrix: StimuliMatrix) -> None:
    matrix.start()
    before = matrix.waiting_tasks
    matrix.take("Generating stimuli", event("dropped"))
    assert row_of(matrix).cell(Column.SYNTHETIC_MAX).state is WorkState.MISSING
    assert matrix.waiting_tasks == before - 1
    assert matrix.open_tasks(FIRST) == [(FIRST, "natural")]
    matrix.start()
    assert row_of(matrix).cell(Column.SYNTHETIC_MAX).state is WorkState.QUEUED


def test_only_the_units_of_the_generation_are_queued(matrix: StimuliMatrix) -> None:
    matrix.start({FIRST})
    assert row_of(matrix).cell(Column.NATURAL).position == 1
    assert row_of(matrix, matrix.units[1]).cell(Column.NATURAL).state is WorkState.MISSING
    assert matrix.waiting_tasks == 2


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("host", "tcp://host:8786"),
        ("host:99", "tcp://host:99"),
        (" tls://10.0.0.1:8786 ", "tls://10.0.0.1:8786"),
    ],
)
def test_addresses_of_schedulers_are_completed(text: str, whole: str) -> None:
    assert whole_address(text) == whole


@pytest.mark.parametrize("text", ["", "tcp://", "host:99999", "host:eight"])
def test_what_cannot_be_an_address_is_refused(text: str) -> None:
    with pytest.raises(SchedulerAddressError) as error:
        whole_address(text)
    assert "tcp://host:8786" in error.value.sentence
