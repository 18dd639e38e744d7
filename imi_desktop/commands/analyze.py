"""``imi-desktop analyze``: measures and tests of one or many studies."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

PHASES = ("instruction", "practice", "main", "repeated", "all")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH",
        help="study folders, folders of studies, or .csv and .parquet trial tables",
    )  # fmt: skip
    parser.add_argument(
        "--by", metavar="COL,COL",
        help="columns that make the groups; default: the conditions the study varies",
    )  # fmt: skip
    parser.add_argument(
        "--phase", choices=PHASES, default="main", help="which trials count (default: main)"
    )
    parser.add_argument(
        "--catch", choices=("exclude", "only", "include"), default="exclude",
        help="catch trials: left out (default), only they, or counted with the rest",
    )  # fmt: skip
    parser.add_argument(
        "--include-excluded", action="store_true", help="count excluded sessions too"
    )
    parser.add_argument(
        "--correction", choices=("holm", "bonferroni", "none"), default="holm",
        help="for many exploratory tests (default: holm)",
    )  # fmt: skip
    parser.add_argument(
        "--model-values", type=Path, metavar="FILE.csv",
        help="set models' mean scores against values: columns model and any number of others",
    )  # fmt: skip
    parser.add_argument(
        "--mixed-model", action="store_true",
        help="also fit logistic mixed models with participants and units as random effects "
        "(slow: up to minutes for 100 000 trials)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, help="seed of the intervals; default: the study's")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a report")


def run(options: argparse.Namespace) -> int:
    """Print the analysis."""
    from imi_desktop.analysis.analyze import AnalysisOptions, analyze
    from imi_desktop.analysis.per_model import read_model_values
    from imi_desktop.analysis.selection import Selection
    from imi_desktop.analysis.text_tables import text_report

    values = None
    if options.model_values is not None:
        values = read_model_values(options.model_values)
    by = None
    if options.by is not None:
        by = tuple(name.strip() for name in options.by.split(",") if name.strip())
    analysis = analyze(
        options.paths,
        AnalysisOptions(
            by=by,
            selection=Selection(
                phases=() if options.phase == "all" else (options.phase,),
                catch=options.catch,
                include_excluded=options.include_excluded,
            ),
            correction=options.correction,
            seed=options.seed,
            mixed_model=options.mixed_model,
            model_values=values,
        ),
    )
    if options.report is not None:
        from imi_desktop.analysis.report import write_report

        write_report(analysis, options.report)
    if options.json:
        print(json.dumps(analysis.to_json(), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print(text_report(analysis))
    return 0
