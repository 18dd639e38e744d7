"""Stimuli page: what the study's trials need, what there is, and what is being made."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QLineEdit, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.buttons import primary, secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import about, count, duration, percent, plural
from imi_desktop.gui.widgets.page import COMPACT, Page
from imi_desktop.gui.widgets.progress import ProgressBar
from imi_desktop.gui.widgets.segments import Segments
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.stimuli_acts import StimuliActs
from imi_desktop.gui.workbench.stimuli_cells import (
    Column,
    MatrixRow,
    RowFilter,
    RowOrder,
    WorkState,
    counts,
    matches,
    sorted_rows,
)
from imi_desktop.gui.workbench.stimuli_matrix import StimuliMatrix
from imi_desktop.gui.workbench.stimuli_progress import StimuliProgress
from imi_desktop.gui.workbench.stimuli_side import StimuliSide
from imi_desktop.gui.workbench.stimuli_view import StimuliView
from imi_desktop.gui.workbench.unit_faces import UnitFaces
from imi_desktop.gui.workbench.units_study import locked
from imi_desktop.models.unit import parse_address

_MEDIUM = 1700
"""Window width in px below which the table's cells have one picture each."""


class StimuliPage(Page):
    """Total, matrix, devices, throughput, running tasks, details."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "stimuli", "Stimuli", parent)
        self._compact: bool | None = None
        self.loader = ThumbnailLoader(self)
        self.progress = StimuliProgress(context, self)
        self.job = self.progress.job
        self._make_actions()
        self._make_cards()
        self._connect()
        self._make_shortcuts()
        self._arrange(compact=False)
        self._show()
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    def set_study(self, study: Study | None) -> None:
        """Show another study, or the same one after it was changed."""
        if self.study is None or study is None or study.folder != self.study.folder:
            self.loader.forget()
        super().set_study(study)
        if study is not None:
            self.view.set_faces(UnitFaces(study.folder, study.images_folder, 1.0))
        self.progress.set_study(study)

    @property
    def matrix(self) -> StimuliMatrix | None:
        """State of every unit; None until the study has been looked through."""
        return self.progress.matrix

    def state_word(self) -> str:
        """Per cent of the images that are there; a tick's word when all are."""
        matrix = self.matrix
        if matrix is None or not matrix.total:
            return ""
        if matrix.failures:
            return f"{len(matrix.failures)} failed"
        return "ready" if matrix.done >= matrix.total else percent(matrix.done / matrix.total)

    def show_detail(self, detail: str) -> None:
        """Select the row of a unit, ``layer:channel``."""
        if self.matrix is None:
            return
        try:
            layer, channel = parse_address(detail)
        except UserError:
            return
        for unit in self.matrix.units:
            if (unit.layer, unit.channel) == (layer, channel):
                self.view.select(unit)

    def width_changed(self, width: int) -> None:
        """Cards under the table, one picture per cell, in a narrow window."""
        self._arrange(width < COMPACT)
        self.view.set_compact(width < _MEDIUM)

    def minimumSizeHint(self) -> QSize:
        """Room for the compact arrangement; the wide one must not hold the window open."""
        return QSize(900, 520)

    def stop(self) -> None:
        """End all decoding; for closing. The job goes on."""
        self.progress.stop()
        self.loader.stop()

    def _make_actions(self) -> None:
        self._generate = primary("Generate missing", self.theme, "play")
        self._pause = secondary("Pause all", self.theme, "pause")
        self._pause.keep_room_for("Pause all")
        self._cancel = secondary("Cancel…")
        self._generate.set_hint("Make everything the study's trials need")
        self._cancel.set_hint("Stop; finished units stay")
        for button in (self._generate, self._pause, self._cancel):
            self.add_action(button)

    def _make_cards(self) -> None:
        self._bar = ProgressBar(self.theme, 8)
        self.body.addWidget(self._bar)
        self.table_card = Card(self.theme)
        self.table_card.flush_body()
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(10)
        self.segments = Segments([(f.value, f.value) for f in RowFilter], RowFilter.ALL.value)
        self.search = QLineEdit(placeholderText="Filter units", clearButtonEnabled=True)
        self.search.setAccessibleName("Filter units")
        self.search.setMaximumWidth(200)
        glass = self.search.addAction(
            self.theme.icon("search", "ink3"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.theme.changed.connect(lambda: glass.setIcon(self.theme.icon("search", "ink3")))
        self.order = QComboBox()
        self.order.setAccessibleName("Sort units")
        for order in RowOrder:
            self.order.addItem(f"Sort {order.value}", order)
        row.addWidget(self.segments)
        row.addWidget(self.search)
        row.addStretch(1)
        row.addWidget(self.order)
        self.view = StimuliView(self.theme, self.loader)
        self.table_card.body.addLayout(row)
        table = QHBoxLayout()
        table.setContentsMargins(6, 0, 0, 0)
        table.addWidget(self.view)
        self.table_card.body.addLayout(table, 1)
        self.side = StimuliSide(self.context, self.loader)
        self.details = self.side.details
        self.acts = StimuliActs(self.context, self.progress, self.side.devices, self)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.setSpacing(12)
        self._parts.addWidget(self.table_card, 1)
        self._parts.addWidget(self.side)
        self.body.addLayout(self._parts, 1)

    def _connect(self) -> None:
        self.segments.chosen.connect(lambda _: self._show_rows())
        self.search.textChanged.connect(lambda _: self._show_rows())
        self.order.currentIndexChanged.connect(lambda _: self._show_rows())
        self.view.row_chosen.connect(lambda _: self._show_details())
        self.view.delegate.retry_clicked.connect(self._retry_cell)
        self.view.more_wanted.connect(self.acts.open_menu)
        self.view.row_opened.connect(lambda row: self.acts.show_unit(row.unit))
        self._generate.clicked.connect(lambda: self.acts.generate())
        self._pause.clicked.connect(self.acts.toggle_pause)
        self._cancel.clicked.connect(self.acts.cancel)
        self.details.retry_wanted.connect(self.acts.retry)
        self.details.log_wanted.connect(self.acts.show_log)
        self.details.unit_wanted.connect(self.acts.show_unit)
        self.side.running.pause_wanted.connect(self.progress.toggle_task)
        self.side.running.drop_wanted.connect(lambda key: self.progress.drop([key]))
        self.progress.changed.connect(self._show)

    def _make_shortcuts(self) -> None:
        for key, does in (
            ("Ctrl+R", self._retry_selected),
            ("Ctrl+.", self.acts.toggle_pause),
            ("Del", lambda: self.acts.cancel_unit(self.view.selected_row)),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(does)

    def _arrange(self, compact: bool) -> None:
        if compact == self._compact:
            return
        self._compact = compact
        self.side.set_compact(compact)
        self._parts.setDirection(
            QBoxLayout.Direction.TopToBottom if compact else QBoxLayout.Direction.LeftToRight
        )

    def _show(self) -> None:
        """Everything that follows from the matrix as it is now."""
        self._show_rows()
        self._show_head()
        self.side.show_progress(self.progress)
        self.state_changed.emit()

    def _show_rows(self) -> None:
        matrix = self.matrix
        rows = matrix.rows() if matrix is not None else []
        found = counts(rows)
        for row_filter in RowFilter:
            self.segments.set_text(row_filter.value, f"{row_filter.value} {found[row_filter]}")
        wanted = RowFilter(self.segments.current or RowFilter.ALL.value)
        shown = [row for row in rows if matches(row, wanted, self.search.text())]
        self.view.show_rows(sorted_rows(shown, RowOrder(self.order.currentData())))
        self.table_card.set_foot(self._foot(rows, shown))
        self._show_details()

    def _foot(self, rows: list[MatrixRow], shown: list[MatrixRow]) -> str:
        if self.study is None:
            return "No study is open."
        if rows and not shown:
            return "No unit matches the filter."
        return (
            "Checks: each synthetic image activates the unit more than any natural one. "
            "– not needed by this protocol."
        )

    def _show_head(self) -> None:
        matrix = self.matrix
        if matrix is None:
            self.set_subtitle("")
            self._bar.set_parts([])
            reason = "Open a study first." if self.study is None else "The study is being read."
            for button in (self._generate, self._pause, self._cancel):
                button.set_enabled(False, reason)
            return
        rows = matrix.rows()
        complete = sum(row.done >= row.total for row in rows)
        words = [
            f"{count(complete)} of {plural(len(rows), 'unit')} complete",
            f"{count(matrix.done)} of {plural(matrix.total, 'image')}",
        ]
        if matrix.outdated:
            words.append(f"{count(matrix.outdated)} outdated")
        left = self._time_left()
        if left:
            words.append(left)
        self.set_subtitle(" · ".join(words))
        total = max(1, matrix.total)
        made = self.progress.images_made
        self._bar.set_parts([("accent", made / total), ("error", matrix.failed_files / total)])
        busy = self.job.active
        missing = matrix.done < matrix.total
        reason = "Stimuli are being generated." if busy else "Nothing is missing."
        again = "; outdated images are replaced" if matrix.outdated else ""
        self._generate.set_hint(f"Make everything the study's trials need{again}")
        self._generate.set_enabled(missing and not busy, reason)
        idle = "Nothing is running."
        self._pause.set_enabled(busy, idle)
        self._cancel.set_enabled(busy, idle)
        self._pause.setText("Go on" if self.job.is_paused else "Pause all")
        self._pause.set_icon("play" if self.job.is_paused else "pause")
        held = f"Paused while {self.job.held} runs; go on all the same (Ctrl+.)"
        self._pause.set_hint(held if self.job.held else "Halt after the step in hand (Ctrl+.)")

    def _time_left(self) -> str:
        matrix = self.matrix
        if matrix is None or matrix.done >= matrix.total:
            return ""
        if self.job.held:
            return f"paused while {self.job.held} runs"
        if self.job.is_paused:
            return "paused"
        if self.job.active:
            left = self.job.seconds_left
            words = [] if matrix.live or not matrix.stage else [matrix.stage.lower()]
            return ", ".join([*words, f"{duration(left)} left"] if left is not None else words)
        workers = self.side.devices.workers.value()
        return f"{about(matrix.seconds_of_work / workers)} to make the rest"

    def _show_details(self) -> None:
        study, reason = self.study, ""
        synthetic = study.stimuli.synthetic if study is not None else None
        if study is not None and locked(study.folder):
            reason = "The study is locked since its first participant started."
        row, busy = self.view.selected_row, self.job.active
        self.details.show_row(row, self.matrix, synthetic, reason, busy)

    def _retry_cell(self, row: MatrixRow, _column: Column) -> None:
        self.view.select(row.unit)
        self.acts.generate([row.unit])

    def _retry_selected(self) -> None:
        row = self.view.selected_row
        if row is not None and row.state in (WorkState.FAILED, WorkState.WEAK):
            self.acts.retry(self.details.ways.chosen(row))
