"""The card with the model, its layers, what is in the study, and the draw."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.errors import UserError
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.choice import Choice
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule, wrapped
from imi_desktop.gui.widgets.number import NumberField, SeedField
from imi_desktop.gui.workbench.layer_model import (
    ACTIVATION,
    IN_STUDY,
    NAME,
    NODE_ROLE,
    TYPE,
    UNITS,
    LayerDelegate,
    LayerModel,
)
from imi_desktop.gui.workbench.layer_nodes import LayerNode, filtered, find_node, layer_tree
from imi_desktop.gui.workbench.layer_overview import UnitOverview
from imi_desktop.gui.workbench.units_study import Overview
from imi_desktop.models import catalogue
from imi_desktop.models.unit import Layer, Unit


class LayerPanel(Card):
    """Model, layer tree, units in the study, draw at random."""

    model_chosen = Signal(str)
    node_chosen = Signal(object)
    """The LayerNode whose units are to be listed."""
    unit_chosen = Signal(Unit)
    draw_asked = Signal(int, int)
    """Number of units and seed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Model", parent=parent)
        self._nodes: list[LayerNode] = []
        self._short = False
        self.model_choice = Choice()
        self.model_choice.setToolTip("Models of this study")
        self.model_choice.setAccessibleName("Model")
        self.model_choice.currentIndexChanged.connect(self._model_chosen)
        self.search = QLineEdit(placeholderText="Filter layers", clearButtonEnabled=True)
        self.search.setAccessibleName("Filter layers")
        glass = self.search.addAction(
            theme.icon("search", "ink3"), QLineEdit.ActionPosition.LeadingPosition
        )
        theme.changed.connect(lambda: glass.setIcon(theme.icon("search", "ink3")))
        self.search.textChanged.connect(self._filter)
        self.layers = LayerModel(self)
        self.tree = _Tree(theme)
        self.tree.setModel(self.layers)
        self.tree.fit()
        self.tree.selectionModel().currentChanged.connect(self._line_chosen)
        self.layer_choice = Choice()
        self.layer_choice.setAccessibleName("Layer")
        self.layer_choice.setMaxVisibleItems(24)
        self.layer_choice.activated.connect(self._layer_picked)
        self.layer_choice.hide()
        self.flush_body()
        self.body.addLayout(_inset(self.model_choice, self.search, self.layer_choice))
        self.body.addWidget(self.tree, 1)
        self._study_part = self._make_study_part(theme)
        self.body.addWidget(self._study_part)
        self._draw_part = self._make_draw_part(theme)
        self.body.addWidget(self._draw_part)

    def set_models(self, names: Sequence[str], current: str) -> None:
        """Offer the study's models."""
        with QSignalBlocker(self.model_choice):
            self.model_choice.clear()
            for name in names:
                self.model_choice.addItem(_title(name), name)
            self.model_choice.setCurrentIndex(self.model_choice.findData(current))

    def set_layers(self, layers: Sequence[Layer]) -> None:
        """Show another model's layers."""
        self._nodes = layer_tree(layers)
        used = sum(layer.of_interest for layer in layers)
        self.set_caption(f"{plural(used, 'layer')} of interest" if layers else "")
        with QSignalBlocker(self.layer_choice):
            self.layer_choice.clear()
            for layer in layers:
                word = "" if layer.of_interest else ", not used"
                text = f"{layer.name}  {plural(layer.channels, 'unit')}{word}"
                self.layer_choice.addItem(text, layer.name)
        self._filter(self.search.text())

    def choose_layer(self, name: str) -> bool:
        """Select the line of a layer; whether there is one."""
        node = find_node(self._nodes, name)
        if node is None:
            return False
        index = self.layers.index_of(node)
        if not index.isValid():
            self.search.clear()
            index = self.layers.index_of(node)
        self.tree.expand(index.parent())
        self.tree.selectionModel().setCurrentIndex(
            index,
            QItemSelectionModel.SelectionFlag.ClearAndSelect
            | QItemSelectionModel.SelectionFlag.Rows,
        )
        self.tree.scrollTo(index)
        return True

    def set_overview(self, overview: Overview, caption: str, fixed: str) -> None:
        """Show which units the study has."""
        self.overview.set_overview(overview)
        self._count.setText(caption)
        self._fixed.setText(fixed)
        self._fixed.setVisible(bool(fixed))

    def set_draw(self, seed: int, n: int, reason: str) -> None:
        """Seed and number to draw; a reason disables drawing."""
        self.seed.setValue(seed)
        self.number.setValue(max(1, n))
        self.draw.set_enabled(not reason, reason)
        self._draw_hint.set_text(reason or "uniform over layers, then units")

    def set_room(self, compact: bool, medium: bool) -> None:
        """Become a drop-down of layers and the draw where the window is narrow.

        Parameters
        ----------
        compact, medium : bool
            Whether there is room for a drop-down alone, or for a tree without the layers' types.
        """
        self._short = compact or medium
        self.tree.setColumnHidden(TYPE, medium)
        several = self.model_choice.count() > 1
        self.head.setVisible(not compact)
        self.model_choice.setVisible(several or not compact)
        self.layer_choice.setVisible(compact)
        for widget in (self.search, self.tree, self._study_part, self._draw_head, self._seed_word):
            widget.setVisible(not compact)
        self.number.setFixedWidth(46 if compact else 60)
        self.seed.setPrefix("seed " if compact else "")
        self._name_draw()

    def _make_study_part(self, theme: Theme) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(4)
        column.addWidget(rule("edge"))
        self._count = label("", "caption", "ink3")
        column.addLayout(_head("In the study", self._count, 8))
        self.overview = UnitOverview(theme)
        self.overview.unit_chosen.connect(self.unit_chosen)
        self._fixed = wrapped("", "caption", "ink3")
        inside = QVBoxLayout()
        inside.setContentsMargins(12, 0, 12, 0)
        inside.addWidget(self.overview)
        inside.addWidget(self._fixed)
        column.addLayout(inside)
        return part

    def _make_draw_part(self, theme: Theme) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(8)
        column.addWidget(rule("edge"))
        self._draw_hint = ElidedLabel("uniform over layers, then units", "caption", "ink3")
        self._draw_head = QWidget()
        self._draw_head.setLayout(_head("Draw at random", self._draw_hint, 4))
        column.addWidget(self._draw_head)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        self.number = NumberField(1, 999)
        self.number.setValue(1)
        self.number.setToolTip("Number of units to draw")
        self.number.setAccessibleName("Number of units to draw")
        self.number.setFixedWidth(60)
        self.seed = SeedField()
        self.seed.setToolTip("The same seed draws the same units")
        self.seed.setAccessibleName("Seed of the draw")
        self.draw = secondary("Draw 1 unit…", theme, "shuffle")
        self.draw.set_hint("Show a draw before it counts (R)")
        self.number.valueChanged.connect(self._name_draw)
        self.draw.clicked.connect(
            lambda: self.draw_asked.emit(self.number.value(), self.seed.value())
        )
        row.addWidget(self.number)
        self._seed_word = label("seed", tone="ink3")
        row.addWidget(self._seed_word)
        row.addWidget(self.seed, 1)
        row.addWidget(self.draw)
        column.addLayout(row)
        return part

    def _model_chosen(self) -> None:
        name = self.model_choice.currentData()
        if name:
            self.model_chosen.emit(name)

    def _name_draw(self) -> None:
        units = plural(self.number.value(), "unit")
        self.draw.setText("Draw…" if self._short else f"Draw {units}…")
        self.draw.set_icon("" if self._short else "shuffle")

    def _layer_picked(self) -> None:
        self.choose_layer(str(self.layer_choice.currentData()))

    def _filter(self, text: str) -> None:
        current = self.tree.currentIndex().data(NODE_ROLE)
        self.layers.set_nodes(filtered(self._nodes, text))
        if text.strip():
            self.tree.expandAll()
        if isinstance(current, LayerNode):
            index = self.layers.index_of(current)
            if index.isValid():
                with QSignalBlocker(self.tree.selectionModel()):
                    self.tree.setCurrentIndex(index)

    def _line_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        node = current.data(NODE_ROLE) if current.isValid() else None
        if node is not None:
            if node.layer is not None:
                place = self.layer_choice.findData(node.layer.name)
                self.layer_choice.setCurrentIndex(place)
            self.node_chosen.emit(node)


class _Tree(QTreeView):
    """Fluent with thousands of lines: rows of one height."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setItemDelegate(LayerDelegate(theme, self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Layers")
        self.setMinimumHeight(80)

    def fit(self) -> None:
        """Widths of the columns; the name takes what is left."""
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(20)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in ((TYPE, 78), (UNITS, 54), (ACTIVATION, 78), (IN_STUDY, 30)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)


def _title(model: str) -> str:
    try:
        return catalogue.find(model).title
    except UserError:
        return model


def _inset(*widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(12, 4, 12, 8)
    column.setSpacing(8)
    for widget in widgets:
        column.addWidget(widget)
    return column


def _head(title: str, caption: QLabel, above: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(12, above, 12, 0)
    row.addWidget(label(title, "card_title"))
    row.addWidget(caption, 1)
    return row
