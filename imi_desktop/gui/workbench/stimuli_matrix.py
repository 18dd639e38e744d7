"""Which stimuli of a study there are, are being made, wait or failed. Knows no Qt.

Built from the files on disk and the manifest, then kept up to date by the events of the
generation job.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from imi_desktop.experiment.study import Study
from imi_desktop.gui.workbench.stimuli_cells import Cell, Column, MatrixRow, WorkState
from imi_desktop.gui.workbench.stimuli_live import LiveTask
from imi_desktop.gui.workbench.stimuli_scan import Scan
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Kind, Record
from imi_desktop.stimuli.pack import SIDES, Side

Key = tuple[Unit, Kind]

_SYNTHETIC: dict[Side, Column] = {"max": Column.SYNTHETIC_MAX, "min": Column.SYNTHETIC_MIN}
_KINDS: dict[Column, tuple[Kind, ...]] = {
    Column.NATURAL: ("natural",),
    Column.SYNTHETIC_MAX: ("synthetic",),
    Column.SYNTHETIC_MIN: ("synthetic",),
    Column.OCCLUSION_BLUR: ("occlusion", "blurred"),
}


class StimuliMatrix:
    """Rows of the Stimuli page.

    Parameters
    ----------
    clock : callable
        Monotonic seconds.
    """

    def __init__(self, study: Study, found: Scan, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._entries = {entry.unit: entry for entry in reversed(study.units)}
        self._tasks: dict[Key, UnitTask] = {(t.unit, t.kind): t for t in found.tasks}
        self._present = set(found.present)
        self._outdated = set(found.outdated)
        self._recorded = set(found.recorded)
        self._records: dict[str, Record] = {record.file: record for record in found.manifest}
        self.live: dict[Key, LiveTask] = {}
        self.failures: dict[Key, str] = {}
        self.dropped: set[Key] = set()
        self.working = False
        self.resting = False
        self.stage = ""
        self._units = tuple(dict.fromkeys(unit for unit, _ in self._tasks))
        self._addresses: dict[tuple[str, str, str], Key] = {
            (unit.model, unit.address, kind): (unit, kind) for unit, kind in self._tasks
        }

    @property
    def units(self) -> tuple[Unit, ...]:
        """Units with at least one stimulus, in the order of the work."""
        return self._units

    @property
    def done(self) -> int:
        """Files there are."""
        return len(self._present)

    @property
    def total(self) -> int:
        """Files needed."""
        return sum(len(task.files) for task in self._tasks.values())

    @property
    def outdated(self) -> int:
        """Files there are that were made with other settings, images or weights."""
        return len(self._outdated)

    @property
    def failed_files(self) -> int:
        """Files of failed tasks."""
        return sum(
            sum(file not in self._present for file in self._tasks[key].files)
            for key in self.failures
            if key in self._tasks
        )

    @property
    def seconds_of_work(self) -> float:
        """Rough seconds on one processor for what is missing."""
        return sum(task.effort for key, task in self._tasks.items() if self._missing(key))

    @property
    def waiting_tasks(self) -> int:
        """Tasks that are missing and not being made."""
        return sum(
            self._missing(key)
            for key in self._tasks
            if key not in self.live and key not in self.dropped
        )

    def size_of(self, key: Key) -> int:
        """Files of a task that are not there yet."""
        return sum(file not in self._present for file in self._tasks[key].files)

    def start(self, units: Collection[Unit] = ()) -> None:
        """A generation begins, of some units or of all: old failures are forgotten."""
        self.working = True
        self.resting = False
        self.live.clear()
        self.failures.clear()
        self.dropped = {key for key in self._tasks if units and key[0] not in units}

    def stop(self) -> None:
        """Nothing runs any more."""
        self.working = False
        self.resting = False
        self.stage = ""
        self.live.clear()
        self.dropped.clear()

    def rest(self, resting: bool) -> None:
        """The whole generation waits, or goes on."""
        self.resting = resting
        for live in self.live.values():
            live.rest(self._clock(), resting or live.halted)

    def halt(self, key: Key, halted: bool) -> None:
        """One running task waits, or goes on."""
        live = self.live.get(key)
        if live is not None:
            live.halted = halted
            live.rest(self._clock(), halted or self.resting)

    def open_tasks(self, unit: Unit) -> list[Key]:
        """Tasks of a unit that are being made or wait for their turn."""
        if not self.working:
            return []
        mine = (key for key in self._tasks if key[0] == unit and self._missing(key))
        return [key for key in mine if key not in self.failures and key not in self.dropped]

    def fail(self, lines: Sequence[Mapping[str, str]]) -> None:
        """Keep the failures that a generation reported at its end."""
        for line in lines:
            key = self._key(line)
            if key is not None:
                self.failures[key] = line.get("reason", "")

    def take(self, stage: str, data: Mapping[str, Any]) -> Key | None:
        """Learn from one progress event of the generation.

        Returns
        -------
        (Unit, str) or None
            The task whose files should be looked at again, because it is done.
        """
        self.stage = stage
        key = self._key(data)
        if key is None:
            return None
        state = str(data.get("state", "running"))
        if state in ("done", "skipped"):
            self.live.pop(key, None)
            self.failures.pop(key, None)
            self._present |= set(self._tasks[key].files)
            self._outdated -= self._present
            return key
        if state == "failed":
            self.live.pop(key, None)
            self.failures[key] = str(data.get("failed", ""))
            return None
        if state == "dropped":
            self.live.pop(key, None)
            self.dropped.add(key)
            return None
        live = self.live.setdefault(key, LiveTask(self._clock()))
        if data.get("side") in SIDES:
            live.side = "min" if data["side"] == "min" else "max"
            live.step, live.steps = int(data.get("step", 0)), int(data.get("steps", 0))
            live.side_share = float(data.get("share", live.step / max(1, live.steps)))
            live.activations = [float(value) for value in data.get("activations", ())]
            live.preview = str(data.get("preview") or live.preview)
        return None

    def add_records(self, records: Sequence[Record]) -> None:
        """Learn what the manifest now says of some images."""
        self._records.update({record.file: record for record in records})

    def record(self, file: str) -> Record | None:
        """What the manifest says of an image."""
        return self._records.get(file)

    def files(self, unit: Unit, column: Column) -> list[str]:
        """Files of one cell, in order."""
        return [file for key in self._keys(unit, column) for file in self._files(key, column)]

    def rows(self) -> list[MatrixRow]:
        """State of every unit now."""
        places = self._queue()
        return [self._row(unit, places) for unit in self._units]

    def _row(self, unit: Unit, places: Mapping[tuple[Unit, Column], int]) -> MatrixRow:
        cells = {column: self._cell(unit, column, places) for column in Column}
        entry = self._entries.get(unit)
        thumbnail = next(
            (i for c in (Column.NATURAL, Column.SYNTHETIC_MAX) for i in cells[c].images), None
        )
        return MatrixRow(
            unit,
            entry.selection.replace("_", "-") if entry else "",
            cells,
            thumbnail,
            entry.role if entry else "main",
        )

    def _cell(self, unit: Unit, column: Column, places: Mapping[tuple[Unit, Column], int]) -> Cell:
        if column is Column.ACTIVATIONS:
            return self._activations(unit)
        if column is Column.CHECKS:
            return self._checks(unit)
        keys = self._keys(unit, column)
        if not keys:
            return Cell(WorkState.NOT_NEEDED)
        files = self.files(unit, column)
        there = [file for file in files if file in self._present]
        outdated = any(file in self._outdated for file in files)
        shown = [file for file in files if file in self._present or file in self._outdated]
        cell = Cell(
            WorkState.OUTDATED if outdated else WorkState.MISSING,
            len(there),
            len(files),
            images=tuple(_two(files, shown, column)),
        )
        failure = next((self.failures[key] for key in keys if key in self.failures), None)
        running = next((self.live[key] for key in keys if key in self.live), None)
        if running is not None and self._concerns(running, column):
            return self._running(cell, running, column)
        if running is not None and len(there) < len(files):
            waits = "made, written with min" if running.side == "min" else "waits for max"
            return Cell(WorkState.WAITING, cell.done, cell.total, waits, images=cell.images)
        if failure is not None and len(there) < len(files):
            return Cell(WorkState.FAILED, cell.done, cell.total, failure, images=cell.images)
        if len(there) == len(files):
            weak = self._weak(files)
            state = WorkState.WEAK if weak else WorkState.DONE
            cause = f"{weak} of {len(files)} too weak" if weak else ""
            return Cell(state, cell.done, cell.total, cause, images=cell.images)
        if self.working and not all(key in self.dropped for key in keys):
            position = places.get((unit, column))
            return Cell(
                WorkState.QUEUED, cell.done, cell.total, position=position, images=cell.images
            )
        return cell

    def _running(self, cell: Cell, live: LiveTask, column: Column) -> Cell:
        fraction = live.share if live.steps else None
        left = live.seconds_left(self._clock())
        if column in _SYNTHETIC.values() and live.steps:
            fraction = live.side_share
            left = live.seconds_left_of_side(self._clock())
        return Cell(
            WorkState.RUNNING,
            cell.done,
            cell.total,
            fraction=fraction,
            seconds_left=left,
            images=cell.images,
            preview=(live.preview, max(1, len(live.activations))) if live.preview else None,
            rests=live.rests,
        )

    def _concerns(self, live: LiveTask, column: Column) -> bool:
        """Whether a running task works on this column: of synthetic ones, one side at a time."""
        if column not in _SYNTHETIC.values():
            return True
        return _SYNTHETIC[live.side or "max"] is column

    def _activations(self, unit: Unit) -> Cell:
        if (unit.model, unit.layer) in self._recorded:
            return Cell(WorkState.DONE, 1, 1)
        if any((unit, kind) in self.live for kind in ("natural", "synthetic")):
            self._recorded.add((unit.model, unit.layer))
            return Cell(WorkState.DONE, 1, 1)
        state = WorkState.QUEUED if self.working else WorkState.MISSING
        if self.working and "ctivations" in self.stage:
            state = WorkState.RUNNING
        return Cell(state, 0, 1)

    def _checks(self, unit: Unit) -> Cell:
        """Synthetic images that reach the most extreme natural one, of those that are there."""
        columns = [c for c in _SYNTHETIC.values() if self._keys(unit, c)]
        if not columns:
            return Cell(WorkState.NOT_NEEDED)
        files = [file for column in columns for file in self.files(unit, column)]
        records = [self._records[f] for f in files if f in self._records and f in self._present]
        if not records:
            return Cell(WorkState.MISSING, 0, len(files))
        reached = sum(beats_every_photograph(record) for record in records)
        weak = len(records) - reached
        done = len(records) == len(files)
        state = WorkState.WEAK if weak else WorkState.DONE if done else WorkState.RUNNING
        return Cell(state, reached, len(files))

    def _weak(self, files: Sequence[str]) -> int:
        records = [self._records[file] for file in files if file in self._records]
        return sum(
            record.kind == "synthetic" and not beats_every_photograph(record) for record in records
        )

    def _queue(self) -> dict[tuple[Unit, Column], int]:
        places: dict[tuple[Unit, Column], int] = {}
        if not self.working:
            return places
        for key in self._tasks:
            settled = key in self.live or key in self.failures or key in self.dropped
            if settled or not self._missing(key):
                continue
            for column in _columns(key[1]):
                places[key[0], column] = len(places) + 1
        return places

    def _missing(self, key: Key) -> bool:
        return any(file not in self._present for file in self._tasks[key].files)

    def _keys(self, unit: Unit, column: Column) -> list[Key]:
        return [(unit, k) for k in _KINDS.get(column, ()) if (unit, k) in self._tasks]

    def _files(self, key: Key, column: Column) -> list[str]:
        files = self._tasks[key].files
        for side, own in _SYNTHETIC.items():
            if column is own:
                return [file for file in files if f"/{side}_" in file]
        return list(files)

    def _key(self, data: Mapping[str, Any]) -> Key | None:
        address = str(data.get("model")), str(data.get("unit")), str(data.get("kind"))
        return self._addresses.get(address)


def beats_every_photograph(record: Record) -> bool:
    """Whether a synthetic image is more extreme on its side than the whole image folder."""
    return record.rank == 1 if record.side == "max" else record.percentile == 0


def _columns(kind: Kind) -> tuple[Column, ...]:
    return tuple(column for column, kinds in _KINDS.items() if kind in kinds)


def _two(files: Sequence[str], there: Sequence[str], column: Column) -> list[str]:
    """The two images that stand for a cell."""
    if column is Column.NATURAL:
        strong = [f for f in there if f.endswith(("/max_8.png", "/max_7.png"))]
        return sorted(strong, reverse=True)[:2] or list(there[:2])
    return [file for file in there[::-1] if file.endswith(".png")][:2]
