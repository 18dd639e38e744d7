"""``imi-desktop demo``: a small study that is ready to run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from imi_desktop.commands.progress_line import ProgressLine, interruptible
from imi_desktop.errors import UserError
from imi_desktop.paths import default_studies_dir

FOLDER_NAME = "demo"


class DemoImagesMissingError(UserError):
    """The folder named with ``--images`` is not there."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help=f"study folder (default: {FOLDER_NAME} in the studies folder)",
    )
    parser.add_argument(
        "--images",
        type=Path,
        metavar="FOLDER",
        help="natural images to use instead of crops of the bundled photographs",
    )
    parser.add_argument("--no-gui", action="store_true", help="make it without opening the app")
    parser.add_argument(
        "--regenerate",
        action="store_true",
        help="optimise the feature visualizations that are shipped with the demo anew",
    )


def run(options: argparse.Namespace) -> int:
    """Make the demo study and open it; 0 when that went well."""
    if options.images is not None and not options.images.is_dir():
        raise DemoImagesMissingError(
            f"There is no folder {options.images}. Name a folder of images, or leave --images out."
        )
    if options.regenerate:
        return _regenerate()
    folder = options.folder or default_studies_dir() / FOLDER_NAME
    if options.no_gui:
        return _make(folder, options.images)
    from imi_desktop.gui import app

    return app.run(demo=folder, demo_images=options.images)


def _make(folder: Path, images: Path | None) -> int:
    from imi_desktop.jobs.process import run_job
    from imi_desktop.jobs.protocol import JobSpec

    arguments = {"folder": str(folder)}
    if images is not None:
        arguments["images"] = str(images)
    with interruptible() as cancel, ProgressLine(sys.stderr) as line:
        result = run_job(JobSpec("demo", arguments), line.show, cancel)
    print(result["study"])
    return 0


def _regenerate() -> int:
    from imi_desktop.jobs.demo_study import regenerate

    with interruptible() as cancel, ProgressLine(sys.stderr) as line:
        outcome = regenerate(line.show, cancel)
    for entry in (*outcome.failed, *outcome.remarks):
        print(f"{entry['unit']}: {entry['reason']}", file=sys.stderr)
    return 1 if outcome.failed else 0
