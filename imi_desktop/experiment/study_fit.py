"""Whether the units and conditions of a study are those that its protocol asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.partly_read import Finding, Place
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study_tables import Stimuli, StudyUnit
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import N_REFERENCES

_PURPOSES: tuple[Place, ...] = (("units", None, "role"), ("units", None, "set"))


def own_problems(
    models: Sequence[str], units: Sequence[StudyUnit], hypotheses: Sequence[Hypothesis]
) -> Iterator[Finding]:
    """What contradicts itself within a study."""
    first_of: dict[tuple[Unit, str, str], int] = {}
    for index, entry in enumerate(units):
        first = first_of.setdefault((entry.unit, entry.role, entry.set), index)
        if first != index:
            reason = f"{entry.unit} is listed twice as {entry.role}"
            yield Finding(("units", index), reason, (("units", first), ("units", index)))
    for index, entry in enumerate(units):
        if entry.model not in models:
            reason = f"“{entry.model}” is not among the study's models"
            yield Finding(("units", index, "model"), reason, (("models",),))
    for index, model in enumerate(models):
        if model in models[:index]:
            yield Finding(("models", index), f"{model} is listed twice")
    names = [hypothesis.id for hypothesis in hypotheses]
    for index, name in enumerate(names):
        if name in names[:index]:
            place: Place = ("hypotheses", index, "id")
            rests_on: Place = ("hypotheses", names.index(name), "id")
            yield Finding(place, f"{name} is used twice", (rests_on,))


def design_problems(
    design: Protocol,
    models: Sequence[str],
    units: Sequence[StudyUnit],
    conditions: Sequence[str],
    stimuli: Stimuli,
) -> Iterator[Finding]:
    """What does not fit the protocol."""
    shown: tuple[tuple[Place, int], ...] = (
        (("stimuli", "natural", "references"), stimuli.natural.references),
        (("stimuli", "synthetic", "per_side"), stimuli.synthetic.per_side),
    )
    for place, count in shown:
        if count != N_REFERENCES:
            reason = f"must be {N_REFERENCES}, as many as the trial screen shows, not {count}"
            yield Finding(place, reason)
    yield from _pool_problems(design, models, units)
    if design.disjoint_units:
        yield from _sharing_problems(units)
    for index, condition in enumerate(conditions):
        if condition not in design.conditions:
            yield Finding(
                ("conditions", index),
                f"{design.name} has no condition “{condition}”; it has "
                f"{', '.join(design.conditions)}",
                (("protocol",),),
            )


def _pool_problems(
    design: Protocol, models: Sequence[str], units: Sequence[StudyUnit]
) -> Iterator[Finding]:
    """Units that are missing or too many, model by model."""
    counted: tuple[Place, ...] = (
        ("protocol",),
        ("models",),
        ("units", None, "model"),
        *_PURPOSES,
    )
    for pool in design.units:
        purpose = (pool.role, pool.set)
        found = Counter(unit.model for unit in units if (unit.role, unit.set) == purpose)
        name = f"{pool.role} units" + (f" of set {pool.set}" if pool.set else "")
        for model in models:
            of_model = f" of {model}" if len(models) > 1 else ""
            if pool.fixed and found[model] != pool.count:
                wanted = f"{pool.count} {name}{of_model}"
                reason = f"{design.name} needs {wanted}, not {found[model]}"
                yield Finding(("units",), reason, counted)
            elif not found[model]:
                reason = f"{design.name} needs {name}{of_model}, and none is listed"
                yield Finding(("units",), reason, counted)
    pools = {(pool.role, pool.set) for pool in design.units}
    for index, unit in enumerate(units):
        if (unit.role, unit.set) not in pools:
            of_set = f" of set {unit.set}" if unit.set else ""
            reason = f"{design.name} has no use for {unit.role} units{of_set}"
            place: Place = ("units", index)
            yield Finding(place, reason, (("protocol",), (*place, "role"), (*place, "set")))


def _sharing_problems(units: Sequence[StudyUnit]) -> Iterator[Finding]:
    """Units that serve several purposes where the protocol wants different ones."""
    purposes: dict[Unit, dict[str, int]] = {}
    for index, entry in enumerate(units):
        purposes.setdefault(entry.unit, {})[f"{entry.role} {entry.set}".strip()] = index
    for unit, found in purposes.items():
        if len(found) > 1:
            places: tuple[Place, ...] = tuple(("units", index) for index in found.values())
            yield Finding(
                places[-1],
                f"{unit} is both {' and '.join(sorted(found))}; the protocol wants different units",
                (("protocol",), *places),
            )
