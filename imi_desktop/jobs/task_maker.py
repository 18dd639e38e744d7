"""Does unit tasks: keeps networks, activations and the image index between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from imi_desktop.errors import UserError
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.models.catalogue import find as find_model
from imi_desktop.models.loading import load_network
from imi_desktop.models.network import Network
from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.exemplars import borowski_batches, check_activations, exemplar_seed
from imi_desktop.stimuli.image_folder import ImageFolder
from imi_desktop.stimuli.manifest import Record
from imi_desktop.stimuli.natural_stimuli import write_natural
from imi_desktop.stimuli.pack import Side
from imi_desktop.stimuli.synthetic_stimuli import write_synthetic
from imi_desktop.stimuli.visualization.optimise import StepReport
from imi_desktop.stimuli.visualization.presets import Preset
from imi_desktop.stimuli.visualization.unit_view import UnitView

Observe = Callable[[Side, StepReport], None]


class StaleInputsError(UserError):
    """A task was planned for other images or weights than there are now."""


@dataclass
class TaskMaker:
    """Does one task after the other for one study.

    Parameters
    ----------
    study_dir : Path
        The study folder.
    images : Path
        The image folder.
    device : str
        ``auto``, ``cpu``, ``cuda:1`` …
    """

    study_dir: Path
    images: Path
    device: str = "auto"
    _networks: dict[str, Network] = field(default_factory=dict, init=False)
    _folder: ImageFolder | None = field(default=None, init=False)

    def make(
        self, task: UnitTask, cancel: CancelToken, observe: Observe
    ) -> tuple[list[Record], str]:
        """Do one task.

        Returns
        -------
        records : list of Record
            For the manifest.
        remark : str
            What the user should know about the result, or empty.

        Raises
        ------
        UserError
            If it cannot be done.
        Cancelled
            If asked to stop.
        """
        table = ActivationTable.read(self.study_dir, task.unit.model, task.unit.layer)
        if (table.dataset, table.weights) != (task.inputs["dataset"], task.inputs["weights"]):
            raise StaleInputsError(
                f"The activations of {task.unit} have changed since the work was planned. "
                "Generate again."
            )
        if task.kind == "natural":
            return self._natural(task, table, cancel), ""
        return self._synthetic(task, table, cancel, observe)

    def _natural(self, task: UnitTask, table: ActivationTable, cancel: CancelToken) -> list[Record]:
        inputs, unit = task.inputs, task.unit
        seed = exemplar_seed(inputs["seed"], unit)
        chosen = borowski_batches(
            table.unit(unit.channel), inputs["references"], inputs["n_batches"], seed
        )
        parameters = {
            name: inputs[name] for name in ("rule", "difficulty", "references", "n_batches")
        }
        return write_natural(
            self.study_dir,
            unit,
            self.folder,
            table,
            chosen,
            inputs["batches"],
            find_model(unit.model).preprocessing,
            parameters,
            seed,
            task.hash,
            cancel,
        )

    def _synthetic(
        self, task: UnitTask, table: ActivationTable, cancel: CancelToken, observe: Observe
    ) -> tuple[list[Record], str]:
        unit = task.unit
        preset = Preset.from_json(task.inputs["preset"])
        natural = check_activations(table.unit(unit.channel), 1)
        view = UnitView.of(self.network(unit.model), unit, preset.window)
        per_side = len(task.files) // 2
        records, missed = write_synthetic(
            self.study_dir,
            unit,
            view,
            preset,
            per_side,
            natural,
            task.inputs["seed"],
            task.hash,
            cancel,
            observe,
        )
        return records, _miss_words(missed, natural, per_side)

    @property
    def folder(self) -> ImageFolder:
        """The study's index of the image folder."""
        if self._folder is None:
            self._folder = ImageFolder.read(self.study_dir / "dataset.csv", self.images)
        return self._folder

    def network(self, model: str) -> Network:
        """A network, loaded once."""
        if model not in self._networks:
            self._networks[model] = load_network(model, device=self.device)
        return self._networks[model]


def _miss_words(missed: dict[Side, int], natural: np.ndarray, per_side: int) -> str:
    words = []
    for side, count in missed.items():
        if count:
            extreme = float(natural.max() if side == "max" else natural.min())
            bound = "or more" if side == "max" else "or less"
            words.append(
                f"{count} of {per_side} {side} images miss the natural extreme "
                f"({extreme:.2f} {bound} needed)"
            )
    return "; ".join(words)
