"""The steps about people: name, folder, participants, hypotheses."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
)

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.labels import wrapped
from imi_desktop.gui.widgets.number import NumberField
from imi_desktop.gui.widgets.scroll import ScrollColumn
from imi_desktop.gui.workbench.new_study_draft import Draft, free_folder, offered_hypotheses
from imi_desktop.gui.workbench.new_study_step import Step, field, form
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts
from imi_desktop.gui.workbench.study_cards import clear
from imi_desktop.gui.workbench.study_fields import AUDIENCES, LANGUAGES


class ParticipantsStep(Step):
    """Name, folder, and whom the study is for."""

    title = "Participants"

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._name = QLineEdit()
        self._folder = QLineEdit()
        self._folder_edited = False
        self._participants = NumberField(0, 100_000)
        self._participants.setSpecialValueText("not planned")
        self._language = QComboBox()
        for key, text in LANGUAGES:
            self._language.addItem(text, key)
        self._audience = QComboBox()
        for key, text in AUDIENCES:
            self._audience.addItem(text, key)
        self._site = QLineEdit()
        self._site.setPlaceholderText("none")
        grid = form()
        field(grid, "Name", self._name)
        field(grid, "Folder", self._folder)
        field(
            grid,
            "Participants planned",
            self._participants,
            wrapped(
                "Only the image batches that this many people get are made.", "caption", "ink3"
            ),
        )
        field(grid, "Language", self._language)
        field(grid, "Wording for", self._audience)
        field(grid, "Site", self._site)
        self.column.addLayout(grid)
        self.column.addStretch(1)
        self._name.textChanged.connect(self._named)
        self._folder.textEdited.connect(self._folder_typed)

    def enter(self, draft: Draft, facts: ProtocolFacts) -> None:
        """Show the values."""
        self._name.setText(draft.name or facts.protocol.name)
        if not self._folder.text():
            self._named()
        self._participants.setValue(draft.participants or 0)
        self._language.setCurrentIndex(self._language.findData(draft.language))
        self._audience.setCurrentIndex(self._audience.findData(draft.audience))
        self._site.setText(draft.site)

    def leave(self, draft: Draft) -> Draft:
        """Take the values."""
        return draft.changed(
            name=self._name.text().strip(),
            folder=Path(self._folder.text().strip()).expanduser(),
            participants=self._participants.value() or None,
            language=self._language.currentData(),
            audience=self._audience.currentData(),
            site=self._site.text().strip(),
        )

    def missing(self) -> str:
        """A name, and a folder without a study."""
        if not self._name.text().strip():
            return "Give the study a name."
        folder = self._folder.text().strip()
        if not folder:
            return "Choose a folder for the study."
        if (Path(folder).expanduser() / "study.toml").exists():
            return "This folder holds a study already; choose another."
        return ""

    def _named(self) -> None:
        if not self._folder_edited:
            parent = self.context.settings.studies_folder
            self._folder.setText(str(free_folder(parent, self._name.text())))
        self.changed.emit()

    def _folder_typed(self) -> None:
        self._folder_edited = True
        self.changed.emit()


class HypothesesStep(Step):
    """What is claimed before the data."""

    title = "Hypotheses"

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.column.addWidget(
            wrapped(
                "State what you expect before the first participant; the results then give each "
                "statement its verdict. Details (smallest effect, power, baselines) can be added "
                "in study.toml until the study is locked."
            )
        )
        area = ScrollColumn((0, 0, 8, 0), 6)
        self._list = area.column
        self.column.addWidget(area, 1)
        self._rows: list[tuple[QCheckBox, QLineEdit, QComboBox, dict]] = []

    def enter(self, draft: Draft, facts: ProtocolFacts) -> None:
        """Offer one statement per pair of conditions."""
        clear(self._list)
        self._rows = []
        for entry, taken in offered_hypotheses(facts.protocol, draft.hypotheses):
            box = QCheckBox(entry["id"])
            box.setChecked(taken)
            sentence = QLineEdit(entry["sentence"])
            sentence.setAccessibleName(f"Statement {entry['id']}")
            direction = QComboBox()
            for key, text in (("two-sided", "two-sided"), ("greater", "greater"), ("less", "less")):
                direction.addItem(text, key)
            direction.setCurrentIndex(direction.findData(entry["direction"]))
            direction.setAccessibleName(f"Direction of {entry['id']}")
            line = QHBoxLayout()
            line.addWidget(box)
            line.addWidget(sentence, 1)
            line.addWidget(direction)
            self._list.addLayout(line)
            test = entry["test"].replace("_", " ")
            caption = f"{entry['alternative']} {test.capitalize()}, α = {entry['alpha']:g}."
            self._list.addWidget(wrapped(caption, "caption", "ink3"))
            for signal in (box.toggled, sentence.textChanged, direction.activated):
                signal.connect(lambda *_: self.changed.emit())
            self._rows.append((box, sentence, direction, entry))
        if not self._rows:
            self._list.addWidget(wrapped("This design has one condition only.", tone="ink3"))
        self._list.addStretch(1)

    def leave(self, draft: Draft) -> Draft:
        """Take the statements that are ticked."""
        return draft.changed(
            hypotheses=tuple(
                entry
                | {"sentence": sentence.text().strip(), "direction": direction.currentData()}
                | ({"planned_participants": draft.participants} if draft.participants else {})
                for box, sentence, direction, entry in self._rows
                if box.isChecked()
            )
        )

    def missing(self) -> str:
        """Every statement that is ticked needs words."""
        empty = any(box.isChecked() and not text.text().strip() for box, text, _, _ in self._rows)
        return "A statement has no words." if empty else ""
