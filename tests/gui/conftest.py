"""Every GUI test gets its own settings, theme and context, and fails on Qt's warnings."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThreadPool
from PySide6.QtWidgets import QApplication

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.garbage import collect
from imi_desktop.gui.jobs import JobList
from imi_desktop.gui.main_window import MainWindow
from imi_desktop.gui.settings import SettingsFile
from imi_desktop.gui.theme import Theme, dress

# What the platform without a screen cannot do, and says so.
_HARMLESS = (
    "This plugin does not support",
    "QFontDatabase: Cannot find font directory",
)


@pytest.fixture(autouse=True)
def _no_qt_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    if "qapp" not in request.fixturenames and "qtbot" not in request.fixturenames:
        yield
        return
    qtlog = request.getfixturevalue("qtlog")
    yield
    told = [
        record.message
        for record in qtlog.records
        if record.type.name in {"QtWarningMsg", "QtCriticalMsg", "QtFatalMsg"}
        and not record.message.startswith(_HARMLESS)
    ]
    assert not told, f"Qt warned: {told}"


@pytest.fixture(autouse=True)
def _garbage_on_the_main_thread() -> Iterator[None]:
    """As in the app: what an earlier test left is not destroyed on a thread of this one."""
    gc.disable()
    yield
    collect()
    gc.enable()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme, worn by the application."""
    theme = Theme("light")
    dress(qapp, theme)
    return theme


@pytest.fixture
def context(theme: Theme, imi_home: Path) -> Iterator[AppContext]:
    """A context without a window."""
    settings = SettingsFile()
    settings.values.theme = "light"
    context = AppContext(theme, settings, JobList())
    yield context
    context.jobs.end_processes()
    QThreadPool.globalInstance().waitForDone(10_000)


@pytest.fixture
def make_window(qtbot, context: AppContext) -> Iterator[Callable[[int, int], MainWindow]]:
    """Opens the main window in a given size."""

    def make(width: int = 1680, height: int = 1000) -> MainWindow:
        window = MainWindow(context)
        qtbot.addWidget(window)
        window.resize(width, height)
        window.show()
        return window

    yield make
    # Closing asks while jobs run, and nobody would answer.
    context.jobs.cancel_all(grace_ms=0)
    qtbot.waitUntil(lambda: not context.jobs.active(), timeout=10_000)


@pytest.fixture
def window(make_window) -> MainWindow:
    """The main window."""
    return make_window()
