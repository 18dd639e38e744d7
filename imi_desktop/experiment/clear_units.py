"""Clear units for practice and catch trials, chosen by what is known of them: their activations.

The published experiments picked such units by hand, because their trials have to be obvious
(Zimmermann et al. 2021, A.3; Zimmermann, Klein & Brendel 2023, sections 3 and A.3). For a network
without published picks this module takes the units whose strongest and weakest images lie furthest
apart. Whether people find them obvious, only people can tell: the units stay exchangeable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imi_desktop.errors import UserError
from imi_desktop.experiment.protocol import UnitPool
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.study_tables import StudyUnit
from imi_desktop.models.layer_tables import layers_of
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.stimuli.activation_table import ActivationTable


class TooFewClearUnitsError(UserError):
    """The recorded layers have fewer live units than are to be chosen."""


@dataclass(frozen=True)
class ClearUnit:
    """A candidate.

    Parameters
    ----------
    separation : float
        See :func:`separations`.
    """

    unit: Unit
    separation: float


def stand_ins(study: Study) -> tuple[StudyUnit, ...]:
    """Randomly drawn units of roles for which the protocol wants clear ones."""
    return tuple(entry for entry in study.units if _is_stand_in(entry, _pools(study)))


def separations(activations: NDArray[np.float32], per_side: int) -> NDArray[np.float64]:
    """How far the images at both ends of each unit lie apart.

    Parameters
    ----------
    activations : ndarray of float32, shape (n_images, n_units)
        Of each unit over the image folder.
    per_side : int
        Images of each side that trials can show, at most half of all.

    Returns
    -------
    ndarray of float64, shape (n_units,)
        Mean activation of the `per_side` most activating images minus that of the `per_side`
        least activating ones, in standard deviations over the folder. −∞ for units that respond
        to every image alike or with values that are not finite.
    """
    values = np.asarray(activations, dtype=np.float64)
    usable = np.isfinite(values).all(axis=0)
    ordered = np.sort(np.where(usable, values, 0.0), axis=0)
    gap = ordered[-per_side:].mean(axis=0) - ordered[:per_side].mean(axis=0)
    spread = ordered.std(axis=0)
    result = np.full(values.shape[1], -np.inf)
    alive = usable & (spread > 0)
    result[alive] = gap[alive] / spread[alive]
    return result


def with_clear_units(study: Study) -> tuple[Study, tuple[ClearUnit, ...]]:
    """Put the clearest units in the place of :func:`stand_ins`; nothing is written.

    Candidates are the recorded channels of the study's layers, other than units that the study
    lists already. Each round takes the clearest unit of every layer, so that the units differ; the
    places of practice, catch and other trials are filled in turn, so that none gets only the less
    clear ones. Nothing is random: the same activations give the same units.

    Returns
    -------
    study : Study
        With ``selection = "hand_picked"`` for the new units, which are thus left alone next time.
    chosen : tuple of ClearUnit
        In the order of the places filled; empty if the study has no stand-ins.

    Raises
    ------
    ActivationsError
        If a layer has not been recorded.
    TooFewClearUnitsError
        If there are not enough units.
    """
    pools = _pools(study)
    filled: dict[int, dict[str, Any]] = {}
    chosen: list[ClearUnit] = []
    for model in study.models:
        places = _in_turn(study, model, pools)
        if not places:
            continue
        layers = {layer.name: layer for layer in layers_of(model)}
        found = _clearest(study, model, layers, len(places))
        for place, clear in zip(places, found, strict=True):
            filled[place] = _row(study.units[place], clear.unit, layers[clear.unit.layer])
        chosen += found
    rows = [
        filled.get(place, entry.model_dump(exclude_none=True))
        for place, entry in enumerate(study.units)
    ]
    return (study.replace(units=rows) if filled else study), tuple(chosen)


def _pools(study: Study) -> dict[tuple[str, str], UnitPool]:
    return {(pool.role, pool.set): pool for pool in study.design.units}


def _is_stand_in(entry: StudyUnit, pools: Mapping[tuple[str, str], UnitPool]) -> bool:
    pool = pools.get((entry.role, entry.set))
    return pool is not None and pool.choice == "clearest" and entry.selection == "random"


def _in_turn(
    study: Study, model: str, pools: Mapping[tuple[str, str], UnitPool]
) -> tuple[int, ...]:
    """Places of stand-ins in the study's list: the first of each role, then the second …"""
    by_purpose: dict[tuple[str, str], list[int]] = {}
    for place, entry in enumerate(study.units):
        if entry.model == model and _is_stand_in(entry, pools):
            by_purpose.setdefault((entry.role, entry.set), []).append(place)
    ranked = [
        (rank, number, place)
        for number, places in enumerate(by_purpose.values())
        for rank, place in enumerate(places)
    ]
    return tuple(place for _, _, place in sorted(ranked))


def _clearest(study: Study, model: str, layers: Mapping[str, Layer], count: int) -> list[ClearUnit]:
    names = dict.fromkeys(entry.layer for entry in study.units if entry.model == model)
    listed = {entry.unit for entry in study.units}
    columns = [
        sorted(_candidates(study, model, name, listed), key=lambda c: -c.separation)
        for name in names
        if layers[name].of_interest
    ]
    found: list[ClearUnit] = []
    for candidates in _rounds(columns):
        found += sorted(candidates, key=lambda c: -c.separation)
        if len(found) >= count:
            return found[:count]
    raise TooFewClearUnitsError(
        f"{count} clear units of {model} are wanted, and the layers of the study have "
        f"{len(found)} that are free and respond differently to different images. Replace the "
        f"practice and catch units in {study.file} by hand."
    )


def _candidates(
    study: Study, model: str, layer: str, listed: Collection[Unit]
) -> Iterator[ClearUnit]:
    table = ActivationTable.read(study.folder, model, layer)
    natural = study.stimuli.natural
    per_side = min((natural.references + 1) * natural.batches, max(table.n_images // 2, 1))
    for channel, separation in zip(
        table.channels, separations(table.all_units(), per_side), strict=True
    ):
        unit = Unit(model, layer, channel)
        if unit not in listed and np.isfinite(separation):
            yield ClearUnit(unit, float(separation))


def _rounds(columns: Sequence[Sequence[ClearUnit]]) -> Iterator[list[ClearUnit]]:
    """The best of every column, then the second best …"""
    for rank in range(max(map(len, columns), default=0)):
        yield [column[rank] for column in columns if rank < len(column)]


def _row(place: StudyUnit, unit: Unit, layer: Layer) -> dict[str, Any]:
    row: dict[str, Any] = place.model_dump(exclude_none=True) | {
        "layer": unit.layer,
        "channel": unit.channel,
        "selection": "hand_picked",
    }
    row.pop("branch", None)
    branch = layer.branch_of(unit.channel)
    return row | {"branch": branch} if branch else row
