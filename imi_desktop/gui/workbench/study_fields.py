"""Card with the simple fields of a study, editable until it is locked."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.buttons import primary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.labels import ElidedLabel, label, wrapped
from imi_desktop.gui.widgets.number import NumberField

LANGUAGES = (("en", "English"), ("de", "German"))
AUDIENCES = (("expert", "Experts"), ("lay", "Lay people"), ("agnostic", "Either, no explanation"))
_LOCKED = "The study is locked since its first session."


class FieldsCard(Card):
    """Name, site, language, audience, planned participants; and what cannot be edited here."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context.theme, "Study")
        self._context = context
        self._study: Study | None = None
        self._locked = False
        self._name = QLineEdit()
        self._site = QLineEdit()
        self._site.setPlaceholderText("none")
        self._language = _choice(LANGUAGES)
        self._audience = _choice(AUDIENCES)
        self._participants = NumberField(0, 100_000)
        self._participants.setSpecialValueText("not planned")
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self._editors: tuple[QWidget, ...] = (
            self._name,
            self._site,
            self._language,
            self._audience,
            self._participants,
        )
        names = ("Name", "Site", "Language", "Wording for", "Participants planned")
        for row, (text, editor) in enumerate(zip(names, self._editors, strict=True)):
            title = label(text, "caption", "ink3")
            title.setBuddy(editor)
            editor.setAccessibleName(text)
            grid.addWidget(title, row, 0)
            grid.addWidget(editor, row, 1)
        self._fixed: dict[str, ElidedLabel] = {}
        for text in ("Model", "Images", "Units", "Seed"):
            value = ElidedLabel("", "body")
            self._fixed[text] = value
            row = grid.rowCount()
            grid.addWidget(label(text, "caption", "ink3"), row, 0)
            grid.addWidget(value, row, 1)
        self.body.addLayout(grid)
        self._error = wrapped("", "caption", "error")
        self._error.hide()
        self.body.addWidget(self._error)
        self.body.addStretch(1)
        self._save = primary("Save", size="small")
        self._save.hide()
        self._save.clicked.connect(self.save)
        self.add_head(self._save)
        self._name.textEdited.connect(self._edited)
        self._site.textEdited.connect(self._edited)
        self._language.activated.connect(self._edited)
        self._audience.activated.connect(self._edited)
        self._participants.valueChanged.connect(self._edited)

    def show_study(self, study: Study) -> None:
        """Show what the file says."""
        self._study = study
        self._name.setText(study.name)
        self._site.setText(study.site)
        self._language.setCurrentIndex(self._language.findData(study.language))
        self._audience.setCurrentIndex(self._audience.findData(study.audience))
        self._participants.blockSignals(True)
        self._participants.setValue(study.participants or 0)
        self._participants.blockSignals(False)
        self._fixed["Model"].set_text(", ".join(study.models))
        self._fixed["Images"].set_text(str(study.images_folder))
        roles = dict.fromkeys(unit.role for unit in study.units)
        counted = (f"{sum(u.role == role for u in study.units)} {role}" for role in roles)
        self._fixed["Units"].set_text(", ".join(counted))
        self._fixed["Seed"].set_text(str(study.seed))
        self._save.hide()
        self._error.hide()

    def set_locked(self, locked: bool) -> None:
        """Let the fields be read only."""
        self._locked = locked
        self.set_caption("locked" if locked else "")
        for editor in self._editors:
            editor.setEnabled(not locked)
            editor.setToolTip(_LOCKED if locked else "")

    def save(self) -> None:
        """Write the fields to study.toml; what is wrong is said below them."""
        if self._study is None or self._locked:
            return
        try:
            changed = self._study.replace(
                name=self._name.text().strip(),
                site=self._site.text().strip(),
                language=self._language.currentData(),
                audience=self._audience.currentData(),
                participants=self._participants.value() or None,
            )
        except UserError as error:
            self._error.setText(error.sentence)
            self._error.show()
            return
        if self._context.save_study(changed):
            self._context.tell("Saved.")

    def _edited(self) -> None:
        self._save.setVisible(not self._locked)


def _choice(choices: tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    for key, text in choices:
        box.addItem(text, key)
    return box
