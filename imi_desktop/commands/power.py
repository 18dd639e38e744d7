"""``imi-desktop power``: how many units, answers and participants a study needs."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

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
    parser.add_argument(
        "--study", type=Path, metavar="STUDY",
        help="simulate this study's own design (its trial lists, units and participants) and "
        "tell the power of each of its hypotheses at the accuracies of --accuracy",
    )  # fmt: skip
    parser.add_argument(
        "--participants", type=int, metavar="N",
        help="with --study: so many participants; default: what the hypothesis plans",
    )  # fmt: skip
    parser.add_argument(
        "--studies", type=int, default=200, metavar="N",
        help="with --study: simulated studies (default: 200)",
    )  # fmt: skip
    parser.add_argument(
        "--random-sd", type=float, nargs=3, default=(0.5, 0.3, 0.8),
        metavar=("PERSON", "SLOPE", "UNIT"),
        help="with --study: standard deviations, on the log odds scale, of participants, of "
        "their differences between conditions, and of units (default: 0.5 0.3 0.8)",
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

    if options.study is not None:
        return _of_study(options)
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


def _of_study(options: argparse.Namespace) -> int:
    from imi_desktop.analysis.study_power import Truth, study_power
    from imi_desktop.experiment.study import Study

    person, slope, unit = options.random_sd
    found = study_power(
        Study.load(options.study),
        Truth(tuple(options.accuracy), person, slope, unit),
        participants=options.participants,
        studies=options.studies,
    )
    if options.json:
        print(json.dumps([asdict(one) for one in found]))
        return 0
    for one in found:
        sample = f"{one.id}, {one.participants} participants, {one.trials} trials"
        if one.power is None:
            print(f"{sample}: not simulated, {one.reason}.")
            continue
        low, high = one.power.ci95
        print(
            f"{sample}: power {one.power.power:.2f} [{low:.2f}, {high:.2f}] "
            f"in {one.power.studies} studies."
        )
    return 0
