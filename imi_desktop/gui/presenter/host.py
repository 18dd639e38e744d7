"""What the presenter's screens ask of whoever shows them, and that one of a session."""

from __future__ import annotations

from typing import Any, Protocol

from imi_desktop.experiment.trial import Step, TrialStep
from imi_desktop.gui.presenter.event_clock import EventClock
from imi_desktop.gui.presenter.picture import Picture
from imi_desktop.gui.presenter.preparation import Preparer, Stage
from imi_desktop.gui.presenter.surface import OnShown, Shown, Surface
from imi_desktop.gui.presenter.words import Words
from imi_desktop.recording.session import Response


class RunnableSession(Protocol):
    """What the presenter asks of a session; see :class:`imi_desktop.recording.session.Session`."""

    @property
    def step(self) -> Step | None: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def right_in_block(self) -> tuple[int, int]: ...
    def upcoming(self, count: int) -> list[TrialStep]: ...
    def page_shown(self, onset_ns: int) -> None: ...
    def page_done(self, choice: Any = "continue", *, done_ns: int | None = None) -> None: ...
    def answer_text(self, text: str, *, done_ns: int | None = None) -> None: ...
    def trial_shown(self, onset_ns: int, data: dict[str, Any]) -> None: ...
    def respond(self, response: Response) -> bool | None: ...
    def feedback_shown(self, onset_ns: int) -> None: ...
    def trial_done(self) -> None: ...
    def record(self, record_type: str, data: dict[str, Any]) -> None: ...
    def abort(self, reason: str) -> None: ...
    def close(self) -> None: ...


class Host(Protocol):
    """Shows one screen after the other; a QObject, which its screens belong to.

    Attributes
    ----------
    surface : Surface
        What is painted on.
    session : RunnableSession
        What is gone through.
    stage : Stage
        Size and scale of the surface.
    keyboard : bool
        Whether keys may answer.
    clock : EventClock
        Times clicks and keys.
    preparer : Preparer
        Makes the next trial ready.
    """

    surface: Surface
    session: RunnableSession
    stage: Stage
    words: Words
    keyboard: bool
    clock: EventClock
    preparer: Preparer

    def next(self) -> None:
        """Leave the present screen for that of the session's current step."""

    def show(self, screen: Any, picture: Picture, on_shown: OnShown | None) -> None:
        """Present a picture of a screen."""

    def prepare_next(self) -> None:
        """Begin to prepare the trial after the present one."""

    def centre_cursor(self) -> tuple[int, int]:
        """Put the cursor to the centre of the surface; return the point in its px."""

    def missed_frames(self, shown: Shown) -> int | None:
        """Frames by which a picture came too late; None where swaps are not synchronised."""

    def count_missed(self, shown: Shown, what: str) -> None:
        """Record frames that were missed before a picture was shown."""
