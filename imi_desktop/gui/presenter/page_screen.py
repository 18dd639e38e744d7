"""Pages of text and figures: consent, instructions, block introductions, breaks, thanks."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from imi_desktop.display.geometry import page_layout
from imi_desktop.experiment.trial import PageStep
from imi_desktop.gui.presenter.host import Host
from imi_desktop.gui.presenter.page_figure import paint_figure
from imi_desktop.gui.presenter.page_paint import button_place, paginate, paint_page
from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.screen import ButtonScreen, PlainButton
from imi_desktop.gui.presenter.surface import Press, Shown


class PageScreen(ButtonScreen):
    """A page with one button, over several screens where the text is long."""

    def __init__(self, host: Host, step: PageStep) -> None:
        super().__init__(host)
        self._step = step
        self._layout = page_layout(host.stage.screen_px, host.stage.px_per_degree)
        self._figure = paint_figure(step, self._layout, host.stage)
        self._screens = paginate(self._layout, step.title, step.paragraphs, self._figure)
        self._at = 0
        self._shown = False
        self._minimum_passed = step.minimum_ms <= 0

    def begin(self) -> None:
        self._show_screen()

    def _show_screen(self) -> None:
        layout, step, stage = self._layout, self._step, self.host.stage
        last = self._at == len(self._screens) - 1
        label = step.button if last else self.host.words.continue_button
        place = button_place(layout.button, label, layout.scale)
        go_on = PlainButton(place, label, self._finish if last else self._turn)
        go_on.active = self._minimum_passed or not last
        self.buttons = [go_on]
        if last and step.decline is not None:
            gap = layout.button.x - layout.second_button.right
            decline = button_place(layout.second_button, step.decline, layout.scale)
            decline = replace(decline, x=place.x - gap - decline.width)
            self.buttons.append(PlainButton(decline, step.decline, self._decline))
        image = paint_page(
            layout,
            stage.screen_px,
            step.title,
            self._screens[self._at],
            stage.background,
            self._figure,
        )
        self.show_with_buttons(Picture(image), layout.scale, self._on_shown)

    def _on_shown(self, shown: Shown) -> None:
        if self._shown:
            return
        self._shown = True
        self.host.session.page_shown(shown.swapped_ns)
        self.host.prepare_next()
        if not self._minimum_passed:
            self.after(self._step.minimum_ms, self._activate)

    def _activate(self) -> None:
        self._minimum_passed = True
        self.buttons[0].active = True
        self.repaint_buttons()

    def _turn(self) -> None:
        self._at += 1
        self._show_screen()

    def _finish(self) -> None:
        self.host.session.page_done("continue", done_ns=self.pressed_ns)
        self.host.next()

    def _decline(self) -> None:
        self.host.session.page_done("declined", done_ns=self.pressed_ns)
        self.host.next()

    def key_pressed(self, event: QKeyEvent, press: Press) -> None:
        allowed = self.host.keyboard and not event.isAutoRepeat() and self._shown
        if allowed and event.key() == Qt.Key.Key_Space and self.buttons[0].active:
            self.pressed_ns = self.host.clock.read(press.stamp_ms, press.handler_ns).ns
            self.buttons[0].action()
