"""``imi-desktop bench``: the speed claims, each against its peer in one run."""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

from imi_desktop.errors import UserError

BENCHMARKS = {
    "recorder": "imi_desktop.jobs.benchmarks.recorder:recorder_benchmark",
    "visualize": "imi_desktop.jobs.benchmarks.visualize:visualize_benchmark",
    "diversity": "imi_desktop.jobs.benchmarks.visualize:diversity_benchmark",
    "occlusion": "imi_desktop.jobs.benchmarks.occlusion:occlusion_benchmark",
    "analysis": "imi_desktop.analysis.benchmark:analysis_benchmark",
}
"""Name → function that takes an empty folder and gives rows."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME",
        help=f"what to measure: {', '.join(BENCHMARKS)}; default: everything",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Measure and print one row per claim."""
    rows: list[dict[str, Any]] = []
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        raise UserError(f"There is no benchmark {unknown[0]}. There are {', '.join(BENCHMARKS)}.")
    for name in options.names or BENCHMARKS:
        module, function = BENCHMARKS[name].split(":")
        measure = getattr(importlib.import_module(module), function)
        with tempfile.TemporaryDirectory() as folder:
            rows += measure(Path(folder))
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        print(
            f"{row['name']} ({row['work']}): {row['ours']:.3f} {row['unit']}, "
            f"peer {row['peer']:.3f} {row['unit']}, {row['ratio']:.1f} times as fast"
        )
    return 0
