"""Keeps a session going, and honest, when something comes in from outside."""

from __future__ import annotations

from types import TracebackType

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QScreen

from imi_desktop.gui.presenter.awake import StayAwake
from imi_desktop.gui.presenter.environment import physical_px
from imi_desktop.gui.presenter.runner import Runner
from imi_desktop.gui.presenter.surface import Surface

_SOON_MS = 500  # the first page comes first
_RETURN_MS = 300  # a window manager that hides a window is not done with it at once


class Guard(QObject):
    """Watches the participant's window, its screen and the keyboard.

    Parameters
    ----------
    runner : Runner
        Whose session it is.
    surface : Surface
        The participant's window.
    """

    def __init__(self, runner: Runner, surface: Surface) -> None:
        super().__init__()
        self._runner = runner
        self._surface = surface
        self._whole_screen = False
        self._awake = StayAwake(parent=self)

    def watch(self, app: QGuiApplication, screen: QScreen) -> None:
        """Guard a full screen: pause when it goes, changes or is hidden; keep it awake."""
        self._whole_screen = True
        name = screen.name()

        def removed(gone: QScreen) -> None:
            if gone.name() == name:
                self._runner.pause("the display was unplugged", {"screen": name})

        def changed(*_: object) -> None:
            self._runner.pause(
                "the display changed",
                {"screen": name, "px": list(physical_px(screen)), "hz": screen.refreshRate()},
            )

        app.screenRemoved.connect(removed)
        screen.geometryChanged.connect(changed)
        screen.refreshRateChanged.connect(changed)
        self._surface.hidden.connect(self._bring_back)
        self._runner.began.connect(self._stay_awake_soon)

    def end(self) -> None:
        """Give back what was taken."""
        self._whole_screen = False
        self._take_keyboard(False)
        self._awake.end()

    def focus_changed(self, window: object) -> None:
        """Record that the participant's window lost or got the keyboard.

        While it has it, keys are its alone on X11: no shortcut of the desktop opens a menu,
        switches windows or hides it.
        """
        own = window is self._surface
        self._runner.note("focus_gained" if own else "focus_lost", {})
        self._take_keyboard(own and self._whole_screen)

    def exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """Whatever nobody caught: log it and keep the participant calm."""
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.exit(1)
            return
        self._runner.fail(error.with_traceback(trace))

    def _take_keyboard(self, take: bool) -> None:
        if QGuiApplication.platformName() == "xcb":
            self._surface.setKeyboardGrabEnabled(take)

    def _stay_awake_soon(self) -> None:
        QTimer.singleShot(_SOON_MS, self, self._stay_awake)

    def _stay_awake(self) -> None:
        self._runner.note("screen_saver", {"held_off_by": self._awake.begin()})

    def _bring_back(self) -> None:
        """Pause, and show the window again: the desktop is not the participant's."""
        self._runner.pause("the window was hidden", {})
        QTimer.singleShot(_RETURN_MS, self, self._show_again)

    def _show_again(self) -> None:
        if self._whole_screen:
            self._surface.showFullScreen()
            self._surface.raise_()
            self._surface.requestActivate()
