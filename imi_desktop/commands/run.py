"""``imi-desktop run``: one participant's session, on the screen or by an observer."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from imi_desktop.errors import UserError

if TYPE_CHECKING:
    from imi_desktop.experiment.study import Study
    from imi_desktop.experiment.trial import SessionPlan


class StimuliMissingError(UserError):
    """Images of the participant's trials are not there."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--participant", required=True, metavar="ID", help="participant's id")
    parser.add_argument(
        "--screen", type=int, metavar="N", help="screen to present on, from 1; default: the last"
    )
    parser.add_argument(
        "--windowed", action="store_true", help="present in a window instead of full screen"
    )
    parser.add_argument(
        "--observer",
        metavar="NAME",
        help="let a simulated participant answer, without a screen: chance, chance:0.8, pixels …",
    )
    parser.add_argument(
        "--override",
        metavar="REASON",
        help="use a screen that the study would refuse, for this written reason",
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue the participant's unfinished session"
    )


def run(options: argparse.Namespace) -> int:
    """Run the session; 0 when it was finished, 1 when it was left before its end."""
    from imi_desktop.experiment.lock import lock_study, refuse_changes
    from imi_desktop.experiment.study import Study
    from imi_desktop.recording.participants import plan_for
    from imi_desktop.recording.session import Session

    study = Study.load(options.study)
    plan = plan_for(study, options.participant)
    _refuse_missing_stimuli(study, plan)
    refuse_changes(study)
    Session.refuse(study, options.participant, resume=options.resume)
    lock_study(study)
    if options.observer is not None:
        return _simulate(study, plan, options)
    from imi_desktop.gui.presenter.app import present

    return int(
        present(
            study.folder,
            options.participant,
            screen=options.screen,
            windowed=options.windowed,
            resume=options.resume,
            override=options.override,
        )
    )


def _refuse_missing_stimuli(study: Study, plan: SessionPlan) -> None:
    from imi_desktop.stimuli.pack import StimulusPack

    needed = list(dict.fromkeys(image for trial in plan.trials for image in trial.images))
    missing = StimulusPack(study.folder).missing(needed)
    if missing:
        raise StimuliMissingError(
            f"{len(missing)} of the {len(needed)} images that {plan.participant} would see are "
            f"missing, the first is {missing[0]}. Make them with "
            f"imi-desktop generate {study.folder}."
        )


def _simulate(study: Study, plan: SessionPlan, options: argparse.Namespace) -> int:
    from imi_desktop.observers.build import build_observer
    from imi_desktop.observers.simulate import run_observer
    from imi_desktop.recording.session import Session

    observer = build_observer(options.observer)
    session = Session.open(
        study,
        plan.participant,
        resume=options.resume,
        environment={"observer": observer.name, "simulated": True},
        plan=plan,
    )
    started = time.monotonic()
    before = session.answered
    try:
        run_observer(session, observer)
    finally:
        session.close()
    seconds = time.monotonic() - started
    print(
        f"{plan.participant}: {session.answered - before} answers by {observer.name} in "
        f"{seconds:.1f} s, recorded in {session.folder}"
    )
    return 0
