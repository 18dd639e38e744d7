"""The main window: top bar, navigation, pages, status bar, and what ties them to the study."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from imi_desktop import __version__
from imi_desktop.experiment.study import Study
from imi_desktop.gui.about_dialog import LICENCE
from imi_desktop.gui.action_set import ActionSet
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.find_anything import FindAnything
from imi_desktop.gui.jobs import State
from imi_desktop.gui.jobs_popover import JobsPopover, time_left
from imi_desktop.gui.main_commands import MainCommands
from imi_desktop.gui.navigation import Navigation
from imi_desktop.gui.pages import PAGES, PageSpec
from imi_desktop.gui.status_line import StatusLine
from imi_desktop.gui.study_facts import folder_size, locked_since, manifest_count
from imi_desktop.gui.top_bar import TopBar
from imi_desktop.gui.widgets import format as written
from imi_desktop.gui.widgets.dialog import ask
from imi_desktop.gui.widgets.focus import FocusRing
from imi_desktop.gui.widgets.labels import rule
from imi_desktop.gui.widgets.notice import Notice
from imi_desktop.gui.widgets.page import Page
from imi_desktop.gui.workbench.computer import gpu_names
from imi_desktop.gui.workbench.start_page import StartPage
from imi_desktop.gui.workbench.study_page import StudyPage

NARROW = 1600
"""Window width in px below which the navigation shows icons alone."""
_CLOSE_GRACE_MS = 700
_START = "start"


class MainWindow(QMainWindow):
    """The window of the workbench.

    Parameters
    ----------
    context : AppContext
        Shared with all pages.
    """

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        theme = context.theme
        self.setWindowTitle("IMI Desktop")
        self.setWindowIcon(theme.icon("app"))
        self.setMinimumSize(960, 600)
        self._pages: dict[str, Page] = {}
        self._closing = False
        self._running = ""
        self._gpus: list[str] | None = None
        self.top = TopBar(theme)
        self.setMenuWidget(self.top)
        self.navigation = Navigation(theme, PAGES)
        self.notice = Notice(theme)
        self.stack = QStackedWidget()
        self.status = StatusLine()
        self._edge = rule("upright")
        self.setCentralWidget(self._frame())
        self.start = StartPage(context)
        self.stack.addWidget(self.start)
        self.commands = MainCommands(context, self, window=self)
        self.actions_by_name = ActionSet(theme, self.commands.functions(), self)
        self.top.fill_menu_button(self.actions_by_name.fill(self.top.menus))
        self._ring = FocusRing(theme, self)
        self._connect()
        self._show_study(None)
        self._show_jobs()
        self._show_theme()

    @property
    def page_name(self) -> str:
        """Name of the page that is shown; ``start`` for the start page."""
        current = self.stack.currentWidget()
        return current.name if isinstance(current, Page) else _START

    def page(self, name: str) -> Page:
        """The page of that name, built if it was not shown yet."""
        if name not in self._pages:
            spec = next(spec for spec in PAGES if spec.name == name)
            self._build(spec)
        return self._pages[name]

    def show_page(self, name: str, detail: str = "") -> None:
        """Show a page; without an open study only the start page can be shown."""
        before = self.stack.currentWidget()
        several = name == "results" and detail  # results need no open study
        if name == _START or (self.context.study is None and not several):
            self.stack.setCurrentWidget(self.start)
        else:
            page = self.page(name)
            self.stack.setCurrentWidget(page)
            self.navigation.set_current(name)
            if detail:
                page.show_detail(detail)
        at_start = self.stack.currentWidget() is self.start
        self.navigation.setVisible(not at_start)
        self._edge.setVisible(not at_start)
        self._show_title()
        if self.stack.currentWidget() is not before:
            self.stack.currentWidget().setFocus()  # a page hears its own keys only so

    def find_anything(self) -> None:
        """Open the search over everything."""
        FindAnything(self.context.theme, self.commands.finds(), self).open_over(self)

    def show_jobs(self) -> None:
        """Open the list of jobs."""
        JobsPopover(self.context.theme, self.context.jobs, self).open_under(self.top.jobs)

    def next_card(self) -> None:
        """Move the keyboard to the next card of the page."""
        self._ring.next_card(self.stack.currentWidget())

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Show where the keyboard goes."""
        self._ring.moved_by_keyboard()
        return super().focusNextPrevChild(forwards)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shrink navigation and menus in a narrow window."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self.navigation.set_narrow(narrow)
        self.top.set_narrow(narrow)
        for page in self._pages.values():  # hidden ones too, whose least sizes count
            page.width_changed(self.width())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask once while jobs run, then cancel them and close."""
        active = self.context.jobs.active()
        reasons = [reason for page in self._pages.values() if (reason := page.close_reason())]
        if self._closing or not (active or reasons):
            self.context.settings.remember_window(self.width(), self.height())
            self.context.jobs.end_processes()
            event.accept()
            return
        event.ignore()
        if active:
            names = ", ".join(job.title for job in active[:3])
            running = written.plural(len(active), "job")
            reasons.append(f"{running} will be cancelled: {names}. What is finished is kept.")
        if ask(self.context.theme, self, "Close IMI Desktop?", " ".join(reasons), "Close", "Stay"):
            self._closing = True
            self.context.jobs.cancel_all(grace_ms=_CLOSE_GRACE_MS)
            self.setEnabled(False)
            self._close_when_idle()

    def _frame(self) -> QWidget:
        frame = QWidget()
        frame.setProperty("kind", "window")
        frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(frame)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.navigation)
        middle.addWidget(self._edge)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.notice)
        right.addWidget(self.stack, 1)
        middle.addLayout(right, 1)
        outer.addLayout(middle, 1)
        outer.addWidget(self.status)
        return frame

    def _connect(self) -> None:
        context = self.context
        context.study_changed.connect(self._show_study)
        context.page_wanted.connect(self.show_page)
        context.action_wanted.connect(self.commands.run)
        context.told.connect(self.status.show_message)
        context.failed.connect(self.notice.show_error)
        context.mended.connect(self.notice.withdraw)
        context.running.connect(self._show_running)
        context.jobs.jobs_changed.connect(self._show_jobs)
        context.theme.changed.connect(self._show_theme)
        context.settings_changed.connect(self._apply_setting)
        self.navigation.chosen.connect(self.show_page)
        self.top.find_wanted.connect(self.find_anything)
        self.top.jobs.clicked.connect(self.show_jobs)
        self.top.lock.clicked.connect(lambda: self.show_page("study", "lock"))
        self.start.wanted.connect(self.commands.run)
        self.notice.log_button.clicked.connect(self.commands.show_log)

    def _build(self, spec: PageSpec) -> None:
        page = spec.build(self.context)
        self._pages[spec.name] = page
        self.stack.addWidget(page)
        page.state_changed.connect(lambda: self._show_word(spec.name))
        page.set_study(self.context.study)
        page.width_changed(self.width())
        self._show_word(spec.name)

    def _build_next(self) -> None:
        """Build the pages one by one while nothing else is to do."""
        missing = [spec for spec in PAGES if spec.name not in self._pages]
        if missing and self.context.study is not None and not self._closing:
            self._build(missing[0])
            QTimer.singleShot(0, self, self._build_next)

    def _show_study(self, study: Study | None) -> None:
        for page in self._pages.values():
            page.set_study(study)
        self.notice.hide()
        self._show_title()
        self._show_lock()
        self._show_jobs()
        self.start.refresh()
        self.status.set_word("integrity", "")
        self.navigation.folder.set_text("Study folder" if study else "")
        if study is None:
            self.status.set_word("saved", f"Version {__version__}")
            self.status.set_word("integrity", LICENCE)
            self.status.set_word("device", "")
            self.status.set_word("seed", "Works offline")
            self.show_page(_START)
            return
        in_thread(self, gpu_names, self._show_device)
        self.status.set_word("saved", "Saved")
        self.status.set_word("seed", f"Seed {study.seed}")
        in_thread(self, lambda: (study, folder_size(study.folder)), self._show_size)
        in_thread(self, lambda: (study, manifest_count(study)), self._show_manifest)
        if self.page_name == _START:
            self.show_page("study")
        QTimer.singleShot(50, self, self._build_next)

    def _show_size(self, found: tuple[Study, int]) -> None:
        study, size = found
        if study is self.context.study:
            self.navigation.folder.set_text(f"Study folder, {written.size(size)}")

    def _show_device(self, gpus: list[str]) -> None:
        self._gpus = gpus
        self.status.set_word("device", gpus[0] if gpus else "CPU, no GPU found")
        self._show_jobs()

    def _show_manifest(self, found: tuple[Study, int]) -> None:
        study, count = found
        if study is self.context.study:
            text = (
                f"{written.plural(count, 'stimulus', 'stimuli')} in the manifest" if count else ""
            )
            self.status.set_word("integrity", text)

    def _show_title(self) -> None:
        study = self.context.study
        if study is None:
            self.top.set_study("No study open", "")
            self.setWindowTitle("IMI Desktop")
            return
        design = study.design
        title = (
            design.title
            if study.protocol.endswith(".toml")
            else (f"{design.title} · {study.protocol}")
        )
        self.top.set_study(study.name, title)
        self.setWindowTitle(f"{study.name} – IMI Desktop")

    def _show_lock(self) -> None:
        study = self.context.study
        self.top.lock.setVisible(study is not None)
        if study is None:
            return
        since = locked_since(study)
        if since is None:
            self.top.lock.show_state(
                "unlock", "Not locked", "The first participant's session locks the study."
            )
        else:
            self.top.lock.show_state(
                "lock",
                f"Locked {written.date(since)}",
                f"Locked {written.date_time(since)}; what defines the experiment can no longer "
                "be changed.",
            )

    def _show_running(self, text: str) -> None:
        self._running = text
        self._show_jobs()

    def _show_jobs(self) -> None:
        active = self.context.jobs.active()
        self._update_actions()
        if self._gpus is not None:
            device = "GPU" if self._gpus else "CPU"
            self.navigation.device.set_text(f"{device} {'busy' if active else 'idle'}")
        self.top.jobs.setVisible(self.context.study is not None or bool(self.context.jobs.jobs))
        if self._running:
            held = sum(bool(job.held) for job in active)
            tip = f"; {written.plural(held, 'job')} paused meanwhile" if held else ""
            self.top.jobs.show_state("play", self._running, f"A session is running{tip}", "accent")
            return
        if not active:
            failed = sum(job.state is State.FAILED for job in self.context.jobs.jobs)
            if failed:
                text = f"{written.plural(failed, 'job')} failed"
                self.top.jobs.show_state("error", text, "Show jobs (Ctrl J)", "error")
            else:
                self.top.jobs.show_state("check", "No jobs running", "Show jobs (Ctrl J)")
            return
        shares = [job.fraction for job in active if job.fraction is not None]
        share = f", {written.percent(sum(shares) / len(active))}" if shares else ""
        paused = all(job.state is State.PAUSED for job in active)
        text = written.plural(len(active), "job") + (", paused" if paused else share)
        left = max((time_left(job) for job in active), default="")
        self.top.jobs.show_state("pause" if paused else "clock", text, left or "Show jobs (Ctrl J)")

    def _show_word(self, name: str) -> None:
        self.navigation.set_word(name, self._pages[name].state_word())
        if name == "display":
            word = self._pages[name].state_word()
            self.navigation.profile.set_text(f"Profile, {word}" if word else "")
            study = self._pages.get("study")
            if isinstance(study, StudyPage):
                study.show_display(word)
        if name == "sessions":
            self._show_lock()

    def _show_theme(self) -> None:
        self.status.set_word("theme", "Dark theme" if self.context.theme.dark else "Light theme")

    def _apply_setting(self, name: str) -> None:
        values = self.context.settings.values
        if name == "theme":
            self.context.theme.set_mode(values.theme)
        elif name == "workers":
            self.context.jobs.at_once = values.workers

    def _update_actions(self) -> None:
        self.actions_by_name.set_available(
            study=self.context.study is not None, jobs=bool(self.context.jobs.active())
        )

    def _close_when_idle(self) -> None:
        if self.context.jobs.active():
            QTimer.singleShot(50, self, self._close_when_idle)
        else:
            self.close()

    def open_folder(self, folder: Path) -> None:
        """Open a study and show its first page."""
        if self.context.open_study(folder):
            self.show_page("study")
