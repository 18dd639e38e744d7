"""A unit's stimuli of one kind as one idempotent task, addressed by the hash of its inputs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from imi_desktop.errors import UserError
from imi_desktop.experiment.requirements import StimuliNeeded
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.efforts import seconds_of_optimising, seconds_of_searching
from imi_desktop.jobs.overrides import Override, sized
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Kind, Record
from imi_desktop.stimuli.pack import (
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
        return replace(self, inputs=inputs, effort=seconds_of_optimising(preset, self.unit))

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
    return UnitTask("synthetic", unit, inputs, files, seconds_of_optimising(preset, unit))


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
    effort = seconds_of_searching(occlusion, unit) * len(files)
    return UnitTask("blurred", unit, inputs, files, effort)


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
    effort = seconds_of_searching(occlusion, unit) * len(batches)
    return UnitTask("occlusion", unit, inputs, files, effort)


def _natural_inputs(study: Study) -> dict[str, Any]:
    return {"seed": study.seed, **study.stimuli.natural.model_dump()}


_PLANNERS = {
    "natural": _natural,
    "synthetic": _synthetic,
    "occlusion": _occlusion,
    "blurred": _blurred,
}
