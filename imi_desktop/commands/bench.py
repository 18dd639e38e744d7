"""``imi-desktop bench``: the speed claims, each against its peer in one run."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from imi_desktop.commands.progress_line import ProgressLine
from imi_desktop.errors import UserError

BENCHMARKS = {
    "recorder": "imi_desktop.jobs.benchmarks.recorder:recorder_benchmark",
    "visualize": "imi_desktop.jobs.benchmarks.visualize:visualize_benchmark",
    "diversity": "imi_desktop.jobs.benchmarks.diversity:diversity_benchmark",
    "guarantee": "imi_desktop.jobs.benchmarks.guarantee:guarantee_benchmark",
    "occlusion": "imi_desktop.jobs.benchmarks.occlusion:occlusion_benchmark",
    "analysis": "imi_desktop.analysis.benchmark:analysis_benchmark",
    "presenter": "imi_desktop.gui.presenter.bench:presenter_benchmark",
    "soak": "imi_desktop.gui.presenter.bench:soak_benchmark",
}
"""Name → function that takes an empty folder and ``progress``, and gives rows."""

ON_REQUEST = frozenset({"guarantee", "soak"})
"""Those that take ten minutes or more, and run only where they are named."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME",
        help=f"what to measure: {', '.join(BENCHMARKS)}; default: everything but "
        f"{', '.join(sorted(ON_REQUEST))}, which take ten minutes or more",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Measure and print one row per claim."""
    rows: list[dict[str, Any]] = []
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        raise UserError(f"There is no benchmark {unknown[0]}. There are {', '.join(BENCHMARKS)}.")
    for name in options.names or [name for name in BENCHMARKS if name not in ON_REQUEST]:
        module, function = BENCHMARKS[name].split(":")
        measure = getattr(importlib.import_module(module), function)
        with tempfile.TemporaryDirectory() as folder, ProgressLine(sys.stderr) as line:
            try:
                rows += measure(Path(folder), progress=line.show)
            except UserError as error:
                if options.names:
                    raise
                line.close()
                print(f"{name} was not measured. {error.sentence}", file=sys.stderr)
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        print(_sentence(row))
    return 0


def _sentence(row: dict[str, Any]) -> str:
    """One row for people; some have no peer but a limit to keep."""
    said = f"{row['name']} ({row['work']}): {row['ours']:.3f} {row['unit']}"
    if row["peer"] is None:
        return said
    better = "times as fast" if row["unit"] == "s" else "times better"
    ratio = "" if row["ratio"] is None else f", {row['ratio']:.1f} {better}"
    return f"{said}, peer {row['peer']:.3f} {row['unit']}{ratio}"
