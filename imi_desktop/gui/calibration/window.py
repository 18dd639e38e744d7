"""The Display page in a window of its own, for ``imi-desktop calibrate``."""

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from imi_desktop.gui.calibration.display_page import DisplayPage
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.jobs import JobList
from imi_desktop.gui.settings import SettingsFile
from imi_desktop.gui.theme import Theme, dress
from imi_desktop.gui.widgets.notice import Notice
from imi_desktop.gui.window_system import running_application


def open_window(screen: int | None = None) -> int:
    """Show the page and stay until the window is closed.

    Parameters
    ----------
    screen : int or None
        Screen to calibrate, from 1; None takes the last.

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    NoDisplayError
        If there is no window system.
    """
    application = running_application("Calibrate on the computer whose screen it is.")
    settings = SettingsFile()
    theme = Theme(settings.values.theme, application)
    dress(application, theme)
    context = AppContext(theme, settings, JobList(settings.values.workers))
    window = QMainWindow()
    window.setWindowTitle("IMI Desktop: display")
    body = QWidget()
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    notice = Notice(theme)
    column.addWidget(notice)
    page = DisplayPage(context)
    column.addWidget(page, 1)
    context.failed.connect(notice.show_error)
    window.setCentralWidget(body)
    if screen is not None:
        page.draft.choose(application.screens()[screen - 1])
    window.resize(1680, 1000)
    window.show()
    return application.exec()
