"""One trial: onset, answer, feedback, and on to the next."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic_ns
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter

from imi_desktop.display.places import AnswerButton
from imi_desktop.experiment.trial import TrialStep
from imi_desktop.gui.presenter import ink
from imi_desktop.gui.presenter.event_clock import ClickTime
from imi_desktop.gui.presenter.host import Host
from imi_desktop.gui.presenter.picture import Picture, blank
from imi_desktop.gui.presenter.preparation import PreparedTrial
from imi_desktop.gui.presenter.screen import Screen
from imi_desktop.gui.presenter.surface import OnShown, Press, Shown
from imi_desktop.gui.presenter.trial_paint import Look
from imi_desktop.recording.session import Response

_UPPER_KEYS = {Qt.Key.Key_7: 1, Qt.Key.Key_8: 2, Qt.Key.Key_9: 3}
_LOWER_KEYS = {Qt.Key.Key_1: 1, Qt.Key.Key_2: 2, Qt.Key.Key_3: 3}


class TrialScreen(Screen):
    """A trial whose answer is one of the number buttons, from its first frame to its last.

    Between onset and answer only the buttons are repainted: when they become active, and the
    2-px edge of the one under the cursor.
    """

    def __init__(self, host: Host, step: TrialStep) -> None:
        super().__init__(host)
        self.step = step
        self.look = Look()
        self.onset_ns = 0
        self.answered = False
        self.accepting = False
        self._proceeding = False
        self._durable_ms = 0.0
        self._prepared: PreparedTrial | None = None

    def begin(self) -> None:
        prepared = self.host.preparer.take(self.step, self.host.stage)
        if prepared is None:
            self.host.preparer.prepared.connect(self._on_prepared)
            self.host.preparer.request(self.step, self.host.stage)
            return
        self._present(prepared)

    def restart_on_return(self) -> bool:
        return not self.answered

    def _on_prepared(self, prepared: PreparedTrial) -> None:
        if prepared.step == self.step and self._prepared is None:
            self.host.preparer.prepared.disconnect(self._on_prepared)
            taken = self.host.preparer.take(self.step, self.host.stage)
            if taken is not None:
                self._present(taken)

    def _present(self, prepared: PreparedTrial) -> None:
        self._prepared = prepared
        self.look = prepared.look
        cursor = self.host.centre_cursor()

        def on_shown(shown: Shown) -> None:
            self._on_onset(shown, cursor)

        self.show(prepared.picture, on_shown)

    def _on_onset(self, shown: Shown, cursor: tuple[int, int]) -> None:
        self.onset_ns = shown.swapped_ns
        self.host.session.trial_shown(self.onset_ns, self._display_data(shown, cursor))
        self.host.count_missed(shown, "trial")
        self.after(self.step.timings.buttons_active_ms, self._activate)

    def _activate(self) -> None:
        self.accepting = True
        if self.look.answers == "waiting":
            self.change(answers="active")

    def _display_data(self, shown: Shown, cursor: tuple[int, int]) -> dict[str, Any]:
        prepared = self._prepared
        layout = prepared.art.layout
        return {
            "requested_ns": shown.requested_ns,
            "swapped_ns": shown.swapped_ns,
            "missed_frames": self.host.missed_frames(shown),
            "preparation_ms": round(prepared.milliseconds, 3),
            "cursor": list(cursor),
            "screen_px": list(layout.screen_px),
            "px_per_degree": layout.px_per_degree,
            "image_scale": layout.scale,
            "images": [
                {
                    "file": place.path,
                    "role": place.role,
                    "px": [place.rect.x, place.rect.y, place.rect.width, place.rect.height],
                    "deg": {k: round(v, 3) for k, v in layout.degrees(place.rect).items()},
                }
                for place in layout.images
            ],
        }

    def change(self, on_shown: OnShown | None = None, **changes: Any) -> None:
        """Present the trial in another state."""
        before, self.look = self.look, replace(self.look, **changes)
        patches = self._prepared.art.patches(before, self.look)
        self.show(self.picture.covered(patches), on_shown)

    # -- input -------------------------------------------------------------------------------

    def pressed(self, press: Press) -> None:
        if self._proceeding:
            if self._prepared.art.layout.proceed.contains(press.x, press.y):
                self.host.clock.read(press.stamp_ms, press.handler_ns)
                self._leave()
            return
        button = self._button_at(press.x, press.y)
        if button is not None:
            self._answer(button, press, "mouse")

    def moved(self, x: float, y: float, held: bool) -> None:
        if self._prepared is None or self.onset_ns == 0:
            return
        hovered: AnswerButton | str | None = self._button_at(x, y)
        if self._proceeding and self._prepared.art.layout.proceed.contains(x, y):
            hovered = "continue"
        if hovered != self.look.hovered and self._proceeding_in_place():
            self.change(hovered=hovered)

    def key_pressed(self, event: QKeyEvent, press: Press) -> None:
        if not self.host.keyboard or event.isAutoRepeat():
            return
        if self._proceeding and event.key() == Qt.Key.Key_Space:
            self._leave()
            return
        button = self._button_of_key(event.key())
        if button is not None and self.accepting:
            self._answer(button, press, "keyboard")

    def _button_at(self, x: float, y: float) -> AnswerButton | None:
        return self._prepared.art.layout.button_at(x, y) if self.accepting else None

    def _button_of_key(self, key: int) -> AnswerButton | None:
        if self._prepared is None:
            return None
        upper, lower = _UPPER_KEYS.get(Qt.Key(key)), _LOWER_KEYS.get(Qt.Key(key))
        wanted = {("upper", upper), ("right", upper), ("lower", lower), ("left", lower)}
        buttons = self._prepared.art.layout.buttons
        return next((b for b in buttons if (b.position, b.confidence) in wanted), None)

    # -- answer and feedback -----------------------------------------------------------------

    def respond(self, time: ClickTime, press: Press, device: str, **answer: Any) -> None:
        """Record the answer; it is on disk when this returns."""
        self.accepting = False
        self.host.session.respond(
            Response(
                chosen_position=answer.get("position"),
                confidence=answer.get("confidence"),
                rating=answer.get("rating"),
                onset_ns=self.onset_ns,
                response_ns=time.ns,
                handler_ns=time.handler_ns,
                event_ns=time.event_ns,
                rt_clock=time.clock,
                reaction_time_ms=(time.ns - self.onset_ns) / 1e6,
                x=press.x,
                y=press.y,
                device=device,
            )
        )
        self.answered = True
        self._durable_ms = (monotonic_ns() - time.ns) / 1e6

    def tell_durable(self) -> None:
        """Record how long the answer took from the click to the disk."""
        step = self.step
        place = {"trial": step.trial.number, "attempt": step.attempt}
        self.host.session.record(
            "answer_durable", place | {"after_click_ms": round(self._durable_ms, 3)}
        )

    def _answer(self, button: AnswerButton, press: Press, device: str) -> None:
        time = self.host.clock.read(press.stamp_ms, press.handler_ns)
        if time.ns < self.onset_ns:
            return  # it was on its way before the trial was on the screen
        self.respond(time, press, device, position=button.position, confidence=button.confidence)
        step = self.step
        self.change(
            answers="answered",
            hovered=None,
            chosen=(button.position, button.confidence),
            progress=step.block_position / max(step.block_length, 1),
            patch=None if self.look.patch is None else False,
        )
        self.tell_durable()
        self.host.prepare_next()
        self.after(step.timings.feedback_delay_ms, self._reveal)

    def _reveal(self) -> None:
        step = self.step
        if not step.trial.feedback:
            self._stop_feedback()
            return
        count = None
        if step.timings.continue_button:
            right, answered = self.host.session.right_in_block
            count = step.wording.right_in_block.format(right=right, answered=answered)
        self.change(self._on_feedback, revealed=True, count=count)

    def _on_feedback(self, shown: Shown) -> None:
        self.host.session.feedback_shown(shown.swapped_ns)
        self.host.count_missed(shown, "feedback")
        self.after(self.step.timings.feedback_ms, self._stop_feedback)

    def _stop_feedback(self) -> None:
        if not self.step.timings.continue_button:
            self._leave()
            return
        self._proceeding = True
        if self._proceeding_in_place():
            self.change(proceed="active")
        else:
            self.show(self._lone_continue())

    def _proceeding_in_place(self) -> bool:
        """Whether Continue has room on the trial itself, or needs a screen of its own."""
        return not (self._proceeding and self.step.trial.task == "counterfactual")

    def _lone_continue(self) -> Picture:
        layout = self._prepared.art.layout
        image = blank(*layout.screen_px, self.host.stage.background)
        painter = QPainter(image)
        label = self.step.wording.continue_button
        ink.draw_button(painter, layout.proceed, label, layout.scale)
        painter.end()
        return Picture(image)

    def _leave(self) -> None:
        self._proceeding = False
        self.show(Picture())
        self.after(self.step.timings.blank_ms, self._done)

    def _done(self) -> None:
        self.host.session.trial_done()
        self.host.next()


class RatingScreen(TrialScreen):
    """An intuitiveness trial: a slider without a handle until the first click, then Continue."""

    def pressed(self, press: Press) -> None:
        if not self.accepting:
            return
        layout = self._prepared.art.layout
        if layout.slider.target.contains(press.x, press.y):
            self._rate(press.x)
        elif self.look.rating is not None and layout.proceed.contains(press.x, press.y):
            self._submit(press, "mouse")

    def moved(self, x: float, y: float, held: bool) -> None:
        if not self.accepting:
            return
        layout = self._prepared.art.layout
        if held and self.look.rating is not None and abs(y - layout.slider.y) < layout.px(60):
            self._rate(x)
            return
        over = self.look.proceed == "active" and layout.proceed.contains(x, y)
        hovered = "continue" if over else None
        if hovered != self.look.hovered:
            self.change(hovered=hovered)

    def key_pressed(self, event: QKeyEvent, press: Press) -> None:
        allowed = self.host.keyboard and self.accepting and not event.isAutoRepeat()
        if allowed and event.key() == Qt.Key.Key_Space and self.look.rating is not None:
            self._submit(press, "keyboard")

    def _rate(self, x: float) -> None:
        rating = self._prepared.art.layout.slider.rating_at(x)
        if rating != self.look.rating:
            self.change(rating=rating, proceed="active")

    def _submit(self, press: Press, device: str) -> None:
        time = self.host.clock.read(press.stamp_ms, press.handler_ns)
        self.respond(time, press, device, rating=round(self.look.rating, 2))
        self.tell_durable()
        self.host.prepare_next()
        self._leave()
