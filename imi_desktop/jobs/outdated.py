"""Which stimuli of a study are there, but were made from other inputs than it has now.

Knows no torch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from imi_desktop.experiment.lock import FILE_NAME as LOCK_FILE
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.unit_tasks import UnitTask, plan_tasks
from imi_desktop.stimuli.activation_table import ActivationsError, ActivationTable
from imi_desktop.stimuli.manifest import Manifest


@dataclass(frozen=True)
class StudyTasks:
    """What a study needs as it is now.

    Parameters
    ----------
    tasks : tuple of UnitTask
        In the order of the work.
    recorded : frozenset of (str, str)
        (model, layer) whose activations are there.
    """

    tasks: tuple[UnitTask, ...]
    recorded: frozenset[tuple[str, str]]


def study_tasks(study: Study) -> StudyTasks:
    """Plan a study's tasks for the activations that are recorded.

    Raises
    ------
    UserError
        If the study names something unknown.
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
    return StudyTasks(tuple(plan_tasks(study, needed, dataset, weights)), recorded)


def outdated_files(study: Study, planned: StudyTasks, manifest: Manifest) -> Iterator[str]:
    """Files that are there but were made with other settings, images or weights.

    What participants have seen stays as it is, so a locked study has none. Neither has a unit
    whose activations are not recorded here, nor do images count that came without a record.
    """
    if (study.folder / LOCK_FILE).is_file():
        return
    for task in planned.tasks:
        if (task.unit.model, task.unit.layer) not in planned.recorded:
            continue
        for file in task.files:
            record = manifest.get(file)
            if record is None or task.has_made(record):
                continue
            if (study.folder / file).is_file():
                yield file
