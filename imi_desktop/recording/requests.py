"""What the main window asks of a running session, whose journal only the presenter writes.

A request is a small file in the session's folder. The presenter looks for it between trials and
removes it when it has done what was asked.
"""

from __future__ import annotations

from pathlib import Path

from imi_desktop.atomic import write_text
from imi_desktop.errors import storage_error

_PAUSE = "pause.request"


def ask_pause(session: Path) -> None:
    """Ask for a pause after the present trial.

    Raises
    ------
    StorageError
        If the folder cannot be written.
    """
    write_text(session / _PAUSE, "")


def pause_asked(session: Path) -> bool:
    """Whether a pause was asked for and has not begun."""
    return (session / _PAUSE).exists()


def take_back_pause(session: Path) -> None:
    """Remove the request: the pause has begun, or is no longer wanted.

    Raises
    ------
    StorageError
        If the folder cannot be written.
    """
    path = session / _PAUSE
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error("remove", path, error) from error
