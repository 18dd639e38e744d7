"""The account of a generation: what was made, and what could not be, and why. Knows no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imi_desktop.jobs.generation_locked import LockedStimuli
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.jobs.worker_pool import TaskReport
from imi_desktop.progress import Progress, ProgressReporter
from imi_desktop.stimuli.finished_runs import forget_runs
from imi_desktop.stimuli.manifest import Record, append

STAGE = "Generating stimuli"


@dataclass
class Outcome:
    """What became of the tasks.

    Parameters
    ----------
    made, skipped : int
        Tasks done now, and tasks that had been done before.
    failed : list of dict
        ``unit`` (address), ``model``, ``kind`` and ``reason`` of each task that could not be done.
    remarks : list of dict
        The same for tasks that were done with a remark; ``missed`` has the numbers behind it.
    """

    made: int = 0
    skipped: int = 0
    failed: list[dict[str, str]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As JSON-able values."""
        return dict(vars(self))


class Ledger:
    """Keeps the manifest and the account of a generation."""

    def __init__(
        self,
        study_dir: Path,
        tasks: Sequence[UnitTask],
        report: ProgressReporter,
        locked: LockedStimuli | None,
    ) -> None:
        self.outcome = Outcome()
        self.accepted: set[str] = set()
        self._locked = locked
        self._study_dir = study_dir
        self._report = report
        self._total = sum(task.effort for task in tasks)
        self._shares: dict[str, float] = {}

    def skip(self, task: UnitTask) -> None:
        """Count a task that had been done before."""
        self.outcome.skipped += 1
        self._total -= task.effort
        self._tell(task, "skipped", {})

    def take(self, news: TaskReport) -> None:
        """Count what a worker tells; finished images enter the manifest first."""
        data = dict(news.data)
        state = news.state
        records = [Record.from_json(values) for values in data.pop("records", ())]
        if records and self._locked is not None and not self._locked.allows(records):
            state, data = "failed", {"failed": self._locked.refusal()}
        if state == "done":
            append(self._study_dir, records)
            self.accepted.add(news.task.hash)
            if news.task.kind == "synthetic":
                forget_runs(self._study_dir, news.task.unit)
            self.outcome.made += 1
            if data.get("remark"):
                missed = data.get("missed", [])
                self.outcome.remarks.append({**_line(news.task, data["remark"]), "missed": missed})
        elif state == "failed":
            self.outcome.failed.append(_line(news.task, data["failed"]))
        elif state == "dropped":
            self._total -= news.task.effort
        self._shares[news.task.hash] = news.task.effort * news.share
        self._tell(news.task, state, data)

    def _tell(self, task: UnitTask, state: str, data: dict[str, Any]) -> None:
        about = {
            "unit": task.unit.address,
            "model": task.unit.model,
            "kind": task.kind,
            "state": state,
        }
        self._report(
            Progress(
                STAGE,
                sum(self._shares.values()),
                self._total,
                f"{task.unit.address}, {task.kind}",
                {**data, **about},
            )
        )


def _line(task: UnitTask, reason: str) -> dict[str, str]:
    return {
        "unit": task.unit.address,
        "model": task.unit.model,
        "kind": task.kind,
        "reason": reason,
    }
