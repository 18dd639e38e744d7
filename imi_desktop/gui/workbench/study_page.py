"""The Study page: what the study is, where it stands, and whether its files are sound."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets import format as written
from imi_desktop.gui.widgets.buttons import primary, secondary
from imi_desktop.gui.widgets.page import COMPACT, Page
from imi_desktop.gui.workbench.amendment_dialog import AmendmentDialog
from imi_desktop.gui.workbench.hypotheses_dialog import HypothesesDialog
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts, facts_of_design
from imi_desktop.gui.workbench.study_cards import (
    CheckCard,
    DesignCard,
    FilesCard,
    HypothesesCard,
    LockCard,
    StepsCard,
)
from imi_desktop.gui.workbench.study_fields import FieldsCard
from imi_desktop.gui.workbench.study_overview import StudyOverview, overview

_NEXT = {"stimuli": "Next: Stimuli", "sessions": "Next: Sessions", "results": "Next: Results"}


class StudyPage(Page):
    """First page of an open study."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "study", "Study", parent)
        self._found: StudyOverview | None = None
        self._next_page = "units"
        folder = secondary("Show folder", self.theme, "folder-open")
        folder.clicked.connect(lambda: self.context.act("show_folder"))
        self._next = primary("Next: Units")
        self._next.clicked.connect(lambda: self.context.show_page(self._next_page))
        preview = secondary("Preview…", self.theme, "eye")
        preview.set_hint("Play trials in a window as a participant sees them; nothing is recorded.")
        preview.clicked.connect(lambda: self.context.act("preview_trial"))
        self.add_action(preview)
        self.add_action(folder)
        self.add_action(self._next)
        self._design = DesignCard(self.theme)
        self._steps = StepsCard(self.theme)
        self._steps.wanted.connect(self._go)
        self._fields = FieldsCard(context)
        self._hypotheses = HypothesesCard(self.theme)
        self._hypotheses.edit_wanted.connect(self._state_hypotheses)
        self._lock = LockCard(self.theme)
        self._lock.amend_wanted.connect(self._ask_amendment)
        self._check = CheckCard(context)
        self._files = FilesCard(context)
        self._body_column = self.scroll_body()
        self._canvas = QWidget()
        self._wide: bool | None = None
        self.width_changed(1920)

    def set_study(self, study: Study | None) -> None:
        """Show the study; what must be counted follows."""
        super().set_study(study)
        self._found = None
        if study is None:
            return
        self.set_subtitle(str(study.folder))
        self._design.show_study(study)
        self._fields.show_study(study)
        self._hypotheses.show_study(study)
        self._check.show_study(study)
        self.refresh()

    def refresh(self) -> None:
        """Read anew where the study stands."""
        study = self.study
        if study is not None:
            in_thread(self, lambda: overview(study), self._show)

    def state_word(self) -> str:
        """``draft`` until the first session locks the study."""
        if self._found is None:
            return ""
        return "locked" if self._found.locked else "draft"

    def show_detail(self, detail: str) -> None:
        """``check`` runs the check, ``hypotheses`` opens them."""
        if detail == "check":
            self._check.check()
        elif detail == "hypotheses":
            self._state_hypotheses()

    def showEvent(self, event) -> None:
        """Be up to date whenever the page is shown."""
        super().showEvent(event)
        self.refresh()

    def width_changed(self, width: int) -> None:
        """Three columns, two below 1440 px; each card as high as it must be."""
        wide = width >= COMPACT
        if wide == self._wide:
            return
        self._wide = wide
        old, self._canvas = self._canvas, QWidget()
        grid = QGridLayout(self._canvas)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        if wide:
            middle = QHBoxLayout()
            middle.setSpacing(12)
            middle.addWidget(self._fields, 1)
            middle.addWidget(self._hypotheses, 1)
            left = _column((self._design, 0), (middle, 1), (self._files, 0))
            right = _column((self._steps, 0), (self._lock, 0), (self._check, 1))
            grid.addLayout(left, 0, 0)
            grid.addLayout(right, 0, 1)
            grid.setColumnStretch(0, 2)
            grid.setColumnStretch(1, 1)
        else:
            grid.addLayout(_column((self._design, 0), (self._fields, 1), (self._lock, 0)), 0, 0)
            right = _column((self._steps, 0), (self._hypotheses, 1), (self._check, 0))
            grid.addLayout(right, 0, 1)
            grid.addWidget(self._files, 1, 0, 1, 2)
            grid.setColumnStretch(0, 1)
            grid.setColumnStretch(1, 1)
        self._body_column.addWidget(self._canvas, 1)
        old.deleteLater()

    def show_display(self, word: str) -> None:
        """What the Display page says of the participant's screen."""
        self._steps.show_display(word)

    def _state_hypotheses(self) -> None:
        study = self.study
        if study is not None:
            in_thread(self, lambda: facts_of_design(study.design), self._open_hypotheses)

    def _open_hypotheses(self, facts: ProtocolFacts) -> None:
        if self.study is not None:
            dialog = HypothesesDialog(self.context, self.study, facts, self.window())
            dialog.saved.connect(self.context.reload_study)
            dialog.open()

    def _ask_amendment(self) -> None:
        if self.study is not None and self._found is not None:
            dialog = AmendmentDialog(self.context, self.study, self._found.changed, self.window())
            dialog.recorded.connect(self.refresh)
            dialog.open()

    def _go(self, step: str) -> None:
        self.context.show_page(step)

    def _show(self, found: StudyOverview) -> None:
        if found.study is not self.study:
            return
        self._found = found
        self._design.show_overview(found)
        self._next_page = self._steps.show_overview(found)
        self._next.setText(_NEXT[self._next_page])
        self._fields.set_locked(found.locked is not None)
        self._hypotheses.set_locked(found.locked is not None)
        self._lock.show_overview(found)
        self._files.show_overview(found)
        done = found.sessions["done"]
        state = "locked" if found.locked else "draft"
        self.set_subtitle(
            f"{state} · {written.plural(done, 'session')} done · {found.study.folder}"
        )
        for sentence in found.problems[:1]:
            self.context.show_error(sentence)
        self.state_changed.emit()


def _column(*parts: tuple[QWidget | QHBoxLayout, int]) -> QVBoxLayout:
    """Cards under each other, each with its share of the height that is left."""
    column = QVBoxLayout()
    column.setSpacing(12)
    for part, stretch in parts:
        if isinstance(part, QWidget):
            column.addWidget(part, stretch)
        else:
            column.addLayout(part, stretch)
    return column
