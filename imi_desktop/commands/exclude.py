"""``imi-desktop exclude``: leaves a participant's session out of analyses, or takes it back in."""

from __future__ import annotations

import argparse
from pathlib import Path

from imi_desktop.errors import UserError


class ExclusionError(UserError):
    """There is nothing to exclude, or no reason for it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--participant", required=True, metavar="ID", help="participant's id")
    parser.add_argument("--session", metavar="NAME", help="one session; default: all of them")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why")
    parser.add_argument(
        "--include-again", action="store_true", help="take back an earlier exclusion instead"
    )


def run(options: argparse.Namespace) -> int:
    """Mark the sessions; nothing is deleted."""
    from imi_desktop.experiment.study import Study
    from imi_desktop.recording.marks import exclude, include_again
    from imi_desktop.recording.session_folder import refuse_running, sessions_of

    study = Study.load(options.study)
    sessions = [
        folder
        for folder in sessions_of(study.folder, options.participant)
        if options.session in (None, folder.name)
    ]
    if not sessions:
        named = f" named {options.session}" if options.session else ""
        raise ExclusionError(
            f"Participant {options.participant} has no session{named} in {study.folder}. "
            "Look up the names below its folder sessions."
        )
    if not options.reason.strip():
        raise ExclusionError("Say why with --reason; reports show the reason.")
    for session in sessions:
        refuse_running(session)
    mark = include_again if options.include_again else exclude
    for session in sessions:
        mark(session, options.reason.strip())
        done = "Included again" if options.include_again else "Excluded"
        print(f"{done}: {options.participant}, session {session.name}.")
    return 0
