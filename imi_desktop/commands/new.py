"""``imi-desktop new``: makes a study from a protocol, a model, units and an image folder."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imi_desktop.commands.numbers import from_zero, positive
from imi_desktop.errors import UserError

if TYPE_CHECKING:
    from imi_desktop.experiment.new_study import NewStudy
    from imi_desktop.experiment.study import Study
    from imi_desktop.models.unit import Unit


_OPTIONS = {
    "name": "--name",
    "site": "--site",
    "seed": "--seed",
    "models": "--model",
    "units": "--unit or --units",
    "conditions": "--condition",
    "participants": "--participants",
    "stimuli.natural": "--difficulty or --batches",
    "stimuli.natural.batches": "--batches",
    "stimuli.natural.difficulty": "--difficulty",
    "stimuli.synthetic.preset": "--preset",
    "stimuli.synthetic.steps": "--steps",
}
"""Where each key of the study file comes from."""


class OptionsError(UserError):
    """The options do not make a valid study."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the new study")
    parser.add_argument(
        "--protocol", required=True, metavar="P", help="protocol's name, or a .toml file"
    )
    parser.add_argument(
        "--model", required=True, action="append", metavar="M", help="model; may be repeated"
    )
    parser.add_argument(
        "--images", required=True, type=Path, metavar="FOLDER", help="folder of natural images"
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--units", type=positive, metavar="N", help="draw N main units of each model at random"
    )
    choice.add_argument(
        "--unit", action="append", metavar="LAYER:CH", help="a main unit; may be repeated"
    )
    parser.add_argument(
        "--seed", type=from_zero, metavar="S", help="seed of everything random; default: drawn"
    )
    parser.add_argument("--name", help="the study's name; default: the folder's")
    parser.add_argument("--site", help="where the study is run")
    parser.add_argument("--language", choices=("en", "de"), help="language of the texts")
    parser.add_argument(
        "--audience", choices=("expert", "lay", "agnostic"), help="whom the texts are for"
    )
    parser.add_argument(
        "--condition", action="append", metavar="C", help="run only this condition; repeatable"
    )
    parser.add_argument(
        "--participants", type=positive, metavar="N", help="planned number of participants"
    )
    parser.add_argument(
        "--batches", type=positive, metavar="N", help="batches of natural images per unit"
    )
    parser.add_argument(
        "--difficulty",
        choices=("easy", "medium", "hard", "very_hard"),
        help="where the queries come from",
    )
    parser.add_argument("--preset", help="settings of the feature visualizations")
    parser.add_argument(
        "--steps", type=positive, metavar="N", help="optimisation steps instead of the preset's"
    )
    parser.add_argument("--json", action="store_true", help="print the study as JSON")


def run(options: argparse.Namespace) -> int:
    """Make the study and say what it needs."""
    from imi_desktop.experiment.new_study import NewStudy

    settings = {
        "name": options.name,
        "site": options.site,
        "language": options.language,
        "audience": options.audience,
        "conditions": options.condition,
        "participants": options.participants,
    }
    _describe(options.model)
    study = _created(
        NewStudy(
            folder=options.folder,
            protocol=options.protocol,
            models=tuple(dict.fromkeys(options.model)),
            images=options.images,
            seed=secrets.randbelow(2**31) if options.seed is None else options.seed,
            units=options.units,
            chosen=_units(options),
            batches=options.batches,
            preset=options.preset,
            steps=options.steps,
            difficulty=options.difficulty,
            settings={key: value for key, value in settings.items() if value is not None},
        )
    )
    summary = _summary(study)
    if options.json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        print(
            f"Made the study “{study.name}” in {study.folder} with seed {study.seed}.\n"
            f"{summary['main_units']} main units, about {summary['trials']} trials and "
            f"{summary['minutes']} minutes per participant.\n"
            f"To be generated: {summary['stimulus_files']} images of {summary['units']} units. "
            f"Next: imi-desktop generate {options.folder}"
        )
        for note in summary["notes"]:
            print(f"Note: {note}")
    return 0


def _created(new: NewStudy) -> Study:
    """Make the study; mistakes are told by the options that they were made in."""
    from imi_desktop.experiment.new_study import create_study
    from imi_desktop.experiment.toml_file import InvalidFileError

    try:
        return create_study(new)
    except InvalidFileError as error:
        if error.path.exists():  # the protocol's own file
            raise
        lines = "\n".join(f"  {_by_option(problem)}" for problem in error.problems)
        raise OptionsError(f"The study was not made:\n{lines}") from error


def _by_option(problem: str) -> str:
    key, colon, reason = problem.partition(": ")
    option = _OPTIONS.get(key.partition("[")[0])
    return f"{option}{colon}{reason}." if option else f"{problem}."


def _describe(models: list[str]) -> None:
    """Look at the models that were never looked at on this computer, in another process."""
    from imi_desktop.commands.progress_line import ProgressLine, interruptible
    from imi_desktop.jobs.process import run_job
    from imi_desktop.jobs.protocol import JobSpec
    from imi_desktop.models.errors import ModelNotDescribedError
    from imi_desktop.models.layer_tables import layers_of

    for model in models:
        try:
            layers_of(model)
        except ModelNotDescribedError:
            with interruptible() as cancel, ProgressLine(sys.stderr) as line:
                run_job(JobSpec("layer_tables", {"model": model}), line.show, cancel)


def _weights_notes(models: tuple[str, ...]) -> list[str]:
    """Which weights are still to be put on this computer before stimuli can be made."""
    from imi_desktop.models.catalogue import find
    from imi_desktop.models.errors import WeightsMissingError
    from imi_desktop.models.weights_files import require_weights

    notes = []
    for entry in map(find, models):
        try:
            if not entry.random:
                require_weights(entry)
        except WeightsMissingError as error:
            notes.append(error.sentence)
    return notes


def _units(options: argparse.Namespace) -> tuple[Unit, ...]:
    from imi_desktop.experiment.new_study import UnitChoiceError
    from imi_desktop.models.unit import Unit, parse_address

    if not options.unit:
        return ()
    if len(set(options.model)) > 1:
        raise UnitChoiceError("Single units can be named for one model only; name one --model.")
    return tuple(Unit(options.model[0], *parse_address(text)) for text in options.unit)


def _summary(study: Study) -> dict[str, Any]:
    from imi_desktop.experiment.feasibility import image_notes, study_notes
    from imi_desktop.experiment.plan import minutes_for, plan_session
    from imi_desktop.experiment.requirements import stimuli_needed

    needed = stimuli_needed(study)
    plan = plan_session(study, "P1")
    return {
        "folder": str(study.folder),
        "name": study.name,
        "protocol": study.protocol,
        "models": list(study.models),
        "seed": study.seed,
        "images": str(study.images_folder),
        "images_needed": needed.images_needed,
        "conditions": list(study.run_conditions),
        "main_units": sum(unit.role == "main" for unit in study.units),
        "units": len(needed.units),
        "trials": plan.n_trials,
        "minutes": minutes_for(plan.n_trials),
        "stimulus_files": len(needed.files),
        "notes": [*study_notes(study), *image_notes(study), *_weights_notes(study.models)],
        "unit_list": [
            {"unit": u.unit.address, "model": u.model, "role": u.role, "selection": u.selection}
            for u in study.units
        ],
    }
