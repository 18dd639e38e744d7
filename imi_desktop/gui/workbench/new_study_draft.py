"""What the new-study flow has decided so far, and what would come of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from imi_desktop.experiment.feasibility import image_notes, study_notes
from imi_desktop.experiment.new_study import NewStudy, study_fields
from imi_desktop.experiment.plan import minutes_for, plan_session
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import FILE_NAME, Study
from imi_desktop.jobs.unit_tasks import plan_tasks
from imi_desktop.models.catalogue import DEFAULT_MODEL

_MORE = {
    "natural": "Natural exemplars help",
    "synthetic": "Synthetic images help",
    "mixed": "Mixed references help",
    "blurred": "Blurred references help",
}


@dataclass(frozen=True)
class Draft:
    """The decisions; every field has a sensible start.

    Parameters
    ----------
    units : int or None
        Main units to draw; None takes the protocol's number, or the published units.
    hypotheses : tuple of dict
        Entries of ``[[hypotheses]]``.
    """

    folder: Path
    name: str = ""
    protocol: str = "quick"
    model: str = DEFAULT_MODEL
    units: int | None = None
    seed: int = field(default_factory=lambda: secrets.randbelow(100_000))
    images: str = ""
    preset: str = "standard"
    participants: int | None = None
    language: str = "en"
    audience: str = "expert"
    site: str = ""
    hypotheses: tuple[Mapping[str, Any], ...] = ()

    def changed(self, **values: Any) -> Draft:
        """The same with other values."""
        return replace(self, **values)

    def new_study(self) -> NewStudy:
        """As :func:`imi_desktop.experiment.new_study.create_study` takes it."""
        settings: dict[str, Any] = {
            "name": self.name.strip() or self.folder.name,
            "language": self.language,
            "audience": self.audience,
            "site": self.site.strip(),
            "hypotheses": [dict(hypothesis) for hypothesis in self.hypotheses],
        }
        if self.participants:
            settings["participants"] = self.participants
        return NewStudy(
            folder=self.folder,
            protocol=self.protocol,
            models=(self.model,),
            images=Path(self.images),
            seed=self.seed,
            units=self.units,
            preset=self.preset,
            settings=settings,
        )

    def study(self) -> Study:
        """The study it would be, not written.

        Raises
        ------
        UserError
            If protocol, model and units do not fit together.
        """
        new = self.new_study()
        design = Protocol.load(new.protocol)
        return Study.assemble(new.folder, design, **study_fields(new, design))


@dataclass(frozen=True)
class Outlook:
    """What a draft comes to.

    Parameters
    ----------
    natural, synthetic, other : int
        Images to be made by kind; `natural` ones are cut from photographs, which takes no time.
    seconds : float
        Rough time for making all of them on one core, as the generation counts its progress.
    notes : tuple of str
        Where the study departs from its protocol, and whether the image folder is small.
    """

    study: Study
    trials: int
    minutes: int
    images_needed: int
    natural: int
    synthetic: int
    other: int
    seconds: float
    notes: tuple[str, ...] = ()


def outlook(draft: Draft) -> Outlook:
    """Work out trials, length and stimuli of a draft.

    Raises
    ------
    UserError
        As :meth:`Draft.study`.
    """
    study = draft.study()
    needed = stimuli_needed(study)
    plan = plan_session(study, "P1")
    natural = sum("/natural_images/" in file for file in needed.files)
    synthetic = 2 * needed.synthetic_per_side * len(needed.synthetic)
    tasks = plan_tasks(study, needed, "", dict.fromkeys(needed.layers, ""))
    return Outlook(
        study=study,
        trials=plan.n_trials,
        minutes=minutes_for(plan.n_trials),
        images_needed=needed.images_needed,
        natural=natural,
        synthetic=synthetic,
        other=sum(
            "/natural_images/" not in file and "/optimized_images/" not in file
            for file in needed.files
        ),
        seconds=sum(task.effort for task in tasks),
        notes=(*study_notes(study), *_image_notes(study)),
    )


def _image_notes(study: Study) -> list[str]:
    return image_notes(study) if study.images_folder.is_dir() else []


def draft_of(study: Study, parent: Path) -> Draft:
    """A draft with protocol, model, number of units, images and settings of a study."""
    name = f"{study.name} 2"
    protocol = study.protocol
    if protocol.endswith(".toml"):
        protocol = str(study.folder / protocol)
    return Draft(
        folder=free_folder(parent, name),
        name=name,
        protocol=protocol,
        model=study.model,
        units=sum(unit.role == "main" for unit in study.units),
        seed=study.seed,
        images=str(study.images_folder),
        preset=study.stimuli.synthetic.preset,
        participants=study.participants,
        language=study.language,
        audience=study.audience,
        site=study.site,
        hypotheses=tuple(
            hypothesis.model_dump(exclude_none=True) for hypothesis in study.hypotheses
        ),
    )


def free_folder(parent: Path, name: str) -> Path:
    """A folder below `parent` for a study called `name` that holds none yet."""
    stem = re.sub(r"[^\w.-]+", "-", name.strip()).strip("-.") or "study"
    folder, number = parent / stem, 2
    while (folder / FILE_NAME).exists():
        folder, number = parent / f"{stem}-{number}", number + 1
    return folder


def suggested_hypotheses(design: Protocol) -> list[dict[str, Any]]:
    """Statements about the conditions of a design, two by two, ready to be taken or reworded."""
    between = "condition" in design.between
    found = []
    for a, b in combinations(design.conditions, 2):
        second = "no references" if b == "none" else f"{b} ones"
        found.append(
            {
                "id": f"H{len(found) + 1}",
                "sentence": f"{_MORE.get(a, a.capitalize() + ' helps')} more than {second}.",
                "null": f"The proportion of right answers with {a} is not above that with {b}.",
                "alternative": f"The proportion of right answers is higher with {a} than with {b}.",
                "measure": "proportion_correct",
                "comparison": {"factor": "condition", "a": a, "b": b},
                "test": "mann_whitney" if between else "wilcoxon",
                "direction": "two-sided",
                "alpha": 0.05,
                "correction": "holm",
                "baselines": ["none"] if "none" in design.conditions else ["chance"],
            }
        )
    return found


def offered_hypotheses(
    design: Protocol, taken: Sequence[Mapping[str, Any]]
) -> list[tuple[dict[str, Any], bool]]:
    """Statements to choose from: those taken already, then suggestions about other pairs.

    Returns
    -------
    list of (dict, bool)
        Entry of ``[[hypotheses]]``, and whether it is taken. Ids are unique.
    """
    pairs = {_pair(entry) for entry in taken}
    offered = [(dict(entry), True) for entry in taken]
    known = {str(entry["id"]) for entry in taken}
    for entry in suggested_hypotheses(design):
        if _pair(entry) in pairs:
            continue
        number = 1
        while f"H{number}" in known:
            number += 1
        entry["id"] = f"H{number}"
        known.add(entry["id"])
        offered.append((entry, False))
    return offered


def _pair(entry: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    compared = entry["comparison"]
    sides = frozenset({str(compared.get("a", "")), str(compared.get("b", ""))})
    return str(entry.get("measure", "proportion_correct")), sides
