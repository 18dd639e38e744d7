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
    from imi_desktop.observers.observer import Observer


class WrongStimuliError(UserError):
    """Images of the participant's trials are not there, or not those that were made."""


class SessionFinishedError(UserError):
    """The participant has finished a session, and another was not asked for."""


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
    parser.add_argument(
        "--again",
        action="store_true",
        help="start another session of a participant who has finished one",
    )


def run(options: argparse.Namespace) -> int:
    """Run the session; 0 when it was finished, 1 when it was left before its end."""
    from imi_desktop.experiment.lock import refuse_changes
    from imi_desktop.experiment.study import Study
    from imi_desktop.recording.lost_lock import refuse_lost_lock
    from imi_desktop.recording.participants import plan_for
    from imi_desktop.recording.session import Session

    observer = None if options.observer is None else _observer(options.observer)
    study = Study.load(options.study)
    plan = plan_for(study, options.participant)
    hashes = _refuse_wrong_stimuli(study, plan)
    refuse_lost_lock(study.folder)
    refuse_changes(study, hashes)
    Session.refuse(study, options.participant, resume=options.resume)
    if not options.resume and not options.again:
        _refuse_second_session(study, plan.participant)
    if observer is not None:
        return _simulate(study, plan, observer, resume=options.resume)
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


def _observer(name: str) -> Observer:
    from imi_desktop.observers.build import build_observer  # scipy, which no screen waits for

    return build_observer(name)


def _refuse_wrong_stimuli(study: Study, plan: SessionPlan) -> dict[str, str]:
    """Read every image that the participant will see, and refuse those that are not as made.

    Returns
    -------
    dict of str to str
        SHA-256 of each.
    """
    from imi_desktop.stimuli.pack import StimulusPack

    pack = StimulusPack(study.folder)
    shown = list(plan.images)
    hashes = pack.hashes(shown)
    for wrong, what in (
        ([file for file in shown if file not in hashes], "missing"),
        (pack.differing(hashes), "not what the manifest says"),
    ):
        if wrong:
            verb, them = ("is", "it") if len(wrong) == 1 else ("are", "them")
            raise WrongStimuliError(
                f"{len(wrong)} of the {len(shown)} images that {plan.participant} would see {verb} "
                f"{what}, the first is {wrong[0]}. Make {them} with "
                f"imi-desktop generate {study.folder}."
            )
    return hashes


def _refuse_second_session(study: Study, participant: str) -> None:
    from imi_desktop.recording.session_folder import sessions_of, state_of

    done = [s for s in sessions_of(study.folder, participant) if state_of(s) == "done"]
    if done:
        raise SessionFinishedError(
            f"Participant {participant} has finished a session ({done[-1].name}). Start another "
            "with --again, or choose another participant."
        )


def _simulate(study: Study, plan: SessionPlan, observer: Observer, *, resume: bool) -> int:
    from imi_desktop.observers.simulate import run_observer
    from imi_desktop.recording.session import Session

    session = Session.open(
        study,
        plan.participant,
        resume=resume,
        environment={"observer": observer.name, "simulated": True},
        plan=plan,
        lock=True,
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
