"""Natural exemplars of one unit. Knows no torch."""

from __future__ import annotations

from imi_desktop.jobs.tasks.workplace import TaskResult, Tell, Workplace
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.models.catalogue import find
from imi_desktop.stimuli.exemplar_rules import natural_batches
from imi_desktop.stimuli.exemplars import exemplar_seed
from imi_desktop.stimuli.natural_stimuli import write_natural


def make(task: UnitTask, workplace: Workplace, tell: Tell) -> TaskResult:
    """Choose and write the batches of one unit."""
    inputs, unit = task.inputs, task.unit
    table = workplace.table(task)
    seed = exemplar_seed(inputs["seed"], unit)
    chosen = natural_batches(
        table.unit(unit.channel),
        rule=inputs["rule"],
        difficulty=inputs["difficulty"],
        n_references=inputs["references"],
        n_batches=inputs["n_batches"],
        seed=seed,
    )
    parameters = {name: inputs[name] for name in ("rule", "difficulty", "references", "n_batches")}
    records = write_natural(
        workplace.study_dir,
        unit,
        workplace.folder,
        table,
        chosen,
        inputs["batches"],
        find(unit.model).preprocessing,
        parameters,
        seed,
        task.hash,
        workplace.cancel,
    )
    return TaskResult(records)
