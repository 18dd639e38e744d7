"""Whether a study can be run as its protocol wants, told before anything is generated."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from imi_desktop.errors import UserError
from imi_desktop.experiment.clear_units import stand_ins
from imi_desktop.experiment.hypothesis_check import ABOUT_UNITS, untestable
from imi_desktop.experiment.image_check import image_paths
from imi_desktop.experiment.partly_read import Finding, PartlyRead, Place
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.protocol import TrialGroup
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import FILE_NAME, Study
from imi_desktop.experiment.texts import load_texts
from imi_desktop.experiment.toml_file import InvalidFileError
from imi_desktop.models.errors import ModelError, ModelNotDescribedError
from imi_desktop.models.layer_tables import check_unit, layers_of

_TRIED_PARTICIPANTS = 24

EXTREME_SHARE = 10
"""Natural images should come from the most extreme 1 / EXTREME_SHARE of the folder."""


class StudyNotFeasibleError(UserError):
    """The study cannot be run as its protocol wants."""


def study_problems(study: Study) -> list[str]:
    """Everything that keeps the study from being run, one sentence each.

    Units that do not exist, more trials than units, pages without a text, and hypotheses that the
    design cannot test.
    """
    units = PartlyRead(study).with_findings(_unit_problems(study)).problems
    problems = [*units, *_page_problems(study), *untestable(study)]
    if not problems:
        problems += _plan_problems(study)
    return [f"{study.file}: {problem}" for problem in problems]


def load_telling_all(folder: Path) -> Study:
    """Load a study; if it is refused, tell what else would keep it from being run.

    Raises
    ------
    StorageError, NewerFormatError
        As :meth:`Study.load` does.
    InvalidFileError
        With everything that can be told of the parts that can be read.
    """
    try:
        return Study.load(folder)
    except InvalidFileError as error:
        refused = error
    try:
        read = Study.read_partly(folder)
    except InvalidFileError:
        raise refused from None  # not even TOML
    path = folder / FILE_NAME
    own = refused.problems if refused.path == path else ()
    further = read.with_findings(_unit_problems(read.value)).problems[len(read.problems) :]
    problems = [*own, *further, *(line.rstrip(".") for line in _untestable_of(read))]
    if not problems:
        raise refused
    raise InvalidFileError(path, problems, refused if refused.path != path else refused.besides)


def study_notes(study: Study) -> list[str]:
    """What makes the study deviate from its protocol without keeping it from being run.

    Fewer batches than the protocol uses, units that cannot be answered equally often, and randomly
    drawn ones where the protocol wants clear ones.
    """
    notes = (*_batch_notes(study), *_balance_notes(study), *_clear_unit_notes(study))
    return list(dict.fromkeys(notes))


def image_notes(study: Study) -> list[str]:
    """Whether the image folder is so small that references are not among its extreme images."""
    needed = stimuli_needed(study)
    if not needed.natural:
        return []
    per_side = needed.images_needed // 2
    wanted = per_side * EXTREME_SHARE
    images = sum(1 for _ in itertools.islice(image_paths(study.images_folder), wanted))
    if images >= wanted or not images:
        return []
    return [
        f"stimuli.natural.batches: {per_side} images of each side are chosen from {images}, so the "
        f"references come from the most extreme {math.ceil(100 * per_side / images)} %. With "
        f"{wanted} images or more they would come from the most extreme tenth."
    ]


def refuse_unfeasible(study: Study) -> None:
    """Raise if there are :func:`study_problems`.

    Raises
    ------
    StudyNotFeasibleError
        With all of them, one a line.
    """
    problems = study_problems(study)
    if problems:
        raise StudyNotFeasibleError("\n".join(problems))


def _unit_problems(study: Study) -> Iterator[Finding]:
    """Models, layers and channels that do not exist."""
    for index, model in enumerate(study.models):
        try:
            layers_of(model)
        except ModelNotDescribedError:
            continue
        except ModelError as error:
            yield Finding(("models", index), error.sentence.rstrip("."))
    for index, entry in enumerate(study.units):
        place: Place = ("units", index)
        if entry.model not in study.models:
            continue  # told already
        try:
            check_unit(entry.unit)
        except ModelNotDescribedError:
            continue
        except ModelError as error:
            below = tuple((*place, key) for key in ("model", "layer", "channel"))
            rests_on = (*below, ("models", study.models.index(entry.model)))
            yield Finding(place, error.sentence.rstrip("."), rests_on)


def _untestable_of(read: PartlyRead[Study]) -> list[str]:
    """What the design cannot test, of hypotheses that nothing broken has to do with."""
    study = read.value
    bad = [place for place in (*read.broken, *read.found) if place]
    if any(place[0] in {"protocol", "models", "conditions"} for place in bad):
        return []
    if "design" not in vars(study):
        return []  # the protocol's own file is broken
    broken = {place[1] for place in bad if place[0] == "hypotheses" and len(place) > 1}
    without_units = any(place[0] == "units" for place in bad)
    return [
        line
        for index, stated in enumerate(study.hypotheses)
        if index not in broken and not (without_units and stated.comparison.factor in ABOUT_UNITS)
        for line in untestable(study, stated)
    ]


def _page_problems(study: Study) -> Iterator[str]:
    design = study.design
    texts = load_texts(study.language, study.audience).overlaid(design.texts)
    names = [*design.opening, *design.closing]
    for part in design.parts:
        names += [name for block in part.blocks for name in block.pages]
        names += part.repeated.pages if part.repeated else ()
    for name in dict.fromkeys(names):
        if not texts.has(name):
            yield (
                f"the protocol {design.name} wants the page “{name}”, and there is no text for it "
                f"in {study.language}/{study.audience}."
            )


def _batch_notes(study: Study) -> Iterator[str]:
    available = study.stimuli.natural.batches
    for name, rule in study.design.batches.items():
        wanted = max(rule.first if not rule.step else 0, rule.lowest, rule.highest)
        if wanted >= available:
            yield (
                f"stimuli.natural.batches: the protocol's batches “{name}” go up to number "
                f"{wanted}, and there are {available}, counted from 0. Without more of them some "
                "images are shown more often than the protocol wants."
            )


def _balance_notes(study: Study) -> Iterator[str]:
    for block in study.design.blocks():
        for group in block.trials:
            if group.deal == "balanced":
                yield from _group_balance(study, group)


def _group_balance(study: Study, group: TrialGroup) -> Iterator[str]:
    participants = study.participants_per_level
    sets: tuple[str, ...] = (group.set,)
    if group.set.startswith("$"):
        sets = study.design.factors[group.set[1:]].levels
    for unit_set, model in itertools.product(sets, study.models):
        units = sum(unit.model == model for unit in study.units_of(group.units, unit_set))
        count = group.count_for(1)
        if count > units:
            yield f"units: {count} {group.units} units are asked, and {model} has {units}."
        elif count * participants % units:
            step = next(n for n in range(1, units + 1) if n * count % units == 0)
            yield (
                f"participants: {participants} participants per condition with {count} of {units} "
                f"units each cannot answer every unit of {model} equally often. Plan a multiple "
                f"of {step} for each condition."
            )


def _clear_unit_notes(study: Study) -> Iterator[str]:
    roles = Counter(entry.role for entry in stand_ins(study))
    if roles:
        listed = " and ".join(f"{count} {role}" for role, count in roles.items())
        yield (
            f"units: {listed} units were drawn at random, and {study.design.name} wants clear "
            f"ones. imi-desktop pick {study.folder} chooses them by their activations; or replace "
            "them by hand."
        )


def _plan_problems(study: Study) -> Iterator[str]:
    """The first refusal that a participant would meet."""
    for number in range(1, _TRIED_PARTICIPANTS + 1):
        try:
            plan_session(study, f"P{number}")
        except UserError as error:
            yield error.sentence.removeprefix(f"{study.file}: ")
            return
