"""New study (Ctrl N): protocol, model and units, images, participants, hypotheses, summary."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QListWidget, QStackedWidget, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.new_study import create_study
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets import format as written
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import label, rule, set_tone, wrapped
from imi_desktop.gui.widgets.rows import ValueRows
from imi_desktop.gui.workbench.new_study_draft import Draft, Outlook, free_folder, outlook
from imi_desktop.gui.workbench.new_study_people import HypothesesStep, ParticipantsStep
from imi_desktop.gui.workbench.new_study_step import Step
from imi_desktop.gui.workbench.new_study_steps import ImagesStep, ModelStep, ProtocolStep
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts, facts_of, known_protocols
from imi_desktop.gui.workbench.study_cards import clear


class SummaryStep(Step):
    """What it comes to: trials, time, images to be made."""

    title = "Summary"

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._figures = QGridLayout()
        self._figures.setHorizontalSpacing(16)
        self.column.addLayout(self._figures)
        self.column.addWidget(rule())
        self._rows = ValueRows()
        self.column.addWidget(self._rows)
        self._text = wrapped("", "body", "ink3")
        self.column.addWidget(self._text)
        self.column.addStretch(1)
        self._problem = ""

    def enter(self, draft: Draft, facts: ProtocolFacts) -> None:
        """Work it out in a thread."""
        self._problem = "The study is being worked out."
        self._text.setText("Working it out…")
        set_tone(self._text, "ink3")
        self.changed.emit()
        in_thread(self, lambda: outlook(draft), lambda found: self._show(draft, found), self._fail)

    def missing(self) -> str:
        """The draft must make a study."""
        return self._problem

    def _show(self, draft: Draft, found: Outlook) -> None:
        self._problem = ""
        clear(self._figures)
        total = found.natural + found.synthetic + found.other
        values = (
            (written.count(found.trials), "trials each"),
            (f"{found.minutes} min", "a session"),
            (written.count(total), "images to make"),
            (f"about {written.duration(found.visualization_seconds)}", "on one CPU core"),
        )
        for column, (value, caption) in enumerate(values):
            self._figures.addWidget(label(value, "subject"), 0, column)
            self._figures.addWidget(label(caption, "caption", "ink3"), 1, column)
            self._figures.setColumnStretch(column, 1)
        study = found.study
        main = sum(unit.role == "main" for unit in study.units)
        others = len(study.units) - main
        self._rows.set_rows(
            [
                ("Folder", str(draft.folder)),
                ("Protocol", f"{study.design.title}, {study.protocol}"),
                ("Model", draft.model),
                ("Units", f"{main} main, {others} for practice, catch trials and the like"),
                ("Natural images", f"{written.count(found.natural)} cut from {draft.images}"),
                ("Feature visualizations", written.count(found.synthetic)),
                ("Occluded and blurred images", written.count(found.other)),
                ("Hypotheses", written.count(len(draft.hypotheses))),
                ("Seed", str(draft.seed)),
            ]
        )
        self._text.setText(
            "Units can be exchanged and stimuli looked at before anything is locked. A GPU makes "
            "the visualizations many times faster."
        )
        self.changed.emit()

    def _fail(self, error: UserError) -> None:
        self._problem = error.sentence
        self._text.setText(error.sentence)
        set_tone(self._text, "error")
        self.changed.emit()


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
