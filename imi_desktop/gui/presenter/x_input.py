"""Injects mouse and key events into an X server at known times, through the XTEST extension.

The benchmark and the tests drive real sessions with it; the presenter itself never does.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import time
from types import TracebackType

from imi_desktop.errors import UserError

_NO_WINDOW = _REVERT_TO_NONE = _NOW = 0


class NoXTestError(UserError):
    """There is no X server with XTEST to inject events into."""


class XInput:
    """A connection to an X server that can move the cursor, click and type.

    Parameters
    ----------
    display : str
        For example ``:95``.

    Raises
    ------
    NoXTestError
        If the libraries or the server are not there.
    """

    def __init__(self, display: str) -> None:
        x11, xtst = ctypes.util.find_library("X11"), ctypes.util.find_library("Xtst")
        if x11 is None or xtst is None:
            raise NoXTestError(
                "Events cannot be injected: libX11 and libXtst are needed. "
                "Install them, for example with apt install libx11-6 libxtst6."
            )
        self._x = ctypes.CDLL(x11)
        self._test = ctypes.CDLL(xtst)
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XOpenDisplay.argtypes = [ctypes.c_char_p]
        self._x.XStringToKeysym.restype = ctypes.c_ulong
        self._x.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        self._x.XKeysymToKeycode.restype = ctypes.c_ubyte
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(display.encode()))
        if not self._display:
            raise NoXTestError(f"There is no X server {display} to inject events into.")

    def __enter__(self) -> XInput:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; calling it again changes nothing."""
        if self._display:
            self._x.XCloseDisplay(self._display)
            self._display = ctypes.c_void_p()

    def move(self, x: int, y: int) -> None:
        """Put the cursor to a point of the first screen, px."""
        self._test.XTestFakeMotionEvent(self._display, -1, int(x), int(y), 0)
        self._x.XSync(self._display, 0)

    def click(
        self,
        x: int | None = None,
        y: int | None = None,
        hold_ms: float = 15.0,
        button: int = 1,
    ) -> int:
        """Click a button (1 left, 2 middle, 3 right), at a point if one is given.

        Returns
        -------
        int
            Monotonic time of the press, ns: half-way between request and the server's answer.
        """
        if x is not None and y is not None:
            self.move(x, y)
        before = time.monotonic_ns()
        self._test.XTestFakeButtonEvent(self._display, button, 1, 0)
        self._x.XSync(self._display, 0)
        pressed = (before + time.monotonic_ns()) // 2
        time.sleep(hold_ms / 1000)
        self._test.XTestFakeButtonEvent(self._display, button, 0, 0)
        self._x.XSync(self._display, 0)
        return pressed

    def key_down(self, name: str) -> None:
        """Press a key by its X name, e.g. ``Control_L`` or ``q``."""
        self._key(name, 1)

    def key_up(self, name: str) -> None:
        """Let a key go."""
        self._key(name, 0)

    def type_key(self, name: str) -> None:
        """Press a key and let it go."""
        self.key_down(name)
        self.key_up(name)

    def take_focus_away(self) -> None:
        """Take the keyboard from whichever window has it."""
        self._x.XSetInputFocus(self._display, _NO_WINDOW, _REVERT_TO_NONE, _NOW)
        self._x.XSync(self._display, 0)

    def _key(self, name: str, down: int) -> None:
        symbol = self._x.XStringToKeysym(name.encode())
        code = self._x.XKeysymToKeycode(self._display, symbol)
        if code == 0:
            raise ValueError(f"the X server has no key {name!r}")
        self._test.XTestFakeKeyEvent(self._display, int(code), down, 0)
        self._x.XSync(self._display, 0)
