"""What the actions of the main window do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import FILE_NAME, Study
from imi_desktop.gui.about_dialog import AboutDialog
from imi_desktop.gui.action_set import ActionSet
from imi_desktop.gui.actions import ACTIONS, shown_shortcut
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.export_dialog import ExportDialog
from imi_desktop.gui.find_anything import Find
from imi_desktop.gui.help_window import KEYBOARD, HelpWindow, topics
from imi_desktop.gui.import_dialog import ImportDialog
from imi_desktop.gui.jobs import Job
from imi_desktop.gui.log_window import LogWindow
from imi_desktop.gui.pages import PAGES
from imi_desktop.gui.settings_dialog import SettingsDialog
from imi_desktop.gui.workbench.new_study import NewStudyDialog
from imi_desktop.gui.workbench.new_study_draft import draft_of
from imi_desktop.gui.workbench.start_cards import DEMO_FOLDER
from imi_desktop.gui.workbench.start_page import StartPage
from imi_desktop.gui.workbench.trial_preview import TrialPreviewDialog

_PAGE = "page_"


class Frame(Protocol):
    """What the commands ask of the main window, beside what every window can do."""

    start: StartPage
    actions_by_name: ActionSet

    @property
    def page_name(self) -> str:
        """Name of the page that is shown."""
        ...

    def show_page(self, name: str, detail: str = "") -> None:
        """Show a page."""

    def open_folder(self, folder: Path) -> None:
        """Open a study."""

    def find_anything(self) -> None:
        """Open the search over everything."""

    def show_jobs(self) -> None:
        """Open the list of jobs."""

    def next_card(self) -> None:
        """Move the keyboard to the next card."""


class MainCommands(QObject):
    """One method per action of :data:`imi_desktop.gui.actions.ACTIONS`, by its name.

    Parameters
    ----------
    frame : Frame
        The main window, as far as the commands know it.
    window : QWidget
        The same, as the parent of dialogs.
    """

    def __init__(self, context: AppContext, frame: Frame, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._frame = frame
        self._window = window
        self._demo: Job | None = None

    def functions(self) -> dict[str, Callable[[], object]]:
        """Name of an action → what it does."""
        found: dict[str, Callable[[], object]] = {}
        for spec in ACTIONS:
            if spec.name.startswith(_PAGE):
                page = spec.name.removeprefix(_PAGE)
                found[spec.name] = lambda name=page: self._frame.show_page(name)
            else:
                found[spec.name] = getattr(self, spec.name)
        return found

    def run(self, name: str, detail: str = "") -> None:
        """Run an action by name; `detail` is a protocol or a folder where one is needed."""
        if name == "new_study":
            self.new_study(detail)
        elif name == "open_recent":
            self._frame.open_folder(Path(detail))
        else:
            self._frame.actions_by_name[name].trigger()

    def new_study(self, protocol: str = "") -> None:
        """Start the new-study flow."""
        self._new_study(NewStudyDialog(self._context, protocol, self._window))

    def open_study(self) -> None:
        """Ask for a study folder and open it."""
        start = self._context.settings.studies_folder
        folder = QFileDialog.getExistingDirectory(
            self._window, "Open study", str(start if start.is_dir() else Path.home())
        )
        if folder:
            self._frame.open_folder(Path(folder))

    def open_demo(self) -> None:
        """Make the demo study if need be, and open it."""
        if self._demo is not None and not self._demo.state.over:
            self._frame.show_jobs()
            return
        self.make_demo(self._context.settings.studies_folder / DEMO_FOLDER)

    def make_demo(self, folder: Path, images: Path | None = None) -> None:
        """Make the demo study in `folder`, with one's own images if given, and open it."""
        spec = {"kind": "demo", "folder": str(folder)}
        if images is not None:
            spec["images"] = str(images)
        self._demo = self._context.jobs.start(spec, "Demo study", light=True)
        self._frame.start.follow_demo(self._demo)
        self._demo.finished.connect(self._demo_made)
        self._demo.failed.connect(self._context.show_error)

    def open_results(self) -> None:
        """Ask for a folder of studies and show their results together."""
        folder = QFileDialog.getExistingDirectory(
            self._window,
            "Open results of several studies",
            str(self._context.settings.studies_folder),
        )
        if folder:
            self._frame.show_page("results", folder)

    def new_from_study(self) -> None:
        """Start the new-study flow with what another study has."""
        folder = QFileDialog.getExistingDirectory(
            self._window, "Take over from study", str(self._context.settings.studies_folder)
        )
        if not folder:
            return
        try:
            draft = draft_of(Study.load(folder), self._context.settings.studies_folder)
        except UserError as error:
            self._context.show_error(error.sentence)
            return
        self._new_study(NewStudyDialog(self._context, "", self._window, draft))

    def import_data(self) -> None:
        """Ask what to import and where to."""
        dialog = ImportDialog(self._context, self._window)
        dialog.imported.connect(self._imported)
        dialog.open()

    def export_study(self) -> None:
        """Ask for a format and a folder, and write the study's answers or stimuli."""
        if self._context.study is not None:
            ExportDialog(self._context, self._context.study, self._window).open()

    def close_study(self) -> None:
        """Back to the start page."""
        self._context.close_study()

    def quit(self) -> None:
        """Close the window."""
        self._window.close()

    def find(self) -> None:
        """Open "Find anything"."""
        self._frame.find_anything()

    def copy_folder(self) -> None:
        """Put the study folder's path on the clipboard."""
        if self._context.study is not None:
            QGuiApplication.clipboard().setText(str(self._context.study.folder))
            self._context.tell("The folder's path is on the clipboard.")

    def settings(self) -> None:
        """Open the settings."""
        SettingsDialog(self._context, self._window).open()

    def check_study(self) -> None:
        """Check the study on its page."""
        self._frame.show_page("study", "check")

    def preview_trial(self) -> None:
        """List a participant's trials, any of which can be played without recording."""
        if self._context.study is not None:
            TrialPreviewDialog(self._context.theme, self._context.study, self._window).open()

    def reload_study(self) -> None:
        """Read study.toml again."""
        self._context.reload_study()

    def show_folder(self) -> None:
        """Open the study folder in the file manager."""
        if self._context.study is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._context.study.folder)))

    def show_jobs(self) -> None:
        """Open the list of jobs."""
        self._frame.show_jobs()

    def pause_jobs(self) -> None:
        """Pause all jobs."""
        self._context.jobs.pause_all()

    def resume_jobs(self) -> None:
        """Let all jobs go on."""
        self._context.jobs.resume_all()

    def cancel_jobs(self) -> None:
        """Cancel all jobs."""
        self._context.jobs.cancel_all()

    def next_card(self) -> None:
        """Move the keyboard to the next card."""
        self._frame.next_card()

    def toggle_theme(self) -> None:
        """Change between light and dark, and remember it."""
        self._context.theme.toggle()
        self._context.settings.values.theme = self._context.theme.mode
        self._context.settings.save()

    def full_screen(self) -> None:
        """Fill the screen, or not."""
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def help(self) -> None:
        """Help about the page that is shown."""
        self._help(self._frame.page_name)

    def keyboard(self) -> None:
        """All shortcuts."""
        self._help(KEYBOARD)

    def show_log(self) -> None:
        """Show the end of the log."""
        LogWindow(self._context.theme, self._window).show()

    def about(self) -> None:
        """Version, licence, libraries."""
        AboutDialog(self._context.theme, self._window).open()

    def finds(self) -> list[Find]:
        """Everything that can be found by name now."""
        frame, study = self._frame, self._context.study
        finds = [
            Find(spec.title, "page", lambda n=spec.name: frame.show_page(n), spec.icon, f"Ctrl {i}")
            for i, spec in enumerate(PAGES, 1)
            if study is not None
        ]
        for spec in ACTIONS:
            action = frame.actions_by_name[spec.name]
            if action.isEnabled() and not spec.name.startswith("page_") and spec.name != "find":
                hint = shown_shortcut(spec.shortcut)
                finds.append(Find(spec.text, "action", action.trigger, spec.icon, hint))
        for folder in self._context.settings.recent:
            finds.append(
                Find(
                    folder.name,
                    "study",
                    lambda f=folder: frame.open_folder(f),
                    "folder",
                    str(folder.parent),
                )
            )
        for topic in topics():
            finds.append(Find(topic.title, "help", lambda t=topic.name: self._help(t), "help"))
        if study is not None:
            for unit in study.units:
                address = unit.unit.address
                finds.append(
                    Find(
                        address,
                        "unit",
                        lambda a=address: frame.show_page("units", a),
                        "units",
                        unit.role,
                    )
                )
        return finds

    def _imported(self, folder: Path, answers: bool) -> None:
        """Open the study, at its results if answers came; these need no study file."""
        if not (folder / FILE_NAME).is_file():
            self._frame.show_page("results", str(folder))
            return
        self._frame.open_folder(folder)
        if answers:
            self._frame.show_page("results")

    def _new_study(self, dialog: NewStudyDialog) -> None:
        dialog.created.connect(self._frame.open_folder)
        dialog.open()

    def _help(self, topic: str) -> None:
        HelpWindow(self._context.theme, topic, self._window).show()

    def _demo_made(self, result: dict[str, str]) -> None:
        self._frame.open_folder(Path(result["study"]))
