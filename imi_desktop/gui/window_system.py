"""Whether windows can be shown, asked before Qt ends a process that cannot show any."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from imi_desktop.errors import UserError


class NoDisplayError(UserError):
    """There is no window system to show anything on."""


def require_window_system(instead: str) -> None:
    """Refuse to go on without one.

    Parameters
    ----------
    instead : str
        What the user can do instead, a sentence.

    Raises
    ------
    NoDisplayError
        If no display is named in the environment.
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise NoDisplayError(
            "There is no display to show a window on: neither DISPLAY nor WAYLAND_DISPLAY is "
            f"set. {instead}"
        )


def _plain_application() -> QApplication:
    return QApplication(sys.argv[:1])


def running_application(
    instead: str, make: Callable[[], QApplication] = _plain_application
) -> QApplication:
    """The application, made if there is none.

    Parameters
    ----------
    instead : str
        What the user can do where nothing can be shown, a sentence.
    make : callable
        Makes it.

    Raises
    ------
    NoDisplayError
        If there is no window system.
    """
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    require_window_system(instead)
    return make()
