"""``imi-desktop pick``: exchanges drawn units by what their activations say.

Units that respond to every image alike are drawn anew, and practice and catch units that have to
be obvious are chosen where nobody has picked them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from imi_desktop.errors import UserError

if TYPE_CHECKING:
    from imi_desktop.experiment.clear_units import ClearUnit
    from imi_desktop.experiment.dead_units import Replacement
    from imi_desktop.experiment.study import Study


class NothingToPickError(UserError):
    """The study is locked."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1, mps")
    parser.add_argument("--json", action="store_true", help="print the exchanged units as JSON")


def run(options: argparse.Namespace) -> int:
    """Record what is missing, choose, and write the study file."""
    from imi_desktop.experiment.clear_units import with_clear_units
    from imi_desktop.experiment.dead_units import with_live_units
    from imi_desktop.experiment.lock import read_lock
    from imi_desktop.experiment.study import Study

    study = Study.load(options.study)
    if read_lock(study.folder) is not None:
        raise NothingToPickError(
            f"{study.folder} is locked since its first session, so its units stay as they are."
        )
    _record(study, options.device)
    clear_study, chosen = with_clear_units(study)
    changed, replaced = with_live_units(clear_study)
    if chosen or replaced:
        changed.save()
    if options.json:
        print(json.dumps(_as_json(study, replaced, chosen), indent=2))
    elif chosen or replaced:
        print(f"Written to {study.file}:")
        for pair in replaced:
            print(f"  {pair.unit} for {pair.dead}, which responds to every image alike")
        for clear in chosen:
            print(f"  {clear.unit}  {clear.separation:.1f} standard deviations between both ends")
    else:
        print(f"{study.folder}: no unit has to be exchanged.")
    return 0


def _as_json(
    study: Study, replaced: tuple[Replacement, ...], chosen: tuple[ClearUnit, ...]
) -> dict[str, object]:
    return {
        "study": str(study.folder),
        "replaced": [
            {"model": pair.unit.model, "dead": pair.dead.address, "unit": pair.unit.address}
            for pair in replaced
        ],
        "chosen": [
            {"model": c.unit.model, "unit": c.unit.address, "separation": c.separation}
            for c in chosen
        ],
    }


def _record(study: Study, device: str) -> None:
    """Record the activations of the study's layers that are not there yet."""
    from imi_desktop.commands.progress_line import ProgressLine, interruptible
    from imi_desktop.jobs.process import run_job
    from imi_desktop.jobs.protocol import JobSpec
    from imi_desktop.stimuli.activation_table import table_path

    for model in study.models:
        layers = dict.fromkeys(entry.layer for entry in study.units if entry.model == model)
        missing = [
            layer for layer in layers if not table_path(study.folder, model, layer).is_file()
        ]
        if missing:
            arguments = {
                "study": str(study.folder),
                "model": model,
                "layers": missing,
                "device": device,
            }
            with interruptible() as cancel, ProgressLine(sys.stderr) as line:
                run_job(JobSpec("record_activations", arguments), line.show, cancel)
