"""Plays trials without recording: ``python -m imi_desktop.gui.presenter.preview STUDY``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from imi_desktop.display.fit import fit_window
from imi_desktop.errors import UserError
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.repeated_trials import with_examples
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.texts import Audience
from imi_desktop.experiment.trial import PageStep, SessionPlan, Step, TrialStep
from imi_desktop.gui.presenter.app import WINDOW_PX, application, find_screen, run
from imi_desktop.gui.presenter.picture import GREY_LEVEL
from imi_desktop.gui.presenter.preparation import Stage
from imi_desktop.gui.presenter.runner import Runner
from imi_desktop.gui.presenter.surface import make_surface
from imi_desktop.gui.presenter.words import words
from imi_desktop.log import start_log
from imi_desktop.recording.participants import plan_for, read_participant
from imi_desktop.recording.session import Response
from imi_desktop.stimuli.pack import StimulusPack

PREVIEW_PARTICIPANT = "preview"


class NothingToPreviewError(UserError):
    """No trial has its images yet."""


class Rehearsal:
    """Walks through steps like a session, and forgets everything.

    Parameters
    ----------
    steps : sequence of Step
        What is shown, in order.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self._at = 0
        self._right = 0
        self._answered = 0

    @property
    def step(self) -> Step | None:
        """What is shown now; None at the end."""
        return self._steps[self._at] if self._at < len(self._steps) else None

    @property
    def outcome(self) -> str | None:
        """``"done"`` at the end."""
        return "done" if self.step is None else None

    @property
    def right_in_block(self) -> tuple[int, int]:
        """Right answers and all answers so far."""
        return self._right, self._answered

    def upcoming(self, count: int) -> list[TrialStep]:
        """The next trials."""
        later = self._steps[self._at + 1 :]
        return [step for step in later if isinstance(step, TrialStep)][:count]

    def page_shown(self, onset_ns: int) -> None:
        """Nothing to record."""

    def page_done(self, choice: Any = "continue", *, done_ns: int | None = None) -> None:
        """Go on."""
        self._at += 1

    def answer_text(self, text: str, *, done_ns: int | None = None) -> None:
        """Go on."""
        self._at += 1

    def trial_shown(self, onset_ns: int, data: dict[str, Any]) -> None:
        """Nothing to record."""

    def respond(self, response: Response) -> bool | None:
        """Say whether the answer is right."""
        step = self.step
        if not isinstance(step, TrialStep) or response.chosen_position is None:
            return None
        right = response.chosen_position == step.trial.target_position
        self._right += right
        self._answered += 1
        return right

    def feedback_shown(self, onset_ns: int) -> None:
        """Nothing to record."""

    def trial_done(self) -> None:
        """Go on."""
        self._at += 1

    def record(self, record_type: str, data: dict[str, Any]) -> None:
        """Nothing to record."""

    def abort(self, reason: str) -> None:
        """End."""
        self._at = len(self._steps)

    def close(self) -> None:
        """Nothing to close."""


def present_preview(
    study_dir: Path, steps: Sequence[Step] | None = None, *, screen: int | None = None
) -> int:
    """Play steps of a study in a window that says that nothing is recorded.

    Parameters
    ----------
    steps : sequence of Step or None
        None plays the first trial of every block of a participant, repeated blocks left out.
    screen : int or None
        Screen of the window, from 1.

    Returns
    -------
    int
        0 at the end, 1 when it was left.

    Raises
    ------
    NothingToPreviewError
        If no trial has its images yet.
    """
    study = Study.load(study_dir)
    if steps is None:
        steps = _ready(study, first_trials(plan_session(study, PREVIEW_PARTICIPANT)))
    app = application("Look at trials from a desktop.")
    surface = make_surface()
    stage = Stage(
        study_folder=study.folder,
        screen_px=WINDOW_PX,
        px_per_degree=fit_window(WINDOW_PX).layout_px_per_degree,
        background=GREY_LEVEL,
    )
    text = words(study.language)
    runner = Runner(
        surface,
        Rehearsal(steps),
        stage,
        text,
        keyboard=study.keyboard,
        rescale=lambda size: fit_window(size).layout_px_per_degree,
        note=text.preview_example if any(map(_is_example, steps)) else text.preview,
        closable=True,
    )
    return run(app, surface, runner, find_screen(screen or 1), windowed=True)


def _is_example(step: Step) -> bool:
    return isinstance(step, TrialStep) and step.trial.phase == "repeated"


def _ready(study: Study, steps: Sequence[TrialStep]) -> list[TrialStep]:
    """Those whose images are there.

    Raises
    ------
    NothingToPreviewError
        If there is none.
    """
    pack = StimulusPack(study.folder)
    ready = [step for step in steps if not pack.missing(step.trial.images)]
    if not ready:
        raise NothingToPreviewError(
            f"No trial of {study.name} can be shown yet: its images are missing. Make them with "
            f"imi-desktop generate {study.folder}."
        )
    return ready


def first_trials(plan: SessionPlan) -> list[TrialStep]:
    """The first trial of every block, in its place."""
    return [
        TrialStep(block.trials[0], 1, 1, len(block.trials), block.timings, block.wording)
        for block in plan.blocks
        if block.trials
    ]


def trials_from(plan: SessionPlan, number: int) -> list[TrialStep]:
    """The trial with `number` and the later ones of its block, in their places.

    Raises
    ------
    NothingToPreviewError
        If the plan has no such trial.
    """
    for block in plan.blocks:
        numbers = [trial.number for trial in block.trials]
        if number in numbers:
            return [
                TrialStep(trial, 1, place + 1, len(numbers), block.timings, block.wording)
                for place, trial in enumerate(block.trials)
                if trial.number >= number
            ]
    raise NothingToPreviewError(
        f"{plan.participant} has no trial {number}; there are {len(plan.trials)}, from 1."
    )


def instructions(study: Study, plan: SessionPlan) -> list[Step]:
    """Everything that is read before the first trial; figures without their images are left out."""
    missing = set(StimulusPack(study.folder).missing(plan.images))
    pages: list[Step] = []
    for page in (*plan.opening, *(plan.blocks[0].before if plan.blocks else ())):
        if isinstance(page, PageStep) and missing.intersection(page.files):
            page = replace(page, example=None, images=())
        pages.append(page)
    return pages


def main(argv: Sequence[str] | None = None) -> int:
    """Command line of the preview."""
    parser = argparse.ArgumentParser(prog="preview", description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--screen", type=int)
    parser.add_argument("--participant", default=PREVIEW_PARTICIPANT, metavar="ID")
    parser.add_argument("--trial", type=int, metavar="N", help="play from this trial on")
    parser.add_argument("--instructions", action="store_true", help="the pages before any trial")
    parser.add_argument("--audience", choices=get_args(Audience), help="whom they are written for")
    options = parser.parse_args(argv)
    start_log()
    try:
        steps: Sequence[Step] | None = None
        if options.instructions:
            study = Study.load(options.study)
            record = read_participant(study.folder, options.participant)
            record = replace(record, audience=options.audience or record.audience)
            steps = instructions(study, plan_for(study, options.participant, record))
        elif options.trial is not None:
            study = Study.load(options.study)
            plan = with_examples(plan_for(study, options.participant))
            steps = _ready(study, trials_from(plan, options.trial))
        return present_preview(options.study, steps, screen=options.screen)
    except UserError as error:
        sys.stderr.write(error.sentence + "\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
