"""Offers to exchange units that respond to nothing, or only stand in for clear ones."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import quiet, secondary
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import wrapped
from imi_desktop.gui.workbench import units_study
from imi_desktop.gui.workbench.units_offer import UnitsOffer
from imi_desktop.gui.workbench.units_pick import PickState, Proposal, pick_state, propose
from imi_desktop.gui.workbench.units_pick_dialog import PickDialog
from imi_desktop.gui.workbench.units_recorder import UnitsRecorder

_HINT = (
    "Draw others for units that respond to every image alike, and choose clear practice and "
    "catch units (X); nothing changes before you accept"
)
_LOCKED = "The study is locked since its first participant started."


class PickNote(QFrame):
    """A strip that says what is to be exchanged, with the button for the next step."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "note")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        row.setSpacing(8)
        self._picture = QLabel()
        self._text = wrapped("", "body", "warn")
        self.button = quiet("", size="small")
        row.addWidget(self._picture)
        row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.button)
        theme.changed.connect(self._paint)
        self._paint()
        self.hide()

    @property
    def text(self) -> str:
        """The sentence."""
        return self._text.text()

    def show_words(self, words: str, button: str, hint: str) -> None:
        """Show a sentence and what can be done; nothing to say hides the strip."""
        self._text.setText(words)
        self.setAccessibleName(words)
        self.button.setText(button)
        self.button.set_hint(hint)
        self.setVisible(bool(words))

    def _paint(self) -> None:
        self._picture.setPixmap(self._theme.icon("warn", "warn").pixmap(QSize(18, 18)))


class UnitsPicker(QObject):
    """The button and the note of the Units page, and the dialog behind both."""

    def __init__(self, context: AppContext, recorder: UnitsRecorder, offer: UnitsOffer) -> None:
        super().__init__(offer.page)
        self._context = context
        self._recorder = recorder
        self._offer = offer
        self._study: Study | None = None
        self._state = PickState()
        self.button = secondary("Exchange units…")
        self.button.set_hint(_HINT)
        self.button.clicked.connect(self.pick)
        self.note = PickNote(context.theme)
        self.note.button.clicked.connect(self._go_on)
        self.set_study(None)

    def set_study(self, study: Study | None) -> None:
        """Look at a study's activations, which takes a moment."""
        self._study = study
        self._state = PickState()
        if study is None or units_study.locked(study.folder):
            self.note.show_words("", "", "")
            self.button.set_enabled(False, "Open a study first." if study is None else _LOCKED)
            return
        self.button.set_enabled(False, "The activations are being looked at.")
        in_thread(
            self,
            lambda: pick_state(study),
            lambda state: self._show(study, state),
            lambda error: self._unreadable(study, error),
        )

    def pick(self) -> None:
        """Choose other units and show them."""
        study = self._study
        if study is None or not self.button.isEnabled():
            return
        self._busy(True)
        in_thread(
            self,
            lambda: propose(study),
            lambda proposal: self._ask(study, proposal),
            self._refused,
        )

    def _show(self, study: Study, state: PickState) -> None:
        if study is not self._study:
            return
        self._state = state
        self.button.set_enabled(not state.reason, state.reason)
        n_missing = sum(map(len, state.missing.values()))
        if state.words and n_missing:
            self.note.show_words(
                f"{state.words} {state.reason}",
                f"Record {plural(n_missing, 'layer')}",
                "One pass over the images for each network, whatever the number of layers",
            )
        else:
            self.note.show_words(state.words, "Show others…", _HINT)

    def _unreadable(self, study: Study, error: UserError) -> None:
        if study is self._study:
            self.note.show_words("", "", "")
            self.button.set_enabled(False, error.sentence)

    def _go_on(self) -> None:
        if not self._state.missing:
            self.pick()
        elif self._recorder.busy:
            self._context.tell("Activations are being recorded")
        else:
            model, layers = next(iter(self._state.missing.items()))
            self._recorder.record(model, list(layers))

    def _busy(self, busy: bool) -> None:
        for button in (self.button, self.note.button):
            button.set_busy(busy)

    def _refused(self, error: UserError) -> None:
        self._busy(False)
        self._context.show_error(error.sentence)

    def _ask(self, study: Study, proposal: Proposal) -> None:
        self._busy(False)
        if study is not self._study or self._offer.shown is not None:
            return
        if not proposal.reasons:
            self._context.tell("No unit has to be exchanged")
            return
        dialog = PickDialog(self._offer, proposal)
        self._offer.open(dialog, lambda: self._take(study, proposal))

    def _take(self, study: Study, proposal: Proposal) -> None:
        if units_study.locked(study.folder):  # meanwhile, by a session
            self._context.show_error(f"{_LOCKED} Its units stay as they are.")
            return
        if self._context.save_study(proposal.study):
            self._context.tell(f"{plural(len(proposal.reasons), 'unit')} exchanged")
