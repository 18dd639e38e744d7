"""The study: everything that defines one experiment, in ``study.toml``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr, field_validator

from imi_desktop import atomic
from imi_desktop.errors import StorageError, UserError, storage_error
from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.partly_read import Finding, PartlyRead
from imi_desktop.experiment.protocol import Protocol, UnknownProtocolError
from imi_desktop.experiment.study_fit import design_problems, own_problems
from imi_desktop.experiment.study_tables import (
    Difficulty,
    DisplayRequirements,
    NaturalStimuli,
    OcclusionStimuli,
    Selection,
    Stimuli,
    StudyUnit,
    SyntheticStimuli,
)
from imi_desktop.experiment.study_text import study_text
from imi_desktop.experiment.texts import Audience, Language
from imi_desktop.experiment.toml_file import (
    InvalidFileError,
    ListOf,
    Table,
    parse_table,
    read_content,
    read_partly,
    read_table,
    refuse_newer,
)
from imi_desktop.experiment.trial import Condition

__all__ = [
    "Audience",
    "Difficulty",
    "DisplayRequirements",
    "Language",
    "NaturalStimuli",
    "OcclusionStimuli",
    "Selection",
    "Stimuli",
    "Study",
    "StudyExistsError",
    "StudyUnit",
    "SyntheticStimuli",
]

FORMAT = 1
FILE_NAME = "study.toml"


class StudyExistsError(UserError):
    """There is a study in the folder already."""


class StudyChangedError(UserError):
    """The study file is not the one that was read."""


@dataclass(frozen=True)
class _Origin:
    """Content of the file that a study was read from; studies are equal whatever it is."""

    content: bytes | None = field(default=None, compare=False)


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
    _origin: _Origin = PrivateAttr(default=_Origin())

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
        read = read_content(path)
        table = parse_table(path, read)
        refuse_newer(path, table, FORMAT, "study")
        study = cls._whole(path, *cls._read_partly(path, table))
        study._origin = _Origin(read)
        return study

    @classmethod
    def read_partly(cls, folder: Path) -> PartlyRead[Study]:
        """Read what can be read of a study file that :meth:`load` refuses.

        Raises
        ------
        StorageError
            If it cannot be read.
        InvalidFileError
            If it is not TOML.
        """
        path = folder / FILE_NAME
        return cls._read_partly(path, read_table(path))[0]

    @classmethod
    def _read_partly(
        cls, path: Path, table: dict[str, Any], design: Protocol | None = None
    ) -> tuple[PartlyRead[Study], InvalidFileError | None]:
        """The study as far as it can be read, and what is wrong with the protocol's own file."""
        read = read_partly(cls, table, FORMAT)
        study = read.value
        study._folder = path.parent.resolve()
        findings = list(own_problems(study.models, study.units, study.hypotheses))
        besides = None
        try:
            design = design or study.design
        except InvalidFileError as error:
            besides = error
        except UnknownProtocolError as error:
            reason = error.sentence.rstrip(".")
            findings.append(Finding(("protocol",), reason[0].lower() + reason[1:]))
        if design is not None:
            study.__dict__["design"] = design
            findings += design_problems(
                design, study.models, study.units, study.conditions, study.stimuli
            )
        return read.with_findings(findings), besides

    @classmethod
    def _whole(cls, path: Path, read: PartlyRead[Study], besides: InvalidFileError | None) -> Study:
        if read.problems:
            raise InvalidFileError(path, read.problems, besides)
        if besides is not None:
            raise besides
        return read.value

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
        return cls._whole(path, *cls._read_partly(path, {"format": FORMAT} | fields, design))

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
        StudyChangedError
            If somebody else has changed the file since this study, or the one that it was made
            from by :meth:`replace`, was read; nothing is overwritten.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error("create the folder", self.folder, error) from error
        known = self._origin.content
        if known is not None and self.file.exists() and read_content(self.file) != known:
            raise StudyChangedError(
                f"{self.file} was changed by another window or program since it was read, so it "
                "was left as it is. Read it again, then make the change again."
            )
        text = study_text(self.model_dump(exclude_none=True))
        atomic.write_text(self.file, text)
        self._origin = _Origin(text.encode())

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
        changed = type(self).assemble(self.folder, design, **fields)
        changed._origin = self._origin
        return changed

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

    @field_validator("protocol")
    @classmethod
    def _protocol_within_study(cls, value: str) -> str:
        if value.endswith(".toml") and re.search(r"[/\\]|^\.\.", value):
            raise ValueError("must be a file directly in the study folder")
        return value
