"""``imi-desktop amend``: accepts a change of a study that people took part in, with its reason."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--author", required=True, metavar="NAME", help="who makes the change")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why it is made")


def run(options: argparse.Namespace) -> int:
    """Record the amendment, and say what it accepts; 2 if there is nothing to amend."""
    from imi_desktop.experiment.lock import amend, lock_again
    from imi_desktop.experiment.study import Study
    from imi_desktop.recording.lost_lock import lock_is_lost

    study = Study.load(options.study)
    make = lock_again if lock_is_lost(study.folder) else amend
    amendment = make(study, author=options.author, reason=options.reason).amendments[-1]
    print(f"Amended {study.folder} ({amendment.made}, {amendment.author}: {amendment.reason}):")
    for change in amendment.changes:
        print(f"  {change}")
    return 0
