"""Job: the machine interpretability score of a study's units."""

from __future__ import annotations

import math
from typing import Any

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.study_images import main_units
from imi_desktop.models.unit import Unit
from imi_desktop.observers.build import build_observer
from imi_desktop.observers.machine_score import (
    DEFAULT_TEMPERATURE,
    machine_scores,
    machine_tasks,
    task_differences,
)
from imi_desktop.observers.observer import UnknownObserverError
from imi_desktop.observers.reference_observer import ReferenceObserver
from imi_desktop.progress import Progress
from imi_desktop.stimuli.provenance import utc_now, versions
from imi_desktop.stimuli.unit_measures import UnitMeasures

DEFAULT_OBSERVER = "perceptual"


class NoTasksError(UserError):
    """A study has no stimuli that a task can be made of."""


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Score the units of ``study`` by what ``observer`` sees, at a ``temperature``.

    At most ``batches`` batches of queries are used per unit.

    Returns
    -------
    dict
        ``file``: what was written; ``units``: how many.
    """
    study = Study.load(arguments["study"])
    temperature = float(arguments.get("temperature", DEFAULT_TEMPERATURE))
    if not 0 < temperature < math.inf:
        raise UserError("The temperature must be a number above 0.")
    name = str(arguments.get("observer", DEFAULT_OBSERVER))
    units = [unit for group in main_units(study).values() for unit in group]
    tasks = machine_tasks(study, units, batches=arguments.get("batches"))
    if not tasks:
        raise NoTasksError(
            f"{study.name} has no unit with all images of a task. Generate its stimuli first."
        )
    context.report(Progress("Loading the model", 0, 0, name))
    observer = build_observer(name)
    if not isinstance(observer, ReferenceObserver):
        raise UnknownObserverError(
            f"The observer {name} compares no images, so it cannot score units."
        )
    differences = task_differences(
        observer, study, tasks, progress=context.report, cancel=context.cancel
    )
    values: dict[Unit, dict[str, float | None]] = {}
    for one in machine_scores(differences, temperature):
        values.setdefault(one.unit, {}).update(
            {
                f"machine_score_{one.condition}": one.score,
                f"machine_accuracy_{one.condition}": one.accuracy,
                f"tasks_{one.condition}": float(one.n_tasks),
            }
        )
    measures = UnitMeasures(
        kind="machine_score",
        settings={"temperature": temperature, "observer": observer.name},
        values=values,
        details=[
            {
                "model": one.unit.model,
                "layer": one.unit.layer,
                "channel": one.unit.channel,
                "condition": one.condition,
                "image_set": one.image_set,
                "difference": one.difference,
            }
            for one in differences
        ],
        versions=versions(),
        made=utc_now(),
    )
    return {"file": str(measures.write(study.folder)), "units": len(values)}
