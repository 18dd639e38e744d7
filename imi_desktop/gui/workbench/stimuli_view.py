"""The table of the generation matrix."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.row_hover import RowHover
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.stimuli_cells import MatrixRow
from imi_desktop.gui.workbench.stimuli_delegate import ROW, StimuliDelegate
from imi_desktop.gui.workbench.stimuli_table import MORE, UNIT, StimuliTableModel
from imi_desktop.gui.workbench.unit_faces import UnitFaces
from imi_desktop.models.unit import Unit

_WIDTHS = (212, 104, 160, 250, 250, 106, 92, 40)
_COMPACT_WIDTHS = (230, 98, 140, 170, 170, 104, 84, 32)
_STRETCHED = (3, 4)


class StimuliView(QTableView):
    """One row per unit; the synthetic columns share what width is left."""

    row_chosen = Signal(object)
    row_opened = Signal(object)
    """MatrixRow on which Enter was pressed or that was clicked twice."""
    more_wanted = Signal(object, QPoint)

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rows = StimuliTableModel(self)
        self.setModel(self.rows)
        self.delegate = StimuliDelegate(theme, loader, self)
        self.delegate.more_clicked.connect(self._more)
        self.setItemDelegate(self.delegate)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Stimuli by unit")
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        header = self.horizontalHeader()
        header.setFixedHeight(28)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsMovable(True)
        self._fit()
        self.selectionModel().currentRowChanged.connect(self._chosen)
        self.activated.connect(lambda at: self.row_opened.emit(self.rows.row_at(at.row())))
        RowHover(self, theme)
        loader.ready.connect(self.viewport().update)
        theme.changed.connect(self.viewport().update)

    @property
    def selected_row(self) -> MatrixRow | None:
        """Row selected, or None."""
        return self.rows.row_at(self.currentIndex().row())

    def set_faces(self, faces: UnitFaces) -> None:
        """Where the study's images lie."""
        self.delegate.faces = faces

    def set_compact(self, compact: bool) -> None:
        """One picture per cell and narrower columns."""
        if compact == self.delegate.compact:
            return
        self.delegate.compact = compact
        self._fit()

    def _fit(self) -> None:
        compact = self.delegate.compact
        header = self.horizontalHeader()
        for column, width in enumerate(_COMPACT_WIDTHS if compact else _WIDTHS):
            stretched = column in _STRETCHED
            mode = QHeaderView.ResizeMode.Stretch if stretched else QHeaderView.ResizeMode.Fixed
            header.setSectionResizeMode(column, mode)
            header.resizeSection(column, width)
        self.viewport().update()

    def show_rows(self, rows: list[MatrixRow]) -> None:
        """Show these rows; the selection stays with its unit."""
        selected = self.selected_row
        with QSignalBlocker(self.selectionModel()):
            self.rows.set_rows(rows)
        if selected is not None:
            place = self.rows.place_of(selected.unit)
            if place is not None and place != self.currentIndex().row():
                self._make_current(place)
        elif rows:
            self._make_current(0)
        self.viewport().update()

    def select(self, unit: Unit) -> None:
        """Select the row of a unit, if it is shown."""
        place = self.rows.place_of(unit)
        if place is not None:
            self._make_current(place)
            self.scrollTo(self.rows.index(place, UNIT))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what "…" offers, by the right button or the menu key."""
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        at = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        row = self.rows.row_at(at.row())
        if row is None:
            return
        area = self.visualRect(self.rows.index(at.row(), UNIT))
        self.more_wanted.emit(
            row, event.globalPos() if by_mouse else self.viewport().mapToGlobal(area.bottomLeft())
        )

    def _make_current(self, place: int) -> None:
        self.setCurrentIndex(self.rows.index(place, UNIT))

    def _chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.row_chosen.emit(self.rows.row_at(current.row()))

    def _more(self, row: MatrixRow) -> None:
        place = self.rows.place_of(row.unit)
        if place is not None:
            area = self.visualRect(self.rows.index(place, MORE))
            self.more_wanted.emit(row, self.viewport().mapToGlobal(area.bottomLeft()))
