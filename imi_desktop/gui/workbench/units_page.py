"""Units page: which units there are, what drives them, and which of them the study asks about."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.page import COMPACT, Page
from imi_desktop.gui.workbench import units_study
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.layer_nodes import LayerNode
from imi_desktop.gui.workbench.layer_panel import LayerPanel
from imi_desktop.gui.workbench.unit_activations import UnitActivations
from imi_desktop.gui.workbench.unit_faces import Face, UnitFaces
from imi_desktop.gui.workbench.unit_list_card import UnitListCard
from imi_desktop.gui.workbench.unit_reader import UnitReader
from imi_desktop.gui.workbench.units_editor import UnitsEditor
from imi_desktop.gui.workbench.units_inspector import UnitInspector
from imi_desktop.gui.workbench.units_offer import UnitsOffer
from imi_desktop.gui.workbench.units_picker import UnitsPicker
from imi_desktop.gui.workbench.units_recorder import UnitsRecorder
from imi_desktop.gui.workbench.units_recording import RecordingState
from imi_desktop.models import catalogue
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.models.unit import Layer, Unit, parse_address

_PANEL_WIDTH, _LIST_WIDTH = 344, 412
_MEDIUM_PANEL_WIDTH, _MEDIUM_LIST_WIDTH = 272, 312
_MEDIUM = 1700
"""Window width in px below which layers and list leave more of it to the unit."""
_COMPACT_LIST_WIDTH = 236


class UnitsPage(Page):
    """Model and layers, units, one unit."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "units", "Units", parent)
        self._model = ""
        self._layers: tuple[Layer, ...] = ()
        self._node: LayerNode | None = None
        self._source: UnitActivations | None = None
        self.loader = ThumbnailLoader(self)
        self.reader = UnitReader(self)
        self.panel = LayerPanel(self.theme)
        self.list = UnitListCard(self.theme, self.loader)
        self.inspector = UnitInspector(context, self.loader, self.reader, self)
        self.unit_panel = self.inspector.panel
        self.recorder = UnitsRecorder(context, self)
        self.offer = UnitsOffer(self.theme, self.loader, self.reader, self)
        self.editor = UnitsEditor(context, self.inspector, self.offer)
        self.picker = UnitsPicker(context, self.recorder, self.offer)
        self._place_cards()
        self._make_actions()
        self._connect()
        self._make_shortcuts()
        self._show_no_study()
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    def set_study(self, study: Study | None) -> None:
        """Show another study, or the same one after it was changed."""
        same = study is not None and self.study is not None and study.folder == self.study.folder
        super().set_study(study)
        self.inspector.set_study(study)
        self.picker.set_study(study)
        if study is None:
            self._show_no_study()
            return
        self._source = UnitActivations(study.folder, study.images_folder)
        self.reader.restart(self._source)
        if not same or self._model not in study.models:
            self._model = study.model
            self._node = None
            self._layers = ()
        self.panel.set_models(study.models, self._model)
        self.panel.setEnabled(True)
        if self._layers:
            self._show_study_units()
            self._show_node(keep=True)
        else:
            self._load_layers()

    def state_word(self) -> str:
        """Chosen units, and how many the protocol asks for where it does."""
        if self.study is None:
            return ""
        units = units_study.unit_count(self.study)
        return f"{units.chosen} / {units.wanted}" if units.fixed else str(units.chosen)

    def show_detail(self, detail: str) -> None:
        """Show a unit, ``layer:channel``."""
        if not detail or self.study is None:
            return
        try:
            layer, channel = parse_address(detail)
        except UserError:
            return
        self.show_unit(Unit(self._model, layer, channel))

    def show_unit(self, unit: Unit) -> None:
        """Go to a unit of one of the study's models."""
        if unit.model != self._model:
            self._choose_model(unit.model)
        if self._node is None or unit.layer not in {layer.name for layer in self._node.layers}:
            self.panel.choose_layer(unit.layer)
        self.list.select(unit)
        self.inspector.show_unit(unit, self._layer(unit.layer))

    def width_changed(self, width: int) -> None:
        """Layers over the units, and smaller tiles, in a narrow window."""
        compact, medium = width < COMPACT, width < _MEDIUM
        if (compact, medium) == (self._compact, self._medium):
            return
        self._compact, self._medium = compact, medium
        self.list.set_room(compact, medium)
        self.unit_panel.set_compact(compact)
        self.panel.set_room(compact, medium)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """Room for the compact arrangement; the wide one must not hold the window open."""
        return QSize(900, 520)

    def stop(self) -> None:
        """End all reading and decoding; for closing."""
        self.inspector.stop()
        self.reader.stop()
        self.loader.stop()

    def _place_cards(self) -> None:
        self._compact = self._medium = False
        self.body.addWidget(self.picker.note)
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        self.body.addLayout(self._grid, 1)
        self._arrange()

    def _arrange(self) -> None:
        for card in (self.panel, self.list, self.unit_panel):
            self._grid.removeWidget(card)
        if self._compact:
            self._grid.setSpacing(10)
            self._grid.addWidget(self.panel, 0, 0)
            self._grid.addWidget(self.list, 1, 0)
            self._grid.addWidget(self.unit_panel, 0, 1, 2, 1)
            self.panel.setFixedWidth(_COMPACT_LIST_WIDTH)
            self.list.setFixedWidth(_COMPACT_LIST_WIDTH)
            self.panel.setMaximumHeight(self.panel.sizeHint().height())
            self._grid.setRowStretch(1, 1)
        else:
            self.panel.setMaximumHeight(16_777_215)
            self._grid.setSpacing(12)
            self._grid.addWidget(self.panel, 0, 0)
            self._grid.addWidget(self.list, 0, 1)
            self._grid.addWidget(self.unit_panel, 0, 2)
            self.panel.setFixedWidth(_MEDIUM_PANEL_WIDTH if self._medium else _PANEL_WIDTH)
            self.list.setFixedWidth(_MEDIUM_LIST_WIDTH if self._medium else _LIST_WIDTH)
            self._grid.setRowStretch(1, 0)
        self._grid.setColumnStretch(1, 1 if self._compact else 0)
        self._grid.setColumnStretch(2, 0 if self._compact else 1)
        self._grid.setRowStretch(0, 0 if self._compact else 1)

    def _make_actions(self) -> None:
        self._import = secondary("Import list…")
        self._import.set_hint("A text file with one unit, layer:channel, per line")
        self._import.clicked.connect(self.editor.ask_for_list)
        self._next = secondary("Next: Stimuli")
        self._next.clicked.connect(lambda: self.context.show_page("stimuli"))
        self.add_action(self.picker.button)
        self.add_action(self._import)
        self.add_action(self._next)

    def _connect(self) -> None:
        self.panel.model_chosen.connect(self._choose_model)
        self.panel.node_chosen.connect(self._choose_node)
        self.panel.unit_chosen.connect(self.show_unit)
        self.panel.draw_asked.connect(self.editor.draw)
        self.list.unit_chosen.connect(self._unit_chosen)
        self.list.sweep_wanted.connect(lambda: self.reader.sweep(self.list.units.missing_summaries))
        self.list.units.wanted.connect(self.reader.summary)
        self.reader.summarised.connect(self.list.units.add_summaries)
        self.reader.layer_read.connect(self.panel.layers.add_histogram)
        self.reader.failed.connect(self.context.tell)
        self.unit_panel.step_wanted.connect(self.list.step)
        self.unit_panel.toggle_wanted.connect(self.editor.toggle)
        self.unit_panel.save_failed.connect(self.context.show_error)
        self.recorder.recorded.connect(self._recorded)
        self.recorder.layers_listed.connect(self._load_layers)

    def _make_shortcuts(self) -> None:
        for key, does in (
            ("A", self.editor.toggle),
            ("R", self.panel.draw.click),
            ("X", self.picker.pick),
            ("[", partial(self.unit_panel.step_batch, -1)),
            ("]", partial(self.unit_panel.step_batch, 1)),
            ("M", self._toggle_face),
            ("L", self.list.toggle_look),
            ("V", self.inspector.toggle_preview),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(does)

    def _show_no_study(self) -> None:
        self._source = None
        self.reader.restart(None)
        self._layers = ()
        self._node = None
        self.panel.set_models((), "")
        self.panel.set_layers(())
        self.panel.setEnabled(False)
        self.list.set_units("", [], None)
        self.list.show_empty(EmptyState(self.theme, "units", "No study is open"))
        self.set_subtitle("")
        for button in (self._import, self._next):
            button.set_enabled(False, "Open a study first.")
        self.state_changed.emit()

    def _choose_model(self, name: str) -> None:
        if name == self._model and self._layers:
            return
        self._model = name
        self._node = None
        self._layers = ()
        if self.study is not None:
            self.panel.set_models(self.study.models, name)
            self._load_layers()

    def _load_layers(self) -> None:
        model = self._model
        in_thread(
            self,
            lambda: (layers_of(model), catalogue.find(model).preprocessing),
            lambda found: self._layers_came(model, *found),
            self._no_layers,
        )

    def _layers_came(
        self, model: str, layers: tuple[Layer, ...], preprocessing: Preprocessing
    ) -> None:
        if model != self._model or self.study is None:
            return
        self._layers = layers
        resize, crop = preprocessing.resize, preprocessing.crop
        self.inspector.set_preprocessing(resize, crop)
        self._faces = UnitFaces(self.study.folder, self.study.images_folder, crop / resize)
        self.editor.set_layers(model, layers)
        self.offer.faces = self._faces
        self.panel.set_layers(layers)
        self._show_study_units()
        chosen = [entry.layer for entry in self.study.units if entry.model == model]
        first = next((layer.name for layer in layers if layer.of_interest), "")
        self.panel.choose_layer(chosen[0] if chosen else first)

    def _no_layers(self, error: UserError) -> None:
        """The network has not been looked at on this computer: offer to."""
        self.panel.set_layers(())
        button = secondary("List its layers", self.theme, "play")
        button.clicked.connect(lambda: self.recorder.list_layers(self._model))
        self.list.set_units("", [], None)
        self.list.show_empty(
            EmptyState(self.theme, "units", "Layers not known yet", error.sentence, button)
        )

    def _choose_node(self, node: LayerNode) -> None:
        self._node = node
        self._show_node(keep=False)

    def _show_node(self, keep: bool) -> None:
        """List the units of the line chosen; recorded layers only, or the way to record them."""
        node, source = self._node, self._source
        if node is None or source is None or self.study is None:
            return
        recorded = frozenset(
            layer.name for layer in self._layers if source.recorded(self._model, layer.name)
        )
        self.panel.layers.set_recorded(recorded)
        self.reader.layers(self._model, sorted(recorded))
        wanted = [node.layer] if node.layer is not None else (node.of_interest or node.layers)
        layers = [layer for layer in wanted if layer.name in recorded]
        selected = self.inspector.unit
        units = [
            Unit(self._model, layer.name, channel)
            for layer in (layers or wanted)
            for channel in range(layer.channels)
        ]
        title = node.layer.name if node.layer is not None else node.prefix
        if not keep or self.list.units.rowCount() != len(units):
            self.reader.forget()
            self.list.set_units(title, units, self._faces)
        else:
            self.list.units.set_units(units)
        self.list.units.set_in_study(units_study.units_in(self.study, self._model))
        self.list.show_empty(None if layers else self._missing_state(wanted, recorded))
        if not layers:
            self.inspector.show_unit(None, None)
        if selected is not None and self.list.units.row_of(selected) is not None:
            self.list.select(selected)
            self.inspector.show_unit(selected, self._layer(selected.layer))
        elif layers and units:
            mine = sorted(self.study.units, key=lambda entry: entry.role != "main")
            listed = frozenset(units)
            first = next((entry.unit for entry in mine if entry.unit in listed), units[0])
            self.list.select(first)
            self._unit_chosen(first)

    def _missing_state(self, wanted: list[Layer], recorded: frozenset[str]) -> RecordingState:
        missing = [
            layer.name for layer in self._layers if layer.of_interest and layer.name not in recorded
        ]
        return self.recorder.empty_state(self._model, [layer.name for layer in wanted], missing)

    def _recorded(self) -> None:
        if self.study is not None:
            self.set_study(self.study)

    def _unit_chosen(self, unit: Unit) -> None:
        self.inspector.show_unit(unit, self._layer(unit.layer))

    def _layer(self, name: str) -> Layer | None:
        return next((layer for layer in self._layers if layer.name == name), None)

    def _show_study_units(self) -> None:
        """Everything that follows from which units the study has."""
        study = self.study
        if study is None:
            return
        counts: dict[str, int] = {}
        for entry in study.units:
            if entry.model == self._model:
                counts[entry.layer] = counts.get(entry.layer, 0) + 1
        self.panel.layers.set_in_study(counts)
        number = units_study.unit_count(study)
        locked = units_study.locked(study.folder)
        reason = "The study is locked since its first participant started." if locked else ""
        self.panel.set_overview(
            units_study.overview(study, self._layers),
            number.text,
            units_study.fixed_units_text(study),
        )
        again = sum(map(units_study.is_random_main, study.units))
        # Another seed than the study's own, which drew the units that are there.
        self.panel.set_draw(study.seed + len(study.units), max(1, again), reason)
        layers = len({entry.layer for entry in study.units})
        words = [number.text, plural(layers, "layer")]
        self.set_subtitle(" · ".join([*words, "locked"] if locked else words))
        self._import.set_enabled(not locked, reason)
        self._next.set_enabled(True)
        self.state_changed.emit()

    def _toggle_face(self) -> None:
        self.list.set_face(Face.MIN if self.list.face is Face.MAX else Face.MAX)
