"""The list of jobs that opens from the top bar: progress, time left, pause, cancel."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.gui.jobs import Job, JobList, State
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets import format as written
from imi_desktop.gui.widgets.buttons import IconButton, quiet
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule, set_tone, wrapped
from imi_desktop.gui.widgets.progress import ProgressBar
from imi_desktop.gui.widgets.scroll import ScrollColumn

_WIDTH = 400
_ENDS = {
    State.FINISHED: ("done", "ink3"),
    State.FAILED: ("failed", "error"),
    State.CANCELLED: ("cancelled", "ink3"),
    State.CANCELLING: ("stopping…", "ink3"),
    State.QUEUED: ("queued", "ink3"),
    State.PAUSED: ("paused", "ink3"),
}


def time_left(job: Job) -> str:
    """``2 min left``, or ``""`` where nobody knows."""
    seconds = job.seconds_left
    return "" if seconds is None else f"{written.duration(seconds)} left"


def held_words(job: Job) -> str:
    """``Paused while P03's session runs``, or ``""`` where nothing halts the job."""
    if not job.held:
        return ""
    return f"{'Waits' if job.state is State.QUEUED else 'Paused'} while {job.held} runs"


class JobRow(QWidget):
    """One job: title, state, bar, stage, buttons."""

    def __init__(self, theme: Theme, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = job
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 10)
        column.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(2)
        self._title = ElidedLabel(job.title, "card_title")
        self._state = label("", "caption", "ink3")
        self._pause = IconButton(theme, "pause", f"Pause {job.title}")
        self._cancel = IconButton(theme, "close", f"Cancel {job.title}")
        self._pause.clicked.connect(self._toggle_pause)
        self._cancel.clicked.connect(lambda: job.cancel())
        top.addWidget(self._title, 1)
        top.addWidget(self._state)
        top.addSpacing(4)
        top.addWidget(self._pause)
        top.addWidget(self._cancel)
        column.addLayout(top)
        self._bar = ProgressBar(theme)
        column.addWidget(self._bar)
        self._stage = ElidedLabel("", "caption", "ink2")
        column.addWidget(self._stage)
        self._sentence = wrapped("", "caption", "error")
        column.addWidget(self._sentence)
        job.changed.connect(self._show)
        self._show()

    def _toggle_pause(self) -> None:
        if self.job.state is State.PAUSED:
            self.job.resume()
        else:
            self.job.pause()

    def _show(self) -> None:
        job = self.job
        running = job.state in {State.RUNNING, State.PAUSED}
        self._bar.setVisible(not job.state.over)
        self._bar.set_fraction(job.fraction)
        self._bar.set_waiting(job.state is not State.RUNNING)
        self._pause.setVisible(running)
        paused = job.state is State.PAUSED
        self._pause.set_icon(
            "play" if paused else "pause", f"{'Resume' if paused else 'Pause'} {job.title}"
        )
        self._cancel.setVisible(running or job.state is State.QUEUED)
        word, tone = _ENDS.get(job.state, (self._running_word(), "ink3"))
        self._state.setText(word)
        set_tone(self._state, tone)
        progress = job.progress
        stage = "" if progress is None else progress.stage
        detail = "" if progress is None or not progress.detail else f"{stage}: {progress.detail}"
        self._stage.set_text(held_words(job) or detail or stage)
        self._stage.setVisible(not job.state.over)
        self._sentence.setText(job.sentence)
        self._sentence.setVisible(job.state is State.FAILED)

    def _running_word(self) -> str:
        share = "" if self.job.fraction is None else written.percent(self.job.fraction)
        return " · ".join(part for part in (share, time_left(self.job)) if part) or "running"


class JobsPopover(QFrame):
    """All jobs, latest first."""

    def __init__(self, theme: Theme, jobs: JobList, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Jobs")
        self._theme = theme
        self._jobs = jobs
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 6, 6)
        head.addWidget(label("Jobs", "card_title"), 1)
        self._clear = quiet("Clear finished", size="small")
        self._clear.clicked.connect(jobs.clear_over)
        head.addWidget(self._clear)
        outer.addLayout(head)
        outer.addWidget(rule())
        area = ScrollColumn()
        self._rows = area.column
        outer.addWidget(area, 1)
        jobs.rowsInserted.connect(self._fill)
        jobs.modelReset.connect(self._fill)
        jobs.jobs_changed.connect(self._offer_clear)
        self._fill()

    def open_under(self, button: QWidget) -> None:
        """Show it with its right edge under a button's."""
        height = 46 + max(150, min(440, 84 * self._jobs.rowCount()))
        self.resize(_WIDTH, height)
        corner = button.mapToGlobal(QPoint(button.width() - _WIDTH, button.height() + 6))
        self.move(corner)
        self.show()
        self.setFocus()

    def _fill(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if not self._jobs.jobs:
            self._rows.addWidget(
                EmptyState(
                    self._theme,
                    "clock",
                    "No jobs yet",
                    "Indexing images, activations and stimuli appear here while they are made.",
                )
            )
        for job in self._jobs.jobs:
            self._rows.addWidget(JobRow(self._theme, job))
            self._rows.addWidget(rule())
        self._rows.addStretch(1)
        self._offer_clear()

    def _offer_clear(self) -> None:
        over = any(job.state.over for job in self._jobs.jobs)
        self._clear.set_enabled(over, "No job has ended yet.")
