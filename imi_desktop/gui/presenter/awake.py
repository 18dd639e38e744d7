"""Keeps screen savers, blanking and locks away while somebody takes part.

A participant who reads for minutes must not find a dark screen, nor a password asked for.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
import os
import subprocess
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

log = logging.getLogger(__name__)

RESET_MS = 20_000
_CONTINUOUS, _SYSTEM_REQUIRED, _DISPLAY_REQUIRED = 0x80000000, 0x1, 0x2


class StayAwake(QObject):
    """Holds the screen saver off from :meth:`begin` to :meth:`end`, or until the process dies.

    Parameters
    ----------
    reset_ms : int
        How often an X server is told that somebody is there, ms; its shortest delay is 1 s, usual
        ones are minutes.
    """

    def __init__(self, reset_ms: int = RESET_MS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(reset_ms)
        self._ends: list[Callable[[], object]] = []

    def begin(self) -> list[str]:
        """Hold it off; say by which ways that the computer knows."""
        ways = {"X server": self._reset_x, "D-Bus": _inhibit_by_d_bus}
        if sys.platform == "win32":
            ways = {"Windows": _require_windows_display}
        elif sys.platform == "darwin":
            ways = {"caffeinate": _caffeinate}
        done = []
        for name, begin in ways.items():
            end = begin()
            if end is not None:
                self._ends.append(end)
                done.append(name)
        return done

    def end(self) -> None:
        """Leave the screen to its saver again."""
        while self._ends:
            self._ends.pop()()

    def _reset_x(self) -> Callable[[], object] | None:
        """Reset the X server's idle time, which its saver, DPMS and lockers go by."""
        found = ctypes.util.find_library("X11")
        if QGuiApplication.platformName() != "xcb" or found is None:
            return None
        x = ctypes.CDLL(found)
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XOpenDisplay.argtypes = [ctypes.c_char_p]
        for function in (x.XResetScreenSaver, x.XFlush, x.XCloseDisplay):
            function.argtypes = [ctypes.c_void_p]
        connection = x.XOpenDisplay(os.environ.get("DISPLAY", "").encode())
        if not connection:
            return None

        def reset() -> None:
            x.XResetScreenSaver(connection)
            x.XFlush(connection)

        def end() -> None:
            self._timer.stop()
            x.XCloseDisplay(connection)

        reset()
        self._timer.timeout.connect(reset)
        self._timer.start()
        return end


def _inhibit_by_d_bus() -> Callable[[], object] | None:
    """Ask the desktop (GNOME, KDE, Xfce), Wayland ones too."""
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return None
    from PySide6.QtDBus import QDBusConnection, QDBusInterface, QDBusMessage

    name = "org.freedesktop.ScreenSaver"
    saver = QDBusInterface(name, f"/{name.replace('.', '/')}", name, QDBusConnection.sessionBus())
    saver.setTimeout(1000)
    answer = saver.call("Inhibit", "IMI Desktop", "Somebody takes part in an experiment.")
    if answer.type() != QDBusMessage.MessageType.ReplyMessage:
        log.info("no screen saver to inhibit by D-Bus: %s", answer.errorMessage())
        return None
    return saver.deleteLater  # the desktop forgets it when this process leaves the bus


def _require_windows_display() -> Callable[[], object] | None:
    state = ctypes.windll.kernel32.SetThreadExecutionState  # type: ignore[attr-defined]
    state(_CONTINUOUS | _SYSTEM_REQUIRED | _DISPLAY_REQUIRED)
    return lambda: state(_CONTINUOUS)


def _caffeinate() -> Callable[[], object] | None:
    try:
        process = subprocess.Popen(["caffeinate", "-d", "-w", str(os.getpid())])
    except OSError as error:
        log.info("caffeinate cannot be started: %s", error)
        return None
    return process.terminate
