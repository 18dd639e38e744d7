"""The layer tree as a Qt item model, and how its rows are painted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import count
from imi_desktop.gui.workbench.layer_nodes import LayerNode
from imi_desktop.gui.workbench.unit_delegates import paint_bars

Index = QModelIndex | QPersistentModelIndex
NODE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
HISTOGRAM_ROLE = NODE_ROLE + 1
COLUMNS = ("Layer", "Type", "Units", "Activation", "In")
NAME, TYPE, UNITS, ACTIVATION, IN_STUDY = range(5)
ROW = 26
_NOT_USED = "not used"


class LayerModel(QAbstractItemModel):
    """Lines of the layer tree with their numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._roots: list[LayerNode] = []
        self._places: dict[int, tuple[LayerNode | None, int]] = {}
        self._histograms: dict[str, NDArray[np.float32]] = {}
        self._in_study: dict[str, int] = {}
        self._recorded: frozenset[str] = frozenset()

    def set_nodes(self, roots: list[LayerNode]) -> None:
        """Show another tree (or another part of it)."""
        self.beginResetModel()
        self._roots = roots
        self._places = {}
        self._place(None, roots)
        self.endResetModel()

    def set_in_study(self, counts: Mapping[str, int]) -> None:
        """Units in the study by layer."""
        self._in_study = dict(counts)
        self._repaint()

    def set_recorded(self, layers: frozenset[str]) -> None:
        """Layers whose activations are there."""
        self._recorded = layers
        self._histograms = {k: v for k, v in self._histograms.items() if k in layers}
        self._repaint()

    def add_histogram(self, layer: str, heights: NDArray[np.float32]) -> None:
        """Give a layer its histogram."""
        self._histograms[layer] = heights
        self._repaint()

    def index_of(self, node: LayerNode) -> QModelIndex:
        """Row of a line."""
        _, row = self._places.get(id(node), (None, -1))
        return self.createIndex(row, 0, node) if row >= 0 else QModelIndex()

    def node(self, index: Index) -> LayerNode | None:
        """Line of a row."""
        return index.internalPointer() if index.isValid() else None

    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        above = self.node(parent) if parent is not None else None
        lines = above.children if above is not None else self._roots
        if 0 <= row < len(lines) and 0 <= column < len(COLUMNS):
            return self.createIndex(row, column, lines[row])
        return QModelIndex()

    def parent(self, index: Index | None = None) -> QModelIndex | QObject | None:
        if index is None:
            return super().parent()
        node = self.node(index)
        above, _ = self._places.get(id(node), (None, -1))
        return self.index_of(above) if above is not None else QModelIndex()

    def rowCount(self, parent: Index | None = None) -> int:
        if parent is None or not parent.isValid():
            return len(self._roots)
        node = self.node(parent)
        return len(node.children) if node is not None and parent.column() == 0 else 0

    def columnCount(self, parent: Index | None = None) -> int:
        return len(COLUMNS)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> object:
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section]
            if role == Qt.ItemDataRole.ToolTipRole and section == IN_STUDY:
                return "Units in the study"
            if role == Qt.ItemDataRole.TextAlignmentRole and section in (UNITS, IN_STUDY):
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        node = self.node(index)
        if node is None:
            return None
        if role == NODE_ROLE:
            return node
        if role == HISTOGRAM_ROLE:
            own = [layer.name for layer in node.layers]
            return next((self._histograms[name] for name in own if name in self._histograms), None)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(node)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(node, index.column())
        return None

    def _text(self, node: LayerNode, column: int) -> str:
        match column:
            case 0:
                return node.label
            case 1:
                return _kind(node)
            case 2:
                channels = node.layer.channels if node.layer else sum_of_interest(node)
                return count(channels) if channels else ""
            case 3:
                return "" if node.of_interest else _NOT_USED
            case 4:
                chosen = sum(self._in_study.get(layer.name, 0) for layer in node.layers)
                return str(chosen) if chosen else ""
        return ""

    def _tooltip(self, node: LayerNode) -> str:
        if node.layer is None:
            return f"{node.prefix}: {len(node.of_interest)} layers of interest"
        layer = node.layer
        recorded = "recorded" if layer.name in self._recorded else "not recorded yet"
        used = "" if layer.of_interest else ". Units are not drawn from it"
        return (
            f"{layer.name}: {layer.kind}, {count(layer.channels)} units, "
            f"relative depth {layer.relative_depth:.2f}, activations {recorded}{used}"
        )

    def _place(self, above: LayerNode | None, nodes: list[LayerNode]) -> None:
        for row, node in enumerate(nodes):
            self._places[id(node)] = (above, row)
            self._place(node, node.children)

    def _repaint(self) -> None:
        if self._roots:
            last = self.index(len(self._roots) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)


def sum_of_interest(node: LayerNode) -> int:
    """Units at or below a line from which units are drawn."""
    return sum(layer.channels for layer in node.of_interest)


def _kind(node: LayerNode) -> str:
    if node.layer is None:
        return "group"
    kind = node.layer.branch or node.layer.kind
    return {"normalization": "norm"}.get(kind, kind.replace("_", " "))


class LayerDelegate(QStyledItemDelegate):
    """Names in ink where units can be drawn, in ink 3 where not; the histogram as bars."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(40, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        theme = self._theme
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.colour("hover"))
        node: LayerNode = index.data(NODE_ROLE)
        used = bool(node.of_interest)
        column = index.column()
        inside = area.adjusted(4 if column else 2, 0, -6, 0)
        heights = index.data(HISTOGRAM_ROLE) if column == ACTIVATION and used else None
        if heights is not None:
            bars = inside.adjusted(0, 6, 0, -6)
            paint_bars(painter, bars, heights, theme.colour("bar"))
        else:
            font = theme.font("table")
            if used and column in (NAME, IN_STUDY):
                font.setWeight(font.Weight.DemiBold)
            painter.setFont(font)
            ink = "ink" if used and column in (NAME, UNITS, IN_STUDY) else "ink3"
            painter.setPen(theme.colour(ink))
            right = column in (UNITS, IN_STUDY)
            align = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            text = painter.fontMetrics().elidedText(
                str(index.data() or ""), Qt.TextElideMode.ElideMiddle, inside.width()
            )
            painter.drawText(inside, int(align | Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()
