"""``imi-desktop export``: a study's answers or stimuli in other people's formats."""

from __future__ import annotations

import argparse
from pathlib import Path

from imi_desktop.exchange.formats import EXPORTS

FORMATS = tuple(entry.name for entry in EXPORTS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder to write to")
    parser.add_argument("--format", required=True, choices=FORMATS, help="what to write")


def run(options: argparse.Namespace) -> int:
    """Write the files and name them; images are only counted."""
    from imi_desktop.exchange.export import export_study

    written = export_study(options.study, options.to, options.format)
    images = [path for path in written if path.suffix == ".png"]
    for path in written:
        if path.suffix != ".png":
            print(path)
    if images:
        print(f"{len(images)} images in {options.to}")
    return 0
