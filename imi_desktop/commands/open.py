"""``imi-desktop open``: the app, on a study if one is named."""

from __future__ import annotations

import argparse
from pathlib import Path

from imi_desktop.errors import StorageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "study", nargs="?", type=Path, help="study folder; without it the last study is opened"
    )


def run(options: argparse.Namespace) -> int:
    """Open the window and stay until it is closed.

    Raises
    ------
    StorageError
        If the folder named does not exist.
    """
    if options.study is not None and not options.study.exists():
        raise StorageError(
            f"There is no folder {options.study}. Name a study folder, or none to open the app."
        )
    from imi_desktop.gui import app

    return app.run(options.study)
