"""Changes to a study's units: add, remove, exchange, draw. Knows no Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from imi_desktop.errors import UserError
from imi_desktop.experiment.lock import FILE_NAME as LOCK_FILE
from imi_desktop.experiment.lock import StudyLockedError
from imi_desktop.experiment.study import Selection, Study, StudyUnit
from imi_desktop.models.layer_tables import check_channel, find_layer, layers_of
from imi_desktop.models.unit import Layer, Unit, UnitAddressError, parse_address
from imi_desktop.models.unit_sampling import sample_units
from imi_desktop.seeds import derive_seed

MAIN = "main"


class UnitsFixedError(UserError):
    """The protocol asks for a number of units that the change would break."""


@dataclass(frozen=True)
class UnitCount:
    """How many main units there are, and how many the protocol asks for.

    Parameters
    ----------
    fixed : bool
        Whether the protocol stands and falls with exactly `wanted`.
    """

    chosen: int
    wanted: int
    fixed: bool

    @property
    def text(self) -> str:
        """As the page's subtitle says it."""
        if self.fixed:
            return f"{self.chosen} of {self.wanted} chosen"
        return f"{self.chosen} chosen"


def locked(study_folder: Path) -> bool:
    """Whether a participant has started, so that units may no longer change."""
    return (study_folder / LOCK_FILE).is_file()


def unit_count(study: Study) -> UnitCount:
    """Main units of a study, over all sets."""
    pools = [pool for pool in study.design.units if pool.role == MAIN]
    chosen = sum(entry.role == MAIN for entry in study.units)
    fixed = bool(pools) and all(pool.fixed for pool in pools)
    return UnitCount(chosen, sum(pool.count for pool in pools) or chosen, fixed)


def entry_of(study: Study, unit: Unit) -> StudyUnit | None:
    """The study's entry for a unit, the main one first; None if it is not in the study."""
    entries = [entry for entry in study.units if entry.unit == unit]
    return min(entries, key=lambda entry: entry.role != MAIN, default=None)


def add_units(
    study: Study,
    units: Sequence[Unit],
    selection: Selection,
    branches: dict[str, str | None] | None = None,
) -> Study:
    """Return the study with further main units; save it to keep it.

    Parameters
    ----------
    branches : dict of str to (str or None)
        Branch of each layer, where the network has branches.

    Raises
    ------
    StudyLockedError, UnitsFixedError
        If the study must not change, or not in this way.
    """
    _check_unlocked(study)
    count = unit_count(study)
    room = count.wanted - count.chosen
    if count.fixed and len(units) > room:
        raise UnitsFixedError(
            f"{study.design.name} asks for exactly {count.wanted} main units, and all are chosen. "
            "Exchange one of them instead."
        )
    return _changed(study, [*_rows(study), *(_row(u, selection, branches) for u in units)])


def remove_unit(study: Study, unit: Unit) -> Study:
    """Return the study without a main unit; save it to keep it.

    Raises
    ------
    StudyLockedError, UnitsFixedError
        If the study must not change, or the unit is needed.
    """
    _check_unlocked(study)
    entry = entry_of(study, unit)
    if entry is not None and entry.role != MAIN:
        raise UnitsFixedError(
            f"{unit.address} is the protocol's {entry.role} unit. "
            "Such units are fixed; only main units can be removed."
        )
    count = unit_count(study)
    if count.fixed:
        raise UnitsFixedError(
            f"{study.design.name} asks for exactly {count.wanted} main units. "
            f"Exchange {unit.address} for another unit instead of removing it."
        )
    if count.chosen <= 1:
        raise UnitsFixedError(
            f"{unit.address} is the study's last main unit. Add another one before removing it."
        )
    rows = [row for row, e in zip(_rows(study), study.units, strict=True) if e is not entry]
    return _changed(study, rows)


def exchange_unit(
    study: Study,
    old: Unit,
    new: Unit,
    selection: Selection,
    branches: dict[str, str | None] | None = None,
) -> Study:
    """Return the study with `new` in the place of the main unit `old`; save it to keep it.

    Raises
    ------
    StudyLockedError
        If a participant has started.
    """
    _check_unlocked(study)
    entry = entry_of(study, old)
    rows = []
    for row, e in zip(_rows(study), study.units, strict=True):
        if e is entry:
            row = _row(new, selection, branches) | {"role": e.role, "set": e.set}
        rows.append(row)
    return _changed(study, rows)


def redraw_units(
    study: Study, units: Sequence[Unit], branches: dict[str, str | None] | None = None
) -> Study:
    """Return the study with `units` in the places of its random main units, in order.

    Raises
    ------
    StudyLockedError
        If a participant has started.
    """
    _check_unlocked(study)
    fresh = iter(units)
    rows = []
    for row, entry in zip(_rows(study), study.units, strict=True):
        if is_random_main(entry):
            unit = next(fresh, None)
            if unit is not None:
                row = _row(unit, "random", branches) | {"set": entry.set}
        rows.append(row)
    return _changed(study, rows)


def is_random_main(entry: StudyUnit) -> bool:
    """Whether an entry may be drawn again."""
    return entry.role == MAIN and entry.selection == "random"


def draw_units(
    study: Study, model: str, layers: Sequence[Layer], n: int, seed: int
) -> tuple[Unit, ...]:
    """Draw units that are not in the study yet: a layer uniformly, then a channel uniformly.

    Raises
    ------
    TooFewUnitsError
        If the layers of interest do not hold that many.
    """
    taken = {(u.layer, u.channel) for u in study.units if u.model == model}
    return sample_units(model, layers, n, seed, taken)


def with_replacement(study: Study, unit: Unit) -> Study:
    """Return the study with another random unit in the place of `unit`; save it to keep it.

    Raises
    ------
    UserError
        If the study is locked, or no unit is left.
    """
    layers = layers_of(unit.model)
    seed = derive_seed(study.seed, "replacement", unit.model, unit.address) % 2**31
    new = draw_units(study, unit.model, layers, 1, seed)[0]
    branches = {layer.name: layer.branch for layer in layers}
    return exchange_unit(study, unit, new, "random", branches)


@dataclass(frozen=True)
class Overview:
    """Units of a study by layer and by what they are for.

    Parameters
    ----------
    columns : tuple of str
        Layers with units, in forward order.
    rows : tuple of str
        Branches (``1x1`` … and ``picked``) or roles.
    cells : dict of (str, str) to tuple of Unit
        By row and column; missing where there is none.
    open : frozenset of (str, str)
        Cells of the main trials without a unit, while the protocol asks for more units.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: dict[tuple[str, str], tuple[Unit, ...]]
    open: frozenset[tuple[str, str]] = frozenset()


def overview(study: Study, layers: Sequence[Layer]) -> Overview:
    """Arrange a study's units for the card “In the study”."""
    known = {layer.name: (place, layer) for place, layer in enumerate(layers)}
    branched = any(layer.branch for layer in layers)
    cells: dict[tuple[str, str], tuple[Unit, ...]] = {}
    rows: dict[str, None] = {}
    main_rows: set[str] = set()
    columns: dict[str, float] = {}
    for entry in study.units:
        place, layer = known.get(entry.layer, (len(layers), None))
        branch = entry.branch or (layer.branch if layer else None)
        if branched and entry.role == MAIN:
            row = "picked" if entry.selection == "hand_picked" else (branch or MAIN)
            column = entry.layer.split("_")[0] if branch else entry.layer
            main_rows.add(row)
        else:
            row = entry.role
            column = entry.layer.split("_")[0] if branched and branch else entry.layer
        rows[row] = None
        columns[column] = min(columns.get(column, float("inf")), place)
        cells[row, column] = (*cells.get((row, column), ()), entry.unit)
    number = unit_count(study)
    missing = {(row, column) for row in main_rows for column in columns} - set(cells)
    wanted = number.fixed and number.chosen < number.wanted
    in_order = tuple(sorted(columns, key=lambda c: columns[c]))
    return Overview(in_order, tuple(rows), cells, frozenset(missing if wanted else ()))


def fixed_units_text(study: Study) -> str:
    """Sentence about the units that are not drawn; empty if there are none."""
    counts: dict[str, int] = {}
    for entry in study.units:
        if entry.role != MAIN:
            counts[entry.role] = counts.get(entry.role, 0) + 1
    if not counts:
        return ""
    words = [f"{role} ({n})" for role, n in counts.items()]
    listed = ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]
    return f"{listed[0].upper()}{listed[1:]} units are fixed by the protocol and are never drawn."


def units_in(study: Study, model: str) -> Collection[Unit]:
    """All units of one model that the study uses for anything."""
    return {entry.unit for entry in study.units if entry.model == model}


def _check_unlocked(study: Study) -> None:
    if locked(study.folder):
        raise StudyLockedError(
            "The study is locked since its first participant started, so its units cannot "
            "change. Copy the study to a new folder to change them."
        )


def _rows(study: Study) -> list[dict[str, object]]:
    return [entry.model_dump(exclude_none=True) for entry in study.units]


def _row(
    unit: Unit, selection: Selection, branches: dict[str, str | None] | None
) -> dict[str, object]:
    row: dict[str, object] = {
        "model": unit.model,
        "layer": unit.layer,
        "channel": unit.channel,
        "selection": selection,
        "role": MAIN,
    }
    branch = (branches or {}).get(unit.layer)
    return row | ({"branch": branch} if branch else {})


def _changed(study: Study, rows: list[dict[str, object]]) -> Study:
    return study.replace(units=rows)


def parse_unit_list(text: str, model: str, layers: Sequence[Layer]) -> list[Unit]:
    """Units of a list with one address per line; empty lines and ``#`` comments are skipped.

    Raises
    ------
    UnitAddressError
        If a line is not an address, with its number.
    UserError
        If the model has no such layer or channel.
    """
    units: dict[Unit, None] = {}
    for line_number, line in enumerate(text.splitlines(), start=1):
        address = line.split("#")[0].strip()
        if not address:
            continue
        try:
            layer, channel = parse_address(address)
        except UnitAddressError as error:
            raise UnitAddressError(f"Line {line_number}: {error.sentence}") from error
        unit = Unit(model, layer, channel)
        check_channel(find_layer(model, layers, layer), unit)
        units[unit] = None
    return list(units)
