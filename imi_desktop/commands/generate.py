"""``imi-desktop generate``: everything the study's trials need."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from imi_desktop.commands.numbers import positive
from imi_desktop.commands.progress_line import ProgressLine, interruptible
from imi_desktop.commands.stimulus_notes import reference_notes
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.generation import Options, Outcome, generate
from imi_desktop.jobs.unit_tasks import KINDS
from imi_desktop.stimuli.manifest import Manifest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--only", choices=KINDS, help="make only this kind of stimuli")
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1, mps")
    parser.add_argument(
        "--workers",
        type=positive,
        default=0,
        metavar="N",
        help="worker processes (default: one per processor, at most 8)",
    )
    parser.add_argument(
        "--scheduler",
        metavar="URL",
        help="Dask scheduler whose workers make the stimuli, e.g. tcp://host:8786",
    )
    parser.add_argument(
        "--reindex", action="store_true", help="look through the image folder again"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(options: argparse.Namespace) -> int:
    """Generate; 0 when everything is there, 1 when some stimuli could not be made."""
    with interruptible() as cancel, ProgressLine(sys.stderr) as line:
        outcome = generate(
            options.study,
            Options(
                only=options.only,
                device=options.device,
                workers=options.workers,
                scheduler=options.scheduler,
                reindex=options.reindex,
            ),
            line.show,
            cancel,
        )
    _print(outcome, _notes(options.study), options.json)
    return 1 if outcome.failed else 0


def _notes(folder: Path) -> list[str]:
    study = Study.load(folder)
    return reference_notes(Manifest.read(study.folder), stimuli_needed(study).files)


def _print(outcome: Outcome, notes: list[str], as_json: bool) -> None:
    if as_json:
        print(json.dumps(outcome.to_json() | {"notes": notes}, ensure_ascii=False, indent=1))
        return
    print(
        f"{outcome.made} made, {outcome.skipped} there already, {len(outcome.failed)} failed "
        "(units × kinds of stimuli)."
    )
    for entry in outcome.failed:
        print(f"Failed: {entry['unit']}, {entry['kind']}: {entry['reason']}", file=sys.stderr)
    for entry in outcome.remarks:
        print(f"Note: {entry['unit']}, {entry['kind']}: {entry['reason']}", file=sys.stderr)
    for note in notes:
        print(f"Note: {note}", file=sys.stderr)
