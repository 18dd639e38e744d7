"""The lowest card on the right: why a row failed and the ways on, or its files."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from imi_desktop.experiment.study import SyntheticStimuli
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import primary, quiet
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import hash_short, number, plural, value_range
from imi_desktop.gui.widgets.labels import ElidedLabel, label, wrapped
from imi_desktop.gui.widgets.scroll import ScrollColumn
from imi_desktop.gui.workbench.histogram_bins import digits_of
from imi_desktop.gui.workbench.stimuli_cells import (
    WORK_COLUMNS,
    Cell,
    Column,
    MatrixRow,
    WorkState,
)
from imi_desktop.gui.workbench.stimuli_matrix import StimuliMatrix
from imi_desktop.gui.workbench.stimuli_retry import RetryWays
from imi_desktop.gui.workbench.stimuli_table import OUTDATED
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Record


class DetailsCard(Card):
    """Of the row selected: failure and ways on, or files and provenance."""

    retry_wanted = Signal(object)
    log_wanted = Signal()
    unit_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Details", parent=parent)
        self._row: MatrixRow | None = None
        self._offered: tuple[Unit, Column] | None = None
        self._listed: list[tuple[str, list[Record]]] = []
        self._icon = QLabel()
        self.lead_head(self._icon)
        self._cause = wrapped("", "body")
        inside = self._scrolling()
        inside.addWidget(self._cause)
        self.ways = RetryWays()
        inside.addWidget(self.ways)
        files = QWidget()
        self._files = QVBoxLayout(files)
        self._files.setContentsMargins(0, 0, 0, 0)
        self._files.setSpacing(3)
        inside.addWidget(files)
        inside.addStretch(1)
        buttons = QHBoxLayout()
        self.retry = primary("Retry", theme, "retry")
        self.retry.clicked.connect(self._retry)
        self.show_unit_button = quiet("Show unit")
        self.show_unit_button.clicked.connect(self._show_unit)
        log = quiet("Show log")
        log.clicked.connect(self.log_wanted)
        for button in (self.retry, self.show_unit_button, log):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addLayout(buttons)
        theme.changed.connect(lambda: self._paint_icon())
        self._tone = ""
        self.show_row(None, None, None, "")

    def set_compact(self, compact: bool) -> None:
        """Ways on beside each other where the card is wide and low."""
        self.ways.set_columns(3 if compact else 1)

    def show_row(
        self,
        row: MatrixRow | None,
        matrix: StimuliMatrix | None,
        synthetic: SyntheticStimuli | None,
        reason: str,
        busy: bool = False,
    ) -> None:
        """Show another row.

        Parameters
        ----------
        synthetic : SyntheticStimuli or None
            How the study's visualizations are made; None without a study.
        reason : str
            Why the study's stimuli must not be made in another way; empty if they may.
        busy : bool
            Whether stimuli are being generated, so that nothing can be retried.
        """
        self._row = row
        cell, column = _troubled(row)
        self._tone = {WorkState.FAILED: "error", WorkState.WEAK: "warn"}.get(cell.state, "")
        self._paint_icon()
        trouble = bool(self._tone)
        self.ways.setVisible(trouble)
        self.retry.setVisible(trouble)
        self.show_unit_button.setVisible(row is not None)
        if row is None or matrix is None or synthetic is None:
            self.set_title("Details")
            self._cause.setText("Select a row to see its files and where they come from.")
            self._offered = None
            self._list_files([])
            return
        name = f"{row.unit.layer}, {row.unit.channel}"
        if trouble:
            word = "failed" if cell.state is WorkState.FAILED else "too weak"
            side = column.value.split(", ")[-1].lower()
            self.set_title(f"{name}, {side}: {word}", self._tone)
            self._cause.setText(_sentence(row, cell, column, matrix))
            keep = self._offered == (row.unit, column)
            self._offered = (row.unit, column)
            self.ways.offer(cell, column, synthetic, reason, keep)
            weak = cell.state is WorkState.WEAK
            why = "Wait until the generation has ended." if busy else reason
            self.retry.set_enabled(not busy and not (weak and reason), why)
        else:
            self._offered = None
            self.set_title(name)
            words = f"{row.role}, {row.selection}: {row.done} of {row.total} images."
            if any(row.cell(column).state is WorkState.OUTDATED for column in WORK_COLUMNS):
                words += f" Some are outdated: {OUTDATED[0].lower()}{OUTDATED[1:]}."
            self._cause.setText(words)
        self._show_files(row, matrix, 1 if trouble else 3)

    def _scrolling(self) -> QVBoxLayout:
        area = ScrollColumn(spacing=8)
        column = area.column
        area.setAccessibleName("Details")
        self.body.addWidget(area, 1)
        return column

    def _show_files(self, row: MatrixRow, matrix: StimuliMatrix, most: int) -> None:
        listed = []
        for column in WORK_COLUMNS[1:]:
            files = [f for f in matrix.files(row.unit, column) if f.endswith(".png")]
            records = [r for f in files if (r := matrix.record(f)) is not None]
            if records:
                head = f"{column.value}, {plural(len(records), 'image')}"
                listed.append((head, _extreme(records, most)))
        self._list_files(listed)

    def _list_files(self, listed: list[tuple[str, list[Record]]]) -> None:
        if listed == self._listed:
            return
        self._listed = listed
        while (item := self._files.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for head, records in listed:
            self._files.addWidget(label(head, "value"))
            for record in records:
                line = ElidedLabel(_provenance(record), "caption", "ink3")
                line.setToolTip(f"{record.file}\nSHA-256 {record.sha256}\nmade {record.made}")
                self._files.addWidget(line)

    def _paint_icon(self) -> None:
        self._icon.setVisible(bool(self._tone))
        if self._tone:
            self._icon.setPixmap(self.theme.icon(self._tone, self._tone).pixmap(16, 16))

    def _retry(self) -> None:
        if self._row is not None:
            self.retry_wanted.emit(self.ways.chosen(self._row))

    def _show_unit(self) -> None:
        if self._row is not None:
            self.unit_wanted.emit(self._row.unit)


def _troubled(row: MatrixRow | None) -> tuple[Cell, Column]:
    if row is not None:
        for state in (WorkState.FAILED, WorkState.WEAK):
            for column in WORK_COLUMNS:
                if row.cell(column).state is state:
                    return row.cell(column), column
    return Cell(WorkState.NOT_NEEDED), Column.NATURAL


def _sentence(row: MatrixRow, cell: Cell, column: Column, matrix: StimuliMatrix) -> str:
    if cell.state is WorkState.FAILED:
        causes = [row.cell(column).cause for column in WORK_COLUMNS if _failed(row, column)]
        return "\n".join(dict.fromkeys(causes))
    records = [r for f in matrix.files(row.unit, column) if (r := matrix.record(f)) is not None]
    values = [record.activation for record in records]
    more = "more" if column is Column.SYNTHETIC_MAX else "less"
    return (
        f"{cell.cause}: a natural image activates the unit {more}. Activations reach from "
        f"{value_range(min(values), max(values), digits_of(values))}. The images are kept, and the "
        "manifest says that they are weaker."
    )


def _failed(row: MatrixRow, column: Column) -> bool:
    return row.cell(column).state is WorkState.FAILED


def _extreme(records: list[Record], most: int) -> list[Record]:
    return sorted(records, key=lambda record: -abs(record.activation))[:most]


def _provenance(record: Record) -> str:
    name = record.file.rsplit("/", 1)[-1]
    parts = [name, f"activation {number(record.activation)}", hash_short(record.sha256)]
    if record.source_image:
        parts.insert(1, record.source_image)
    return " · ".join(parts)
