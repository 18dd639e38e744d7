"""What every page gets: the theme, the settings, the jobs and the open study.

Made once by the application and passed to each page's constructor, ``XPage(context, parent)``.

    context.theme          gui.theme.Theme
    context.jobs           gui.jobs.JobList: context.jobs.start({"kind": "generate", …}, title=…)
    context.settings       gui.settings.SettingsFile: context.settings.values.workers
    context.study          the open Study or None; study_changed tells when it is another or reread
    context.open_study(f)  open another study folder
    context.reload_study() read study.toml again after it was changed on disk
    context.save_study(s)  write study.toml, unless somebody else changed it meanwhile
    context.show_page("results", "blocks.3.1:17")   go to a page and, there, to one thing
    context.tell("Saved")  a word in the status bar
    context.keep_quiet_for("P07")  a participant is at work on this computer: jobs wait
"""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study, StudyChangedError
from imi_desktop.gui.jobs import JobList
from imi_desktop.gui.settings import SettingsFile
from imi_desktop.gui.theme import Theme

log = logging.getLogger(__name__)


class AppContext(QObject):
    """The app's shared state, without any window."""

    study_changed = Signal(object)
    """Study or None: another study is open, or the open one was read again."""
    page_wanted = Signal(str, str)
    """Name of a page (``start``, ``study``, ``units`` …) and what to show there."""
    action_wanted = Signal(str)
    """Name of one of the main window's actions."""
    told = Signal(str)
    """A short sentence for the status bar."""
    running = Signal(str)
    """What runs on the participant's screen, ``"P07, trial 119 of 189"``; ``""`` when nothing."""
    settings_changed = Signal(str)
    """Name of a setting that was changed."""
    failed = Signal(str)
    """A sentence that the user must see."""
    mended = Signal(str)
    """A sentence of :attr:`failed` that holds no longer."""

    def __init__(self, theme: Theme, settings: SettingsFile, jobs: JobList) -> None:
        super().__init__()
        self.theme = theme
        self.settings = settings
        self.jobs = jobs
        self.study: Study | None = None

    def open_study(self, folder: Path) -> bool:
        """Open the study in `folder`; what is wrong with it is shown and False returned."""
        try:
            study = Study.load(Path(folder))
        except UserError as error:
            log.info("open %s: %s", folder, error.sentence)
            self.failed.emit(error.sentence)
            return False
        if self.study is not None and Path(self.study.folder) != Path(study.folder):
            self.jobs.cancel_all(Path(self.study.folder))
        self.study = study
        self.settings.remember_study(Path(study.folder))
        self.study_changed.emit(study)
        return True

    def reload_study(self) -> None:
        """Read the open study again."""
        if self.study is not None:
            self.open_study(Path(self.study.folder))

    def save_study(self, study: Study) -> bool:
        """Write a changed study and show it everywhere; False if it was not, and why was shown."""
        try:
            study.save()
        except UserError as error:
            if isinstance(error, StudyChangedError):
                self.reload_study()
            self.show_error(error.sentence)
            return False
        self.reload_study()
        return True

    def close_study(self) -> None:
        """Close the open study; its jobs are cancelled, what they finished stays."""
        if self.study is not None:
            self.jobs.cancel_all(Path(self.study.folder))
            self.study = None
            self.study_changed.emit(None)

    def show_page(self, name: str, detail: str = "") -> None:
        """Go to a page; `detail` names what to show there, e.g. a unit's address."""
        self.page_wanted.emit(name, detail)

    def act(self, action: str) -> None:
        """Do what an action of :data:`imi_desktop.gui.actions.ACTIONS` does."""
        self.action_wanted.emit(action)

    def keep_quiet_for(self, participant: str) -> None:
        """Halt this window's jobs while somebody takes part; ``""`` lets them go on.

        Parameters
        ----------
        participant : str
            Who is in a block of a session now, outside its breaks.
        """
        if participant:
            self.jobs.hold(f"{participant}'s session")
        else:
            self.jobs.release()

    def tell(self, text: str) -> None:
        """Say something short in the status bar."""
        self.told.emit(text)

    def show_error(self, sentence: str) -> None:
        """Show a sentence the user must see; the text of a :class:`UserError`."""
        self.failed.emit(sentence)
