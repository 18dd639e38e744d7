"""Job: class selectivity of a study's units, and what the network loses without them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.study_images import drawn, indexed_images, main_units
from imi_desktop.models.class_names import wordnet_ids
from imi_desktop.models.loading import load_network
from imi_desktop.models.network import Network
from imi_desktop.models.unit import Unit
from imi_desktop.progress import Progress
from imi_desktop.seeds import generator
from imi_desktop.stimuli.class_selectivity import class_selectivity
from imi_desktop.stimuli.image_folder import ImageFile, ImageFolder
from imi_desktop.stimuli.image_labels import (
    LabelsError,
    class_indices,
    labels_from_names,
    read_labels,
)
from imi_desktop.stimuli.provenance import utc_now, versions
from imi_desktop.stimuli.unit_ablation import LabelledRun, rectified_activations, right_answers
from imi_desktop.stimuli.unit_measures import UnitMeasures

CONTROLS = 1
FEW_IMAGES = 5


def run(arguments: dict[str, Any], context: JobContext) -> dict[str, Any]:
    """Measure ``study`` with the ``labels`` of a CSV, or those in the images' names.

    ``ablate`` is ``zero`` (default) or ``mean``; ``controls`` other units of the same layer are
    ablated for comparison; at most ``images`` images are used.

    Returns
    -------
    dict
        ``file``: what was written; ``units``: how many.
    """
    study = Study.load(arguments["study"])
    units = main_units(study)
    folder = indexed_images(study, context)
    path = arguments.get("labels")
    labels = read_labels(Path(path), folder.usable) if path else labels_from_names(folder.usable)
    labelled = [file for file in folder.usable if file.path in labels]
    files = drawn(labelled, arguments.get("images"), study.seed, "selectivity")
    if len({labels[file.path] for file in files}) < 2:
        raise LabelsError(
            "The images that are used all have the same label; selectivity needs at least two "
            "classes. Use more images, or other labels."
        )
    value = str(arguments.get("ablate", "zero"))
    controls = int(arguments.get("controls", CONTROLS))
    values: dict[Unit, dict[str, float | None]] = {}
    details: list[dict[str, Any]] = []
    notes, weights = _notes_on_labels(files, labels), {}
    for model, wanted in units.items():
        context.report(Progress("Loading the model", 0, 0, model))
        network = load_network(model, device=arguments.get("device", "auto"), seed=study.seed)
        weights[model] = network.fingerprint
        classes = class_indices(labels, network.entry.num_classes, wordnet_ids(network.entry))
        if classes is None:
            notes.append(f"The labels name no outputs of {model}, so nothing was ablated in it.")
        task = _Measurement(network, folder, files, labels, classes, value, controls, study.seed)
        found, rows = task.measure(wanted, context)
        values |= found
        details += rows
    measures = UnitMeasures(
        kind="selectivity",
        settings={
            "labels": str(path) if path else "WordNet ids in the images' names",
            "images": len(files),
            "classes": len({labels[file.path] for file in files}),
            "ablate": value,
            "controls": controls,
            "seed": study.seed,
            "dataset": folder.fingerprint,
            "weights": weights,
        },
        values=values,
        notes=tuple(notes),
        details=details,
        versions=versions(),
        made=utc_now(),
    )
    return {"file": str(measures.write(study.folder)), "units": len(values)}


class _Measurement:
    """Selectivity and ablation of units of one network on labelled images."""

    def __init__(
        self,
        network: Network,
        folder: ImageFolder,
        files: Sequence[ImageFile],
        labels: dict[str, str],
        classes: dict[str, int] | None,
        value: str,
        controls: int,
        seed: int,
    ) -> None:
        self._network = network
        self._folder = folder
        self._files = files
        self._labels = labels
        self._classes = classes
        self._value = value
        self._controls = controls
        self._seed = seed

    def measure(
        self, units: Sequence[Unit], context: JobContext
    ) -> tuple[dict[Unit, dict[str, float | None]], list[dict[str, Any]]]:
        """Numbers of each unit, and its preferred class in words."""
        others = {unit: self._others(unit, units) for unit in units}
        everything = list(dict.fromkeys([*units, *(o for found in others.values() for o in found)]))
        run = rectified_activations(
            self._network, everything, self._folder, self._files,
            progress=context.report, cancel=context.cancel,
        )  # fmt: skip
        names = [self._labels[image] for image in run.images]
        values: dict[Unit, dict[str, float | None]] = {}
        details = []
        preferred = {}
        for unit in units:
            found = class_selectivity(
                run.activations[:, everything.index(unit)], names, seed=self._seed
            )
            values[unit] = {
                "selectivity": found.index, "selectivity_of_shuffled_labels": found.shuffled
            }  # fmt: skip
            preferred[unit] = found.preferred
            details.append(
                {"model": unit.model, "unit": unit.address, "preferred_class": found.preferred}
            )
        if self._classes is not None:
            for unit, lost in self._lost(
                units, others, everything, run, preferred, context
            ).items():
                values[unit] |= lost
        return values, details

    def _others(self, unit: Unit, units: Sequence[Unit]) -> list[Unit]:
        """Other units of the same layer, drawn by the study's seed."""
        if self._classes is None:
            return []
        layer = self._network.layer(unit.layer)
        taken = {other.channel for other in units if other.layer == unit.layer}
        free = [channel for channel in range(layer.channels) if channel not in taken]
        random = generator(self._seed, "ablation controls", unit.model, unit.address)
        chosen = random.permutation(free)[: self._controls]
        return [Unit(unit.model, unit.layer, int(channel)) for channel in chosen]

    def _lost(
        self,
        units: Sequence[Unit],
        others: dict[Unit, list[Unit]],
        everything: Sequence[Unit],
        run: LabelledRun,
        preferred: dict[Unit, str],
        context: JobContext,
    ) -> dict[Unit, dict[str, float | None]]:
        """Accuracy lost by ablating each unit: over all, preferred-class and other images."""
        assert self._classes is not None
        means = dict(zip(everything, run.means, strict=True))
        held = [(u, float(means[u]) if self._value == "mean" else 0.0) for u in everything]
        images, right = right_answers(
            self._network, [None, *held], self._folder, self._files, self._classes,
            progress=context.report, cancel=context.cancel,
        )  # fmt: skip
        lost = right[0].astype(float) - right[1:].astype(float)
        row = {unit: place for place, unit in enumerate(everything)}
        names = np.array([self._labels[image] for image in images])
        result: dict[Unit, dict[str, float | None]] = {}
        for unit in units:
            of_class = names == preferred[unit]
            controls = [float(lost[row[other]].mean()) for other in others[unit]]
            result[unit] = {
                "accuracy": float(right[0].mean()),
                "accuracy_lost": float(lost[row[unit]].mean()),
                "accuracy_lost_preferred": _mean(lost[row[unit]][of_class]),
                "accuracy_lost_other": _mean(lost[row[unit]][~of_class]),
                "accuracy_lost_control": float(np.mean(controls)) if controls else None,
            }
        return result


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def _notes_on_labels(files: Sequence[ImageFile], labels: dict[str, str]) -> list[str]:
    counts: dict[str, int] = {}
    for file in files:
        counts[labels[file.path]] = counts.get(labels[file.path], 0) + 1
    fewest = min(counts.values())
    if fewest >= FEW_IMAGES:
        return []
    return [
        f"Some classes have only {fewest} image{'s' if fewest > 1 else ''}: compare the "
        "selectivity with that of shuffled labels, which is high by chance."
    ]
