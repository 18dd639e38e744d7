"""The last step of the new-study flow: what it comes to, and what is worth knowing about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets import format as written
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.labels import label, rule, set_tone, wrapped
from imi_desktop.gui.widgets.rows import ValueRows
from imi_desktop.gui.widgets.scroll import ScrollColumn
from imi_desktop.gui.workbench.new_study_draft import Draft, Outlook, outlook
from imi_desktop.gui.workbench.new_study_step import Step
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts
from imi_desktop.gui.workbench.study_cards import clear
from imi_desktop.gui.workbench.trial_preview import TrialPreviewDialog


class SummaryStep(Step):
    """What it comes to: trials, time, images to be made."""

    title = "Summary"

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._figures = QGridLayout()
        self._figures.setHorizontalSpacing(16)
        self.column.addLayout(self._figures)
        self.column.addWidget(rule())
        area = ScrollColumn((0, 0, 8, 0), 10)
        inner = area.column
        self._text = wrapped("", "body", "ink3")
        inner.addWidget(self._text)
        self._notes = QVBoxLayout()
        self._notes.setSpacing(6)
        inner.addLayout(self._notes)
        self._rows = ValueRows()
        inner.addWidget(self._rows)
        inner.addStretch(1)
        self.column.addWidget(area, 1)
        self._preview = secondary("Preview trials…", self.theme, "eye", "small")
        self._preview.set_hint("Play any trial, with grey squares in the places of images")
        self._preview.clicked.connect(self.preview)
        self.column.addWidget(self._preview, 0, Qt.AlignmentFlag.AlignLeft)
        self._problem = ""
        self._study: Study | None = None

    def enter(self, draft: Draft, facts: ProtocolFacts) -> None:
        """Work it out in a thread."""
        self._problem = "The study is being worked out."
        self._study = None
        self._preview.set_enabled(False, self._problem)
        clear(self._notes)
        self._text.setText("Working it out…")
        set_tone(self._text, "ink3")
        self.changed.emit()
        in_thread(self, lambda: outlook(draft), lambda found: self._show(draft, found), self._fail)

    def missing(self) -> str:
        """The draft must make a study."""
        return self._problem

    def preview(self) -> None:
        """Open the list of trials, any of which can be played."""
        if self._study is not None:
            TrialPreviewDialog(self.theme, self._study, self.window()).open()

    def _show(self, draft: Draft, found: Outlook) -> None:
        self._problem = ""
        self._study = found.study
        self._preview.set_enabled(True)
        for note in found.notes:
            self._notes.addWidget(wrapped(note, "caption", "warn"))
        clear(self._figures)
        total = found.natural + found.synthetic + found.other
        values = (
            (written.count(found.trials), "trials each"),
            (f"{found.minutes} min", "a session"),
            (written.count(total), "images to make"),
            (written.about(found.seconds), "on one CPU core"),
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
        set_tone(self._text, "ink3")
        self.changed.emit()

    def _fail(self, error: UserError) -> None:
        self._problem = error.sentence
        self._preview.set_enabled(False, error.sentence)
        self._text.setText(error.sentence)
        set_tone(self._text, "error")
        self.changed.emit()
