"""The steps about the experiment: protocol, model and units, images."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.errors import UserError
from imi_desktop.experiment.image_check import require_images
from imi_desktop.experiment.published_units import published_sets
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets import format as written
from imi_desktop.gui.widgets.buttons import quiet, secondary
from imi_desktop.gui.widgets.condition_mark import ConditionMark
from imi_desktop.gui.widgets.labels import label, rule, set_tone, wrapped
from imi_desktop.gui.widgets.number import NumberField
from imi_desktop.gui.workbench.new_study_draft import Draft
from imi_desktop.gui.workbench.new_study_step import Step, field, form
from imi_desktop.gui.workbench.protocol_card import figure_row
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts, facts_of
from imi_desktop.gui.workbench.protocol_picture import ProtocolPicture
from imi_desktop.gui.workbench.study_cards import clear
from imi_desktop.models import catalogue
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.weights_files import find_weights

_TYPED_MS = 400
"""Pause in typing after which a folder's name counts as written."""


class ProtocolStep(Step):
    """Which design."""

    title = "Protocol"

    def __init__(self, context: AppContext, protocols: list[ProtocolFacts]) -> None:
        super().__init__(context)
        self._protocols: dict[str, ProtocolFacts] = {}
        self.column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(0)
        self._list = QListWidget()
        self._list.setFixedWidth(230)
        self._list.setAccessibleName("Protocols")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for facts in protocols:
            self._add(facts)
        self._list.currentItemChanged.connect(self._show)
        own = quiet("Own protocol file…", self.theme, "folder")
        own.clicked.connect(self._choose_file)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 8)
        left.addWidget(self._list, 1)
        left.addWidget(own, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(left)
        row.addWidget(rule("upright"))
        inner = QWidget()
        self._details = QVBoxLayout(inner)
        self._details.setContentsMargins(20, 16, 20, 16)
        self._details.setSpacing(8)
        row.addWidget(inner, 1)
        self.column.addLayout(row)

    def enter(self, draft: Draft, facts: ProtocolFacts) -> None:
        """Select the draft's protocol."""
        for place in range(self._list.count()):
            if self._list.item(place).data(Qt.ItemDataRole.UserRole) == draft.protocol:
                self._list.setCurrentRow(place)

    def leave(self, draft: Draft) -> Draft:
        """Take the protocol; what depends on it starts anew when it is another one."""
        name = self._list.currentItem().data(Qt.ItemDataRole.UserRole)
        if name == draft.protocol:
            return draft
        audience = self._protocols[name].protocol.audience
        return draft.changed(protocol=name, units=None, hypotheses=(), audience=audience)

    def missing(self) -> str:
        """A protocol must be selected."""
        return "" if self._list.currentItem() is not None else "Select a protocol."

    def facts(self, key: str) -> ProtocolFacts:
        """Facts of a protocol of the list."""
        return self._protocols[key]

    def _add(self, facts: ProtocolFacts) -> None:
        item = QListWidgetItem(facts.protocol.title)
        item.setToolTip(f"{facts.protocol.title} ({facts.protocol.name})")
        item.setData(Qt.ItemDataRole.UserRole, facts.key)
        self._list.addItem(item)
        self._protocols[facts.key] = facts

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Own protocol", "", "Protocol (*.toml)")
        if chosen:
            in_thread(self, lambda: facts_of(chosen), self._take_file, self._refuse_file)

    def _take_file(self, facts: ProtocolFacts) -> None:
        if facts.key not in self._protocols:
            self._add(facts)
            self._list.setCurrentRow(self._list.count() - 1)

    def _refuse_file(self, error: UserError) -> None:
        self._list.setCurrentItem(None)
        clear(self._details)
        self._details.addWidget(wrapped(error.sentence, tone="error"))
        self._details.addStretch(1)
        self.changed.emit()

    def _show(self) -> None:
        item = self._list.currentItem()
        clear(self._details)
        if item is not None:
            facts = self._protocols[item.data(Qt.ItemDataRole.UserRole)]
            protocol = facts.protocol
            self._details.addWidget(ProtocolPicture(self.theme, facts.picture))
            self._details.addWidget(label(protocol.title, "subject"))
            self._details.addWidget(wrapped(" ".join(protocol.description.split()), tone="ink2"))
            self._details.addWidget(wrapped(protocol.source, "caption", "ink3"))
            marks = QHBoxLayout()
            for condition in protocol.conditions:
                marks.addWidget(ConditionMark(self.theme, condition))
            marks.addStretch(1)
            self._details.addLayout(marks)
            self._details.addWidget(rule())
            self._details.addLayout(figure_row(facts))
            self._details.addStretch(1)
        self.changed.emit()


class ModelStep(Step):
    """Which network and which units."""

    title = "Model and units"

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._model = QComboBox()
        self._model.setEditable(True)
        self._model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for entry in catalogue.entries():
            self._model.addItem(entry.name)
        self._model.setAccessibleName("Model")
        self._model.currentTextChanged.connect(self._look)
        self._about = wrapped("", "caption", "ink3")
        self._units = NumberField(1, 100_000)
        self._units.setAccessibleName("Main units")
        self._units.valueChanged.connect(lambda _=0: self.changed.emit())
        self._units_about = wrapped("", "caption", "ink3")
        self._seed = NumberField(0, 2**31 - 1)
        self._seed.setAccessibleName("Seed")
        grid = form()
        field(grid, "Model", self._model, self._about)
        field(grid, "Main units", self._units, self._units_about)
        field(
            grid,
            "Seed",
            self._seed,
            wrapped("Every random draw of the study follows from it.", "caption", "ink3"),
        )
        self.column.addLayout(grid)
        self.column.addStretch(1)
        self._facts: ProtocolFacts | None = None
        self._problem = ""
        self._published = False

    def enter(self, draft: Draft, facts: ProtocolFacts) -> None:
        """Show model, number and seed."""
        self._facts = facts
        self._model.setCurrentText(draft.model)
        self._seed.setValue(draft.seed)
        pools = [pool for pool in facts.protocol.units if pool.role == "main"]
        self._units.setEnabled(not any(pool.fixed for pool in pools))
        self._units.setToolTip(
            "" if self._units.isEnabled() else f"{facts.protocol.name} needs exactly this number."
        )
        self._units.setValue(draft.units or facts.units)
        self._look()

    def leave(self, draft: Draft) -> Draft:
        """Take model, number of units and seed."""
        assert self._facts is not None
        units = self._units.value() if self._units.isEnabled() else None
        units = None if units == self._facts.units else units
        return draft.changed(
            model=self._model.currentText().strip(), units=units, seed=self._seed.value()
        )

    def missing(self) -> str:
        """The model must be known and have layers to draw from."""
        return self._problem

    def _look(self) -> None:
        name = self._model.currentText().strip()
        try:
            entry = catalogue.find(name)
            layers = layers_of(name)
        except UserError as error:
            self._problem = error.sentence
            self._about.setText(error.sentence)
            set_tone(self._about, "error")
            self.changed.emit()
            return
        self._problem = ""
        weights = (
            "random weights"
            if entry.random
            else ("weights are here" if find_weights(entry) else "weights are fetched on first use")
        )
        interesting = [layer for layer in layers if layer.of_interest]
        channels = sum(layer.channels for layer in interesting)
        self._about.setText(
            f"{entry.title}, {weights}; {written.count(len(interesting))} layers of interest "
            f"with {written.count(channels)} units."
        )
        set_tone(self._about, "ink3")
        self._published = bool(self._facts and self._uses_published(name))
        self._units_about.setText(
            "The published units are used while this number stays."
            if self._published
            else "Drawn at random: first a layer uniformly, then a channel. They can be looked at "
            "and exchanged on the Units page."
        )
        self.changed.emit()

    def _uses_published(self, model: str) -> bool:
        assert self._facts is not None
        try:
            known = published_sets(model)
        except UserError as error:
            self._problem = error.sentence
            return False
        return any(pool.published in known for pool in self._facts.protocol.units)


class ImagesStep(Step):
    """Where the natural images are."""

    title = "Images"

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._needed = 0
        self._checked = ""
        self._problem = "Choose the folder of your images."
        self.column.addWidget(
            wrapped(
                "Photographs from which the strongest and weakest of every unit are taken. They "
                "stay where they are; subfolders count. JPEG, PNG, TIFF, WebP, BMP and GIF."
            )
        )
        row = QHBoxLayout()
        self._folder = QLineEdit()
        self._folder.setPlaceholderText("Image folder")
        self._folder.setAccessibleName("Image folder")
        self._folder.editingFinished.connect(self.check)
        typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        typed.timeout.connect(self.check)
        self._folder.textEdited.connect(lambda _: typed.start())
        choose = secondary("Choose…", self.theme, "folder")
        choose.clicked.connect(self._choose)
        row.addWidget(self._folder, 1)
        row.addWidget(choose)
        self.column.addLayout(row)
        self._state = wrapped("", "body", "ink3")
        self.column.addWidget(self._state)
        self.column.addStretch(1)

    def set_needed(self, needed: int) -> None:
        """How many usable images the design needs."""
        if needed != self._needed:
            self._needed = needed
            self._checked = ""
            self.check()

    def enter(self, draft: Draft, facts: ProtocolFacts) -> None:
        """Show the folder."""
        self._folder.setText(draft.images)
        self.check()

    def leave(self, draft: Draft) -> Draft:
        """Take the folder."""
        return draft.changed(images=self._folder.text().strip())

    def missing(self) -> str:
        """The folder must hold enough usable images."""
        return self._problem

    def check(self) -> None:
        """Look at images until enough are found, in a thread."""
        text = self._folder.text().strip()
        if not text:
            self._say(
                "Choose the folder of your images.", "ink3", "Choose the folder of your images."
            )
            return
        key = f"{text}|{self._needed}"
        if key == self._checked:
            return
        self._checked = key
        self._say("Looking at images…", "ink3", "The images are being looked at.")
        folder, needed = Path(text).expanduser(), self._needed

        def look() -> str:
            try:
                require_images(folder, needed)
            except UserError as error:
                return error.sentence
            return ""

        in_thread(self, look, lambda sentence: self._looked(key, sentence))

    def _looked(self, key: str, sentence: str) -> None:
        if key != self._checked:
            return
        if sentence:
            self._say(sentence, "error", sentence)
        else:
            self._say(
                f"At least {written.count(self._needed)} different usable images, as many as the "
                "design needs. All of them are indexed when the study is generated.",
                "ink",
                "",
            )

    def _say(self, text: str, tone: str, problem: str) -> None:
        self._state.setText(text)
        set_tone(self._state, tone)
        self._problem = problem
        self.changed.emit()

    def _choose(self) -> None:
        start = self._folder.text().strip() or str(Path.home())
        folder = QFileDialog.getExistingDirectory(self, "Image folder", start)
        if folder:
            self._folder.setText(folder)
            self.check()
