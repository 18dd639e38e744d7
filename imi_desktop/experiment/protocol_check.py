"""Whether the names within a protocol refer to what it declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from imi_desktop.experiment.partly_read import Finding, Place
from imi_desktop.experiment.texts import is_built_in
from imi_desktop.experiment.trial import Condition

if TYPE_CHECKING:
    from imi_desktop.experiment.protocol import Block, Factor, Part, Protocol, TrialGroup

SCHEMES = ("min_max_9", "max_9", "min_max_1", "max_1", "none")
_POOLS: tuple[Place, ...] = (("units", None, "role"), ("units", None, "set"))


def broken_references(design: Protocol) -> Iterator[Finding]:
    """What does not fit together; what may follow from something else comes after it."""
    pools: dict[tuple[str, str], int] = {}
    for index, pool in enumerate(design.units):
        first = pools.setdefault((pool.role, pool.set), index)
        if first != index:
            yield Finding(
                ("units", index),
                f"{pool.role} units{_of_set(pool.set)} are declared twice",
                tuple(("units", i, key) for i in (first, index) for key in ("role", "set")),
            )
    for name, factor in design.factors.items():
        yield from _factor_problems(design, name, factor)
    for index, part in enumerate(design.parts):
        place: Place = ("parts", index)
        if not part.blocks and part.repeated is None:
            below = ((*place, "blocks"), (*place, "repeated"))
            yield Finding(place, "holds no block", below)
        yield from _each_problems(design, (*place, "each"), part.each)
        for number, block in enumerate(part.blocks):
            yield from _block_problems(design, part, block, index, number)
        repeated = part.repeated.conditions if part.repeated else ()
        yield from _strangers(design, (*place, "repeated", "conditions"), repeated)
    pages = list(_pages(design))
    for at, page in pages:
        if not design.texts.has(page) and not is_built_in(page):
            of_its_own: tuple[Place, ...] = (("texts", "pages", page), ("texts", "questions", page))
            yield Finding(at, f"there is no text for the page “{page}”", of_its_own)
    named = {page for _, page in pages}
    for page in design.only_for:
        if page not in named:
            shown: tuple[Place, ...] = (("opening",), ("closing",), ("parts",))
            yield Finding(("only_for", page), "no such page is shown", shown)
    for index, rule in enumerate(design.exclusion):
        yield from _strangers(design, ("exclusion", index, "conditions"), rule.conditions)
    for name, factor in design.factors.items():
        yield from _order_problems(design, name, factor)


def _pages(design: Protocol) -> Iterator[tuple[Place, str]]:
    """Every page that is shown, and where that is said."""
    named: list[tuple[Place, Sequence[str]]] = [
        (("opening",), design.opening),
        (("closing",), design.closing),
    ]
    for index, part in enumerate(design.parts):
        for number, block in enumerate(part.blocks):
            named.append((("parts", index, "blocks", number, "pages"), block.pages))
        if part.repeated:
            named.append((("parts", index, "repeated", "pages"), part.repeated.pages))
    for place, pages in named:
        for index, page in enumerate(pages):
            yield (*place, index), page


def _strangers(design: Protocol, place: Place, conditions: Sequence[str]) -> Iterator[Finding]:
    """Conditions that the protocol does not list."""
    for index, condition in enumerate(conditions):
        if condition not in design.conditions:
            yield _stranger((*place, index), condition)


def _stranger(place: Place, condition: str) -> Finding:
    if condition not in get_args(Condition):
        return Finding(place, f"“{condition}” is no condition")
    reason = f"“{condition}” is not among the protocol's conditions"
    return Finding(place, reason, (("conditions",),))


def _factor_problems(design: Protocol, name: str, factor: Factor) -> Iterator[Finding]:
    place: Place = ("factors", name)
    if len(set(factor.levels)) < len(factor.levels):
        yield Finding((*place, "levels"), "a level is listed twice")
    if factor.follows and factor.follows not in design.factors:
        reason = f"there is no factor “{factor.follows}”"
        yield Finding((*place, "follows"), reason, (("factors", factor.follows),))
    if factor.between and (factor.orders or factor.follows):
        yield Finding(place, "a factor between participants has neither orders nor follows")


def _order_problems(design: Protocol, name: str, factor: Factor) -> Iterator[Finding]:
    place: Place = ("factors", name)
    levels: Place = (*place, "levels")
    follows: Place = (*place, "follows")
    length = len(factor.levels)
    length_of: tuple[Place, ...] = (levels, follows)
    if factor.follows in design.factors:
        length = len(design.factors[factor.follows].levels)
        length_of = (levels, follows, ("factors", factor.follows, "levels"))
        if not factor.orders and length != len(factor.levels):
            reason = f"has {len(factor.levels)} levels, and {factor.follows} {length}"
            yield Finding(place, reason, (*length_of, (*place, "orders")))
    for row, order in enumerate(factor.orders):
        entry: Place = (*place, "orders", row)
        strangers = [level for level in order if level not in factor.levels]
        if strangers:
            yield Finding(entry, f"“{strangers[0]}” is no level of it", (levels, entry))
        elif len(order) != length:
            reason = f"has {len(order)} entries, not {length}"
            yield Finding(entry, reason, (*length_of, entry))
        elif not factor.follows and len(set(order)) < len(order):
            yield Finding(entry, "a level comes twice", (levels, follows, entry))


def _each_problems(design: Protocol, place: Place, name: str) -> Iterator[Finding]:
    if not name:
        return
    factor = design.factors.get(name)
    declared: Place = ("factors", name)
    if factor is None:
        yield Finding(place, f"there is no factor “{name}”", (declared,))
    elif factor.between or factor.follows:
        yield Finding(
            place,
            f"“{name}” has one level at a time and cannot be gone through",
            ((*declared, "between"), (*declared, "follows")),
        )


@dataclass(frozen=True)
class _Here:
    """A block, and the factors that have a level in it.

    Parameters
    ----------
    bound : set of str
        Names of these factors.
    bound_by : tuple of Place
        Where they get their levels.
    """

    design: Protocol
    place: Place
    bound: set[str]
    bound_by: tuple[Place, ...]

    def unbound(self, place: Place, value: str) -> Iterator[Finding]:
        """A ``$factor`` that is not declared, or has no level here."""
        if not value.startswith("$"):
            return
        name = value[1:]
        factor = self.design.factors.get(name)
        declared: Place = ("factors", name)
        if factor is None:
            yield Finding(place, f"there is no factor “{name}”", (declared,))
        elif name not in self.bound and factor.follows not in self.bound - {""}:
            leader = factor.follows or name
            yield Finding(
                place,
                f"“{value}” has no level here; go through {leader} by each, or fix it by let",
                (*self.bound_by, (*declared, "between"), (*declared, "follows")),
            )

    def levels(self, place: Place, value: str) -> Iterator[tuple[Place, str]]:
        """Values that a text field can take, and where they are said; none of unknown factors."""
        if not value.startswith("$"):
            yield place, value
            return
        factor = self.design.factors.get(value[1:])
        for index, level in enumerate(factor.levels if factor else ()):
            yield ("factors", value[1:], "levels", index), level


def _block_problems(
    design: Protocol, part: Part, block: Block, part_index: int, index: int
) -> Iterator[Finding]:
    place: Place = ("parts", part_index, "blocks", index)
    bound_by: tuple[Place, ...] = (
        ("parts", part_index, "each"),
        (*place, "each"),
        (*place, "let"),
    )
    here = _Here(design, place, {*design.between, part.each, block.each}, bound_by)
    yield from _each_problems(design, (*place, "each"), block.each)
    yield from _strangers(design, (*place, "only"), block.only)
    for name, value in block.let.items():
        yield from here.unbound((*place, "let", name), value)
        factor = design.factors.get(name)
        if factor is None:
            reason = f"there is no factor “{name}”"
            yield Finding((*place, "let", name), reason, (("factors", name),))
        elif not value.startswith("$") and value not in factor.levels:
            reason = f"“{value}” is no level of {name}"
            yield Finding((*place, "let", name), reason, (("factors", name, "levels"),))
        here.bound.add(name)
    if block.redraw and not block.repeat_until_perfect:
        yield Finding(
            (*place, "redraw"),
            "means something only with repeat_until_perfect",
            ((*place, "repeat_until_perfect"),),
        )
    for number, group in enumerate(block.trials):
        yield from _group_problems(here, group, (*place, "trials", number))


def _group_problems(here: _Here, group: TrialGroup, place: Place) -> Iterator[Finding]:
    design = here.design
    for key in ("condition", "scheme", "set", "batch", "deck"):
        yield from here.unbound((*place, key), getattr(group, key))
    for said, condition in here.levels((*place, "condition"), group.condition):
        if condition not in design.conditions:
            yield _stranger(said, condition)
    yield from _strangers(design, (*place, "only"), group.only)
    for said, scheme in here.levels((*place, "scheme"), group.scheme):
        if scheme not in SCHEMES:
            yield Finding(said, f"“{scheme}” is none of {', '.join(SCHEMES)}")
    roles = {pool.role for pool in design.units}
    if group.units not in roles:
        yield Finding((*place, "units"), f"no {group.units} units are declared", _POOLS)
    for said, unit_set in here.levels((*place, "set"), group.set):
        if group.units in roles and design.pool(group.units, unit_set) is None:
            reason = f"no {group.units} units{_of_set(unit_set)} are declared"
            if not unit_set:
                sets = ", ".join(p.set for p in design.units if p.role == group.units)
                reason = f"is missing; {group.units} units are declared in the sets {sets}"
            yield Finding(said, reason, (*_POOLS, (*place, "units"), (*place, "set"), said))
    for said, batch in here.levels((*place, "batch"), group.batch):
        if batch not in design.batches:
            reason = f"no batches “{batch}” are declared"
            yield Finding((*place, "batch"), reason, (("batches", batch), said))
    if group.foils and design.pool(group.foils) is None:
        yield Finding((*place, "foils"), f"no {group.foils} units are declared", _POOLS)


def _of_set(unit_set: str) -> str:
    return f" of set “{unit_set}”" if unit_set else ""
