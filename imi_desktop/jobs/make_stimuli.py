"""Job: do unit tasks that come in one by one; what the generation's workers run.

Torch is imported with the first task that needs it.
"""

from __future__ import annotations

import errno
import importlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from imi_desktop.errors import StorageError, UserError
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.tasks.workplace import TaskResult, Workplace
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.progress import Cancelled, Progress
from imi_desktop.stimuli.manifest import Kind

log = logging.getLogger(__name__)

MODULES: Mapping[Kind, str] = {
    "natural": "imi_desktop.jobs.tasks.natural",
    "synthetic": "imi_desktop.jobs.tasks.synthetic",
    "occlusion": "imi_desktop.jobs.tasks.occlusion",
    "blurred": "imi_desktop.jobs.tasks.blurred",
}
"""Each has ``make(task, workplace, tell) -> TaskResult``."""

STAGE = "Generating stimuli"
_HOPELESS = {errno.ENOSPC, errno.EROFS, errno.EDQUOT}


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Do tasks ``{"task": {…}}`` for ``study`` with ``images`` until ``{"end": true}`` comes.

    After every task a progress event tells its outcome in ``data``: ``hash`` with ``records``
    (and a ``remark`` and its numbers, ``missed``), or with ``failed``.

    Raises
    ------
    StorageError
        If the disk is full or read-only; going on would only fail again.
    DeviceError
        If there is no such device.
    """
    device = arguments.get("device", "auto")
    if device not in {"auto", "cpu"}:
        from imi_desktop.models.devices import pick_device

        pick_device(device)  # once, and not with the first task of every unit
    workplace = Workplace(
        study_dir=Path(arguments["study"]),
        images=Path(arguments["images"]),
        device=device,
        previews=Path(arguments["previews"]) if arguments.get("previews") else None,
        cancel=context.cancel,
    )
    done = 0
    while (message := context.next_message()) is not None and "task" in message:
        _do(UnitTask.from_json(message["task"]), workplace, context)
        done += 1
    return {"tasks": done}


def make(task: UnitTask, workplace: Workplace, tell: Any) -> TaskResult:
    """Do one task.

    Raises
    ------
    UserError
        If it cannot be done.
    Cancelled
        If asked to stop.
    """
    result: TaskResult = importlib.import_module(MODULES[task.kind]).make(task, workplace, tell)
    override = task.inputs.get("override")
    if not override:
        return result
    records = [
        replace(record, parameters={**record.parameters, "override": override})
        for record in result.records
    ]
    return replace(result, records=records)


def _do(task: UnitTask, workplace: Workplace, context: JobContext) -> None:
    def tell(share: float, data: dict[str, Any]) -> None:
        detail = f"{task.unit} {task.kind}"
        context.report(Progress(STAGE, share, 1, detail, {"hash": task.hash, **data}))

    try:
        result = make(task, workplace, tell)
    except Cancelled:
        raise
    except UserError as error:
        if isinstance(error, StorageError) and _is_hopeless(error):
            raise
        tell(1, {"failed": error.sentence})
    except Exception as error:  # one unit's bug must not stop the others; logged whole
        log.exception("%s of %s failed", task.kind, task.unit)
        reason = f"An error in IMI Desktop ({type(error).__name__}: {error}); see the log."
        tell(1, {"failed": reason})
    else:
        records = [record.to_json() for record in result.records]
        tell(1, {"records": records, "remark": result.remark, "missed": list(result.missed)})


def _is_hopeless(error: StorageError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _HOPELESS
