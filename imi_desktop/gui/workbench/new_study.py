"""New study (Ctrl N): protocol, model and units, images, participants, hypotheses, summary."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QStackedWidget, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.new_study import create_study
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import rule, set_tone, wrapped
from imi_desktop.gui.workbench.new_study_draft import Draft, free_folder, outlook
from imi_desktop.gui.workbench.new_study_people import HypothesesStep, ParticipantsStep
from imi_desktop.gui.workbench.new_study_step import Step
from imi_desktop.gui.workbench.new_study_steps import ImagesStep, ModelStep, ProtocolStep
from imi_desktop.gui.workbench.new_study_summary import SummaryStep
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts, facts_of, known_protocols


class NewStudyDialog(Dialog):
    """The flow, step by step; nothing is written before "Make the study"."""

    created = Signal(object)
    """Path of the new study's folder."""

    def __init__(
        self,
        context: AppContext,
        protocol: str = "",
        parent: QWidget | None = None,
        draft: Draft | None = None,
    ) -> None:
        super().__init__(context.theme, "New study", "", parent)
        self.context = context
        self.resize(900, 620)
        self.body.setContentsMargins(0, 0, 0, 0)
        parent_folder = context.settings.studies_folder
        self.draft = draft or Draft(folder=free_folder(parent_folder, "study"))
        if protocol:
            self.draft = self.draft.changed(protocol=protocol)
        row = QHBoxLayout()
        row.setSpacing(0)
        self._list = QListWidget()
        self._list.setFixedWidth(170)
        self._list.setAccessibleName("Steps")
        self._list.currentRowChanged.connect(self._go_to)
        self.stack = QStackedWidget()
        row.addWidget(self._list)
        row.addWidget(rule("upright"))
        row.addWidget(self.stack, 1)
        self.body.addLayout(row)
        self._reason = wrapped("", "caption", "ink3")
        self._reason.setMinimumWidth(300)
        self.foot.addWidget(self._reason)
        self.add_cancel()
        self._back = self.add_button(secondary("Back"))
        self._back.clicked.connect(lambda: self._list.setCurrentRow(self.step - 1))
        self._next = self.add_primary("Next")
        self._next.clicked.connect(self.go_on)
        self._steps: list[Step] = []
        self._step = -1
        self._busy = False
        self._back.set_enabled(False, "This is the first step.")
        self._next.set_enabled(False, "The protocols are being read.")
        names = known_protocols()
        if self.draft.protocol not in names:
            names.append(self.draft.protocol)
        in_thread(
            self,
            lambda: [facts_of(name) for name in names],
            self._begin,
            lambda error: self._reason.setText(error.sentence),
        )

    @property
    def step(self) -> int:
        """Number of the step that is shown, from 0."""
        return self._step

    def go_on(self) -> None:
        """Next step, or make the study on the last one."""
        if self._step < len(self._steps) - 1:
            self._list.setCurrentRow(self._step + 1)
        else:
            self._make()

    def _begin(self, protocols: list[ProtocolFacts]) -> None:
        self._protocols = ProtocolStep(self.context, protocols)
        if self.draft.units is None:  # not taken over from another study
            audience = self._protocols.facts(self.draft.protocol).protocol.audience
            self.draft = self.draft.changed(audience=audience)
        self._images = ImagesStep(self.context)
        self._steps = [
            self._protocols,
            ModelStep(self.context),
            self._images,
            ParticipantsStep(self.context),
            HypothesesStep(self.context),
            SummaryStep(self.context),
        ]
        for number, step in enumerate(self._steps, 1):
            self.stack.addWidget(step)
            step.changed.connect(self._show_state)
            self._list.addItem(f"{number}  {step.title}")
        self._list.setCurrentRow(0)

    def _go_to(self, row: int) -> None:
        if row < 0 or row == self._step:
            return
        if self._step >= 0:
            self.draft = self._steps[self._step].leave(self.draft)
        self._step = row
        facts = self._protocols.facts(self.draft.protocol)
        step = self._steps[row]
        step.enter(self.draft, facts)
        self.stack.setCurrentWidget(step)
        if step is self._images:
            self._need_images()
        self.set_title("New study", f"Step {row + 1} of {len(self._steps)}: {step.title}")
        self._show_state()

    def _need_images(self) -> None:
        in_thread(
            self,
            lambda: outlook(self.draft).images_needed,
            self._images.set_needed,
            lambda error: self._reason.setText(error.sentence),
        )

    def _show_state(self) -> None:
        if self._step < 0 or self._busy:
            return
        last = self._step == len(self._steps) - 1
        reason = self._steps[self._step].missing()
        self._next.setText("Make the study" if last else "Next")
        self._next.set_enabled(not reason, reason)
        self._back.set_enabled(self._step > 0, "This is the first step.")
        self._reason.setText(reason)
        for row in range(self._list.count()):
            item = self._list.item(row)
            reachable = row <= self._step or (not reason and row == self._step + 1)
            flags = item.flags()
            enabled = flags | item.flags().ItemIsEnabled
            item.setFlags(enabled if reachable else flags & ~item.flags().ItemIsEnabled)

    def _make(self) -> None:
        self.draft = self._steps[self._step].leave(self.draft)
        new = self.draft.new_study()
        self._busy = True
        self._next.set_busy(True)
        self._reason.setText("Checking the images and writing the study…")
        in_thread(self, lambda: create_study(new), self._made, self._refused)

    def _made(self, study: Study) -> None:
        self.accept()
        self.created.emit(Path(study.folder))

    def _refused(self, error: UserError) -> None:
        self._busy = False
        self._next.set_busy(False)
        self._reason.setText(error.sentence)
        set_tone(self._reason, "error")
