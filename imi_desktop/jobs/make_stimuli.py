"""Job: do unit tasks that come in one by one; what the generation's workers run."""

from __future__ import annotations

import errno
import logging
import time
from pathlib import Path
from typing import Any

from imi_desktop.errors import StorageError, UserError
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.preview_files import PreviewWriter
from imi_desktop.jobs.task_maker import TaskMaker
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.progress import Cancelled, Progress
from imi_desktop.stimuli.pack import Side
from imi_desktop.stimuli.visualization.optimise import StepReport

log = logging.getLogger(__name__)

REPORT_SECONDS = 0.25
"""Shortest time between two reports of one task."""

_HOPELESS = {errno.ENOSPC, errno.EROFS, errno.EDQUOT}
STAGE = "Generating stimuli"


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Do tasks ``{"task": {…}}`` for ``study`` with ``images`` until ``{"end": true}`` comes.

    After every task a progress event tells its outcome in ``data``: ``hash`` with ``records``
    (and a ``remark``), or with ``failed``.

    Raises
    ------
    StorageError
        If the disk is full or read-only; going on would only fail again.
    """
    maker = TaskMaker(
        Path(arguments["study"]), Path(arguments["images"]), arguments.get("device", "auto")
    )
    previews = PreviewWriter(arguments["previews"]) if arguments.get("previews") else None
    done = 0
    while (message := context.next_message()) is not None and "task" in message:
        _do(UnitTask.from_json(message["task"]), maker, context, previews)
        done += 1
    return {"tasks": done}


def _do(
    task: UnitTask, maker: TaskMaker, context: JobContext, previews: PreviewWriter | None
) -> None:
    observer = _Observer(task, context, previews)
    try:
        records, remark = maker.make(task, context.cancel, observer.observe)
    except Cancelled:
        raise
    except UserError as error:
        if isinstance(error, StorageError) and _is_hopeless(error):
            raise
        _tell(context, task, failed=error.sentence)
    except Exception as error:  # one unit's bug must not stop the others: logged, and reported
        log.exception("%s of %s failed", task.kind, task.unit)
        _tell(
            context,
            task,
            failed=f"An error in IMI Desktop ({type(error).__name__}: {error}); "
            "the log has the details.",
        )
    else:
        _tell(context, task, records=[record.to_json() for record in records], remark=remark)


def _tell(context: JobContext, task: UnitTask, **data: Any) -> None:
    context.report(Progress(STAGE, 1, 1, f"{task.unit} {task.kind}", {"hash": task.hash, **data}))


def _is_hopeless(error: StorageError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _HOPELESS


class _Observer:
    """Turns optimisation steps into at most a few reports per second."""

    def __init__(self, task: UnitTask, context: JobContext, previews: PreviewWriter | None) -> None:
        self._task = task
        self._context = context
        self._previews = previews
        self._last = 0.0

    def observe(self, side: Side, report: StepReport) -> None:
        now = time.monotonic()
        if now - self._last < REPORT_SECONDS and report.step < report.steps:
            return
        self._last = now
        data = {
            "hash": self._task.hash,
            "side": side,
            "step": report.step,
            "steps": report.steps,
            "activations": report.activations,
            "activation": sum(report.activations) / len(report.activations),
            "diversity": report.diversity,
        }
        if self._previews is not None:
            preview = self._previews.offer(f"{self._task.hash[:16]}_{side}", report.images)
            if preview is not None:
                data["preview"] = preview
        share = (report.step / report.steps + (side == "min")) / 2
        self._context.report(
            Progress(STAGE, share, 1, f"{self._task.unit} {self._task.kind}, {side}", data)
        )
