"""``imi-desktop power``: how many units, answers and participants a study needs."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

TESTS = ("mann_whitney", "wilcoxon", "t", "paired_t")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments; the defaults are those of Zimmermann et al. 2023."""
    parser.epilog = (
        "Units are rounded up until they fill whole sessions: 86 become 88 with 66 participants. "
        "Zimmermann et al. 2023 rounded down to 84 with 63."
    )
    parser.add_argument("--test", choices=TESTS, default="mann_whitney", help="planned test")
    parser.add_argument("--effect", type=float, default=0.67, help="Cohen's d (default: 0.67)")
    parser.add_argument("--alpha", type=float, default=0.01, help="default: 0.01")
    parser.add_argument("--power", type=float, default=0.95, help="default: 0.95")
    parser.add_argument("--one-sided", action="store_true", help="test in one direction")
    parser.add_argument(
        "--sd", type=float, default=0.1, help="of a unit's proportion correct (default: 0.1)"
    )
    parser.add_argument(
        "--trials", type=int, default=40, help="main trials per participant (default: 40)"
    )
    parser.add_argument(
        "--simulate", type=int, metavar="PARTICIPANTS",
        help="simulate a design within participants with this many of them, --trials per "
        "condition, and tell its power",
    )  # fmt: skip
    parser.add_argument(
        "--accuracy", type=float, nargs=2, default=(0.9, 0.8), metavar=("A", "B"),
        help="accuracy in the two conditions that are simulated (default: 0.9 0.8)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="of the simulation")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print what is needed."""
    from imi_desktop.analysis.power import (
        answers_needed,
        cases_needed,
        sample_plan,
        simulate_design,
    )

    if options.simulate is not None:
        found = simulate_design(
            participants=options.simulate,
            trials=options.trials,
            accuracy=tuple(options.accuracy),
            alpha=options.alpha,
            seed=options.seed,
        )
        if options.json:
            print(json.dumps(asdict(found)))
        else:
            low, high = found.ci95
            print(f"Power {found.power:.2f} [{low:.2f}, {high:.2f}] in {found.studies} studies.")
        return 0
    cases = cases_needed(
        options.test,
        options.effect,
        alpha=options.alpha,
        power=options.power,
        sides=1 if options.one_sided else 2,
    )
    plan = sample_plan(cases, answers_needed(options.sd), options.trials)
    if options.json:
        print(json.dumps(asdict(plan)))
    else:
        print(
            f"{plan.units_needed} cases per group ({options.test.replace('_', ' ')}, "
            f"d = {options.effect:g}, α = {options.alpha:g}, power {options.power:g}).\n"
            f"{plan.answers} answers per unit ({plan.answers_least} is the least for a standard "
            f"deviation of {options.sd:g}, rounded up to tens).\n"
            f"{plan.participants} participants with {options.trials} trials each answer "
            f"{plan.units} units {plan.answers} times."
        )
        if 0 < plan.units_rounded_down < plan.units:
            print(
                f"Rounded down, as Zimmermann et al. 2023 did: {plan.participants_rounded_down} "
                f"participants, {plan.units_rounded_down} units, slightly less power."
            )
    return 0
