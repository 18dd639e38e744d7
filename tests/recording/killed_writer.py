"""Answers a session until it is killed; tells each acknowledged answer on its standard output."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from example_study import ExampleStudy, example_plan, response

from imi_desktop.experiment.trial import PageStep, TrialStep
from imi_desktop.recording.session import Session

MAIN_TRIALS = 400


def main() -> None:
    """Start or resume the session and go through it."""
    folder, resume = Path(sys.argv[1]), sys.argv[2] == "resume"
    plan = example_plan(main_trials=MAIN_TRIALS)
    session = Session.open(ExampleStudy(folder), "P01", resume=resume, plan=plan)
    while session.step is not None:
        step = session.step
        onset_ns = time.monotonic_ns()
        if isinstance(step, TrialStep):
            session.trial_shown(onset_ns, {"geometry": {"upper": [848, 194, 224, 224]}})
            session.respond(response(step, onset_ns))
            sys.stdout.write(f"{step.trial.number}\n")
            sys.stdout.flush()
            session.feedback_shown(onset_ns)
            session.trial_done()
        elif isinstance(step, PageStep):
            session.page_shown(onset_ns)
            session.page_done()
        else:
            session.page_shown(onset_ns)
            session.answer_text("text")
    session.close()


if __name__ == "__main__":
    main()
