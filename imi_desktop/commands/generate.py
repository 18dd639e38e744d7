"""``imi-desktop generate``: everything the study's trials need."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from imi_desktop.commands.numbers import positive
from imi_desktop.commands.progress_line import ProgressLine, interruptible
from imi_desktop.commands.stimulus_notes import reference_notes
from imi_desktop.errors import UserError
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.generation import Options, Outcome, generate
from imi_desktop.jobs.overrides import Override
from imi_desktop.jobs.unit_tasks import KINDS
from imi_desktop.models.unit import Unit, parse_address
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
        help="worker processes (default: one per GPU, or per processor, at most 8)",
    )
    parser.add_argument(
        "--scheduler",
        metavar="URL",
        help="Dask scheduler whose workers make the stimuli, e.g. tcp://host:8786; they must see "
        "study, images and weights under the same paths (docs/generation.md, also for SLURM)",
    )
    parser.add_argument(
        "--unit", action="append", default=[], metavar="LAYER:CH",
        help="only this unit; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--diversity", type=float, metavar="W",
        help="with --unit: weight of the diversity of its visualizations instead of the study's",
    )  # fmt: skip
    parser.add_argument(
        "--steps", type=positive, metavar="N",
        help="with --unit: optimisation steps instead of the study's",
    )  # fmt: skip
    parser.add_argument(
        "--preset", metavar="NAME",
        help="with --unit: settings of its visualizations instead of the study's",
    )  # fmt: skip
    parser.add_argument(
        "--as-study", action="store_true",
        help="with --unit: back to the study's settings",
    )  # fmt: skip
    parser.add_argument(
        "--reindex", action="store_true", help="look through the image folder again"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(options: argparse.Namespace) -> int:
    """Generate; 0 when everything is there, 1 when some stimuli could not be made."""
    units = _units(options)
    with interruptible() as cancel, ProgressLine(sys.stderr) as line:
        outcome = generate(
            options.study,
            Options(
                only=options.only,
                device=options.device,
                workers=options.workers,
                scheduler=options.scheduler,
                reindex=options.reindex,
                units=units,
                overrides=_overrides(options, units),
            ),
            line.show,
            cancel,
        )
    _print(outcome, _notes(options.study), options.json)
    return 1 if outcome.failed else 0


def _units(options: argparse.Namespace) -> tuple[Unit, ...]:
    """Units of the study with the addresses given, in whichever of its models."""
    if not options.unit:
        return ()
    known = stimuli_needed(Study.load(options.study)).units
    found: list[Unit] = []
    for text in options.unit:
        address = parse_address(text)
        same = [unit for unit in known if (unit.layer, unit.channel) == address]
        if not same:
            raise UserError(
                f"{text} is no unit of {options.study}. imi-desktop trials shows those it has."
            )
        found += same
    return tuple(found)


def _overrides(options: argparse.Namespace, units: tuple[Unit, ...]) -> dict[Unit, Override]:
    override = Override(options.diversity, options.steps, options.preset)
    if override == Override() and not options.as_study:
        return {}
    if not units:
        raise UserError(
            "--diversity, --steps, --preset and --as-study are for single units: name them with "
            "--unit. What holds for all units is in study.toml."
        )
    if override != Override() and options.as_study:
        raise UserError("--as-study goes back to the study's settings; leave the others out.")
    return dict.fromkeys(units, override)


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
