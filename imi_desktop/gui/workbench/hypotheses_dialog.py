"""States the hypotheses of a study that is not locked yet."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import wrapped
from imi_desktop.gui.workbench.new_study_draft import draft_of
from imi_desktop.gui.workbench.new_study_people import HypothesesStep
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts


class HypothesesDialog(Dialog):
    """The statements of the new-study flow, for a study that exists."""

    saved = Signal()

    def __init__(
        self,
        context: AppContext,
        study: Study,
        facts: ProtocolFacts,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context.theme, "Hypotheses", study.name, parent)
        self.resize(760, 480)
        self.body.setContentsMargins(0, 0, 0, 0)
        self._study = study
        self._draft = draft_of(study, study.folder.parent)
        self.step = HypothesesStep(context)
        self.step.enter(self._draft, facts)
        self.step.changed.connect(self._allow)
        self.body.addWidget(self.step)
        self._error = wrapped("", "caption", "error")
        self._error.setContentsMargins(20, 0, 20, 8)
        self.body.addWidget(self._error)
        self.add_cancel()
        self._go = self.add_primary("Save")
        self._go.clicked.connect(self.save)
        self._allow()

    def save(self) -> None:
        """Write them to study.toml; what is wrong is said below them."""
        stated = self.step.leave(self._draft).hypotheses
        try:
            self._study.replace(hypotheses=[dict(entry) for entry in stated]).save()
        except UserError as error:
            self._error.setText(error.sentence)
            return
        self.saved.emit()
        self.accept()

    def _allow(self) -> None:
        missing = self.step.missing()
        self._go.set_enabled(not missing, missing)
