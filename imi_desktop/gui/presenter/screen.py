"""What all screens of the presenter share: a picture, timers, input."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from imi_desktop.display.places import Rect
from imi_desktop.gui.presenter.host import Host
from imi_desktop.gui.presenter.page_paint import paint_button
from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.surface import OnShown, Press


class Screen(QObject):
    """One thing the participant sees; it lives from :meth:`begin` to :meth:`end`."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.host = host
        self.picture = Picture()
        self._timers: list[QTimer] = []

    def begin(self) -> None:
        """Put the first picture on the surface."""

    def end(self) -> None:
        """Stop the timers; nothing of this screen happens any more."""
        for timer in self._timers:
            timer.stop()
        self._timers.clear()
        self.deleteLater()

    def restart_on_return(self) -> bool:
        """Whether the step begins anew after the experimenter interrupted it."""
        return False

    def show(self, picture: Picture, on_shown: OnShown | None = None) -> None:
        """Present a picture of this screen."""
        self.picture = picture
        self.host.show(self, picture, on_shown)

    def after(self, milliseconds: int, then: Callable[[], None]) -> None:
        """Call `then` once, precisely."""
        if milliseconds <= 0:
            then()
            return
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(then)
        self._timers.append(timer)
        timer.start(milliseconds)

    def pressed(self, press: Press) -> None:
        """The left mouse button went down."""

    def moved(self, x: float, y: float, held: bool) -> None:
        """The cursor moved."""

    def key_pressed(self, event: QKeyEvent, press: Press) -> None:
        """A key went down."""

    def text_target(self) -> QObject | None:
        """Object that composed text goes to."""
        return None


class PlainButton:
    """A button on a page: its place, label and state."""

    def __init__(self, rect: Rect, label: str, action: Callable[[], None]) -> None:
        self.rect = rect
        self.label = label
        self.action = action
        self.active = True
        self.hovered = False


class ButtonScreen(Screen):
    """A screen whose only controls are plain buttons over a picture."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.buttons: list[PlainButton] = []
        self._under = Picture()
        self._scale = 1.0
        self.pressed_ns: int | None = None

    def show_with_buttons(
        self, under: Picture, scale: float, on_shown: OnShown | None = None
    ) -> None:
        """Present `under` with the buttons over it."""
        self._under, self._scale = under, scale
        self.show(self._composed(), on_shown)

    def repaint_buttons(self) -> None:
        """Present the buttons in their present state."""
        self.show(self._composed())

    def pressed(self, press: Press) -> None:
        for button in self.buttons:
            if button.active and button.rect.contains(press.x, press.y):
                self.pressed_ns = self.host.clock.read(press.stamp_ms, press.handler_ns).ns
                button.action()
                return

    def moved(self, x: float, y: float, held: bool) -> None:
        changed = False
        for button in self.buttons:
            hovered = button.active and button.rect.contains(x, y)
            changed |= hovered != button.hovered
            button.hovered = hovered
        if changed:
            self.repaint_buttons()

    def _composed(self) -> Picture:
        return self._under.covered(
            [
                paint_button(
                    button.rect,
                    button.label,
                    self._scale,
                    active=button.active,
                    hovered=button.hovered,
                    background=self.host.stage.background,
                )
                for button in self.buttons
            ]
        )
