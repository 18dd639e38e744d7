"""The lowest card on the right: why a row failed and the ways on, or its files."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import primary, quiet
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import hash_short, number, plural, value_range
from imi_desktop.gui.widgets.labels import ElidedLabel, label, wrapped
from imi_desktop.gui.workbench.histogram_bins import digits_of
from imi_desktop.gui.workbench.stimuli_cells import (
    WORK_COLUMNS,
    Cell,
    Column,
    MatrixRow,
    WorkState,
)
from imi_desktop.gui.workbench.stimuli_matrix import StimuliMatrix
from imi_desktop.stimuli.manifest import Record


class WayOn(StrEnum):
    """What can be done about a failure or about images that are too weak."""

    AGAIN = "again"
    CPU = "cpu"
    STEPS = "steps"
    REPLACE = "replace"


@dataclass(frozen=True)
class Retry:
    """What the user chose to do about a row."""

    row: MatrixRow
    way: WayOn
    steps: int = 0


class DetailsCard(Card):
    """Of the row selected: failure and ways on, or files and provenance."""

    retry_wanted = Signal(object)
    log_wanted = Signal()
    unit_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Details", parent=parent)
        self._row: MatrixRow | None = None
        self._icon = QLabel()
        self.lead_head(self._icon)
        self._cause = wrapped("", "body")
        inside = self._scrolling()
        inside.addWidget(self._cause)
        self._ways = QWidget()
        ways = QVBoxLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.setSpacing(0)
        self._group = QButtonGroup(self)
        self._choices: dict[WayOn, QRadioButton] = {}
        self.steps = QSpinBox(minimum=16, maximum=100_000, singleStep=256)
        self.steps.setAccessibleName("Optimisation steps")
        for way, text in (
            (WayOn.AGAIN, "Retry as it is"),
            (WayOn.CPU, "Retry on the CPU"),
            (WayOn.STEPS, "More steps for all units:"),
            (WayOn.REPLACE, "Replace the unit by another random one"),
        ):
            choice = QRadioButton(text)
            self._group.addButton(choice)
            self._choices[way] = choice
            line = QHBoxLayout()
            line.addWidget(choice)
            line.setSpacing(8)
            if way is WayOn.STEPS:
                line.addWidget(self.steps)
                choice.setToolTip("Changes the study's setting; every visualization is made anew")
            line.addStretch(1)
            ways.addLayout(line)
        inside.addWidget(self._ways)
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
        self.show_row(None, None, 0, "")

    @property
    def way(self) -> WayOn:
        """The way on that is chosen."""
        return next((w for w, c in self._choices.items() if c.isChecked()), WayOn.AGAIN)

    def choose(self, way: WayOn) -> None:
        """Choose a way on."""
        self._choices[way].setChecked(True)

    def show_row(
        self,
        row: MatrixRow | None,
        matrix: StimuliMatrix | None,
        steps: int,
        reason: str,
        busy: bool = False,
    ) -> None:
        """Show another row.

        Parameters
        ----------
        steps : int
            Optimisation steps of the study now.
        reason : str
            Why the study must not change; empty if it may.
        busy : bool
            Whether stimuli are being generated, so that nothing can be retried.
        """
        again = row is not None and self._row is not None and row.unit == self._row.unit
        self._row = row
        cell, column = _troubled(row)
        self._tone = {WorkState.FAILED: "error", WorkState.WEAK: "warn"}.get(cell.state, "")
        self._paint_icon()
        trouble = bool(self._tone)
        self._ways.setVisible(trouble)
        self.retry.setVisible(trouble)
        self.show_unit_button.setVisible(row is not None)
        if row is None or matrix is None:
            self.set_title("Details")
            self._cause.setText("Select a row to see its files and where they come from.")
            self._clear_files()
            return
        name = f"{row.unit.layer}, {row.unit.channel}"
        if trouble:
            word = "failed" if cell.state is WorkState.FAILED else "too weak"
            side = column.value.split(", ")[-1].lower()
            self.set_title(f"{name}, {side}: {word}", self._tone)
            self._cause.setText(_sentence(row, cell, column, matrix))
            self._offer(cell, column, steps, reason, again, busy)
        else:
            self.set_title(name)
            self._cause.setText(f"{row.role}, {row.selection}: {row.done} of {row.total} images.")
        if not again or trouble or row.state is not WorkState.DONE:
            self._show_files(row, matrix, 1 if trouble else 3)

    def _scrolling(self) -> QVBoxLayout:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        canvas = QWidget()
        canvas.setProperty("kind", "canvas")
        column = QVBoxLayout(canvas)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        area.setWidget(canvas)
        area.setAccessibleName("Details")
        self.body.addWidget(area, 1)
        return column

    def _offer(
        self, cell: Cell, column: Column, steps: int, reason: str, again: bool, busy: bool
    ) -> None:
        weak = cell.state is WorkState.WEAK
        synthetic = column in (Column.SYNTHETIC_MAX, Column.SYNTHETIC_MIN)
        self._choices[WayOn.AGAIN].setVisible(not weak)
        self._choices[WayOn.CPU].setVisible(not weak and "memory" in cell.cause.lower())
        self._choices[WayOn.STEPS].setVisible(synthetic)
        self.steps.setVisible(synthetic)
        for way in (WayOn.STEPS, WayOn.REPLACE):
            self._choices[way].setEnabled(not reason)
            self._choices[way].setToolTip(reason)
        if not again:
            self.steps.setValue(2 * steps)
            self.choose(WayOn.STEPS if weak else WayOn.AGAIN)
        self.retry.set_enabled(not busy and not (weak and reason), reason)

    def _show_files(self, row: MatrixRow, matrix: StimuliMatrix, most: int) -> None:
        self._clear_files()
        for column in WORK_COLUMNS[1:]:
            files = [f for f in matrix.files(row.unit, column) if f.endswith(".png")]
            records = [r for f in files if (r := matrix.record(f)) is not None]
            if not records:
                continue
            head = label(f"{column.value}, {plural(len(records), 'image')}", "value")
            self._files.addWidget(head)
            for record in _extreme(records, most):
                line = ElidedLabel(_provenance(record), "caption", "ink3")
                line.setToolTip(f"{record.file}\nSHA-256 {record.sha256}\nmade {record.made}")
                self._files.addWidget(line)

    def _clear_files(self) -> None:
        while self._files.count():
            item = self._files.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()

    def _paint_icon(self) -> None:
        self._icon.setVisible(bool(self._tone))
        if self._tone:
            self._icon.setPixmap(self.theme.icon(self._tone, self._tone).pixmap(16, 16))

    def _retry(self) -> None:
        if self._row is not None:
            self.retry_wanted.emit(Retry(self._row, self.way, self.steps.value()))

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
        return cell.cause
    records = [r for f in matrix.files(row.unit, column) if (r := matrix.record(f)) is not None]
    values = [record.activation for record in records]
    more = "more" if column is Column.SYNTHETIC_MAX else "less"
    return (
        f"{cell.cause}: a natural image activates the unit {more}. Activations reach from "
        f"{value_range(min(values), max(values), digits_of(values))}. The images are kept, and the "
        "manifest says that they are weaker."
    )


def _extreme(records: list[Record], most: int) -> list[Record]:
    return sorted(records, key=lambda record: -abs(record.activation))[:most]


def _provenance(record: Record) -> str:
    name = record.file.rsplit("/", 1)[-1]
    parts = [name, f"activation {number(record.activation)}", hash_short(record.sha256)]
    if record.source_image:
        parts.insert(1, record.source_image)
    return " · ".join(parts)
