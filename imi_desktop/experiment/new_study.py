"""Making a study: protocol, model, units and images put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imi_desktop.errors import UserError
from imi_desktop.experiment.feasibility import refuse_unfeasible
from imi_desktop.experiment.image_check import require_images
from imi_desktop.experiment.protocol import Protocol, UnitPool
from imi_desktop.experiment.published_units import published_sets
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import FILE_NAME, Study, StudyExistsError
from imi_desktop.models.errors import UnknownChannelError, UnknownLayerError
from imi_desktop.models.layer_tables import check_unit, layers_of
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.models.unit_sampling import sample_units


class UnitChoiceError(UserError):
    """The units asked for do not fit the protocol."""


@dataclass(frozen=True)
class NewStudy:
    """What a researcher decides about a new study.

    Parameters
    ----------
    protocol : str
        Name of a built-in protocol or path of a file, which is copied into the study.
    models : tuple of str
        One or several networks.
    images : Path
        Image folder.
    units : int or None
        Number of main units to draw; None takes the protocol's (and the published units, where
        there are some for the model).
    chosen : tuple of Unit
        Hand-picked main units instead of drawn ones.
    settings : dict
        Further fields of the study, e.g. ``language`` or ``participants``.
    """

    folder: Path
    protocol: str
    models: tuple[str, ...]
    images: Path
    seed: int
    units: int | None = None
    chosen: tuple[Unit, ...] = ()
    batches: int | None = None
    preset: str | None = None
    steps: int | None = None
    difficulty: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def create_study(new: NewStudy) -> Study:
    """Check everything, then write the study.

    Raises
    ------
    UserError
        If the protocol, a model, layer or channel is not known, the units do not fit the
        protocol, the image folder is missing or too small, or the folder holds a study already.
        Nothing is written then.
    """
    if (new.folder / FILE_NAME).exists():
        raise StudyExistsError(
            f"{new.folder} holds a study already. Choose another folder; nothing was changed."
        )
    design = Protocol.load(new.protocol)
    study = Study.assemble(new.folder, design, **study_fields(new, design))
    refuse_unfeasible(study)
    require_images(study.images_folder, stimuli_needed(study).images_needed)
    study.write_new()
    return study


def study_fields(new: NewStudy, design: Protocol) -> dict[str, Any]:
    """Fields of ``study.toml`` for what was decided.

    Raises
    ------
    UserError
        As :func:`create_study`, except for images and folder.
    """
    _refuse_unknown(new.chosen)
    units: list[dict[str, Any]] = []
    for model in new.models:
        layers = layers_of(model)
        chosen = [unit for unit in new.chosen if unit.model == model]
        units += _units(design, model, layers, chosen, new)
    natural: dict[str, Any] = {
        "references": design.natural_references,
        "batches": new.batches or design.natural_batches,
        "rule": design.natural_rule,
    }
    if new.difficulty:
        natural["difficulty"] = new.difficulty
    synthetic: dict[str, Any] = {"preset": new.preset or design.synthetic_preset}
    if new.steps:
        synthetic["steps"] = new.steps
    fields: dict[str, Any] = {
        "format": 1,
        "name": new.folder.resolve().name,
        "protocol": _file_name(design) if new.protocol.endswith(".toml") else design.name,
        "seed": new.seed,
        "audience": design.audience,
        "images": str(new.images.expanduser().absolute()),
        "models": list(new.models),
        "stimuli": {"natural": natural, "synthetic": synthetic},
        "units": units,
    }
    return fields | new.settings


def _refuse_unknown(units: Sequence[Unit]) -> None:
    """Refuse chosen units that do not exist, all of them at once."""
    wrong = []
    for unit in units:
        try:
            check_unit(unit)
        except (UnknownLayerError, UnknownChannelError) as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise UnitChoiceError("\n".join(dict.fromkeys(error.sentence for error in wrong)))


def _file_name(design: Protocol) -> str:
    return design.file.name if design.file else f"{design.name}.toml"


def _units(
    design: Protocol,
    model: str,
    layers: Sequence[Layer],
    chosen: Sequence[Unit],
    new: NewStudy,
) -> list[dict[str, Any]]:
    """Units of every pool: chosen, published, or drawn."""
    published = {} if chosen or new.units else published_sets(model)
    rows: dict[UnitPool, list[dict[str, Any]]] = {}
    to_draw: list[tuple[UnitPool, int]] = []
    for pool in design.units:
        if pool.role == "main" and chosen:
            rows[pool] = [_row(unit, pool, "hand_picked", layers) for unit in chosen]
        elif pool.published in published:
            rows[pool] = published[pool.published].rows(model, pool.role, pool.set)
        else:
            to_draw.append((pool, _count(pool, design, new)))
    used = {(row["layer"], row["channel"]) for pool_rows in rows.values() for row in pool_rows}
    total = sum(count for _, count in to_draw)
    drawn = list(sample_units(model, layers, total, new.seed, used)) if total else []
    for pool, count in to_draw:
        rows[pool] = [_row(unit, pool, "random", layers) for unit in drawn[:count]]
        del drawn[:count]
    return [row for pool in design.units for row in rows[pool]]


def _count(pool: UnitPool, design: Protocol, new: NewStudy) -> int:
    if pool.role != "main" or new.units is None:
        return pool.count
    if pool.fixed and new.units != pool.count:
        raise UnitChoiceError(
            f"{design.name} asks about exactly {pool.count} main units"
            + (f" of set {pool.set}" if pool.set else "")
            + f", not {new.units}. Leave the number out, or choose another protocol."
        )
    return new.units


def _row(unit: Unit, pool: UnitPool, selection: str, layers: Sequence[Layer]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "model": unit.model,
        "layer": unit.layer,
        "channel": unit.channel,
        "selection": selection,
        "role": pool.role,
        "set": pool.set,
    }
    branch = next(layer for layer in layers if layer.name == unit.layer).branch_of(unit.channel)
    return row | {"branch": branch} if branch else row
