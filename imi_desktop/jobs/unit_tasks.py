"""A unit's stimuli of one kind as one idempotent task, addressed by the hash of its inputs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from imi_desktop.errors import UserError
from imi_desktop.experiment.requirements import StimuliNeeded
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.overrides import Override, sized
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Kind, Record
from imi_desktop.stimuli.pack import (
    IMAGE_SIZE,
    QUERY,
    SIDES,
    StimulusPack,
    blurred_path,
    natural_path,
    occlusion_map_path,
    occlusion_path,
    synthetic_path,
)
from imi_desktop.stimuli.visualization import presets

RECIPES: dict[Kind, int] = {"natural": 1, "synthetic": 2, "occlusion": 1, "blurred": 1}
"""By kind; raised when the same inputs would give other images than before."""

PRESET_INPUTS = (
    "method",
    "steps",
    "images",
    "canvas",
    "window",
    "learning_rate",
    "memory",
    "parameterisation",
    "transforms",
    "diversity",
    "redirected_steps",
    "seed",
    "stop",
    "search",
    "controller",
    "retries",
)
"""Fields of a preset that decide about pixels; those that a preset leaves out do not count.

So a preset may be renamed, and get a field that only other presets use, without outdating what was
made. A new field that decides about pixels is added here.
"""

SECONDS_PER_IMAGE_STEP = 0.03
"""Optimising one image of 224 px for one step; over 20 units of EfficientNet-Lite0 it took 16 ms
(an early layer) to 45 ms (the last block), 31 ms on average, of one core of an Intel Xeon with
AVX-512 that had other work beside it, as ``imi-desktop bench guarantee`` measures."""

SECONDS_PER_POSITION = 0.004
"""Measuring a unit with the patch of an occlusion or of a blur at one position, on one core of an
Intel Xeon with AVX-512. With the published patch of 90 px and stride of 2 px (4 624 positions), one
map of EfficientNet-Lite0's ``blocks.3.2`` takes 17 s, which is 3.7 ms for a position; with 66 px
the first layer of interest takes 0.5 ms for one and the last one 8 ms, as a patch reaches more of
deeper maps. GoogLeNet's ``inception4b`` takes 26 ms for one."""

KINDS: tuple[Kind, ...] = ("natural", "synthetic", "occlusion", "blurred")


@dataclass(frozen=True)
class UnitTask:
    """All stimuli of one kind of one unit.

    Parameters
    ----------
    kind : str
        ``natural``, ``synthetic``, ``occlusion`` or ``blurred``.
    inputs : dict
        Everything that decides about the images: parameters, seed, fingerprints of the image
        folder and of the weights. JSON-able.
    files : tuple of str
        What it makes, relative to the study folder.
    effort : float
        Rough seconds on one processor, for progress.
    """

    kind: Kind
    unit: Unit
    inputs: dict[str, Any]
    files: tuple[str, ...]
    effort: float = field(compare=False, default=1.0)

    @property
    def hash(self) -> str:
        """SHA-256 of kind, unit, recipe and all inputs that decide about pixels, in hexadecimal."""
        inputs = {name: value for name, value in self.inputs.items() if name != "override"}
        if "preset" in inputs:
            preset = inputs["preset"]
            used = (name for name in PRESET_INPUTS if preset.get(name) is not None)
            inputs["preset"] = {name: preset[name] for name in used}
        address = {
            "recipe": RECIPES[self.kind],
            "kind": self.kind,
            "unit": asdict(self.unit),
            "inputs": inputs,
        }
        return hashlib.sha256(json.dumps(address, sort_keys=True).encode()).hexdigest()

    def is_done(self, pack: StimulusPack) -> bool:
        """Whether all its images are there, whole, and made from the same inputs."""
        if pack.missing(self.files):
            return False
        images = [file for file in self.files if file.endswith(".png")]
        records = [pack.manifest.get(file) for file in images]
        same = all(record is not None and self.has_made(record) for record in records)
        return same and not pack.damaged(images)

    def has_made(self, record: Record) -> bool:
        """Whether an image was made from the same inputs, but for an override of its unit.

        What was overridden stays so, as long as nobody asks for another override: it is in the
        record's parameters.
        """
        if record.task == self.hash:
            return True
        kept = record.parameters.get("override")
        if kept is None or self.kind != "synthetic" or "override" in self.inputs:
            return False
        try:
            override = Override.from_json(kept)
        except UserError:  # of a version that knows other presets
            return False
        return record.task == self.overridden(override).hash

    def overridden(self, override: Override) -> UnitTask:
        """The same task with other settings; only feature visualizations have any."""
        if self.kind != "synthetic":
            return self
        study = presets.Preset.from_json(self.inputs["preset"])
        preset = override.applied(study, len(self.files) // len(SIDES))
        inputs = {**self.inputs, "preset": preset.to_json(), "override": override.to_json()}
        return replace(self, inputs=inputs, effort=_optimising(preset))

    def to_json(self) -> dict[str, Any]:
        """The task as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> UnitTask:
        """Rebuild a task from :meth:`to_json`."""
        return cls(
            kind=values["kind"],
            unit=Unit(**values["unit"]),
            inputs=values["inputs"],
            files=tuple(values["files"]),
            effort=values["effort"],
        )


def plan_tasks(
    study: Study,
    needed: StimuliNeeded,
    dataset: str,
    weights: dict[tuple[str, str], str],
    only: Kind | None = None,
) -> list[UnitTask]:
    """Everything that must be made for a study, natural images first.

    Parameters
    ----------
    dataset : str
        Fingerprint of the image folder.
    weights : dict
        Fingerprint of the weights behind the activations of each (model, layer).
    only : str or None
        Restricts to one kind.
    """
    tasks = []
    for kind in KINDS:
        if only not in (None, kind):
            continue
        for unit in needed.units:
            source = {"dataset": dataset, "weights": weights[unit.model, unit.layer]}
            task = _PLANNERS[kind](study, needed, unit, source)
            if task is not None:
                tasks.append(task)
    return tasks


def _natural(
    study: Study, needed: StimuliNeeded, unit: Unit, source: dict[str, Any]
) -> UnitTask | None:
    batches = sorted({*needed.natural.get(unit, ()), *needed.occlusion.get(unit, ())})
    if not batches:
        return None
    rule = study.stimuli.natural
    inputs = {
        **source,
        "seed": study.seed,
        "references": rule.references,
        "n_batches": rule.batches,
        "rule": rule.rule,
        "difficulty": rule.difficulty,
        "batches": batches,
    }
    indices = (*range(rule.references), QUERY)
    files = tuple(
        natural_path(unit, batch, side, index)
        for batch in batches
        for side in SIDES
        for index in indices
    )
    return UnitTask("natural", unit, inputs, files, effort=0.04 * len(files))


def _synthetic(
    study: Study, needed: StimuliNeeded, unit: Unit, source: dict[str, Any]
) -> UnitTask | None:
    if unit not in needed.synthetic:
        return None
    wanted = study.stimuli.synthetic
    preset = sized(presets.find(wanted.preset).with_overrides(wanted.steps), wanted.per_side)
    inputs = {**source, "seed": study.seed, "preset": preset.to_json()}
    files = tuple(
        synthetic_path(unit, side, index) for side in SIDES for index in range(wanted.per_side)
    )
    return UnitTask("synthetic", unit, inputs, files, _optimising(preset))


def _optimising(preset: presets.Preset) -> float:
    steps = preset.steps
    if preset.search is not None and preset.stop is not None:
        # The least that the search takes: it renders anew for every weight.
        steps = (2 + preset.search.bisections) * (preset.stop.minimum_steps + 1)
    area = (preset.window / IMAGE_SIZE) ** 2
    return len(SIDES) * SECONDS_PER_IMAGE_STEP * area * steps * preset.images


def _blurred(
    study: Study, needed: StimuliNeeded, unit: Unit, source: dict[str, Any]
) -> UnitTask | None:
    batches = needed.blurred.get(unit, ())
    if not batches:
        return None
    occlusion = study.stimuli.occlusion
    inputs = {
        **source,
        "natural": _natural_inputs(study),
        "patch": occlusion.patch_px,
        "stride": occlusion.stride_px,
        "kernel": occlusion.blur_kernel_px,
        "batches": list(batches),
    }
    wanted = set(needed.files)
    files = tuple(
        path
        for batch in batches
        for side in SIDES
        for index in range(needed.n_references)
        if (path := blurred_path(unit, batch, side, index)) in wanted
    )
    return UnitTask("blurred", unit, inputs, files, effort=_searching(study) * len(files))


def _occlusion(
    study: Study, needed: StimuliNeeded, unit: Unit, source: dict[str, Any]
) -> UnitTask | None:
    batches = needed.occlusion.get(unit, ())
    if not batches:
        return None
    occlusion = study.stimuli.occlusion
    patch = occlusion.patch_px
    inputs = {
        **source,
        "natural": _natural_inputs(study),
        "patch": patch,
        "stride": occlusion.stride_px,
        "batches": list(batches),
    }
    files = tuple(
        path
        for batch in batches
        for path in (
            occlusion_path(unit, batch, "target", patch),
            occlusion_path(unit, batch, "distractor", patch),
            occlusion_map_path(unit, batch, patch),
        )
    )
    return UnitTask("occlusion", unit, inputs, files, effort=_searching(study) * len(batches))


def _searching(study: Study) -> float:
    """Seconds for one map of activations, with the patch at every position."""
    occlusion = study.stimuli.occlusion
    along = (IMAGE_SIZE - occlusion.patch_px) // occlusion.stride_px + 1
    return SECONDS_PER_POSITION * along**2


def _natural_inputs(study: Study) -> dict[str, Any]:
    return {"seed": study.seed, **study.stimuli.natural.model_dump()}


_PLANNERS = {
    "natural": _natural,
    "synthetic": _synthetic,
    "occlusion": _occlusion,
    "blurred": _blurred,
}
