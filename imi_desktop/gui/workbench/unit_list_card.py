"""The card that lists the units of a layer, as tiles or as rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QComboBox,
    QListView,
    QStackedWidget,
    QWidget,
)

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import count, plural
from imi_desktop.gui.widgets.segments import Segments
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.unit_delegates import UnitRowDelegate, UnitTileDelegate
from imi_desktop.gui.workbench.unit_faces import Face, UnitFaces
from imi_desktop.gui.workbench.unit_list_model import UNIT_ROLE, UnitListModel
from imi_desktop.gui.workbench.unit_summary import UnitOrder
from imi_desktop.models.unit import Unit

_TILE = 90
_COMPACT_TILE = 56
_FOOTS = {
    Face.MAX: "Four strongest images each. ✓ in the study.",
    Face.MIN: "Four weakest images each. ✓ in the study.",
    Face.VISUALIZATION: "Four strongest visualizations each. ✓ in the study.",
}


class UnitListCard(Card):
    """Units of the chosen layer; the list stays where it is while images arrive."""

    unit_chosen = Signal(Unit)
    sweep_wanted = Signal()
    """The order asked for needs every unit's summary."""
    face_changed = Signal(object)

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "Units", parent=parent)
        self._loader = loader
        self._shown: Unit | None = None
        self.units = UnitListModel(self)
        self.looks = Segments(
            [("grid", "Grid (L)"), ("list", "List (L)")],
            "grid",
            theme,
            icons={"grid": "grid", "list": "list"},
            small=True,
        )
        self.add_head(self.looks)
        self.faces = Segments([(face.value, face.value) for face in Face], Face.MAX.value)
        self.order = QComboBox()
        self.order.setAccessibleName("Sort units")
        self.order.setToolTip("Sparseness: how few images drive the unit, 0 to 1")
        for order in UnitOrder:
            self.order.addItem(f"Sort {order.value}", order)
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setContentsMargins(12, 0, 12, 4)
        row.setSpacing(8)
        row.addWidget(self.faces)
        row.addStretch(1)
        row.addWidget(self.order)
        self._controls = row
        self._tiles = UnitTileDelegate(theme, loader, _TILE, self)
        self._rows = UnitRowDelegate(theme, loader, self)
        self.view = _UnitView()
        self.view.setModel(self.units)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.flush_body()
        self.body.addLayout(row)
        self.body.addWidget(self.stack, 1)
        self.set_foot(_FOOTS[Face.MAX])
        self.looks.chosen.connect(self.set_look)
        self.faces.chosen.connect(self._face_chosen)
        self.order.currentIndexChanged.connect(self._order_chosen)
        self.view.selectionModel().currentChanged.connect(self._row_chosen)
        loader.ready.connect(self.view.viewport().update)
        theme.changed.connect(self.view.viewport().update)
        self._sorting = QTimer(self, singleShot=True, interval=50)
        self._sorting.timeout.connect(self._sort_if_known)
        self.units.dataChanged.connect(self._summaries_came)
        self.set_look("grid")

    @property
    def look(self) -> str:
        """``grid`` or ``list``."""
        return self.looks.current

    @property
    def face(self) -> Face:
        """Which images stand for a unit."""
        return self._tiles.face

    def set_units(self, title: str, units: list[Unit], faces: UnitFaces | None) -> None:
        """List other units."""
        self._shown = None
        self._tiles.faces = faces
        self._rows.faces = faces
        self._loader.forget()
        self.set_title(title or "Units")
        self.set_caption(plural(len(units), "unit") if title else "")
        with QSignalBlocker(self.view.selectionModel()):
            self.units.set_units(units)
        self.view.scrollToTop()
        self._order_chosen()

    def show_empty(self, widget: QWidget | None) -> None:
        """Put an empty state in the place of the list; None brings the list back."""
        while self.stack.count() > 1:
            old = self.stack.widget(1)
            if old is not None:
                self.stack.removeWidget(old)
                old.deleteLater()
        if widget is not None:
            self.stack.addWidget(widget)
            self.stack.setCurrentWidget(widget)

    def select(self, unit: Unit) -> None:
        """Make a unit the current one; nothing happens if it is not listed."""
        row = self.units.row_of(unit)
        if row is not None:
            self._shown = unit
            index = self.units.index(row)
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)

    def step(self, rows: int) -> None:
        """Go to the unit some rows below (or above)."""
        row = self.view.currentIndex().row() + rows
        unit = self.units.unit_at(max(0, min(self.units.rowCount() - 1, row)))
        if unit is not None:
            self.view.setCurrentIndex(self.units.index(self.units.row_of(unit) or 0))

    def set_look(self, look: str) -> None:
        """Show tiles (``grid``) or rows (``list``)."""
        self.looks.set_current(look)
        current = self.view.currentIndex()
        self.view.set_look(self._tiles if look == "grid" else self._rows, look == "grid")
        if current.isValid():
            self.view.scrollTo(current)
        self._show_foot()

    def _show_foot(self) -> None:
        columns = "" if self.look == "grid" else " Then sparseness and strongest activation."
        self.set_foot(_FOOTS[self.face] + columns)

    def toggle_look(self) -> None:
        """Change between tiles and rows."""
        self.set_look("list" if self.look == "grid" else "grid")

    def set_face(self, face: Face) -> None:
        """Show the strongest, the weakest or the synthetic images."""
        self.faces.set_current(face.value)
        self._tiles.face = self._rows.face = face
        self._loader.forget()
        self._show_foot()
        self.view.viewport().update()
        self.face_changed.emit(face)

    def set_room(self, compact: bool, medium: bool) -> None:
        """Smaller tiles in a narrow window; controls in two lines in one of medium width."""
        self._controls.setDirection(
            QBoxLayout.Direction.TopToBottom
            if compact or medium
            else QBoxLayout.Direction.LeftToRight
        )
        side = _COMPACT_TILE if compact else _TILE
        if self._tiles.side != side:
            self._tiles.side = side
            self.set_look(self.look)

    def _face_chosen(self, value: str) -> None:
        self.set_face(Face(value))

    def _order_chosen(self) -> None:
        order = UnitOrder(self.order.currentData())
        if order is not UnitOrder.CHANNEL and not self.units.complete:
            self.sweep_wanted.emit()
            self._tell_reading()
            return
        self.units.set_order(order)
        if self.view.currentIndex().isValid():
            self.view.scrollTo(self.view.currentIndex())
        self._tell_reading()

    def _summaries_came(self) -> None:
        wanted = UnitOrder(self.order.currentData())
        if wanted is not self.units.order and not self._sorting.isActive():
            self._sorting.start()

    def _sort_if_known(self) -> None:
        if self.units.complete:
            self._order_chosen()
        else:
            self._tell_reading()

    def _tell_reading(self) -> None:
        """While a sort waits for its values, say how far they are read; nothing moves."""
        total = self.units.rowCount()
        if not total:
            return
        text = plural(total, "unit")
        if UnitOrder(self.order.currentData()) is not self.units.order:
            text += f", reading {count(self.units.summaries_known)} to sort"
        self.set_caption(text)

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        unit = current.data(UNIT_ROLE) if current.isValid() else None
        if unit is not None and unit != self._shown:
            self._shown = unit
            self.unit_chosen.emit(unit)


class _UnitView(QListView):
    """Tiles in rows across, or one row each; only what is visible is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = True
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setViewportMargins(4, 0, 0, 0)
        self.setAccessibleName("Units of the layer")

    def set_look(self, delegate: UnitTileDelegate | UnitRowDelegate, grid: bool) -> None:
        self._grid = grid
        self.setItemDelegate(delegate)
        self.setFlow(QListView.Flow.LeftToRight if grid else QListView.Flow.TopToBottom)
        self.setWrapping(grid)
        self._fit()

    def dataChanged(self, top: QModelIndex, bottom: QModelIndex, roles: Sequence[int] = ()) -> None:
        """Paint anew; all items have one size, and Qt would lay out all of them again."""
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        before = self.gridSize()
        self._fit()
        super().resizeEvent(event)
        if self.gridSize() != before:  # rows are others now; what was in sight stays so
            QTimer.singleShot(0, self, lambda: self.scrollTo(self.currentIndex()))

    def _fit(self) -> None:
        """Share the width out evenly among the columns."""
        delegate = self.itemDelegate()
        if not isinstance(delegate, UnitTileDelegate):
            self.setGridSize(QSize())
            return
        side = delegate.side
        width = self.viewport().width() - 2
        columns = max(1, width // (side + 6))
        self.setGridSize(QSize(width // columns, side + 34))
