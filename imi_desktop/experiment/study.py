"""The study: everything that defines one experiment, in ``study.toml``."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, field_validator, model_validator

from imi_desktop import atomic
from imi_desktop.errors import StorageError, UserError, storage_error
from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study_text import study_text
from imi_desktop.experiment.toml_file import (
    InvalidFileError,
    ListOf,
    Table,
    check_format,
    read_table,
)
from imi_desktop.experiment.toml_file import validate as validate_table
from imi_desktop.experiment.trial import Condition
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.visualization.presets import PRESETS

FORMAT = 1
FILE_NAME = "study.toml"

Language = Literal["en", "de"]
Audience = Literal["expert", "lay", "agnostic"]
Difficulty = Literal["easy", "medium", "hard", "very_hard"]
Selection = Literal["random", "hand_picked"]


class StudyExistsError(UserError):
    """There is a study in the folder already."""


class StudyUnit(Table):
    """A unit of the study and what it is for.

    Parameters
    ----------
    model, layer, channel
        The unit's address.
    selection : str
        How it came into the study: ``random`` or ``hand_picked``.
    role : str
        ``main``, ``practice``, ``catch``, ``instruction`` or ``intuitiveness``.
    set : str
        Set within the role, where the protocol has several.
    branch : str or None
        Branch of an inception block, for analyses by branch.
    """

    model: str = Field(min_length=1)
    layer: str = Field(min_length=1)
    channel: int = Field(ge=0)
    selection: Selection = "random"
    role: Literal["main", "practice", "catch", "instruction", "intuitiveness", "foil"] = "main"
    set: str = ""
    branch: str | None = None

    @property
    def unit(self) -> Unit:
        """Its address as a value."""
        return Unit(self.model, self.layer, self.channel)


class NaturalStimuli(Table):
    """How natural images are chosen.

    Parameters
    ----------
    references : int
        References per side and batch, N_ref.
    batches : int
        Disjoint batches per unit; the folder must hold ``2 · (references + 1) · batches`` images.
    rule : str
        ``borowski2021`` (A.1.2; query from the most extreme bin), ``borowski2021-as-run`` (with
        the published bug of footnote 8) or ``zimmermann2023`` (A.2).
    difficulty : str
        Where queries come from (Zimmermann et al. 2023): ``easy`` the extreme end, ``medium`` the
        99th, ``hard`` the 95th, ``very_hard`` the 85th percentile and their mirror images.
    """

    references: int = Field(default=9, ge=1, le=9)
    batches: int = Field(default=20, ge=1)
    rule: Literal["borowski2021", "borowski2021-as-run", "zimmermann2023"] = "borowski2021"
    difficulty: Difficulty = "easy"

    @property
    def images_needed(self) -> int:
        """How many usable images the folder must hold."""
        return 2 * (self.references + 1) * self.batches


class SyntheticStimuli(Table):
    """How feature visualizations are made.

    Parameters
    ----------
    preset : str
        Name of the visualization settings.
    steps : int or None
        Overrides the preset's number of optimisation steps.
    per_side : int
        Images per side.
    """

    preset: str = "standard"
    steps: int | None = Field(default=None, ge=1)
    per_side: int = Field(default=9, ge=1, le=9)

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, value: str) -> str:
        if value not in {preset.name for preset in PRESETS}:
            known = ", ".join(preset.name for preset in PRESETS)
            raise ValueError(f"there is no preset “{value}”; there are {known}")
        return value


class OcclusionStimuli(Table):
    """Counterfactual stimuli (Zimmermann et al. 2021): patch and stride in px of 224."""

    patch_px: int = Field(default=90, ge=1, le=223)
    stride_px: int = Field(default=2, ge=1)
    blur_kernel_px: int = Field(default=21, ge=3)


class Stimuli(Table):
    """Parameters of everything that is generated."""

    natural: NaturalStimuli = NaturalStimuli()
    synthetic: SyntheticStimuli = SyntheticStimuli()
    occlusion: OcclusionStimuli = OcclusionStimuli()


class DisplayRequirements(Table):
    """What the participant's screen must offer before a session may start.

    Parameters
    ----------
    minimum_width_px, minimum_height_px : int
        Room for unscaled images.
    px_per_degree : float or None
        Wanted pixels per degree of visual angle; None accepts any.
    tolerance : float
        Allowed relative deviation from `px_per_degree`.
    minimum_refresh_hz : float
        Lowest refresh rate.
    calibrated : bool
        Whether a display profile is demanded.
    """

    minimum_width_px: int = Field(default=1736, ge=1)
    minimum_height_px: int = Field(default=1024, ge=1)
    px_per_degree: float | None = Field(default=None, gt=0)
    tolerance: float = Field(default=0.05, gt=0, lt=1)
    minimum_refresh_hz: float = Field(default=59.0, gt=0)
    calibrated: bool = False


class Study(Table):
    """One experiment: protocol, units, images, stimulus parameters, hypotheses and seed.

    Parameters
    ----------
    name : str
        Shown everywhere.
    protocol : str
        Name of a built-in protocol, or a ``.toml`` file within the study folder.
    seed : int
        Every random draw derives from it.
    images : str
        Image folder, absolute or relative to the study folder.
    models : tuple of str
        Networks whose units are asked about.
    conditions : tuple of str
        Conditions run, a subset of the protocol's; empty for all.
    participants : int or None
        Planned number of participants; limits which batches must be generated.
    keyboard : bool
        Whether participants may answer by keys.
    """

    format: int = FORMAT
    name: str = Field(min_length=1, max_length=200)
    protocol: str = Field(min_length=1)
    seed: int = Field(default=1, ge=0, lt=2**63)
    language: Language = "en"
    audience: Audience = "expert"
    site: str = ""
    images: str = Field(min_length=1)
    models: ListOf[str] = Field(min_length=1)
    conditions: ListOf[Condition] = ()
    participants: int | None = Field(default=None, ge=1)
    keyboard: bool = False
    stimuli: Stimuli = Stimuli()
    display: DisplayRequirements = DisplayRequirements()
    units: ListOf[StudyUnit] = Field(min_length=1)
    hypotheses: ListOf[Hypothesis] = ()
    _folder: Path = PrivateAttr(default=Path())

    @classmethod
    def load(cls, folder: Path | str) -> Study:
        """Read the study of `folder` (or of the ``study.toml`` itself) and its protocol.

        Raises
        ------
        StorageError
            If there is no such file or it cannot be read.
        InvalidFileError
            Naming every key that is wrong, and why.
        NewerFormatError
            If a newer version wrote it.
        """
        folder = Path(folder)
        if folder.name == FILE_NAME:
            folder = folder.parent
        path = folder / FILE_NAME
        if not path.is_file():
            raise StorageError(
                f"{folder} is not a study: it holds no {FILE_NAME}. "
                "Make a study with imi-desktop new, or name another folder."
            )
        table = read_table(path)
        check_format(path, table, FORMAT, "study")
        study = validate_table(cls, table, path)
        study._folder = folder.resolve()
        study._check_against_protocol(path)
        return study

    @classmethod
    def create(cls, folder: Path | str, **fields: Any) -> Study:
        """Write a new study.

        Parameters
        ----------
        folder : Path
            Made if missing; must hold no study yet.
        **fields
            The study's fields; `protocol` names a built-in one.

        Raises
        ------
        StudyExistsError
            If the folder holds a study; nothing is overwritten.
        InvalidFileError
            If the fields do not make a valid study.
        StorageError
            If the folder cannot be written.
        """
        study = cls.assemble(Path(folder), Protocol.load(str(fields.get("protocol"))), **fields)
        study.write_new()
        return study

    @classmethod
    def assemble(cls, folder: Path, design: Protocol, **fields: Any) -> Study:
        """Make a study of `fields` without writing it.

        Raises
        ------
        InvalidFileError
            If the fields do not make a valid study, or not one of this design.
        """
        path = folder / FILE_NAME
        study = validate_table(cls, fields, path)
        study._folder = folder.resolve()
        study.__dict__["design"] = design
        study._check_against_protocol(path)
        return study

    def write_new(self) -> None:
        """Write an assembled study, and beside it its protocol if that is a file of one's own.

        Raises
        ------
        StudyExistsError
            If the folder holds a study; nothing is overwritten.
        StorageError
            If it cannot be written.
        """
        if self.file.exists():
            raise StudyExistsError(
                f"{self.folder} holds a study already. Choose another folder; nothing was changed."
            )
        own = self.design.file
        if self.protocol.endswith(".toml") and own and own.resolve() != self.folder / self.protocol:
            atomic.write_bytes(self.folder / self.protocol, own.read_bytes())
        self.save()

    def save(self) -> None:
        """Replace ``study.toml`` by this study, atomically.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error("create the folder", self.folder, error) from error
        atomic.write_text(self.file, study_text(self.model_dump(exclude_none=True)))

    def replace(self, **changes: Any) -> Study:
        """Return a copy with some fields changed, checked like a file; save it to keep it.

        Raises
        ------
        InvalidFileError
            If the result is not a valid study.
        """
        fields = self.model_dump(exclude_none=True) | changes
        fields = {key: value for key, value in fields.items() if value is not None}
        design = self.design
        if fields["protocol"] != self.protocol:
            design = Protocol.load(str(fields["protocol"]))
        return type(self).assemble(self.folder, design, **fields)

    @property
    def folder(self) -> Path:
        """The study folder, absolute."""
        return self._folder

    @property
    def file(self) -> Path:
        """``study.toml``."""
        return self._folder / FILE_NAME

    @property
    def images_folder(self) -> Path:
        """The image folder, absolute."""
        return (self._folder / Path(self.images).expanduser()).resolve()

    @property
    def model(self) -> str:
        """The first model; the only one in most studies."""
        return self.models[0]

    @cached_property
    def design(self) -> Protocol:
        """The protocol itself."""
        if self.protocol.endswith(".toml"):
            return Protocol.load(self._folder / self.protocol)
        return Protocol.load(self.protocol)

    @property
    def run_conditions(self) -> tuple[Condition, ...]:
        """Conditions that this study runs, in the protocol's order."""
        wanted = self.conditions or self.design.conditions
        return tuple(c for c in self.design.conditions if c in wanted)

    def levels_of(self, factor: str) -> tuple[str, ...]:
        """Levels of one of the protocol's factors that this study runs."""
        levels = self.design.factors[factor].levels
        if levels == ("$models",):
            return self.models
        conditions = set(self.design.conditions)
        if conditions.issuperset(levels):
            return tuple(level for level in levels if level in self.run_conditions)
        return levels

    @property
    def participants_per_level(self) -> int:
        """Planned participants for each combination of between-participant levels, at least 1."""
        if self.participants is None:
            return self.design.participants_per_level or 1
        levels = 1
        for name in self.design.between:
            levels *= len(self.levels_of(name))
        return max(self.participants // levels, 1)

    def units_of(self, role: str, unit_set: str = "") -> tuple[StudyUnit, ...]:
        """Units of one role and set, in the file's order."""
        return tuple(u for u in self.units if u.role == role and u.set == unit_set)

    @model_validator(mode="after")
    def _units_fit(self) -> Study:
        problems = []
        twice = Counter((u.unit, u.role, u.set) for u in self.units)
        problems += [f"{u} is listed twice as {role}" for (u, role, _), n in twice.items() if n > 1]
        strangers = sorted({u.model for u in self.units} - set(self.models))
        problems += [f"units: “{m}” is not among the study's models" for m in strangers]
        identifiers = Counter(h.id for h in self.hypotheses)
        problems += [f"hypotheses: {i} is used twice" for i, n in identifiers.items() if n > 1]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @field_validator("protocol")
    @classmethod
    def _protocol_within_study(cls, value: str) -> str:
        if value.endswith(".toml") and re.search(r"[/\\]|^\.\.", value):
            raise ValueError("must be a file directly in the study folder")
        return value

    def _check_against_protocol(self, path: Path) -> None:
        problems = []
        design = self.design
        for pool in design.units:
            found = len(self.units_of(pool.role, pool.set))
            name = f"{pool.role} units" + (f" of set {pool.set}" if pool.set else "")
            if pool.fixed and found != pool.count:
                problems.append(f"units: {design.name} needs {pool.count} {name}, not {found}")
            elif found == 0:
                problems.append(f"units: {design.name} needs {name}, and none is listed")
        if design.disjoint_units:
            roles: dict[Unit, set[str]] = {}
            for unit in self.units:
                roles.setdefault(unit.unit, set()).add(unit.role)
            problems += [
                f"units: {unit} is both {' and '.join(sorted(found))}; "
                "the protocol wants different units"
                for unit, found in roles.items()
                if len(found) > 1
            ]
        unknown = [c for c in self.conditions if c not in design.conditions]
        problems += [f"conditions: {design.name} has no condition “{c}”" for c in unknown]
        if problems:
            raise InvalidFileError(path, problems)
