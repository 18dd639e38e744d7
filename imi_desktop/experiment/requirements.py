"""What must be generated before anybody can take part in a study."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imi_desktop.experiment.protocol import Block, Protocol, TrialGroup
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import Condition
from imi_desktop.experiment.trial_images import trial_images
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import occlusion_path


@dataclass(frozen=True)
class StimuliNeeded:
    """Every stimulus that any participant of a study can meet.

    Parameters
    ----------
    units : tuple of Unit
        Units with at least one stimulus, in the study's order.
    natural, blurred, occlusion : mapping of Unit to tuple of int
        Batches of which at least one image of that kind is shown, ascending.
    synthetic : tuple of Unit
        Units whose feature visualizations are shown.
    n_references, n_batches : int
        Of the rule that chooses natural images; see :class:`NaturalStimuli`.
    synthetic_per_side : int
        Feature visualizations per side.
    patch_px : int
        Side of the occlusion patch.
    files : tuple of str
        Exactly the image files shown, relative to the study folder, sorted.
    """

    units: tuple[Unit, ...]
    natural: Mapping[Unit, tuple[int, ...]]
    synthetic: tuple[Unit, ...]
    blurred: Mapping[Unit, tuple[int, ...]]
    occlusion: Mapping[Unit, tuple[int, ...]]
    n_references: int
    n_batches: int
    synthetic_per_side: int
    patch_px: int
    files: tuple[str, ...]

    @property
    def images_needed(self) -> int:
        """Usable images that the image folder must hold for the natural images."""
        return 2 * (self.n_references + 1) * self.n_batches

    @property
    def layers(self) -> tuple[tuple[str, str], ...]:
        """(model, layer) of every unit, without repeats, in the study's order."""
        return tuple(dict.fromkeys((unit.model, unit.layer) for unit in self.units))


def stimuli_needed(study: Study) -> StimuliNeeded:
    """Work out what `study` needs for all of its participants.

    With a planned number of participants only the batches that they get are needed; without one,
    all that its rules can give.
    """
    files: set[str] = set()
    units = set()
    for block, group, condition, scheme, unit_set in _cells(study):
        batches = _batches_of(study, group, condition)
        for entry, batch in itertools.product(study.units_of(group.units, unit_set), batches):
            units.add(entry.unit)
            files |= set(
                trial_images(
                    study.design.task_of(block),
                    condition,
                    scheme,
                    entry.unit,
                    batch,
                    catch=group.catch,
                    patch_px=study.stimuli.occlusion.patch_px,
                ).files
            )
            for foil in study.units_of(group.foils) if group.foils else ():
                units.add(foil.unit)
                files.add(
                    occlusion_path(foil.unit, batch, "distractor", study.stimuli.occlusion.patch_px)
                )
    ordered = tuple(dict.fromkeys(entry.unit for entry in study.units if entry.unit in units))
    occlusion = _batches(files, ordered, "occlusion")
    natural = _batches(files, ordered, "natural_images")
    blurred = _batches(files, ordered, "blurred_images")
    folders = {
        file.split("/optimized_images/")[0] for file in files if "/optimized_images/" in file
    }
    return StimuliNeeded(
        units=ordered,
        natural=natural,
        synthetic=tuple(unit for unit in ordered if f"stimuli/{unit.folder}" in folders),
        blurred=blurred,
        occlusion=occlusion,
        n_references=study.stimuli.natural.references,
        n_batches=study.stimuli.natural.batches,
        synthetic_per_side=study.stimuli.synthetic.per_side,
        patch_px=study.stimuli.occlusion.patch_px,
        files=tuple(sorted(files)),
    )


def _cells(study: Study) -> Iterator[tuple[Block, TrialGroup, Condition, str, str]]:
    """Every group with each combination of factor levels that its text fields can take."""
    design = study.design
    for block in design.blocks():
        for group in block.trials:
            choices = [
                _levels(design, value) for value in (group.condition, group.scheme, group.set)
            ]
            for condition, scheme, unit_set in itertools.product(*choices):
                wanted = [only for only in (group.only, block.only) if only]
                if any(condition not in only for only in wanted):
                    continue
                for known in study.run_conditions:
                    if known == condition:
                        yield block, group, known, scheme, unit_set


def _batches_of(study: Study, group: TrialGroup, condition: Condition) -> tuple[int, ...]:
    found: set[int] = set()
    own = group.batch == group.condition
    for name in (condition,) if own else _levels(study.design, group.batch):
        rule = study.design.batches[name]
        participants = study.participants
        if rule.by == "place" and participants is not None:
            participants = study.participants_per_level
        found |= set(rule.batches(study.stimuli.natural.batches, participants))
    return tuple(sorted(found))


def _levels(design: Protocol, value: str) -> tuple[str, ...]:
    return design.factors[value[1:]].levels if value.startswith("$") else (value,)


def _batches(files: set[str], units: tuple[Unit, ...], folder: str) -> dict[Unit, tuple[int, ...]]:
    pattern = re.compile(rf"stimuli/(.+)/{folder}/batch_(\d+)/")
    found: dict[str, set[int]] = {}
    for file in files:
        match = pattern.match(file)
        if match:
            found.setdefault(match[1], set()).add(int(match[2]))
    return {u: tuple(sorted(found[u.folder])) for u in units if u.folder in found}
