"""Which of a study's stimuli lie on disk, made as the study asks for now. Knows no Qt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.gui.workbench.units_study import locked
from imi_desktop.jobs.unit_tasks import UnitTask, plan_tasks
from imi_desktop.stimuli.activation_table import ActivationsError, ActivationTable
from imi_desktop.stimuli.manifest import Manifest


@dataclass(frozen=True)
class Scan:
    """A study's stimuli as found on disk.

    Parameters
    ----------
    tasks : tuple of UnitTask
        Everything the study needs, in the order of the work.
    present : frozenset of str
        Files there are, relative to the study folder; those made with other settings than the
        study's are not among them, unless participants have seen them: what a locked study has
        stays as it is.
    recorded : frozenset of (str, str)
        (model, layer) whose activations are there.
    """

    tasks: tuple[UnitTask, ...]
    manifest: Manifest
    present: frozenset[str]
    recorded: frozenset[tuple[str, str]]


def scan(study: Study) -> Scan:
    """Look through a study folder; takes a moment for large studies.

    Raises
    ------
    UserError
        If the manifest is damaged or the study names something unknown.
    """
    needed = stimuli_needed(study)
    weights: defaultdict[tuple[str, str], str] = defaultdict(str)
    dataset = ""
    for model, layer in needed.layers:
        try:
            table = ActivationTable.read(study.folder, model, layer)
        except ActivationsError:
            continue
        weights[model, layer], dataset = table.weights, table.dataset
    recorded = frozenset(weights)
    tasks = tuple(plan_tasks(study, needed, dataset, weights))
    manifest = Manifest.read(study.folder)
    kept = locked(study.folder)
    present = [
        file
        for task in tasks
        for file in task.files
        if (study.folder / file).is_file() and (kept or _holds(manifest, task, file, recorded))
    ]
    return Scan(tasks, manifest, frozenset(present), recorded)


def _holds(
    manifest: Manifest,
    task: UnitTask,
    file: str,
    recorded: frozenset[tuple[str, str]],
) -> bool:
    record = manifest.get(file)
    if record is None or (task.unit.model, task.unit.layer) not in recorded:
        return True
    return task.has_made(record)
