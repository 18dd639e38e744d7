"""Drawn units that respond to every image alike, and others in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.study_tables import StudyUnit
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.unit import Unit
from imi_desktop.seeds import generator
from imi_desktop.stimuli.activation_table import ActivationTable


class NoLiveUnitError(UserError):
    """A layer has no unit left that responds differently to different images."""


@dataclass(frozen=True)
class Replacement:
    """A dead unit and the one that was drawn in its place."""

    dead: Unit
    unit: Unit


def responds(activations: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which units respond differently to different images.

    Parameters
    ----------
    activations : ndarray of float32, shape (n_images, n_units)

    Returns
    -------
    ndarray of bool, shape (n_units,)
        False where all values are equal, or one is not finite.
    """
    lowest, highest = activations.min(axis=0), activations.max(axis=0)
    return np.asarray(np.isfinite(lowest) & np.isfinite(highest) & (lowest < highest))


def with_live_units(study: Study) -> tuple[Study, tuple[Replacement, ...]]:
    """Draw another channel of the same layer for each dead unit; nothing is written.

    Only units that were drawn are replaced: the draw took a layer first (Zimmermann, Klein &
    Brendel 2023, section 3), so the layer stays and a channel is drawn uniformly among those that
    respond and are not listed, by the study's seed.

    Returns
    -------
    study : Study
    replaced : tuple of Replacement
        In the study's order; empty if every drawn unit responds.

    Raises
    ------
    ActivationsError
        If a layer has not been recorded.
    NoLiveUnitError
        If a layer has no other unit.
    """
    rows = [entry.model_dump(exclude_none=True) for entry in study.units]
    listed = {entry.unit for entry in study.units}
    replaced: list[Replacement] = []
    for model, layer in dict.fromkeys((entry.model, entry.layer) for entry in study.units):
        table = ActivationTable.read(study.folder, model, layer)
        alive = dict(zip(table.channels, responds(table.all_units()), strict=True))
        places = _dead(study.units, model, layer, alive)
        if not places:
            continue
        free = [c for c, lives in alive.items() if lives and Unit(model, layer, c) not in listed]
        if len(free) < len(places):
            raise NoLiveUnitError(
                f"{layer} of {model} has {len(places)} drawn units that respond to every image "
                f"alike, and {len(free)} others to take. Write units of another layer into "
                f"{study.file}."
            )
        drawn = generator(study.seed, "replacements", model, layer).permutation(free)
        for place, channel in zip(places, drawn, strict=False):
            new = Unit(model, layer, int(channel))
            replaced.append(Replacement(study.units[place].unit, new))
            rows[place] = _row(rows[place], new)
    return (study.replace(units=rows) if replaced else study), tuple(replaced)


def _dead(
    units: Sequence[StudyUnit], model: str, layer: str, alive: dict[int, np.bool_]
) -> list[int]:
    return [
        place
        for place, entry in enumerate(units)
        if (entry.model, entry.layer, entry.selection) == (model, layer, "random")
        and not alive.get(entry.channel, True)
    ]


def _row(row: dict[str, Any], unit: Unit) -> dict[str, Any]:
    changed = {key: value for key, value in row.items() if key != "branch"}
    changed["channel"] = unit.channel
    layer = next(layer for layer in layers_of(unit.model) if layer.name == unit.layer)
    branch = layer.branch_of(unit.channel)
    return changed | {"branch": branch} if branch else changed
