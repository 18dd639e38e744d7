"""One unit: its images, its visualization, where they lie in the activations."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from imi_desktop import atomic
from imi_desktop.errors import StorageError
from imi_desktop.experiment.study import Selection
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import IconButton, primary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.format import count
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule
from imi_desktop.gui.widgets.segments import Segments
from imi_desktop.gui.workbench.exemplar_board import ExemplarBoard
from imi_desktop.gui.workbench.exemplar_details import ExemplarDetails
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.histogram_plot import HistogramPlot
from imi_desktop.gui.workbench.trace_card import TraceCard
from imi_desktop.models.unit import Layer, Unit

_SIDE = 256
_COMPACT_SIDE = 220
_HEAD, _MARGINS, _HISTOGRAM_HEAD = 56, 20, 46


class UnitPanel(Card):
    """Head with the unit and its buttons, images, trace and details, histogram."""

    step_wanted = Signal(int)
    batch_chosen = Signal(int)
    toggle_wanted = Signal()
    """Add the unit to the study, or remove it."""
    save_failed = Signal(str)

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent=parent)
        self._compact = False
        self.flush_body()
        self._stack = QStackedWidget()
        self.body.addWidget(self._stack)
        self._empty = EmptyState(
            theme, "units", "No unit chosen", "Choose a layer on the left, then a unit."
        )
        self._stack.addWidget(self._empty)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_head(theme))
        self.board = ExemplarBoard(theme, loader)
        self.trace = TraceCard(theme)
        self.details = ExemplarDetails(theme, loader)
        self._middle = QHBoxLayout()
        self._middle.setContentsMargins(16, 8, 16, 10)
        self._middle.setSpacing(16)
        self._middle.addWidget(self.board)
        self._right = QVBoxLayout()
        self._right.setSpacing(10)
        self._right.addWidget(self.trace, 1)
        self._right.addWidget(self.details, 1)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.hide()
        self._right.addWidget(self._tabs, 1)
        self._middle.addLayout(self._right, 1)
        column.addLayout(self._middle, 1)
        column.addWidget(rule("edge"))
        column.addLayout(self._make_histogram(theme))
        self._stack.addWidget(inside)
        self._inside = inside

    @property
    def selection(self) -> Selection:
        """How an added unit counts: ``random`` or ``hand_picked``."""
        return "random" if self.selection_choice.currentIndex() == 1 else "hand_picked"

    @property
    def batch(self) -> int:
        """Batch shown, from 0."""
        return max(0, self.batch_choice.currentIndex())

    def show_unit(self, unit: Unit | None, layer: Layer | None, map_text: str = "") -> None:
        """Name another unit in the head; None shows the empty state."""
        self._stack.setCurrentIndex(0 if unit is None else 1)
        if unit is None:
            return
        self._subject.set_text(f"{unit.layer}, unit {unit.channel}")
        words = []
        if layer is not None:
            kind = (layer.branch or layer.kind).replace("_", " ")
            words.append(f"{kind}, channel {unit.channel} of {count(layer.channels)}")
        if map_text:
            words.append(map_text)
        self._caption.set_text(" · ".join(words))

    def set_batches(self, n_batches: int, reason: str = "") -> None:
        """Offer that many batches; the present one stays if it exists."""
        now = self.batch
        self.batch_choice.blockSignals(True)
        self.batch_choice.clear()
        self.batch_choice.addItems([f"Batch {i + 1} of {n_batches}" for i in range(n_batches)])
        self.batch_choice.setCurrentIndex(min(now, n_batches - 1))
        self.batch_choice.blockSignals(False)
        self.batch_choice.setToolTip(reason or "Batch of natural images ([ and ])")

    def step_batch(self, by: int) -> None:
        """Go to another batch."""
        place = self.batch + by
        if 0 <= place < self.batch_choice.count():
            self.batch_choice.setCurrentIndex(place)

    def set_in_study(self, selection: str | None, reason: str) -> None:
        """Show whether the unit is in the study, and why that cannot change."""
        chosen = selection is not None
        self.toggle.setText("Remove from study" if chosen else "Add to study")
        self.toggle.set_icon("minus" if chosen else "plus")
        self.toggle.set_kind("secondary" if chosen else "primary")
        self.toggle.set_hint("Remove from the study (A)" if chosen else "Add to the study (A)")
        self.toggle.set_enabled(not reason, reason)
        if selection is not None:
            self.selection_choice.setCurrentIndex(1 if selection == "random" else 0)
        self.selection_choice.setEnabled(not chosen and not reason)
        fixed = "Remove the unit to let it count otherwise." if chosen else ""
        self.selection_choice.setToolTip(reason or fixed or "How the unit counts in the analysis")

    def set_histogram_caption(self, text: str) -> None:
        """Say what is counted and how many images."""
        self._histogram_caption.set_text(text)

    def set_compact(self, compact: bool) -> None:
        """Trace and details as tabs in a narrow window."""
        if compact == self._compact:
            return
        self._compact = compact
        if compact:
            self._tabs.addTab(self.trace, "Trace")
            self._tabs.addTab(self.details, "Image")
        else:
            while self._tabs.count():
                self._tabs.removeTab(0)
            self._right.insertWidget(0, self.trace, 1)
            self._right.insertWidget(1, self.details, 1)
        self.trace.setVisible(True)
        self.details.setVisible(True)
        self._tabs.setVisible(compact)
        self._fit()

    def show_details(self) -> None:
        """Bring the details to the front where they are a tab."""
        if self._compact:
            self._tabs.setCurrentWidget(self.details)

    def show_trace(self) -> None:
        """Bring the trace to the front where it is a tab."""
        if self._compact:
            self._tabs.setCurrentWidget(self.trace)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        beside = (_COMPACT_SIDE if self._compact else _SIDE) + 48
        rest = self.height() - _HEAD - _MARGINS - _HISTOGRAM_HEAD
        histogram = max(
            116,
            min(
                270,
                self.height() // (4 if self._compact else 3),
                rest - self.board.minimumSizeHint().height(),
            ),
        )
        self.histogram.setFixedHeight(histogram)
        self.board.set_room(QSize(self.width() - beside, rest - histogram))

    def _make_head(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 16, 0)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._subject = ElidedLabel("", "subject", mode=Qt.TextElideMode.ElideMiddle)
        self._caption = ElidedLabel("", "caption", "ink3")
        words.addWidget(self._subject)
        words.addWidget(self._caption)
        row.addLayout(words, 1)
        up = IconButton(theme, "up", "Unit before")
        down = IconButton(theme, "down", "Next unit")
        up.clicked.connect(lambda: self.step_wanted.emit(-1))
        down.clicked.connect(lambda: self.step_wanted.emit(1))
        self.batch_choice = QComboBox()
        self.batch_choice.setAccessibleName("Batch of natural images")
        self.batch_choice.currentIndexChanged.connect(self.batch_chosen)
        self.selection_choice = QComboBox()
        self.selection_choice.setAccessibleName("How the unit counts in the analysis")
        self.selection_choice.setToolTip("How the unit counts in the analysis")
        self.selection_choice.addItems(["as hand-picked", "as random"])
        self.toggle = primary("Add to study", theme, "plus")
        self.toggle.clicked.connect(self.toggle_wanted)
        for widget in (up, down, self.batch_choice, self.selection_choice, self.toggle):
            row.addWidget(widget)
        return row

    def _make_histogram(self, theme: Theme) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(16, 6, 12, 4)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label("Activation over the dataset", "card_title"))
        self._histogram_caption = ElidedLabel("", "caption", "ink3")
        row.addWidget(self._histogram_caption, 1)
        self.counts = Segments([("log", "Log"), ("linear", "Linear")], "log", small=True)
        self.counts.chosen.connect(lambda key: self.histogram.set_log(key == "log"))
        row.addWidget(self.counts)
        more = IconButton(theme, "more", "Save or copy this plot")
        more.setPopupMode(more.ToolButtonPopupMode.InstantPopup)
        more.setMenu(self._plot_menu())
        row.addWidget(more)
        column.addLayout(row)
        self.histogram = HistogramPlot(theme)
        column.addWidget(self.histogram)
        return column

    def _plot_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Save as SVG…", lambda: self._save("svg"))
        menu.addAction("Save as PNG…", lambda: self._save("png"))
        menu.addAction("Save as CSV…", lambda: self._save("csv"))
        menu.addSeparator()
        menu.addAction("Copy data", self._copy_data)
        return menu

    def _copy_data(self) -> None:
        QGuiApplication.clipboard().setText(self.histogram.csv_text())

    def _save(self, suffix: str) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, f"Save as {suffix.upper()}", f"activation.{suffix}", f"*.{suffix}"
        )
        if name:
            try:
                self.save_plot(Path(name), suffix)
            except StorageError as error:
                self.save_failed.emit(error.sentence)

    def save_plot(self, path: Path, suffix: str) -> None:
        """Write the histogram as ``svg``, ``png`` or ``csv``.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        if suffix == "csv":
            atomic.write_text(path, self.histogram.csv_text())
        elif suffix == "svg":
            atomic.write_bytes(path, self.histogram.svg())
        else:
            atomic.write_bytes(path, self.histogram.png())
