"""Whether the units and conditions of a study are those that its protocol asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study_tables import Stimuli, StudyUnit
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import N_REFERENCES


def own_problems(
    models: Sequence[str], units: Sequence[StudyUnit], hypotheses: Sequence[Hypothesis]
) -> Iterator[str]:
    """What contradicts itself within a study, as ``key: reason`` lines."""
    listed = Counter((entry.unit, entry.role, entry.set) for entry in units)
    for (unit, role, _), times in listed.items():
        if times > 1:
            yield f"units: {unit} is listed twice as {role}"
    for model in sorted({entry.model for entry in units} - set(models)):
        yield f"units: “{model}” is not among the study's models"
    if len(set(models)) < len(models):
        yield "models: a model is listed twice"
    for name, times in Counter(hypothesis.id for hypothesis in hypotheses).items():
        if times > 1:
            yield f"hypotheses: {name} is used twice"


def design_problems(
    design: Protocol,
    models: Sequence[str],
    units: Sequence[StudyUnit],
    conditions: Sequence[str],
    stimuli: Stimuli,
) -> Iterator[str]:
    """What does not fit, as ``key: reason`` lines."""
    shown = (
        ("stimuli.natural.references", stimuli.natural.references),
        ("stimuli.synthetic.per_side", stimuli.synthetic.per_side),
    )
    for key, count in shown:
        if count != N_REFERENCES:
            yield f"{key}: must be {N_REFERENCES}, as many as the trial screen shows, not {count}"
    yield from _pool_problems(design, models, units)
    if design.disjoint_units:
        yield from _sharing_problems(units)
    for condition in conditions:
        if condition not in design.conditions:
            yield (
                f"conditions: {design.name} has no condition “{condition}”; it has "
                f"{', '.join(design.conditions)}"
            )


def _pool_problems(
    design: Protocol, models: Sequence[str], units: Sequence[StudyUnit]
) -> Iterator[str]:
    """Units that are missing or too many, model by model."""
    for pool in design.units:
        purpose = (pool.role, pool.set)
        found = Counter(unit.model for unit in units if (unit.role, unit.set) == purpose)
        name = f"{pool.role} units" + (f" of set {pool.set}" if pool.set else "")
        for model in models:
            of_model = f" of {model}" if len(models) > 1 else ""
            if pool.fixed and found[model] != pool.count:
                wanted = f"{pool.count} {name}{of_model}"
                yield f"units: {design.name} needs {wanted}, not {found[model]}"
            elif not found[model]:
                yield f"units: {design.name} needs {name}{of_model}, and none is listed"
    pools = {(pool.role, pool.set) for pool in design.units}
    for role, unit_set in dict.fromkeys((unit.role, unit.set) for unit in units):
        if (role, unit_set) not in pools:
            of_set = f" of set {unit_set}" if unit_set else ""
            yield f"units: {design.name} has no use for {role} units{of_set}"


def _sharing_problems(units: Sequence[StudyUnit]) -> Iterator[str]:
    """Units that serve several purposes where the protocol wants different ones."""
    purposes: dict[Unit, set[str]] = {}
    for entry in units:
        purposes.setdefault(entry.unit, set()).add(f"{entry.role} {entry.set}".strip())
    for unit, found in purposes.items():
        if len(found) > 1:
            yield (
                f"units: {unit} is both {' and '.join(sorted(found))}; "
                "the protocol wants different units"
            )
