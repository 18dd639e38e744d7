"""Where a session stands: walks a plan, driven by the records of its journal.

The same walk serves a running session and the replay of its journal, so a resumed session stands
where the interrupted one stood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from imi_desktop.experiment.repeated_trials import choose_repeated
from imi_desktop.experiment.trial import (
    BlockPlan,
    SessionPlan,
    Step,
    Trial,
    TrialStep,
)

STRUCTURAL_TYPES = frozenset(
    {
        "session_started",
        "session_resumed",
        "session_ended",
        "aborted",
        "interrupted",
        "page_shown",
        "page_done",
        "consent",
        "answer_text",
        "trial_shown",
        "response",
        "feedback",
    }
)


class OutOfStepError(ValueError):
    """A record does not fit where the walk stands; the text says why."""


@dataclass(frozen=True)
class Answer:
    """An answer that was recorded.

    Parameters
    ----------
    step : TrialStep
        The trial in its place.
    correct : bool or None
        None where no answer is right or wrong.
    confidence : int or None
        1 to 3.
    rating : float or None
        −100 to 100.
    """

    step: TrialStep
    correct: bool | None
    confidence: int | None
    rating: float | None


class SessionWalk:
    """Position within a plan, and the answers so far.

    Attributes
    ----------
    step : Step or None
        What the participant is to see; None at the end.
    shown, answered : bool
        Whether the step was shown, and (for a trial) answered.
    answers : list of Answer
        In order.
    outcome : str or None
        ``"done"`` or ``"aborted"`` once the journal says so.
    """

    def __init__(self, plan: SessionPlan) -> None:
        self.plan = plan
        self.answers: list[Answer] = []
        self.outcome: str | None = None
        self.shown = False
        self.answered = False
        self._section = 0
        self._attempt = 1
        self._index = 0
        self._steps: tuple[Step, ...] = plan.opening
        self._settle()

    @property
    def step(self) -> Step | None:
        """The current step; None when everything was done or the session was aborted."""
        if self.outcome is not None or self._index >= len(self._steps):
            return None
        return self._steps[self._index]

    def advance(self) -> None:
        """Leave the current step for the next."""
        self._index += 1
        self.shown = self.answered = False
        self._settle()

    def upcoming(self, count: int) -> list[TrialStep]:
        """Up to `count` trials after the current step, as far as they are known by now."""
        found = [step for step in self._steps[self._index + 1 :] if isinstance(step, TrialStep)]
        section = self._section + 1
        while len(found) < count and section <= len(self.plan.blocks):
            block = self.plan.blocks[section - 1]
            found += _trial_steps(block, 1, block.trials)  # none of a block chosen from answers
            section += 1
        return found[:count]

    def answers_in_block(self) -> list[Answer]:
        """Answers of the current block and attempt."""
        block = self._block
        if block is None:
            return []
        return [
            answer
            for answer in self.answers
            if answer.step.trial.block == block.number and answer.step.attempt == self._attempt
        ]

    def apply(self, record_type: str, data: dict[str, Any]) -> None:
        """Take one record into account; types that do not move the walk are ignored.

        Raises
        ------
        OutOfStepError
            If the record does not belong here.
        """
        if record_type in {"trial_shown", "page_shown"}:
            if self.answered:
                self.advance()
            self._expect(data)
            self.shown = True
        elif record_type == "response":
            self._apply_response(data)
        elif record_type in {"page_done", "consent"}:
            self._expect(data)
            if data["choice"] != "declined":
                self.advance()
        elif record_type == "answer_text":
            self._expect(data)
            self.advance()
        elif record_type == "session_ended":
            self.outcome = "done"
        elif record_type == "aborted":
            self.outcome = "aborted"

    def _apply_response(self, data: dict[str, Any]) -> None:
        self._expect(data)
        if self.answered or not isinstance(self.step, TrialStep):
            raise OutOfStepError(f"trial {data.get('trial')} is answered twice")
        self.answered = True
        self.answers.append(
            Answer(
                step=self.step,
                correct=data["correct"],
                confidence=data["confidence"],
                rating=data["rating"],
            )
        )

    def _expect(self, data: dict[str, Any]) -> None:
        step = self.step
        if isinstance(step, TrialStep):
            if (data.get("trial"), data.get("attempt")) != (step.trial.number, step.attempt):
                raise OutOfStepError(
                    f"it is about trial {data.get('trial')}, attempt {data.get('attempt')}, where "
                    f"trial {step.trial.number}, attempt {step.attempt} comes next"
                )
        elif step is None or data.get("page") != step.name:
            expected = "nothing" if step is None else f"the page {step.name}"
            raise OutOfStepError(f"it is about {data.get('page')}, where {expected} comes next")

    @property
    def _block(self) -> BlockPlan | None:
        if 1 <= self._section <= len(self.plan.blocks):
            return self.plan.blocks[self._section - 1]
        return None

    def _settle(self) -> None:
        """Go on to the section that has a step left."""
        while self._index >= len(self._steps) and self._section <= len(self.plan.blocks):
            block = self._block
            if block is not None and self._must_repeat(block):
                self._attempt += 1
                trials = block.trials_of(self._attempt)
                self._steps = tuple(_trial_steps(block, self._attempt, trials))
            else:
                self._section += 1
                self._attempt = 1
                self._steps = self._section_steps()
            self._index = 0

    def _section_steps(self) -> tuple[Step, ...]:
        block = self._block
        if block is None:
            return self.plan.closing
        if block.repeats is not None:
            answered = [(answer.step.trial, answer.confidence) for answer in self.answers]
            block = replace(block, trials=choose_repeated(block, answered))
        trials = block.trials
        if block.repeats is not None:
            answered = [(answer.step.trial, answer.confidence) for answer in self.answers]
            trials = choose_repeated(block, answered)
        return (*block.before, *_trial_steps(block, 1, trials))

    def _must_repeat(self, block: BlockPlan) -> bool:
        if not block.repeat_until_perfect or 0 < block.max_attempts <= self._attempt:
            return False
        return any(answer.correct is False for answer in self.answers_in_block())


def _trial_steps(block: BlockPlan, attempt: int, trials: tuple[Trial, ...]) -> list[TrialStep]:
    return [
        TrialStep(
            trial=trial,
            attempt=attempt,
            block_position=position,
            block_length=len(trials),
            timings=block.timings,
            wording=block.wording,
        )
        for position, trial in enumerate(trials, start=1)
    ]
