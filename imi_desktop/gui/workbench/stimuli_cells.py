"""The words of the generation matrix: columns, states of work, cells, rows. Knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from imi_desktop.models.unit import Unit


class Column(StrEnum):
    """Kinds of work per unit, in the order in which they are done."""

    ACTIVATIONS = "Activations"
    NATURAL = "Natural"
    SYNTHETIC_MAX = "Synthetic, max"
    SYNTHETIC_MIN = "Synthetic, min"
    OCCLUSION_BLUR = "Occlusion, blur"
    CHECKS = "Checks"


WORK_COLUMNS = tuple(column for column in Column if column is not Column.CHECKS)
"""Columns whose cells are work; checks are derived from their results."""


class WorkState(StrEnum):
    """States of one cell."""

    FAILED = "failed"
    WEAK = "too weak"
    RUNNING = "running"
    QUEUED = "queued"
    WAITING = "waiting"
    OUTDATED = "outdated"
    MISSING = "missing"
    DONE = "done"
    NOT_NEEDED = "not needed"


_ATTENTION = (
    WorkState.FAILED,
    WorkState.WEAK,
    WorkState.RUNNING,
    WorkState.QUEUED,
    WorkState.WAITING,
    WorkState.OUTDATED,
    WorkState.MISSING,
    WorkState.DONE,
    WorkState.NOT_NEEDED,
)


@dataclass(frozen=True)
class Cell:
    """One kind of work of one unit.

    Parameters
    ----------
    done, total : int
        Images there are, outdated ones not counted, and images the study's trials need (layers: 0
        or 1 of 1).
    cause : str
        Why it failed, or what it waits for; one sentence, shown whole in the details.
    fraction : float or None
        0 … 1 of the running work; None if it is not running or not known.
    seconds_left : float or None
        Estimate for the running work.
    position : int or None
        Place in the queue, from 1.
    images : tuple of str
        Up to two files to show, relative to the study folder.
    preview : tuple of (str, int) or None
        File of this computer with the images being made side by side, and how many they are.
    rests : bool
        Whether the running work is paused.
    """

    state: WorkState
    done: int = 0
    total: int = 0
    cause: str = ""
    fraction: float | None = None
    seconds_left: float | None = None
    position: int | None = None
    images: tuple[str, ...] = ()
    preview: tuple[str, int] | None = None
    rests: bool = False


NOT_NEEDED = Cell(WorkState.NOT_NEEDED)


@dataclass(frozen=True)
class MatrixRow:
    """One unit of the study and the state of everything it needs."""

    unit: Unit
    selection: str
    cells: Mapping[Column, Cell] = field(default_factory=dict)
    thumbnail: str | None = None
    role: str = "main"

    def cell(self, column: Column) -> Cell:
        """State of one kind of work."""
        return self.cells.get(column, NOT_NEEDED)

    @property
    def state(self) -> WorkState:
        """The row's state: that of the cell that needs most attention."""
        states = {self.cell(column).state for column in WORK_COLUMNS}
        return next((state for state in _ATTENTION if state in states), WorkState.NOT_NEEDED)

    @property
    def done(self) -> int:
        """Images there are."""
        return sum(
            min(cell.done, cell.total)
            for column, cell in self.cells.items()
            if column not in (Column.ACTIVATIONS, Column.CHECKS)
        )

    @property
    def total(self) -> int:
        """Images needed."""
        return sum(
            cell.total
            for column, cell in self.cells.items()
            if column not in (Column.ACTIVATIONS, Column.CHECKS)
        )


class RowFilter(StrEnum):
    """Segments over the matrix."""

    ALL = "All"
    FAILED = "Failed"
    RUNNING = "Running"
    QUEUED = "Queued"
    DONE = "Done"


_FILTER_STATES: dict[RowFilter, frozenset[WorkState]] = {
    RowFilter.FAILED: frozenset({WorkState.FAILED}),
    RowFilter.RUNNING: frozenset({WorkState.RUNNING}),
    RowFilter.QUEUED: frozenset({WorkState.QUEUED, WorkState.WAITING}),
    RowFilter.DONE: frozenset({WorkState.DONE, WorkState.WEAK, WorkState.NOT_NEEDED}),
}


class RowOrder(StrEnum):
    """How the matrix is sorted."""

    ATTENTION = "needs attention first"
    STUDY = "order of the study"
    LAYER = "layer"


def matches(row: MatrixRow, row_filter: RowFilter, text: str = "") -> bool:
    """Whether a row is in the segment and holds every word of `text` in its description."""
    if row_filter is not RowFilter.ALL and row.state not in _FILTER_STATES[row_filter]:
        return False
    description = (
        f"{row.unit.model} {row.unit.address} {row.role} {row.selection} {row.state}".casefold()
    )
    return all(word in description for word in text.casefold().split())


def counts(rows: list[MatrixRow]) -> dict[RowFilter, int]:
    """Rows per segment."""
    return {f: sum(matches(row, f) for row in rows) for f in RowFilter}


def sorted_rows(rows: list[MatrixRow], order: RowOrder) -> list[MatrixRow]:
    """Rows in the order asked for; equal ones stay in the order of the study."""
    if order is RowOrder.ATTENTION:
        return sorted(rows, key=_attention)
    if order is RowOrder.LAYER:
        return sorted(rows, key=lambda row: row.unit)
    return list(rows)


def _attention(row: MatrixRow) -> tuple[int, int]:
    positions = [cell.position for cell in row.cells.values() if cell.position is not None]
    return _ATTENTION.index(row.state), min(positions, default=0)


def ordinal(position: int) -> str:
    """1st, 2nd, 3rd, 4th …"""
    tens = position % 100
    suffix = "th" if 10 <= tens <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")
    return f"{position}{suffix}"
