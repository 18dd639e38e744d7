"""``imi-desktop measure``: activation maps, selectivity and machine scores of a study's units."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from imi_desktop.commands.numbers import positive
from imi_desktop.commands.progress_line import ProgressLine, interruptible
from imi_desktop.jobs.process import run_job
from imi_desktop.jobs.protocol import JobSpec
from imi_desktop.stimuli.unit_measures import MeasureKind, UnitMeasures

KINDS: dict[str, MeasureKind] = {
    "maps": "activation_maps",
    "selectivity": "selectivity",
    "machine-score": "machine_score",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Compute what analyze sets the units' scores against: sparseness and local contrast of "
        "activation maps, class selectivity and ablation on labelled images, or the machine "
        "interpretability score. Written to the study's exports folder."
    )
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("what", choices=tuple(KINDS), help="what to compute")
    parser.add_argument(
        "--images", type=positive, metavar="N",
        help="maps, selectivity: use N images at most, drawn by the study's seed",
    )  # fmt: skip
    parser.add_argument(
        "--labels", type=Path, metavar="FILE.csv",
        help="selectivity: columns image and label (class index, WordNet id or name); "
        "default: WordNet ids in the images' names",
    )  # fmt: skip
    parser.add_argument(
        "--ablate", choices=("zero", "mean"), default="zero",
        help="selectivity: hold an ablated unit at zero (default) or at its mean",
    )  # fmt: skip
    parser.add_argument(
        "--controls", type=int, default=1, metavar="N",
        help="selectivity: ablate N other units of the layer for comparison (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--temperature", type=float, default=0.1, metavar="T",
        help="machine-score: temperature of the logistic function (default: 0.1)",
    )  # fmt: skip
    parser.add_argument(
        "--observer", metavar="NAME",
        help="machine-score: what compares images, for example perceptual (default), "
        "perceptual:resnet50, pixels",
    )  # fmt: skip
    parser.add_argument(
        "--batches", type=positive, metavar="N",
        help="machine-score: use N batches of queries per unit; default: all",
    )  # fmt: skip
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1, mps")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Compute in a worker process and print one line per unit."""
    kind = KINDS[options.what]
    with interruptible() as cancel, ProgressLine(sys.stderr) as line:
        run_job(JobSpec(kind, _arguments(options)), line.show, cancel)
    measures = UnitMeasures.read(options.study, kind)
    assert measures is not None
    if options.json:
        print(json.dumps(measures.to_json(), ensure_ascii=False, indent=1))
        return 0
    names = list(dict.fromkeys(name for row in measures.values.values() for name in row))
    lines = [["Unit", *(name.replace("_", " ") for name in names)]]
    for unit, row in measures.values.items():
        lines.append([str(unit), *(_cell(row.get(name)) for name in names)])
    widths = [max(len(cells[i]) for cells in lines) for i in range(len(lines[0]))]
    for cells in lines:
        print("  ".join(cell.ljust(w) for cell, w in zip(cells, widths, strict=True)).rstrip())
    for note in measures.notes:
        print(note)
    return 0


def _arguments(options: argparse.Namespace) -> dict[str, Any]:
    named: dict[str, Any] = {"study": str(options.study), "device": options.device}
    if options.what in {"maps", "selectivity"} and options.images is not None:
        named["images"] = options.images
    if options.what == "selectivity":
        named |= {"ablate": options.ablate, "controls": max(0, options.controls)}
        if options.labels is not None:
            named["labels"] = str(options.labels.resolve())
    if options.what == "machine-score":
        named["temperature"] = options.temperature
        if options.observer is not None:
            named["observer"] = options.observer
        if options.batches is not None:
            named["batches"] = options.batches
    return named


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}".rstrip("0").rstrip(".").replace("-", "−")
