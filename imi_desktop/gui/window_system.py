"""Whether windows can be shown, asked before Qt ends a process that cannot show any."""

from __future__ import annotations

import os
import sys

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
