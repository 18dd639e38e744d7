"""Which of a study's stimuli lie on disk, made as the study asks for now. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from imi_desktop.experiment.study import Study
from imi_desktop.jobs.outdated import outdated_files, study_tasks
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.stimuli.manifest import Manifest


@dataclass(frozen=True)
class Scan:
    """A study's stimuli as found on disk.

    Parameters
    ----------
    tasks : tuple of UnitTask
        Everything the study needs, in the order of the work.
    present : frozenset of str
        Files there are, relative to the study folder, without the outdated ones.
    outdated : frozenset of str
        Files there are that were made with other settings, images or weights than the study's;
        none that participants have seen.
    recorded : frozenset of (str, str)
        (model, layer) whose activations are there.
    """

    tasks: tuple[UnitTask, ...]
    manifest: Manifest
    present: frozenset[str]
    outdated: frozenset[str]
    recorded: frozenset[tuple[str, str]]


def scan(study: Study) -> Scan:
    """Look through a study folder; takes a moment for large studies.

    Raises
    ------
    UserError
        If the manifest is damaged or the study names something unknown.
    """
    planned = study_tasks(study)
    manifest = Manifest.read(study.folder)
    outdated = frozenset(outdated_files(study, planned, manifest))
    files = (file for task in planned.tasks for file in task.files if file not in outdated)
    present = frozenset(file for file in files if (study.folder / file).is_file())
    return Scan(planned.tasks, manifest, present, outdated, planned.recorded)
