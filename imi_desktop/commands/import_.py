"""``imi-desktop import``: answers and stimuli that were made elsewhere."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from imi_desktop.exchange.formats import IMPORTS

if TYPE_CHECKING:
    from imi_desktop.exchange.imported_table import ImportReport

FORMATS = tuple(entry.name for entry in IMPORTS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("format", choices=FORMATS, help="what the files are")
    parser.add_argument("path", type=Path, metavar="PATH", help="file or folder to read")
    parser.add_argument(
        "--into", type=Path, required=True, metavar="DIR", help="study folder; made if missing"
    )
    parser.add_argument(
        "--units", type=Path, metavar="DIR",
        help="borowski2021: folder of the unit tables, if they do not lie beside PATH",
    )  # fmt: skip
    parser.add_argument(
        "--model", default="inceptionv1",
        help="stimuli-folder: network that the layers belong to (default: inceptionv1)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: argparse.Namespace) -> int:
    """Import and print what was read, mapped, dropped and not understood."""
    report = _import(options)
    if options.json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(report.lines()))
    return 0


def _import(options: argparse.Namespace) -> ImportReport:
    from imi_desktop.exchange.borowski2021 import import_borowski2021
    from imi_desktop.exchange.imi_responses import import_imi
    from imi_desktop.exchange.jspsych_tasks import import_jspsych_tasks
    from imi_desktop.exchange.stimuli_folder import import_stimuli_folder
    from imi_desktop.exchange.trials_csv import import_trials_csv

    source, into = options.path, options.into
    if options.format == "borowski2021":
        return import_borowski2021(source, into, units=options.units)
    if options.format == "stimuli-folder":
        return import_stimuli_folder(source, into, model=options.model)
    simple = {
        "imi": import_imi,
        "trials-csv": import_trials_csv,
        "jspsych-tasks": import_jspsych_tasks,
    }
    return simple[options.format](source, into)
