"""Leads a participant through a session: one screen per step, and what may come in between."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtGui import QCursor, QKeyEvent

from imi_desktop.display.input_devices import MouseRate
from imi_desktop.display.refresh import measure_refresh
from imi_desktop.errors import UserError
from imi_desktop.experiment.trial import PageStep, QuestionStep, Step, TrialStep
from imi_desktop.gui.garbage import collect
from imi_desktop.gui.presenter.event_clock import EventClock
from imi_desktop.gui.presenter.host import RunnableSession
from imi_desktop.gui.presenter.leaving import CalmScreen, HeldChord
from imi_desktop.gui.presenter.page_paint import paint_note
from imi_desktop.gui.presenter.page_screen import PageScreen
from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.preparation import PreparedTrial, Preparer, Stage
from imi_desktop.gui.presenter.question_screen import QuestionScreen
from imi_desktop.gui.presenter.screen import Screen
from imi_desktop.gui.presenter.self_test import FrameTimer
from imi_desktop.gui.presenter.surface import OnShown, Press, Shown, Surface
from imi_desktop.gui.presenter.trial_screen import RatingScreen, TrialScreen
from imi_desktop.gui.presenter.words import STANDS_STILL, Words

log = logging.getLogger(__name__)

_WARM_UP = 10
_WAY_OUT = (
    "Every answer given before is on disk. Hold Ctrl Shift Q for 3 s on the participant's screen "
    "to leave, mend the cause, and resume the session."
)
_SETTLING_MS = 1000  # a window manager may resize a window several times while it opens it


class Runner(QObject):
    """The surface's listener, and the :class:`~imi_desktop.gui.presenter.host.Host` of screens.

    Parameters
    ----------
    surface : Surface
        Where everything is shown.
    session : RunnableSession
        What is gone through and where it is recorded.
    stage : Stage
        Size and scale of the surface.
    keyboard : bool
        Whether keys may answer.
    rescale : callable or None
        Pixels per degree for a new size of a window; None for a full screen.
    note : str
        Said in a corner of every screen.
    closable : bool
        Whether closing the window ends it, as in a preview.

    Signals
    -------
    began
        The first screen is there.
    finished : int
        Exit code: 0 everything was gone through, 1 the session ended before its end or failed.
    """

    began = Signal()
    finished = Signal(int)

    def __init__(
        self,
        surface: Surface,
        session: RunnableSession,
        stage: Stage,
        words: Words,
        *,
        keyboard: bool = False,
        rescale: Callable[[tuple[int, int]], float] | None = None,
        note: str = "",
        closable: bool = False,
    ) -> None:
        super().__init__()
        self.surface = surface
        self.session = session
        self.stage = stage
        self.words = words
        self.keyboard = keyboard
        self.clock = EventClock()
        self.mouse = MouseRate()
        self.preparer = Preparer(self)
        self.preparer.prepared.connect(self._upload)
        self._rescale = rescale
        self._screen: Screen | None = None
        self._overlay: Screen | None = None
        self._held: OnShown | None = None
        self._failed = False
        self._checked_block = -1
        self._note = note
        self._closable = closable
        self._chord = HeldChord(self._chord_held, self)
        surface.listener = self

    def start(self) -> None:
        """Check the display, then show the session's current step."""
        self._checked_block = 0
        self._check_display(0, self._begin)

    def _begin(self) -> None:
        self.next()
        self.began.emit()

    # -- for the screens ---------------------------------------------------------------------

    def next(self) -> None:
        """Leave the present screen for that of the session's current step."""
        if self._screen is not None:
            self._screen.end()
            self._screen = self._held = None
        step = self.session.step
        if step is None:
            self._finish(0 if self.session.outcome == "done" else 1)
            return
        if isinstance(step, TrialStep) and step.trial.block != self._checked_block:
            self.note("input_check", self._input_check() | {"before_block": step.trial.block})
            self._check_display(step.trial.block, self.next)
            return
        self._screen = self._screen_of(step)
        self._screen.begin()

    def show(self, screen: Screen, picture: Picture, on_shown: OnShown | None) -> None:
        """Present a picture; that of a covered screen waits until it is uncovered."""
        if screen is not (self._overlay or self._screen):
            self._held = on_shown or self._held
        else:
            if self._note:
                picture = picture.covered([paint_note(self.stage, self._note)])
            self.surface.present(picture, on_shown)

    def prepare_next(self) -> None:
        """Begin to prepare the trial after the present one, and collect garbage."""
        collect()
        upcoming = self.session.upcoming(1)
        if upcoming:
            self.preparer.request(upcoming[0], self.stage)

    def centre_cursor(self) -> tuple[int, int]:
        """Put the cursor to the centre of the surface; return the point in its px."""
        width, height = self.surface.size_px
        centre = QPoint(width // 2, height // 2)
        QCursor.setPos(self.surface.screen(), self.surface.mapToGlobal(centre))
        return centre.x(), centre.y()

    def missed_frames(self, shown: Shown) -> int | None:
        """Frames by which a picture came too late; None where swaps are not synchronised."""
        rate = self.surface.screen().refreshRate()
        if not self.surface.synchronised or rate <= 0:
            return None
        periods = (shown.swapped_ns - shown.requested_ns) * 1e-9 * rate
        return max(0, math.floor(periods - 1.5) + 1)

    def count_missed(self, shown: Shown, what: str) -> None:
        """Record frames that were missed before a picture was shown."""
        missed = self.missed_frames(shown)
        if missed:
            self.session.record("frame_missed", {"before": what, "frames": missed})

    # -- what may come in between --------------------------------------------------------------

    def pause(self, reason: str, data: dict[str, Any]) -> None:
        """Record that the session cannot go on by itself, and wait for the experimenter."""
        if self._failed or self._screen is None:
            return
        self.session.record("paused", {"reason": reason} | data)
        if self._overlay is None:
            self._cover(CalmScreen(self, "", self.words.please_wait))

    def fail(self, error: BaseException) -> None:
        """Keep the participant calm; tell the experimenter why, in journal, log and stderr."""
        if isinstance(error, UserError):
            sentence = error.sentence
            log.error("the session stopped: %s", sentence)
        else:
            sentence = f"The session stopped on an error in the app ({error!r}); the log has it."
            log.critical("the session stopped", exc_info=error)
        if self._failed:
            return
        self._failed = True
        sys.stderr.write(f"{STANDS_STILL}{sentence} {_WAY_OUT}\n")
        sys.stderr.flush()
        try:
            self.session.record("failed", {"reason": sentence})
        except UserError:
            log.info("the journal could not tell why the session stopped")
        if self._screen is not None:
            self._screen.end()
            self._screen = None
        self._cover(CalmScreen(self, "", self.words.please_wait))

    def note(self, record_type: str, data: dict[str, Any]) -> None:
        """Record something that happened beside the trials, as long as the session runs."""
        if not self._failed and self._screen is not None:
            self.session.record(record_type, data)

    def _chord_held(self) -> None:
        if self._failed:
            self._finish(1)
            return
        self.session.record("paused", {"reason": "experimenter"})
        words, text = self.words, self.words.leave_text
        choices = [(words.leave, self._leave), (words.end, self._end_for_good)]
        if self._fits_surface():
            choices.insert(0, (words.go_on, self._go_on))
        else:
            text = f"{text} {words.display_differs}"
        self._cover(CalmScreen(self, words.leave_title, text, choices))

    def _go_on(self) -> None:
        screen = self._screen
        restart = screen is not None and screen.restart_on_return()
        self.session.record("resumed", {"step_begins_anew": restart})
        self._uncover()
        if restart:
            self.next()
        elif screen is not None:
            held, self._held = self._held, None
            self.show(screen, screen.picture, held)

    def _leave(self) -> None:
        self.session.record("left", self._input_check())
        self._finish(1)

    def _end_for_good(self) -> None:
        self.session.abort("ended by the experimenter")
        self._finish(1)

    def _cover(self, overlay: Screen) -> None:
        self._uncover()
        self._overlay = overlay
        overlay.begin()

    def _uncover(self) -> None:
        if self._overlay is not None:
            self._overlay.end()
            self._overlay = None

    def _check_display(self, block: int, then: Callable[[], None]) -> None:
        """Time one second of frames, record the result, and go on."""
        self._checked_block = block
        rate = self.surface.screen().refreshRate()
        if not self.surface.synchronised or rate <= 0:
            then()
            return

        def done(swaps_ns: list[int]) -> None:
            measured = measure_refresh(
                swaps_ns, synchronised=True, surface=self.surface.kind, warm_up=_WARM_UP
            )
            data = measured.model_dump(exclude={"intervals_ms"}) | {
                "before_block": block,
                "nominal_hz": rate,
            }
            self.session.record("display_check", data)
            then()

        frames = round(rate) + _WARM_UP
        FrameTimer(self.surface, lambda _: Picture(), frames, done, self).start()

    def _input_check(self) -> dict[str, Any]:
        """What clicks and movements told so far about the mouse and the clock of its events."""
        return {"clock": self.clock.summary(), "mouse_hz": self.mouse.hz}

    def _finish(self, code: int) -> None:
        if code == 0:
            self.preparer.finish()
        self.finished.emit(code)

    def _screen_of(self, step: Step) -> Screen:
        if isinstance(step, PageStep):
            return PageScreen(self, step)
        if isinstance(step, QuestionStep):
            return QuestionScreen(self, step)
        if step.trial.task == "intuitiveness":
            return RatingScreen(self, step)
        return TrialScreen(self, step)

    def _upload(self, prepared: PreparedTrial) -> None:
        self.surface.prepare(prepared.picture)

    # -- Listener ----------------------------------------------------------------------------

    def pressed(self, press: Press) -> None:
        uppermost = self._overlay or self._screen
        if uppermost is not None:
            uppermost.pressed(press)

    def moved(self, x: float, y: float, held: bool, stamp_ms: int = 0) -> None:
        self.mouse.add(stamp_ms)
        uppermost = self._overlay or self._screen
        if uppermost is not None:
            uppermost.moved(x, y, held)

    def key_pressed(self, event: QKeyEvent, press: Press) -> None:
        if self._chord.key_pressed(event):
            return
        uppermost = self._overlay or self._screen
        if uppermost is not None:
            uppermost.key_pressed(event, press)

    def key_released(self, event: QKeyEvent) -> None:
        self._chord.key_released(event)

    def resized(self) -> None:
        size = self.surface.size_px
        if min(size) < 1:
            return
        if self._rescale is not None and size != self.stage.screen_px:
            self.stage = replace(self.stage, screen_px=size, px_per_degree=self._rescale(size))
            self._begin_anew()
        elif not self._fits_surface():
            QTimer.singleShot(_SETTLING_MS, self, self._pause_if_resized)
        if self._overlay is not None:
            self._overlay.begin()

    def close_asked(self) -> None:
        if self._closable:
            self._finish(1)
        else:
            self.note("close_refused", {})

    def text_target(self) -> object | None:
        screen = self._overlay or self._screen
        return None if screen is None else screen.text_target()

    def _fits_surface(self) -> bool:
        """Whether the surface still has the size that everything is laid out for."""
        return self._rescale is not None or self.surface.size_px == self.stage.screen_px

    def _pause_if_resized(self) -> None:
        """Pause unless the window system has given the window its full size again."""
        if not self._fits_surface() and not self.surface.closing:
            self.pause("the window changed its size", {"px": list(self.surface.size_px)})

    def _begin_anew(self) -> None:
        """Show the present step again, at another size."""
        if self._screen is None:
            return
        if self._screen.restart_on_return() or not isinstance(self._screen, TrialScreen):
            self.next()
