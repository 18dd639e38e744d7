"""What every task of a study works with. Knows no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.image_folder import ImageFolder
from imi_desktop.stimuli.manifest import Record

Tell = Callable[[float, dict[str, Any]], None]
"""Takes how much of a task is done (0 … 1) and JSON-able details."""


class StaleInputsError(UserError):
    """A task was planned for other images or weights than there are now."""


@dataclass(frozen=True)
class TaskResult:
    """What a task made.

    Parameters
    ----------
    records : list of Record
        One per image, for the manifest.
    remark : str
        What the user should know about the result, or empty.
    missed : tuple of dict
        For each side of feature visualizations that miss the natural extreme: ``side``,
        ``missed``, ``images`` (numbers of them) and the activation ``needed``.
    """

    records: list[Record]
    remark: str = ""
    missed: tuple[dict[str, Any], ...] = ()


@dataclass
class Workplace:
    """One study, seen by a worker.

    Parameters
    ----------
    study_dir : Path
        The study folder.
    images : Path
        The image folder.
    device : str
        ``auto``, ``cpu``, ``cuda:1`` …
    previews : Path or None
        Folder for intermediate images; None makes none.
    cancel : CancelToken
        Checked at every chunk boundary.
    """

    study_dir: Path
    images: Path
    device: str
    previews: Path | None
    cancel: CancelToken

    @cached_property
    def folder(self) -> ImageFolder:
        """The study's index of the image folder."""
        return ImageFolder.read(self.study_dir / "dataset.csv", self.images)

    @cached_property
    def seed(self) -> int:
        """The study's seed."""
        return Study.load(self.study_dir).seed

    def table(self, task: UnitTask) -> ActivationTable:
        """The activations that a task was planned for.

        Raises
        ------
        ActivationsError
            If they are missing or damaged.
        StaleInputsError
            If they were recorded anew since, from other images or weights.
        """
        table = ActivationTable.read(self.study_dir, task.unit.model, task.unit.layer)
        if (table.dataset, table.weights) != (task.inputs["dataset"], task.inputs["weights"]):
            raise StaleInputsError(
                f"The activations of {task.unit} have changed since the work was planned. "
                "Generate again."
            )
        return table
