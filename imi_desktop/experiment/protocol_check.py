"""Whether the names within a protocol refer to what it declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

from imi_desktop.experiment.trial import Condition

if TYPE_CHECKING:
    from imi_desktop.experiment.protocol import Block, Factor, Part, Protocol, TrialGroup

SCHEMES = ("min_max_9", "max_9", "min_max_1", "max_1", "none")


def broken_references(design: Protocol) -> Iterator[str]:
    """What does not fit together, as ``key: reason`` lines."""
    pools = Counter((pool.role, pool.set) for pool in design.units)
    for (role, unit_set), times in pools.items():
        if times > 1:
            yield f"units: {role} units{_of_set(unit_set)} are declared twice"
    for name, factor in design.factors.items():
        yield from _factor_problems(design, name, factor)
    for index, part in enumerate(design.parts, start=1):
        if not part.blocks and part.repeated is None:
            yield f"parts[{index}]: holds no block"
        yield from _each_problems(design, f"parts[{index}].each", part.each)
        for block in part.blocks:
            yield from _block_problems(design, part, block, f"block “{block.name}”")
        for condition in part.repeated.conditions if part.repeated else ():
            if condition not in design.conditions:
                yield f"parts[{index}].repeated: “{condition}” is not among the conditions"
    named = {*design.opening, *design.closing}
    named |= {page for block in design.blocks() for page in block.pages}
    for page in design.only_for:
        if page not in named:
            yield f"only_for.{page}: no such page is shown"
    for rule in design.exclusion:
        for condition in rule.conditions:
            if condition not in design.conditions:
                yield f"exclusion.{rule.kind}: “{condition}” is not among the conditions"


def _factor_problems(design: Protocol, name: str, factor: Factor) -> Iterator[str]:
    key = f"factors.{name}"
    if len(set(factor.levels)) < len(factor.levels):
        yield f"{key}.levels: a level is listed twice"
    length = len(factor.levels)
    if factor.follows:
        leader = design.factors.get(factor.follows)
        if leader is None:
            yield f"{key}.follows: there is no factor “{factor.follows}”"
            return
        length = len(leader.levels)
        if not factor.orders and length != len(factor.levels):
            yield f"{key}: has {len(factor.levels)} levels, and {factor.follows} {length}"
    if factor.between and (factor.orders or factor.follows):
        yield f"{key}: a factor between participants has neither orders nor follows"
    for row, order in enumerate(factor.orders, start=1):
        strangers = [level for level in order if level not in factor.levels]
        if strangers:
            yield f"{key}.orders[{row}]: “{strangers[0]}” is no level of it"
        elif len(order) != length:
            yield f"{key}.orders[{row}]: has {len(order)} entries, not {length}"
        elif not factor.follows and len(set(order)) < len(order):
            yield f"{key}.orders[{row}]: a level comes twice"


def _each_problems(design: Protocol, key: str, name: str) -> Iterator[str]:
    if not name:
        return
    factor = design.factors.get(name)
    if factor is None:
        yield f"{key}: there is no factor “{name}”"
    elif factor.between or factor.follows:
        yield f"{key}: “{name}” has one level at a time and cannot be gone through"


def _block_problems(design: Protocol, part: Part, block: Block, key: str) -> Iterator[str]:
    bound = {*design.between, part.each, block.each}
    yield from _each_problems(design, f"{key}.each", block.each)
    for condition in block.only:
        if condition not in design.conditions:
            yield f"{key}.only: “{condition}” is not among the conditions"
    for name, value in block.let.items():
        yield from _unbound(design, f"{key}.let", value, bound)
        factor = design.factors.get(name)
        if factor is None:
            yield f"{key}.let: there is no factor “{name}”"
        elif not value.startswith("$") and value not in factor.levels:
            yield f"{key}.let: “{value}” is no level of {name}"
        bound.add(name)
    if block.redraw and not block.repeat_until_perfect:
        yield f"{key}.redraw: means something only with repeat_until_perfect"
    for index, group in enumerate(block.trials, start=1):
        yield from _group_problems(design, group, f"{key}.trials[{index}]", bound)


def _group_problems(
    design: Protocol, group: TrialGroup, key: str, bound: set[str]
) -> Iterator[str]:
    for value in (group.condition, group.scheme, group.set, group.batch, group.deck):
        yield from _unbound(design, key, value, bound)
    for condition in (*_levels(design, group.condition), *group.only):
        if condition not in design.conditions:
            known = condition in get_args(Condition)
            reason = "is not among the protocol's conditions" if known else "is no condition"
            yield f"{key}.condition: “{condition}” {reason}"
    for scheme in _levels(design, group.scheme):
        if scheme not in SCHEMES:
            yield f"{key}.scheme: “{scheme}” is none of {', '.join(SCHEMES)}"
    for unit_set in _levels(design, group.set):
        if design.pool(group.units, unit_set) is None:
            yield f"{key}.units: no {group.units} units{_of_set(unit_set)} are declared"
    for batch in _levels(design, group.batch):
        if batch not in design.batches:
            yield f"{key}.batch: no batches “{batch}” are declared"
    if group.foils and design.pool(group.foils) is None:
        yield f"{key}.foils: no {group.foils} units are declared"


def _unbound(design: Protocol, key: str, value: str, bound: set[str]) -> Iterator[str]:
    """A ``$factor`` that is not declared, or has no level where it is used."""
    if not value.startswith("$"):
        return
    name = value[1:]
    factor = design.factors.get(name)
    if factor is None:
        yield f"{key}: “{value}” names no factor"
    elif name not in bound and factor.follows not in bound - {""}:
        leader = factor.follows or name
        yield f"{key}: “{value}” has no level here; go through {leader} by each, or fix it by let"


def _levels(design: Protocol, value: str) -> tuple[str, ...]:
    """Values that a text field can take; none if it names an unknown factor."""
    if not value.startswith("$"):
        return (value,)
    factor = design.factors.get(value[1:])
    return factor.levels if factor else ()


def _of_set(unit_set: str) -> str:
    return f" of set “{unit_set}”" if unit_set else ""
