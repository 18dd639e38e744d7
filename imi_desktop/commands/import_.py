"""``imi-desktop import``: answers and stimuli that were made elsewhere."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

FORMATS = ("borowski2021",)


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
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: argparse.Namespace) -> int:
    """Import and print what was read, mapped, dropped and not understood."""
    from imi_desktop.exchange.borowski2021 import import_borowski2021

    report = import_borowski2021(options.path, options.into, units=options.units)
    if options.json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(report.lines()))
    return 0
