"""Asks for some movements and clicks, and tells how the mouse reports them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QScreen
from PySide6.QtWidgets import QApplication

from imi_desktop.display.fit import fit_window
from imi_desktop.display.geometry import page_layout
from imi_desktop.display.input_devices import MouseRate
from imi_desktop.display.profile import InputMeasurement
from imi_desktop.errors import UserError
from imi_desktop.gui.presenter.environment import physical_px
from imi_desktop.gui.presenter.event_clock import EventClock
from imi_desktop.gui.presenter.page_paint import paint_page
from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.surface import Press, Surface, make_surface

MOVES = 300
CLICKS = 5
_TIMEOUT_MS = 60_000
_TITLE = "The mouse"
_TASK = (
    f"Move the mouse in wide circles for some seconds, then click {CLICKS} times. This page goes "
    "away by itself. Esc leaves it."
)


class MouseTestError(UserError):
    """The mouse was not moved and clicked enough."""


def run_mouse_test(screen: QScreen) -> InputMeasurement:
    """Ask for movements and clicks on a full screen and measure them.

    Raises
    ------
    MouseTestError
        If there were too few before a minute was over or Esc was pressed.
    """
    app = QApplication.instance()
    surface = make_surface()
    test = _MouseTest(surface, app.quit)
    surface.setScreen(screen)
    surface.setFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
    surface.setGeometry(screen.geometry())
    surface.showFullScreen()
    surface.requestActivate()
    size = physical_px(screen)
    layout = page_layout(size, fit_window(size).layout_px_per_degree)
    surface.present(Picture(paint_page(layout, size, _TITLE, [_TASK])))
    QTimer.singleShot(_TIMEOUT_MS, app, app.quit)
    app.exec()
    surface.closing = True
    surface.listener = None
    surface.release()
    surface.close()
    return test.result()


class _MouseTest(QObject):
    def __init__(self, surface: Surface, done: Callable[[], None]) -> None:
        super().__init__()
        self._done = done
        self._clock, self._rate = EventClock(), MouseRate()
        self._clicks = 0
        surface.listener = self

    def result(self) -> InputMeasurement:
        hz = self._rate.hz
        if hz is None or self._clicks < CLICKS:
            raise MouseTestError(
                f"The mouse test saw {self._rate.reports} movements and {self._clicks} clicks; it "
                f"needs {MOVES} and {CLICKS}. Nothing was changed; run it again."
            )
        differences = sorted(self._clock.differences_ms)
        return InputMeasurement(
            mouse_hz=hz,
            reports=self._rate.reports,
            clicks=self._clicks,
            clock="event" if self._clock.counts else "handler",
            median_ms=differences[len(differences) // 2] if differences else None,
            largest_ms=differences[-1] if differences else None,
        )

    # -- Listener ----------------------------------------------------------------------------

    def pressed(self, press: Press) -> None:
        self._clicks += 1
        self._clock.read(press.stamp_ms, press.handler_ns)
        self._end_if_enough()

    def moved(self, x: float, y: float, held: bool, stamp_ms: int = 0) -> None:
        self._rate.add(stamp_ms)

    def key_pressed(self, event: QKeyEvent, press: Press) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._done()

    def key_released(self, event: QKeyEvent) -> None:
        """Nothing depends on it."""

    def resized(self) -> None:
        """The page stays as it is."""

    def close_asked(self) -> None:
        self._done()

    def text_target(self) -> object | None:
        return None

    def _end_if_enough(self) -> None:
        if self._clicks >= CLICKS and self._rate.reports >= MOVES:
            self._done()
