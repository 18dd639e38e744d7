"""Sessions page: who takes part, what runs now, and what became of every session."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.study_facts import locked_since
from imi_desktop.gui.widgets.buttons import primary, secondary
from imi_desktop.gui.widgets.labels import label
from imi_desktop.gui.widgets.menus import pop_up
from imi_desktop.gui.widgets.page import COMPACT, Page
from imi_desktop.gui.widgets.segments import Segments
from imi_desktop.gui.workbench.sessions_acts import SessionActs
from imi_desktop.gui.workbench.sessions_detail import WORDS, DetailCard
from imi_desktop.gui.workbench.sessions_live import LiveCard
from imi_desktop.gui.workbench.sessions_plan import PlanCard
from imi_desktop.gui.workbench.sessions_rows import RowReader, SessionRow, row_of
from imi_desktop.gui.workbench.sessions_schedule import ask_and_print, schedule_document
from imi_desktop.gui.workbench.sessions_table import SessionsTable
from imi_desktop.recording.journal import JOURNAL_NAME

_EVERY_MS = 2000
_HIDDEN = (
    "Answers of main trials stay hidden here. Catch trials show whether somebody is attending."
)


class SessionsPage(Page):
    """Participants, the running session, the chosen one, and the plan."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "sessions", "Sessions", parent)
        self._reader: RowReader | None = None
        self._rows: list[SessionRow] = []
        self._reading = False
        self._compact = False
        self._locked = False
        self._running: SessionRow | None = None
        self._to_start = ""  # participant registered to start at once
        self.acts = SessionActs(context, self)
        self.table = SessionsTable(self.theme)
        self.table.set_foot(_HIDDEN)
        self.detail = DetailCard(self.theme)
        self.plan = PlanCard(self.theme)
        self.live = LiveCard(context)
        self._place_cards()
        self._make_actions()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        self._show_readiness()

    # -- Page --------------------------------------------------------------------------------

    def set_study(self, study: Study | None) -> None:
        """Show another study's participants."""
        same = study is not None and self.study is not None and study.folder == self.study.folder
        super().set_study(study)
        self._reader = None if study is None else RowReader(study)
        self.acts.study = study
        if not same:
            self._to_start = ""
            self._locked = study is not None and locked_since(study) is not None
            self.live.show_nothing()
            self._take([])
        if study is None:
            self._timer.stop()
        else:
            self._timer.start()
            self.refresh()

    def state_word(self) -> str:
        """Complete sessions, and how many participants are planned."""
        if self.study is None:
            return ""
        done = len({row.participant.id for row in self._rows if row.state == "done"})
        planned = self.study.participants or len({row.participant.id for row in self._rows})
        return f"{done} / {planned}" if planned else ""

    def show_detail(self, detail: str) -> None:
        """Choose a participant by id."""
        row = next((row for row in self._rows if row.participant.id == detail), None)
        if row is not None:
            self.table.choose(row.key)

    def close_reason(self) -> str:
        """A session that was started here ends with the app."""
        if not self.acts.process.running:
            return ""
        options = self.acts.process.options
        who = options.participant if options else "A participant"
        return f"The session of {who} would be interrupted; it can be resumed."

    def width_changed(self, width: int) -> None:
        """Tabs instead of columns in a narrow window."""
        compact = width < COMPACT
        if compact != self._compact:
            self._compact = compact
            self._arrange()

    # -- layout ------------------------------------------------------------------------------

    def _place_cards(self) -> None:
        self._tabs = Segments([("people", "Participants"), ("session", "Session")], "people")
        self._tabs.chosen.connect(lambda _: self._arrange())
        self.body.addWidget(self._tabs)
        canvas = QWidget()
        self._grid = QGridLayout(canvas)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        self._grid.addWidget(self.table, 0, 0, 1, 2)
        self._grid.addWidget(self.detail, 1, 0)
        self._grid.addWidget(self.plan, 1, 1)
        self._grid.addWidget(self.live, 0, 2, 2, 1)
        self._grid.setRowStretch(0, 3)
        self._grid.setRowStretch(1, 2)
        self.body.addWidget(canvas, 1)
        self._arrange()

    def _arrange(self) -> None:
        people = not self._compact or self._tabs.current == "people"
        self._tabs.setVisible(self._compact)
        for card in (self.table, self.detail, self.plan):
            card.setVisible(people)
        self.live.setVisible(not self._compact or not people)
        self._grid.setHorizontalSpacing(12 if people else 0)
        self._grid.setColumnStretch(0, 5 if people else 0)
        self._grid.setColumnStretch(1, 5 if people else 0)
        self._grid.setColumnStretch(2, 0 if self._compact and people else 8)

    def _make_actions(self) -> None:
        self._why = label("", "caption", "ink3")
        self.add_action(self._why)
        self.simulate = secondary("Run simulated participants…")
        self.simulate.clicked.connect(self.acts.simulate)
        self.add_action(self.simulate)
        self.register = secondary("Add participants…")
        self.register.clicked.connect(self.acts.register)
        self.add_action(self.register)
        self.start = primary("Start session…", self.theme, "play")
        self.start.clicked.connect(self._start_chosen)
        self.add_action(self.start)
        for keys, act in (("Ctrl+Return", self._start_chosen), ("Ctrl+Shift+P", self._pause)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _connect(self) -> None:
        self.table.selected.connect(self._choose)
        self.table.menu_wanted.connect(self._open_menu)
        self.table.resume_wanted.connect(self.acts.start)
        self.table.opened.connect(self._open_row)
        self.detail.wanted.connect(self._do)
        self.plan.chosen.connect(self.table.choose)
        self.plan.trials_wanted.connect(self._show_trials)
        self.plan.schedule_wanted.connect(self._print_schedule)
        self.acts.changed.connect(self.refresh)
        self.acts.started.connect(self._session_started)
        self.acts.start_wanted.connect(self._start_when_read)
        self.live.pause_wanted.connect(self._pause)
        self.live.note_wanted.connect(lambda: self._with_shown(self.acts.note))
        self.live.end_wanted.connect(lambda: self._with_shown(self.acts.end))
        self.live.journal_wanted.connect(self._open_journal)
        self.live.progressed.connect(self._progressed)

    # -- reading -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the sessions again, in a thread."""
        if self._reader is None or self._reading:
            return
        self._reading = True
        reader = self._reader
        in_thread(self, reader.read, partial(self._read, reader), partial(self._not_read, reader))

    def _read(self, reader: RowReader, rows: list[SessionRow]) -> None:
        self._reading = False
        if reader is self._reader:
            self._take(rows)
        else:
            self.refresh()

    def _not_read(self, reader: RowReader, error: UserError) -> None:
        self._reading = False
        if reader is self._reader:
            self._timer.stop()
            self.context.show_error(error.sentence)
        else:
            self.refresh()

    def _take(self, rows: list[SessionRow]) -> None:
        word = self.state_word()
        self._rows = rows
        self.acts.rows = rows
        self.table.set_rows(rows)
        if self.study is not None:
            self.plan.show_plan(self.study, rows)
        running = next((row for row in rows if row.state == "running"), None)
        begun = running is not None and (self._running is None or self._running.key != running.key)
        self._running = running
        if begun and self._compact:
            self._tabs.set_current("session")
            self._arrange()
        if rows and not self._locked and self.study and locked_since(self.study) is not None:
            self._locked = True  # by the first session
            self.context.study_changed.emit(self.study)
        if rows and self.table.current is None:
            self.table.choose((running or rows[0]).key)
        self._show_chosen()
        self._show_readiness()
        if word != self.state_word():
            self.state_changed.emit()
        to_start = next((row for row in rows if row.key == (self._to_start, "")), None)
        if to_start is not None:
            self._to_start = ""
            self.table.choose(to_start.key)
            self.acts.start(to_start)

    def _show_chosen(self) -> None:
        """The running session is followed; otherwise the chosen one is shown."""
        self.detail.show_row(self.table.current)
        shown = self._running or self.table.current
        if shown is None or shown.folder is None or shown.state == "damaged" or not self.study:
            name = "" if shown is None else f"{shown.participant.id}, {shown.state}"
            self.live.show_nothing(name if shown is not None and shown.state == "damaged" else "")
            return
        self.live.follow(self.study.folder, shown.participant.id, shown.folder)
        self.live.set_pause_asked(self.acts.pause_asked(shown.folder))

    def _progressed(self, words: str) -> None:
        self.context.running.emit(words)
        self.context.keep_quiet_for(self._taking_part())
        feed, row = self.live.feed, self._running
        if feed is not None:
            self.live.set_pause_asked(self.acts.pause_asked(feed.folder))
        if words and feed is not None and row is not None and row.folder == feed.folder:
            last = tuple(feed.last)[-6:]
            newer = row_of(row.participant, feed.folder, feed.facts, last, feed.state)
            self._running = newer
            self.table.update_row(newer)

    def _taking_part(self) -> str:
        """Participant of the session that was started here, but for its breaks."""
        feed, options = self.live.feed, self.acts.process.options
        if options is None or options.observer or not self.acts.process.running:
            return ""
        mine = feed is not None and feed.folder.parent.name == options.participant
        resting = mine and feed.state == "running" and feed.facts.resting
        return "" if resting else options.participant

    def _show_readiness(self) -> None:
        states = [row.state for row in self._rows]
        people = len({row.participant.id for row in self._rows})
        words = [
            f"{states.count(state)} {word}"
            for state, word in (
                ("done", "done"),
                ("running", "running"),
                ("interrupted", "to resume"),
                ("planned", "planned"),
                ("excluded", "excluded"),
                ("aborted", "ended early"),
            )
            if states.count(state)
        ]
        subtitle = " · ".join(words) if people else "No participant is registered yet"
        self.set_subtitle(subtitle if self.study is not None else "")
        reason = self._why_not()
        self._why.setText(reason)
        self._why.setVisible(bool(reason) and self.study is not None and not self._compact)
        chosen = self.table.current
        resume = chosen is not None and chosen.state == "interrupted"
        self.start.setText("Resume session…" if resume else "Start session…")
        self.start.set_enabled(not reason, reason)
        self.detail.set_startable(not reason, reason)
        for button in (self.register, self.simulate):
            button.set_enabled(self.study is not None, "No study is open.")
        self.simulate.set_hint("Observers answer in place of people")
        if self.acts.process.running:
            self.simulate.set_enabled(False, reason)

    def _why_not(self) -> str:
        if self.study is None:
            return "No study is open."
        if self._running is not None:
            return f"{self._running.participant.id} is taking part now"
        if self.acts.process.running and self.acts.process.options is not None:
            return f"The session of {self.acts.process.options.participant} is starting"
        return ""

    # -- acts --------------------------------------------------------------------------------

    def _choose(self, row: SessionRow | None) -> None:
        self._show_chosen()
        self._show_readiness()

    def _start_chosen(self) -> None:
        """Start or resume the chosen session, else the next planned one, else a new person's."""
        if self._why_not():
            return
        row = self.table.current
        if row is None or row.state not in {"planned", "interrupted"}:
            row = next((each for each in self._rows if each.state == "planned"), None)
        if row is None:
            self.acts.register(then_start=True)
            return
        self.table.choose(row.key)
        self.acts.start(row)

    def _start_when_read(self, participant: str) -> None:
        self._to_start = participant

    def _open_row(self, row: SessionRow) -> None:
        if row.state in {"planned", "interrupted"}:
            self._start_chosen()
        else:
            self._do("open", row)

    def _session_started(self, participant: str) -> None:
        self._show_readiness()
        QTimer.singleShot(700, self.refresh)

    def _pause(self) -> None:
        if self._running is not None and self._running.folder is not None:
            self.acts.pause(self._running.folder)
            self.live.set_pause_asked(True)

    def _with_shown(self, act) -> None:
        feed = self.live.feed
        row = next((r for r in self._rows if feed is not None and r.folder == feed.folder), None)
        if row is not None:
            act(row)

    def _open_journal(self) -> None:
        if self.live.folder is not None:
            open_file(self.live.folder / JOURNAL_NAME)

    def _show_trials(self) -> None:
        row = self.table.current or (self._rows[0] if self._rows else None)
        if row is not None:
            self._do("trials", row)

    def _print_schedule(self) -> None:
        if self.study is not None:
            ask_and_print(schedule_document(self.study.name, self._rows), self)

    def _open_menu(self, row: SessionRow, place: QPoint) -> None:
        pop_up(self.row_menu(row), place)

    def row_menu(self, row: SessionRow) -> QMenu:
        """Everything that can be done with a row."""
        menu = QMenu(self)
        keys = {
            "planned": ("start", "edit", "trials"),
            "running": ("open", "trials"),
            "interrupted": ("resume", "end", "open", "trials"),
            "done": ("start", "open", "exclude", "edit", "trials"),
            "excluded": ("start", "open", "include", "trials"),
            "aborted": ("start", "open", "exclude", "trials"),
            "damaged": ("open",),
        }[row.state]
        reason = self._why_not()
        for key in keys:
            again = key == "start" and row.folder is not None
            action = menu.addAction("Start another session…" if again else WORDS[key])
            action.setEnabled(not (reason and key in {"start", "resume"}))
            action.triggered.connect(lambda _=False, k=key: self._do(k, row))
        return menu

    def _do(self, key: str, row: SessionRow | None = None) -> None:
        row = row or self.detail.row
        if row is None:
            return
        if key == "open":
            open_file(row.folder)
        else:
            self.acts.do(key, row)


def open_file(path: Path | None) -> None:
    """Open a file or folder with the desktop's own program."""
    if path is not None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
