"""What an experimenter does with participants and sessions: dialogs, and what follows them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.workbench.sessions_process import RunOptions, SessionProcess
from imi_desktop.gui.workbench.sessions_register import (
    EditDialog,
    ReasonDialog,
    RegisterDialog,
    SimulateDialog,
    place_left_open,
)
from imi_desktop.gui.workbench.sessions_rows import SessionRow
from imi_desktop.gui.workbench.sessions_start import StartDialog
from imi_desktop.gui.workbench.sessions_trials import show_trials
from imi_desktop.recording import marks, requests
from imi_desktop.recording.participants import participant_ids, plan_for, write_participant
from imi_desktop.recording.requests import Request


class SessionActs(QObject):
    """Carries out what was chosen on the page.

    Signals
    -------
    changed
        Participants or sessions are others.
    started : str
        The process of a participant's session was started.
    start_wanted
        A participant was registered whose session is to start.
    """

    changed = Signal()
    started = Signal(str)
    start_wanted = Signal(str)

    def __init__(self, context: AppContext, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page
        self.study: Study | None = None
        self.rows: list[SessionRow] = []
        self.process = SessionProcess(self)
        self.process.ended.connect(self._ended)
        self.process.stands_still.connect(self._stands_still)
        self._queue: deque[RunOptions] = deque()
        self._told = ""
        self._open: QDialog | None = None

    def do(self, key: str, row: SessionRow) -> None:
        """Do one of :data:`imi_desktop.gui.workbench.sessions_detail.WORDS`."""
        acts: dict[str, Callable[[SessionRow], None]] = {
            "start": self.start,
            "resume": self.start,
            "exclude": self.exclude,
            "include": self.include,
            "end": self.end,
            "edit": self.edit,
            "trials": self.show_trials,
        }
        acts[key](row)

    # -- participants ------------------------------------------------------------------------

    def register(self, then_start: bool = False) -> None:
        """Ask for new participants and register them; tell the first one's id to start with."""
        if self.study is None:
            return
        study = self.study
        dialog = RegisterDialog(
            self._context.theme, study, self._taken(), self._page, self._place_left_open()
        )

        def save() -> None:
            people = dialog.participants()
            for participant in people:
                write_participant(study.folder, participant)
            if then_start:
                self.start_wanted.emit(people[0].id)

        self._ask(dialog, save)

    def edit(self, row: SessionRow) -> None:
        """Change what is known of a participant."""
        if self.study is None:
            return
        study = self.study
        dialog = EditDialog(self._context.theme, study, row.participant, self._page)
        self._ask(dialog, lambda: write_participant(study.folder, dialog.participant()))

    def show_trials(self, row: SessionRow) -> None:
        """Show a participant's trial list."""
        if self.study is None:
            return
        study, who = self.study, row.participant

        in_thread(
            self,
            lambda: plan_for(study, who.id, who),
            lambda plan: show_trials(self._context.theme, plan, self._page),
            self._failed,
        )

    # -- sessions ----------------------------------------------------------------------------

    def start(self, row: SessionRow) -> None:
        """Ask what is to be asked before a session, and start or resume it."""
        if self.study is None or self.process.running:
            return
        study = self.study
        dialog = StartDialog(self._context, study, row, parent=self._page)

        def go() -> None:
            write_participant(study.folder, dialog.participant())
            self._run(dialog.options())

        self._ask(dialog, go)

    def simulate(self) -> None:
        """Ask which observer takes part, and let it."""
        if self.study is None or self.process.running:
            return
        dialog = SimulateDialog(self._context.theme, self.study, self._taken(), self._page)

        def go() -> None:
            self._queue.extend(
                RunOptions(participant, observer=dialog.observer_name())
                for participant in dialog.ids()
            )
            self._run_next()

        self._ask(dialog, go)

    def pause_asked(self, session: Path) -> bool:
        """Whether a pause was asked for and has not begun."""
        return "pause" in requests.waiting(session)

    def pause(self, session: Path) -> None:
        """Ask the running session for a pause after its present trial."""
        if not self.pause_asked(session):
            self._try(lambda: requests.ask(session, Request("pause", "")))

    def note(self, row: SessionRow) -> None:
        """Add a note to a session, running or not."""
        dialog = ReasonDialog(
            self._context.theme,
            f"Note on the session of {row.participant.id}",
            "The note goes into the journal"
            + (" after this trial." if row.state == "running" else "."),
            "Add note",
            self._page,
        )

        def add(folder: Path) -> None:
            if row.state == "running":
                requests.ask(folder, Request("note", dialog.reason()))
            else:
                marks.add_note(folder, dialog.reason())

        self._ask_about(row, dialog, add)

    def end(self, row: SessionRow) -> None:
        """End a running or interrupted session for good."""
        running = row.state == "running"
        when = "after the present trial" if running else "now"
        dialog = ReasonDialog(
            self._context.theme,
            f"End the session of {row.participant.id}",
            f"The session ends {when} and cannot be resumed. Its answers are kept. Why is it "
            "ended?",
            "End session",
            self._page,
            irreversible=True,
        )

        def end(folder: Path) -> None:
            if running:
                requests.ask(folder, Request("end", dialog.reason()))
            else:
                marks.end_for_good(folder, dialog.reason())

        self._ask_about(row, dialog, end)

    def exclude(self, row: SessionRow) -> None:
        """Mark a session as excluded."""
        dialog = ReasonDialog(
            self._context.theme,
            f"Exclude the session of {row.participant.id}",
            "The session is kept and marked; analyses leave it out. Why is it excluded?",
            "Exclude",
            self._page,
        )
        self._ask_about(row, dialog, lambda folder: marks.exclude(folder, dialog.reason()))

    def include(self, row: SessionRow) -> None:
        """Take an exclusion back."""
        dialog = ReasonDialog(
            self._context.theme,
            f"Include the session of {row.participant.id} again",
            "The exclusion and its reason stay in the journal. Why is it taken back?",
            "Include",
            self._page,
        )
        self._ask_about(row, dialog, lambda folder: marks.include_again(folder, dialog.reason()))

    # -- how ---------------------------------------------------------------------------------

    def _taken(self) -> list[str]:
        if self.study is None:
            return []
        return participant_ids(self.study.folder)

    def _place_left_open(self) -> int | None:
        people = {row.participant.id: row.participant for row in self.rows}
        counted = {row.participant.id for row in self.rows if row.state != "excluded"}
        return place_left_open((person, name in counted) for name, person in people.items())

    def _ask(self, dialog: QDialog, accepted: Callable[[], None]) -> None:
        dialog.accepted.connect(lambda: self._try(accepted))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_about(
        self, row: SessionRow, dialog: QDialog, accepted: Callable[[Path], None]
    ) -> None:
        folder = row.folder
        if folder is not None:
            self._ask(dialog, lambda: accepted(folder))

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            self._failed(error)
        self.changed.emit()

    def _failed(self, error: UserError) -> None:
        self._context.show_error(error.sentence)

    def _run(self, options: RunOptions) -> None:
        if self.study is None:
            return
        if not options.observer:
            self._context.keep_quiet_for(options.participant)
        self._context.mended.emit(self._told)
        self.process.start(self.study.folder, options)
        self.started.emit(options.participant)

    def _run_next(self) -> None:
        if self._queue:
            self._run(self._queue.popleft())

    def _stands_still(self, why: str) -> None:
        options = self.process.options
        who = options.participant if options is not None else "the participant"
        self._tell(f"The session of {who} stands still, and {who} waits. {why}")

    def _tell(self, trouble: str) -> None:
        """Show what became of a session, until the next one is started or this one resumed."""
        self._told = trouble
        self._context.show_error(trouble)

    def _ended(self, code: int, sentence: str) -> None:
        options = self.process.options
        self._context.keep_quiet_for("")
        if code not in (0, 1):
            self._queue.clear()
            who = options.participant if options is not None else "the participant"
            self._tell(
                sentence
                if code == 2
                else f"The session of {who} stopped unexpectedly. Every answer is safe; resume it."
            )
        self.changed.emit()
        self._run_next()
