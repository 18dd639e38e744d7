"""``imi-desktop trials``: the trial list of one participant, without running it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imi_desktop.experiment.trial import BlockPlan, SessionPlan, Trial


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--participant", required=True, metavar="ID", help="participant's id")
    parser.add_argument("--json", action="store_true", help="print every field as JSON")


def run(options: argparse.Namespace) -> int:
    """Print the participant's trials."""
    from imi_desktop.experiment.study import Study
    from imi_desktop.recording.participants import plan_for

    plan = plan_for(Study.load(options.study), options.participant)
    if options.json:
        print(json.dumps(_as_json(plan), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_as_table(plan)))
    return 0


def _as_json(plan: SessionPlan) -> dict[str, Any]:
    return {
        "participant": plan.participant,
        "seed": plan.seed,
        "counterbalancing": plan.counterbalancing,
        "n_trials": plan.n_trials,
        "blocks": [
            {
                "number": block.number,
                "name": block.name,
                "phase": block.phase,
                "repeat_until_perfect": block.repeat_until_perfect,
                "max_attempts": block.max_attempts,
                "repeats": asdict(block.repeats) if block.repeats else None,
                "timings": asdict(block.timings),
                "trials": [trial.number for trial in block.trials],
            }
            for block in plan.blocks
        ],
        "trials": [_trial_as_json(trial) for trial in plan.trials],
    }


def _trial_as_json(trial: Trial) -> dict[str, Any]:
    return {**asdict(trial), "unit": asdict(trial.unit) | {"address": trial.unit.address}}


def _as_table(plan: SessionPlan) -> list[str]:
    assigned = ", ".join(f"{key} {value}" for key, value in plan.counterbalancing.items())
    lines = [f"Participant {plan.participant}: {plan.n_trials} trials ({assigned})"]
    rows = [_row(trial) for trial in plan.trials]
    widths = [max(len(row[i]) for row in [_HEADINGS, *rows]) for i in range(len(_HEADINGS))]
    numbers = {trial.number: row for trial, row in zip(plan.trials, rows, strict=True)}
    for block in plan.blocks:
        lines += ["", _title(block)]
        if block.trials:
            lines.append(_line(_HEADINGS, widths))
            lines += [_line(numbers[trial.number], widths) for trial in block.trials]
    return lines


_HEADINGS = ("trial", "condition", "scheme", "unit", "images", "right", "")


def _row(trial: Trial) -> tuple[str, ...]:
    return (
        str(trial.number),
        trial.condition,
        trial.scheme,
        str(trial.unit),
        trial.image_set,
        trial.target_position or "",
        "catch" if trial.catch else "",
    )


def _title(block: BlockPlan) -> str:
    title = f"Block {block.number}: {block.name} ({block.phase})"
    if block.repeats:
        rule = block.repeats
        title += (
            f", chosen from the answers: {rule.most_confident} most and {rule.least_confident} "
            f"least confident {rule.condition} trials"
        )
    elif block.repeat_until_perfect:
        limit = f", {block.max_attempts} times at most" if block.max_attempts else ""
        title += f", repeated until all are right{limit}"
    return title


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()
