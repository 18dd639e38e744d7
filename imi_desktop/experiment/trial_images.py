"""Which images a trial shows: condition, scheme, unit and batch → files."""

from __future__ import annotations

from dataclasses import dataclass

from imi_desktop.experiment.trial import Condition, Task
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import (
    N_REFERENCES,
    QUERY,
    Side,
    blurred_path,
    mixed_references,
    natural_path,
    occlusion_path,
    synthetic_path,
)


@dataclass(frozen=True)
class TrialImages:
    """The files of one trial, relative to the study folder.

    `target` is the query that is right, `distractor` the other; both None where nothing is asked.
    `original` is the counterfactual query without occlusion.
    """

    references_min: tuple[str, ...]
    references_max: tuple[str, ...]
    target: str | None
    distractor: str | None
    original: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """All of them."""
        single = (self.target, self.distractor, self.original)
        return (
            *self.references_min,
            *self.references_max,
            *(file for file in single if file),
        )


def trial_images(
    task: Task,
    condition: Condition,
    scheme: str,
    unit: Unit,
    batch: int,
    catch: bool = False,
    copied: tuple[int, int] = (-1, -1),
    patch_px: int = 90,
    foil: Unit | None = None,
) -> TrialImages:
    """Files of one trial.

    Parameters
    ----------
    scheme : str
        ``min_max_9``, ``max_9``, ``min_max_1``, ``max_1`` or ``none``. A single natural reference
        is the one from the second most extreme bin, which is what the rule of Borowski et al. 2021
        (A.1.2) gives for N_ref = 1; a single synthetic one is the strongest.
    batch : int
        Batch of the natural images; the query is always natural.
    catch : bool
        Forward prediction: the queries are copies of references.
    copied : tuple of int
        Catch trials: places of the copied references among the max and the min references.
    foil : Unit or None
        Counterfactual: unit that lends its distractor, which makes the answer obvious without
        references (Zimmermann et al. 2021, A.3).
    """
    if task == "intuitiveness":
        return TrialImages(
            _references("synthetic", "min_max_9", unit, batch, "max"),
            _references("natural", "min_max_9", unit, batch, "max"),
            None,
            None,
        )
    if task == "counterfactual":
        return TrialImages(
            (),
            _references(condition, "max_9", unit, batch, "max"),
            occlusion_path(unit, batch, "target", patch_px),
            occlusion_path(foil or unit, batch, "distractor", patch_px),
            original=natural_path(unit, batch, "max", QUERY),
        )
    references_min = _references(condition, scheme, unit, batch, "min")
    references_max = _references(condition, scheme, unit, batch, "max")
    if catch and references_max:
        target = references_max[copied[0] % len(references_max)]
    else:
        target = natural_path(unit, batch, "max", QUERY)
    if catch and references_min:
        distractor = references_min[copied[1] % len(references_min)]
    else:
        distractor = natural_path(unit, batch, "min", QUERY)
    return TrialImages(references_min, references_max, target, distractor)


def _references(
    condition: Condition, scheme: str, unit: Unit, batch: int, side: Side
) -> tuple[str, ...]:
    if condition == "none" or scheme == "none" or (side == "min" and not scheme.startswith("min_")):
        return ()
    indices = (N_REFERENCES - 1,) if scheme.endswith("_1") else tuple(range(N_REFERENCES))
    if condition == "synthetic":
        return tuple(synthetic_path(unit, side, index) for index in indices)
    if condition == "mixed":
        return mixed_references(unit, batch, side)
    path = blurred_path if condition == "blurred" else natural_path
    return tuple(path(unit, batch, side, i) for i in indices)
