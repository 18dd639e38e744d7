"""What records say about a step of a session."""

from __future__ import annotations

import time
from typing import Any

from imi_desktop.experiment.trial import PageStep, QuestionStep, Trial, TrialStep
from imi_desktop.recording.response import Response


def is_correct(trial: Trial, response: Response) -> bool | None:
    """Whether the answer is right; None where none is right or wrong."""
    if trial.target_position is None or response.chosen_position is None:
        return None
    return response.chosen_position == trial.target_position


def page_left(step: PageStep | QuestionStep, done_ns: int | None) -> dict[str, Any]:
    """Which page was left, and when; now, where that is None."""
    return {"page": step.name, "done_ns": time.monotonic_ns() if done_ns is None else done_ns}


def place_of(step: TrialStep) -> dict[str, Any]:
    """Which trial, in which block and attempt."""
    return {"trial": step.trial.number, "block": step.trial.block, "attempt": step.attempt}


def trial_shown_data(trial: Trial) -> dict[str, Any]:
    """Everything about a trial that its journal must tell without the study."""
    return {
        "task": trial.task,
        "phase": trial.phase,
        "catch": trial.catch,
        "condition": trial.condition,
        "scheme": trial.scheme,
        "difficulty": trial.difficulty,
        "model": trial.unit.model,
        "layer": trial.unit.layer,
        "branch": trial.branch,
        "channel": trial.unit.channel,
        "unit_selection": trial.unit_selection,
        "image_set": trial.image_set,
        "target_position": trial.target_position,
        "references_min": list(trial.references_min),
        "references_max": list(trial.references_max),
        "queries": dict(trial.queries),
    }
