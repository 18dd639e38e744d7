"""The experimenter's way out: a held chord, then a calm question."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from imi_desktop.display.fit import fit_window
from imi_desktop.display.geometry import page_layout
from imi_desktop.gui.presenter.host import Host
from imi_desktop.gui.presenter.page_paint import button_place, paint_page
from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.screen import ButtonScreen, PlainButton

HOLD_MS = 3000
GRACE_MS = 120  # some window systems send a repeating key as releases and presses
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_CHORD_KEYS = {Qt.Key.Key_Q, Qt.Key.Key_Control, Qt.Key.Key_Shift}


class HeldChord(QObject):
    """Calls back when Ctrl+Shift+Q was held for three seconds."""

    def __init__(self, then: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HOLD_MS)
        self._timer.timeout.connect(then)
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(GRACE_MS)
        self._grace.timeout.connect(self._timer.stop)

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Whether the key belongs to the chord and goes nowhere else."""
        if event.key() != Qt.Key.Key_Q or event.modifiers() & _CHORD != _CHORD:
            return False
        self._grace.stop()
        if not event.isAutoRepeat() and not self._timer.isActive():
            self._timer.start()
        return True

    def key_released(self, event: QKeyEvent) -> None:
        """A key of the chord was let go."""
        if event.key() in _CHORD_KEYS and not event.isAutoRepeat():
            self._grace.start()


class CalmScreen(ButtonScreen):
    """A page over whatever happens beneath: title, text, some buttons or none.

    It fits the surface as it is now, so that the way out can be reached on any display.
    """

    def __init__(
        self,
        host: Host,
        title: str,
        text: str,
        choices: Sequence[tuple[str, Callable[[], None]]] = (),
    ) -> None:
        super().__init__(host)
        self._title, self._text = title, text
        self._choices = tuple(choices)

    def begin(self) -> None:
        stage, size = self.host.stage, self.host.surface.size_px
        whole = size == stage.screen_px  # else the display is not what the session was made for
        scale = stage.px_per_degree if whole else fit_window(size).layout_px_per_degree
        layout = page_layout(size, scale)
        gap = layout.line
        places = [button_place(layout.button, label, layout.scale) for label, _ in self._choices]
        x = size[0] // 2
        x -= (sum(place.width for place in places) + gap * max(len(places) - 1, 0)) // 2
        self.buttons = []
        for place, (label, action) in zip(places, self._choices, strict=True):
            rect = type(place)(x, place.y, place.width, place.height)
            self.buttons.append(PlainButton(rect, label, action))
            x += place.width + gap
        paragraphs = (self._text,) if self._text else ()
        image = paint_page(layout, size, self._title, paragraphs, stage.background)
        self.show_with_buttons(Picture(image), layout.scale)
