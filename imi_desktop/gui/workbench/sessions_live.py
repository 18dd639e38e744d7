"""The card that follows one session: progress, screen, numbers, reaction times, journal."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from imi_desktop import atomic
from imi_desktop.errors import UserError
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.plot_card import table_text
from imi_desktop.gui.widgets.buttons import IconButton, danger, quiet, secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.condition_mark import ConditionMark
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.format import MISSING, count, duration, plural, seconds
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule
from imi_desktop.gui.widgets.progress import ProgressBar
from imi_desktop.gui.widgets.rows import ValueRows
from imi_desktop.gui.workbench.sessions_feed import SessionFeed
from imi_desktop.gui.workbench.sessions_journal import JournalTail
from imi_desktop.gui.workbench.sessions_model import local_time
from imi_desktop.gui.workbench.sessions_picture import TrialPicture
from imi_desktop.gui.workbench.sessions_rt_chart import ReactionTimeChart
from imi_desktop.recording.facts import SessionFacts

_LOW = 640
_LEAST = 500
"""Height in px that the card needs once picture, plot and journal are arranged for it."""
_SAVED_AS = (("svg", "Save as SVG…"), ("png", "Save as PNG…"), ("csv", "Save data as CSV…"))
_STATE_WORDS = {
    "running": "running",
    "interrupted": "interrupted",
    "done": "done",
    "aborted": "ended early",
}


class LiveCard(Card):
    """One session as it goes on, or as it was.

    Signals
    -------
    pause_wanted, note_wanted, end_wanted, journal_wanted
        Buttons of the running session.
    progressed : str
        ``P07, trial 119 of 189`` while running, ``""`` otherwise.
    """

    pause_wanted = Signal()
    note_wanted = Signal()
    end_wanted = Signal()
    journal_wanted = Signal()
    progressed = Signal(str)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, parent=parent)
        self.setAccessibleName("Session")
        self.context = context
        self.feed: SessionFeed | None = None
        self._participant = ""
        self._study_folder = Path()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._show_clock)
        self.body.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedLayout()
        self.body.addLayout(self._stack)
        self.empty = EmptyState(context.theme, "sessions", "No session is running")
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._make_view())
        self.show_nothing()

    def show_nothing(self, title: str = "", sentence: str = "") -> None:
        """Say what will come here."""
        self._drop_feed()
        self.empty.set_text(
            title or "No session is running",
            sentence
            or "Choose a participant and start a session. Its progress appears here while the "
            "other screen belongs to the participant.",
        )
        self._stack.setCurrentIndex(0)

    def follow(self, study_folder: Path, participant: str, folder: Path) -> None:
        """Show a session, and go on showing it while it runs."""
        if self.feed is not None and self.feed.folder == folder:
            self.feed.poll()
            return
        self._drop_feed()
        self._participant, self._study_folder = participant, study_folder
        self.feed = SessionFeed(folder, self)
        self.feed.changed.connect(self._show_session)
        self.feed.failed.connect(self.context.show_error)
        self._stack.setCurrentIndex(1)
        self.feed.start()
        self._show_session()

    @property
    def folder(self) -> Path | None:
        """Folder of the session that is shown."""
        return None if self.feed is None else self.feed.folder

    def set_pause_asked(self, asked: bool) -> None:
        """Say that the pause will come, or that it is there."""
        feed = self.feed
        running = feed is not None and feed.state == "running"
        text, why = "Pause after this trial", ""
        if running and feed.facts.paused:
            text, why = "Paused", "The participant waits."
        elif asked:
            text, why = "Pauses after this trial", "The pause begins when this trial is answered."
        self.pause.setText(text)
        if running:
            self.pause.set_enabled(not why, why)

    def minimumSizeHint(self) -> QSize:
        """Of the arrangement for little room, which comes with the smaller size."""
        least = super().minimumSizeHint()
        return QSize(least.width(), min(least.height(), _LEAST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A smaller picture, and the journal beside the plot, where there is less room."""
        super().resizeEvent(event)
        low = self.height() < _LOW
        self._lower.setDirection(
            QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom
        )
        room = min(self.width() - 300, round((self.height() - (350 if low else 480)) * 16 / 9))
        self.picture.set_width(max(240, min(464, room)))

    def _drop_feed(self) -> None:
        if self.feed is not None:
            self.feed.stop()
            self.feed.deleteLater()
            self.feed = None
            self.progressed.emit("")
        self._clock.stop()

    # -- layout ------------------------------------------------------------------------------

    def _make_view(self) -> QWidget:
        theme = self.theme
        view = QWidget()
        column = QVBoxLayout(view)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(14, 12, 14, 10)
        top.setSpacing(6)
        head = QHBoxLayout()
        self._dot = QLabel()
        self._subject = label("", "subject")
        self._times = label("", "caption", "ink3")
        head.addWidget(self._dot)
        head.addWidget(self._subject)
        head.addStretch(1)
        head.addWidget(self._times)
        top.addLayout(head)
        self._bar = ProgressBar(theme, 8)
        top.addWidget(self._bar)
        line = QHBoxLayout()
        self._trial = label("", "value")
        self._place = ElidedLabel("", "caption", "ink3")
        self._place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._trial)
        line.addWidget(self._place, 1)
        top.addLayout(line)
        middle = QHBoxLayout()
        middle.setSpacing(14)
        self._screen = QWidget()
        left = QVBoxLayout(self._screen)
        left.setContentsMargins(0, 0, 0, 0)
        self.picture = TrialPicture(theme)
        left.addWidget(self.picture)
        self._picture_words = label("What is on the screen, without cursor and answers.", "caption")
        self._picture_words.setProperty("tone", "ink3")
        left.addWidget(self._picture_words)
        left.addStretch(1)
        middle.addWidget(self._screen)
        right = QVBoxLayout()
        self.numbers = ValueRows()
        right.addWidget(self.numbers)
        right.addStretch(1)
        middle.addLayout(right, 1)
        top.addLayout(middle)
        column.addLayout(top)
        column.addWidget(rule("edge"))
        self._lower = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._lower.setSpacing(0)
        self._lower.addLayout(self._make_plot(), 3)
        self._lower.addWidget(rule("edge"))
        self._lower.addLayout(self._make_journal(), 2)
        column.addLayout(self._lower, 1)
        column.addWidget(rule("edge"))
        column.addLayout(self._make_foot())
        return view

    def _make_plot(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setContentsMargins(12, 8, 12, 4)
        box.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(label("Reaction time by trial", "card_title"))
        self._plot_words = ElidedLabel("", "caption", "ink3")
        head.addWidget(self._plot_words, 1)
        self._legend = {
            name: ConditionMark(self.theme, name)
            for name in ("natural", "synthetic", "none", "mixed", "blurred")
        }
        for mark in self._legend.values():
            head.addWidget(mark)
        self._save = IconButton(self.theme, "more", "Save the plot or its data")
        self._save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._save)
        for suffix, text in _SAVED_AS:
            menu.addAction(text).triggered.connect(lambda _=False, s=suffix: self._save_plot(s))
        self._save.setMenu(menu)
        head.addWidget(self._save)
        box.addLayout(head)
        self.chart = ReactionTimeChart(self.theme)
        box.addWidget(self.chart, 1)
        return box

    def _make_journal(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setContentsMargins(12, 8, 8, 6)
        box.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(label("Journal", "card_title"))
        head.addWidget(ElidedLabel("latest first, answers left out", "caption", "ink3"), 1)
        open_journal = quiet("Open journal", size="small")
        open_journal.clicked.connect(self.journal_wanted)
        head.addWidget(open_journal)
        box.addLayout(head)
        self.tail = JournalTail(self.theme)
        box.addWidget(self.tail, 1)
        return box

    def _make_foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        self.pause = secondary("Pause after this trial", self.theme, "pause")
        self.pause.set_hint("The participant then waits at a page (Ctrl Shift P).")
        self.note = secondary("Add note…", self.theme, "plus")
        self.end = danger("End session…")
        self.pause.clicked.connect(self.pause_wanted)
        self.note.clicked.connect(self.note_wanted)
        self.end.clicked.connect(self.end_wanted)
        row.addWidget(self.pause)
        row.addWidget(self.note)
        row.addStretch(1)
        row.addWidget(self.end)
        return row

    # -- what is shown -----------------------------------------------------------------------

    def _show_session(self) -> None:
        if self.feed is None:
            return
        facts, state = self.feed.facts, self.feed.state
        running = state == "running"
        word = "paused" if running and facts.paused else _STATE_WORDS[state]
        self._subject.setText(f"{self._participant}, {word}")
        icon = {"running": "play", "done": "check", "aborted": "warn"}.get(state, "error")
        token = {"running": "accent", "done": "ink", "aborted": "warn"}.get(state, "error")
        self._dot.setPixmap(self.theme.icon(icon, token).pixmap(16, 16))
        planned = max(facts.planned_trials, 1)
        self._bar.set_fraction(facts.trials_done / planned)
        self._bar.set_waiting(not running or facts.paused)
        current = facts.current if running and not facts.paused else None
        self._show_place(facts, current)
        self._screen.setVisible(running)
        missing = "The session is paused" if facts.paused else "No trial is on the screen"
        self.picture.show_trial(self._study_folder, current, missing)
        self.chart.show_facts(facts, running)
        rings = ", ring: catch trial" if facts.catch[1] else ""
        self._plot_words.set_text(f"{plural(len(facts.answered), 'answer')}, log scale{rings}")
        shown = {answer.condition for answer in facts.answered} | {
            name for block in facts.started.get("blocks", []) for name in block["conditions"]
        }
        for name, mark in self._legend.items():
            mark.setVisible(name in shown)
        self.tail.records.set_records(list(self.feed.last))
        for button in (self.pause, self.end):
            button.set_enabled(running, "The session is not running.")
        self._show_clock()
        if running and not self._clock.isActive():
            self._clock.start()
        elif not running:
            self._clock.stop()
        self.progressed.emit(
            f"{self._participant}, trial {facts.trials_done + 1} of {facts.planned_trials}"
            if running
            else ""
        )

    def _show_place(self, facts: SessionFacts, current: dict[str, Any] | None) -> None:
        if current is None:
            self._trial.setText(f"{facts.trials_done} of {facts.planned_trials} trials")
            self._place.set_text(facts.reason)
            return
        blocks = facts.started.get("blocks", [])
        self._trial.setText(f"Trial {current['trial']} of {facts.planned_trials}")
        attempt = f", attempt {current['attempt']}" if current["attempt"] > 1 else ""
        self._place.set_text(
            f"{str(current['phase']).capitalize()}, {current['condition']}, block "
            f"{current['block']} of {len(blocks)}, trial {current['block_position']} of "
            f"{current['block_length']}{attempt}"
        )

    def _show_clock(self) -> None:
        if self.feed is None:
            return
        facts, running = self.feed.facts, self.feed.state == "running"
        started = local_time(facts.started_utc)
        last = local_time(facts.last_utc)
        now = datetime.now(UTC).astimezone()
        words = []
        if started is not None and last is not None:
            words = [f"started {started:%H:%M}"]
            length = (now - started).total_seconds() if running else facts.session_ms / 1000
            words.append(duration(length))
            if running and (left := seconds_left(facts)) is not None:
                whole = left if left < 90 else round(left / 60) * 60
                words.append(f"about {duration(whole)} left")
        self._times.setText(" · ".join(words))
        times = [answer.reaction_time_ms / 1000 for answer in facts.answered]
        right, total = facts.catch
        missed = facts.missed_frames
        shown = running and last and facts.current and not facts.paused
        on_screen = (now - last).total_seconds() if shown else None
        rows = [("On screen for", seconds(on_screen, 0))] if running else []
        self.numbers.set_rows(
            [
                *rows,
                ("Last answer", seconds(times[-1] if times else None)),
                ("Median answer", seconds(statistics.median(times) if times else None, 1)),
                ("Catch trials right", f"{right} of {total}" if total else MISSING),
                ("Missed frames", "not measured" if missed is None else count(missed)),
                ("Focus lost", count(facts.focus_lost)),
                ("Pauses", count(facts.pauses)),
                ("Reaction clock", facts.rt_clock or MISSING),
                ("Journal", plural(facts.records, "record")),
            ]
        )

    def write_plot(self, path: Path) -> None:
        """Write the plot as SVG or PNG, or exactly what it shows as CSV, by the file's ending.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        if path.suffix.lower() == ".csv":
            atomic.write_text(path, table_text(self.chart.rows(), ","))
        else:
            self.chart.save(path)

    def _save_plot(self, suffix: str) -> None:
        start = self._study_folder / "exports" / f"{self._participant}-reaction-times.{suffix}"
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save", str(start), f"{suffix.upper()} (*.{suffix})"
        )
        if not chosen:
            return
        try:
            self.write_plot(Path(chosen).with_suffix(f".{suffix}"))
        except UserError as error:
            self.context.show_error(error.sentence)


def seconds_left(facts: SessionFacts) -> float | None:
    """Time the rest of the session will take at the pace so far; None before the tenth answer."""
    if len(facts.answered) < 10:
        return None
    left = facts.planned_trials - facts.trials_done
    return left * facts.session_ms / 1000 / max(facts.trials_done, 1)
