"""``imi-desktop pick``: chooses clear units for practice and catch trials by their activations."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from imi_desktop.errors import UserError

if TYPE_CHECKING:
    from imi_desktop.experiment.study import Study


class NothingToPickError(UserError):
    """The study is locked."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1, mps")
    parser.add_argument("--json", action="store_true", help="print the chosen units as JSON")


def run(options: argparse.Namespace) -> int:
    """Record what is missing, choose, and write the study file."""
    from imi_desktop.experiment.clear_units import stand_ins, with_clear_units
    from imi_desktop.experiment.lock import read_lock
    from imi_desktop.experiment.study import Study

    study = Study.load(options.study)
    if read_lock(study.folder) is not None:
        raise NothingToPickError(
            f"{study.folder} is locked since its first session, so its units stay as they are."
        )
    if stand_ins(study):
        _record(study, options.device)
    changed, chosen = with_clear_units(study)
    if chosen:
        changed.save()
    if options.json:
        rows = [
            {"model": c.unit.model, "unit": c.unit.address, "separation": c.separation}
            for c in chosen
        ]
        print(json.dumps({"study": str(study.folder), "chosen": rows}, indent=2))
    elif chosen:
        print(f"Chosen and written to {study.file}:")
        for clear in chosen:
            print(f"  {clear.unit}  {clear.separation:.1f} standard deviations between both ends")
    else:
        print(f"{study.folder}: no unit is waiting to be replaced by a clear one.")
    return 0


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
