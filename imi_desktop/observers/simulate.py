"""Lets an observer take part in a session, through the same code as a person."""

from __future__ import annotations

import time

from imi_desktop.experiment.trial import PageStep, QuestionStep, TrialStep
from imi_desktop.observers.observer import Observer, ObserverAnswer
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.recording.session import Response, Session
from imi_desktop.seeds import generator

PAGE_MS = 20_000
"""As long as any published rule on reading the instructions asks for."""


def run_observer(
    session: Session,
    observer: Observer,
    *,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
    page_ms: int = PAGE_MS,
) -> None:
    """Answer every step of a session as fast as the disk takes the answers.

    Onsets and answers lie on a simulated clock that starts with the monotonic clock and goes on
    by each reaction time; responses carry ``rt_clock="simulated"``. Random draws derive from the
    plan's seed, the observer, the trial and the attempt, so an interrupted session goes on with
    the answers it would have had. From the second attempt at a practice block on, the observer
    answers as the feedback taught it; otherwise one that never varies would never get through.

    Parameters
    ----------
    session : Session
        Open and not finished.
    observer : Observer
        Answers the trials.
    progress : callable
        Told after each trial.
    cancel : CancelToken or None
        Asked before each step; a cancelled session can be resumed.
    page_ms : int
        How long each page is looked at.

    Raises
    ------
    Cancelled
        If asked to stop.
    RecordingError
        If an answer could not be recorded.
    UnreadableImageError
        If the observer cannot see an image.
    """
    cancel = cancel or CancelToken()
    now_ns = time.monotonic_ns()
    while (step := session.step) is not None:
        cancel.check()
        if isinstance(step, TrialStep):
            answer = _answer(session, observer, step)
            session.trial_shown(now_ns, {"observer": observer.name})
            response = _response(answer, now_ns)
            session.respond(response)
            now_ns = response.response_ns
            if step.trial.feedback:
                now_ns += step.timings.feedback_delay_ms * 1_000_000
                session.feedback_shown(now_ns)
                now_ns += step.timings.feedback_ms * 1_000_000
            session.trial_done()
            now_ns += step.timings.blank_ms * 1_000_000
            progress(
                Progress("Answering", session.answered, len(session.plan.trials), observer.name)
            )
            continue
        session.page_shown(now_ns)
        now_ns += page_ms * 1_000_000
        if isinstance(step, QuestionStep):
            session.answer_text("", done_ns=now_ns)
        elif isinstance(step, PageStep):
            session.page_done(done_ns=now_ns)


def _answer(session: Session, observer: Observer, step: TrialStep) -> ObserverAnswer:
    trial = step.trial
    rng = generator(session.plan.seed, "observer", observer.name, trial.number, step.attempt)
    answer = observer.respond(trial, session.study_folder, rng)
    if step.attempt == 1 or answer.position is None:
        return answer
    return ObserverAnswer(trial.target_position, answer.confidence, answer.reaction_time_ms)


def _response(answer: ObserverAnswer, onset_ns: int) -> Response:
    response_ns = onset_ns + round(answer.reaction_time_ms * 1e6)
    return Response(
        chosen_position=answer.position,
        confidence=answer.confidence,
        rating=answer.rating,
        onset_ns=onset_ns,
        response_ns=response_ns,
        handler_ns=response_ns,
        event_ns=None,
        rt_clock="simulated",
        reaction_time_ms=(response_ns - onset_ns) / 1e6,
        device="observer",
    )
