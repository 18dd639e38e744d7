"""Starts the app: settings, theme, window, and the dialog for what nobody expected."""

from __future__ import annotations

import logging
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from imi_desktop import __version__
from imi_desktop.gui.about_dialog import ErrorDialog
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.garbage import collect_from
from imi_desktop.gui.jobs import JobList
from imi_desktop.gui.log_window import log_file
from imi_desktop.gui.main_window import MainWindow
from imi_desktop.gui.settings import SettingsFile
from imi_desktop.gui.theme import Theme, dress
from imi_desktop.gui.window_system import running_application

log = logging.getLogger(__name__)

_DEFAULT_SIZE = (1680, 1000)


def run(
    study: Path | None = None, demo: Path | None = None, demo_images: Path | None = None
) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    study : Path or None
        Study folder to open; None opens the last one, or the start page.
    demo : Path or None
        Make the demo study in this folder, with progress on the start page, and open it.
    demo_images : Path or None
        Images for the demo instead of the bundled ones.

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    NoDisplayError
        If there is no window system.
    """
    application = running_application(
        "Start the app from a desktop; “imi-desktop --help” lists what works without one."
    )
    application.setApplicationName("IMI Desktop")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("imi-desktop")
    window = build(application)
    _catch_errors(window)
    _listen_to_interrupt(application)
    collect_from(application)
    window.show()
    settings = window.context.settings
    if demo is not None:
        QTimer.singleShot(0, window, lambda: window.commands.make_demo(demo, demo_images))
    elif study is not None:
        QTimer.singleShot(0, window, lambda: window.open_folder(study))
    elif settings.values.reopen_last and settings.recent and settings.recent[0].is_dir():
        QTimer.singleShot(0, window, lambda: window.open_folder(settings.recent[0]))
    return application.exec()


def build(application: QApplication, settings: SettingsFile | None = None) -> MainWindow:
    """Make theme, context and window, not yet shown."""
    settings = settings or SettingsFile()
    theme = Theme(settings.values.theme, application)
    dress(application, theme)
    context = AppContext(theme, settings, JobList(settings.values.workers))
    window = MainWindow(context)
    window.resize(*_size(settings))
    return window


def _size(settings: SettingsFile) -> tuple[int, int]:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    wanted = settings.values.window if len(settings.values.window) == 2 else _DEFAULT_SIZE
    return min(wanted[0], screen.width()), min(wanted[1], screen.height())


def _catch_errors(window: MainWindow) -> None:
    """Show what nobody expected once, with where the log is; the app goes on."""
    logged = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logged(kind, error, trace)
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        summary = f"{kind.__name__}: {error}"
        if not window.findChildren(ErrorDialog):
            ErrorDialog(window.context.theme, summary, details, str(log_file()), window).open()

    sys.excepthook = show


def _listen_to_interrupt(application: QApplication) -> None:
    """Let Ctrl C in the terminal close the window; Qt's loop alone would not notice it."""
    signal.signal(signal.SIGINT, lambda *_: application.closeAllWindows())
    pulse = QTimer(application)
    pulse.timeout.connect(lambda: None)
    pulse.start(300)
