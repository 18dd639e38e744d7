"""A small study and plan for the tests of recording; it needs no files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imi_desktop.experiment.trial import (
    BlockPlan,
    PageStep,
    Position,
    QuestionStep,
    SessionPlan,
    Timings,
    Trial,
    TrialStep,
    TrialWording,
)
from imi_desktop.models.unit import Unit
from imi_desktop.recording.session import Response, Session

WORDING = TrialWording("Which **one**?", "min", "max", "1 2 3", "{right} of {answered}", "Continue")


@dataclass(frozen=True)
class ExampleStudy:
    """What a session needs to know of a study."""

    folder: Path
    name: str = "example"
    site: str = ""
    seed: int = 5
    language: str = "en"
    audience: str = "lay"


def trial(number: int, block: int, phase: str = "main", **changes: object) -> Trial:
    """A trial whose right answer alternates."""
    target: Position = "upper" if number % 2 else "lower"
    values = {
        "number": number,
        "task": "forward_prediction",
        "phase": phase,
        "block": block,
        "condition": "natural" if number % 3 else "synthetic",
        "scheme": "min_max_9",
        "unit": Unit("net", "layer", number),
        "unit_selection": "random",
        "catch": number % 7 == 0,
        "image_set": "3",
        "references_min": ("a.png",),
        "references_max": ("b.png",),
        "queries": {"upper": "c.png", "lower": "d.png"},
        "target_position": target,
        "feedback": True,
    }
    return Trial(**(values | changes))  # type: ignore[arg-type]


def page(name: str, kind: str = "instructions") -> PageStep:
    """A page with one button."""
    decline = "No" if kind == "consent" else None
    return PageStep(name, kind, name, ("Text.",), "Continue", decline)  # type: ignore[arg-type]


def example_plan(
    participant: str = "P01", main_trials: int = 6, max_attempts: int = 3
) -> SessionPlan:
    """Consent, instructions, two practice trials until perfect, main trials, question, thanks."""
    practice = BlockPlan(
        number=1,
        name="practice",
        phase="practice",
        before=(),
        trials=(trial(1, 1, "practice"), trial(2, 1, "practice")),
        timings=Timings(),
        wording=WORDING,
        repeat_until_perfect=True,
        max_attempts=max_attempts,
    )
    main = BlockPlan(
        number=2,
        name="main",
        phase="main",
        before=(page("block_intro_2", "block_intro"),),
        trials=tuple(trial(number, 2) for number in range(3, 3 + main_trials)),
        timings=Timings(),
        wording=WORDING,
    )
    return SessionPlan(
        participant=participant,
        seed=11,
        opening=(page("consent", "consent"), page("instructions")),
        blocks=(practice, main),
        closing=(QuestionStep("strategy", "How did you decide?", "Continue"), page("thanks")),
        counterbalancing={"order": "natural_first"},
    )


def response(step: TrialStep, onset_ns: int, *, right: bool = True, rt_ms: float = 900) -> Response:
    """An answer to a trial."""
    target = step.trial.target_position
    wrong = next((position for position in step.trial.queries if position != target), None)
    response_ns = onset_ns + round(rt_ms * 1e6)
    return Response(
        chosen_position=target if right else wrong,
        confidence=2,
        rating=None,
        onset_ns=onset_ns,
        response_ns=response_ns,
        handler_ns=response_ns + 300_000,
        event_ns=response_ns,
        rt_clock="event",
        reaction_time_ms=rt_ms,
        x=900.0,
        y=440.0,
    )


def do_step(session: Session, *, right: bool = True, onset_ns: int = 10**9) -> None:
    """Show the current step and answer it."""
    step = session.step
    if isinstance(step, TrialStep):
        session.trial_shown(onset_ns, {"swapped_ns": onset_ns})
        session.respond(response(step, onset_ns, right=right))
        session.feedback_shown(onset_ns + 10**9)
        session.trial_done()
    elif isinstance(step, QuestionStep):
        session.page_shown(onset_ns)
        session.answer_text("By the colours.")
    else:
        session.page_shown(onset_ns)
        session.page_done()


def go_to_trial(session: Session) -> TrialStep:
    """Do pages until a trial comes."""
    while not isinstance(session.step, TrialStep):
        do_step(session)
    return session.step
