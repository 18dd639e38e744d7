"""Whether something composes the windows before the display shows them.

A compositor may show every frame one refresh later; Bridges et al. 2020 and Psychtoolbox advise
against it. Full-screen windows are often exempt, which only a photodiode can tell.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from typing import Literal

from PySide6.QtGui import QGuiApplication

Compositor = Literal["none", "running", "always", "unknown"]


def compositor() -> Compositor:
    """Say whether a compositor runs; ``always`` where the window system is one."""
    platform = QGuiApplication.platformName()
    if platform in {"wayland", "windows", "cocoa"}:
        return "always"
    if platform == "xcb":
        return _x_compositor(os.environ.get("DISPLAY", ""))
    return "unknown"


def _x_compositor(display: str) -> Compositor:
    """Whether somebody owns the selection that every X compositor takes (ICCCM and EWMH)."""
    found = ctypes.util.find_library("X11")
    if found is None:
        return "unknown"
    x = ctypes.CDLL(found)
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x.XInternAtom.restype = ctypes.c_ulong
    x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x.XGetSelectionOwner.restype = ctypes.c_ulong
    x.XGetSelectionOwner.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
    x.XDefaultScreen.argtypes = [ctypes.c_void_p]
    x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    connection = x.XOpenDisplay(display.encode())
    if not connection:
        return "unknown"
    name = f"_NET_WM_CM_S{x.XDefaultScreen(connection)}"
    owner = x.XGetSelectionOwner(connection, x.XInternAtom(connection, name.encode(), 0))
    x.XCloseDisplay(connection)
    return "running" if owner else "none"
