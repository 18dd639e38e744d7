"""Protocols: the published designs, and one's own, as data.

A protocol says which blocks a participant goes through and how each trial of a block comes about.
It knows neither models nor images; the study adds those. ``docs/protocols.md`` is the manual.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, field_validator

from imi_desktop.errors import UserError
from imi_desktop.experiment.batch_rule import BatchRule
from imi_desktop.experiment.exclusion_rules import ExclusionRule
from imi_desktop.experiment.protocol_check import broken_references
from imi_desktop.experiment.texts import Texts
from imi_desktop.experiment.toml_file import (
    InvalidFileError,
    ListOf,
    Table,
    read_partly,
    read_table,
    refuse_newer,
)
from imi_desktop.experiment.trial import Condition, Phase, Task
from imi_desktop.experiment.trial import Timings as TrialTimings
from imi_desktop.paths import resource

FORMAT = 1
Role = str
Scheme = Literal["min_max_9", "max_9", "min_max_1", "max_1", "none"]
ROLES = ("main", "practice", "catch", "instruction", "intuitiveness", "foil")


class UnknownProtocolError(UserError):
    """No protocol has this name, and no file is there."""


class TimingsTable(Table):
    """When what happens within a trial, in ms; see :class:`.trial.Timings`."""

    buttons_active_ms: int = Field(default=0, ge=0)
    feedback_delay_ms: int = Field(default=500, ge=0)
    feedback_ms: int = Field(default=1500, ge=0)
    blank_ms: int = Field(default=100, ge=0)
    continue_button: bool = False

    @property
    def timings(self) -> TrialTimings:
        """The same as the trial's value."""
        return TrialTimings(**self.model_dump())


class UnitPool(Table):
    """Units of one role (and set), and how many a study needs.

    Parameters
    ----------
    role : str
        ``main``, ``practice``, ``catch``, ``instruction`` or ``intuitiveness``.
    set : str
        Name of the set within the role, where a design has several; empty otherwise.
    count : int
        How many units the study must list; for `main` units a default that ``new`` may change.
    fixed : bool
        Whether the design stands and falls with exactly this count.
    published : str
        Set of published units to take for the network they belong to.
    choice : str
        How other networks' units come about: ``random``, or ``clearest`` for trials that have to
        be obvious; see :mod:`imi_desktop.experiment.clear_units`.
    """

    role: Role
    set: str = ""
    count: int = Field(ge=1)
    fixed: bool = True
    published: str = ""
    choice: Literal["random", "clearest"] = "random"

    @field_validator("role")
    @classmethod
    def _known_role(cls, value: str) -> str:
        if value not in ROLES:
            raise ValueError(f"must be one of {', '.join(ROLES)}, not {value!r}")
        return value


class Factor(Table):
    """Something that varies within or between participants.

    Parameters
    ----------
    levels : tuple of str
        Its levels; ``["$models"]`` stands for the study's models.
    between : bool
        One level per participant instead of all of them in some order.
    orders : tuple of tuple of str
        Orders of the levels; the participant's number picks one. Without any, the order of
        `levels` holds for everyone (`assignment` ``number``) or is drawn (``random``).
    every : int
        How many participants in a row get the same order.
    follows : str
        Name of another factor: then each row of `orders` gives, level by level of that factor,
        this factor's level (Latin squares such as Table 1 of Borowski et al. 2021).
    """

    levels: ListOf[str] = Field(min_length=1)
    between: bool = False
    orders: ListOf[ListOf[str]] = ()
    assignment: Literal["number", "random"] = "number"
    every: int = Field(default=1, ge=1)
    follows: str = ""


class TrialGroup(Table):
    """Some trials of a block that come about in the same way.

    Text fields may name a factor, ``$condition``; then its level of the moment is put in.

    Parameters
    ----------
    condition : str
        ``synthetic``, ``natural``, ``mixed``, ``blurred`` or ``none``.
    units, set : str
        Role and set of the units asked about.
    count : int or list of int
        Number of trials; 0 takes all units that are left. A list is gone through participant by
        participant.
    deck : str
        Units are dealt without return from one deck per role, set, condition and `deck`; groups
        that name the same deck share it, also over blocks.
    deal : str
        ``all`` shuffles all units; ``balanced`` gives each participant `count` of them such that
        every unit is answered equally often over the planned participants.
    reuse : bool
        Shuffle the deck anew when it is used up, instead of refusing.
    order : str
        ``random``, or ``given`` as the study lists them.
    foils : str
        Role of units that lend the distractor (counterfactual catch trials without references).
    catch : bool
        A copy of a reference is the query; such trials are put at random places.
    only : tuple of str
        Conditions in which the group exists; empty for all.
    """

    condition: str
    scheme: str = "min_max_9"
    units: Role = "main"
    set: str = ""
    count: int | ListOf[int] = 0
    batch: str = "main"
    deck: str = ""
    deal: Literal["all", "balanced"] = "all"
    reuse: bool = False
    order: Literal["random", "given"] = "random"
    foils: str = ""
    catch: bool = False
    only: ListOf[str] = ()

    def count_for(self, number: int) -> int:
        """Number of trials for the participant with `number`."""
        if isinstance(self.count, int):
            return self.count
        return self.count[(number - 1) % len(self.count)]

    @field_validator("count")
    @classmethod
    def _not_negative(cls, value: int | tuple[int, ...]) -> int | tuple[int, ...]:
        if not isinstance(value, int) and not value:
            raise ValueError("must not be an empty list")
        if any(count < 0 for count in (value if isinstance(value, tuple) else (value,))):
            raise ValueError("must be 0 or more")
        return value


class Block(Table):
    """A block of trials, run once for each repetition and each level of `each`.

    Parameters
    ----------
    task : str or None
        None for the protocol's.
    repeat : int
        How often the levels of `each` are gone through.
    each : str
        Factor that gives one block per level, in the participant's order.
    let : dict
        Levels fixed in this block, e.g. ``{ type = "none" }``; may refer to others by ``$``.
    only : tuple of str
        Conditions (of `$condition`) in which the block exists; empty for all.
    order : str
        ``random`` shuffles the trials, ``given`` keeps the groups in file order.
    pages : tuple of str
        Pages and questions before the block.
    repeat_until_perfect, max_attempts
        Run again until all answers are right, at most so often (0: without limit).
    redraw : bool
        Whether each further attempt draws its own trials from the units.
    """

    name: str
    phase: Phase
    task: Task | None = None
    repeat: int = Field(default=1, ge=1)
    each: str = ""
    let: dict[str, str] = Field(default_factory=dict)
    only: ListOf[str] = ()
    trials: ListOf[TrialGroup] = Field(min_length=1)
    feedback: bool = True
    order: Literal["random", "given"] = "random"
    pages: ListOf[str] = ()
    timings: TimingsTable | None = None
    repeat_until_perfect: bool = False
    max_attempts: int = Field(default=0, ge=0)
    redraw: bool = False


class RepeatedBlock(Table):
    """Trials shown again at the end, chosen from the answers (Borowski et al. 2021, A.1.1).

    Parameters
    ----------
    conditions : tuple of str
        Types to choose from, in random order.
    most_confident, least_confident : int
        How many main trials of each type come back; ties are broken at random.
    """

    name: str = "repeated"
    conditions: ListOf[str]
    most_confident: int = Field(default=3, ge=0)
    least_confident: int = Field(default=3, ge=0)
    feedback: bool = True
    pages: ListOf[str] = ()


class Part(Table):
    """Blocks in a row, run once for each level of `each`."""

    each: str = ""
    blocks: ListOf[Block] = ()
    repeated: RepeatedBlock | None = None


class PlannedAnalysis(Table):
    """A test the design was made for."""

    name: str
    measure: str
    by: ListOf[str] = ("condition",)
    test: str = ""


class Protocol(Table):
    """A whole design; see ``docs/protocols.md``."""

    format: int = FORMAT
    name: str
    title: str
    source: str
    description: str = ""
    task: Task = "forward_prediction"
    audience: Literal["expert", "lay", "agnostic"] = "expert"
    conditions: ListOf[Condition] = Field(min_length=1)
    positions: Literal["balanced", "independent"] = "independent"
    shared_order: bool = False
    catch_copies: Literal["random", "last"] = "random"
    units: ListOf[UnitPool] = ()
    disjoint_units: bool = True
    participants_per_level: int | None = Field(default=None, ge=1)
    factors: dict[str, Factor] = Field(default_factory=dict)
    batches: dict[str, BatchRule] = Field(default_factory=dict)
    timings: TimingsTable = TimingsTable()
    opening: ListOf[str] = ("welcome", "consent", "instructions")
    closing: ListOf[str] = ("thanks",)
    only_for: dict[str, ListOf[Literal["expert", "lay", "agnostic"]]] = Field(default_factory=dict)
    parts: ListOf[Part] = Field(min_length=1)
    texts: Texts = Texts()
    participant_fields: ListOf[str] = ("expert_level",)
    exclusion: ListOf[ExclusionRule] = ()
    analyses: ListOf[PlannedAnalysis] = ()
    natural_references: int = Field(default=9, ge=1)
    natural_batches: int = Field(default=20, ge=1)
    synthetic_preset: str = "standard"
    natural_rule: Literal["borowski2021", "borowski2021-as-run", "zimmermann2023"] = "borowski2021"
    _file: Path | None = PrivateAttr(default=None)

    @classmethod
    def load(cls, name: str | Path) -> Protocol:
        """Load a protocol by its name or from a file.

        Raises
        ------
        UnknownProtocolError
            If there is neither.
        InvalidFileError
            If the file does not follow the schema, or does not fit together; all places are named.
        NewerFormatError
            If it is newer than this version.
        """
        path = resource("protocols", f"{name}.toml") if str(name) in protocol_names() else None
        if path is None:
            path = Path(name)
            if path.suffix != ".toml" or not path.is_file():
                raise UnknownProtocolError(
                    f"There is no protocol “{name}”. Built in are {', '.join(protocol_names())}; "
                    "or name a .toml file of your own."
                )
        table = read_table(path)
        refuse_newer(path, table, FORMAT, "protocol")
        read = read_partly(cls, table, FORMAT)
        read = read.with_findings(broken_references(read.value))
        if read.problems:
            raise InvalidFileError(path, read.problems)
        read.value._file = path
        return read.value

    @property
    def file(self) -> Path | None:
        """Where it was loaded from."""
        return self._file

    def pool(self, role: Role, unit_set: str = "") -> UnitPool | None:
        """The pool of units of one role and set, None if the design has none."""
        return next((p for p in self.units if p.role == role and p.set == unit_set), None)

    def task_of(self, block: Block) -> Task:
        """Task of a block."""
        return block.task or self.task

    def blocks(self) -> Iterator[Block]:
        """All block templates in file order."""
        for part in self.parts:
            yield from part.blocks

    @property
    def between(self) -> dict[str, Factor]:
        """Factors of which each participant gets one level."""
        return {name: factor for name, factor in self.factors.items() if factor.between}


def protocol_names() -> list[str]:
    """Names of the built-in protocols."""
    return sorted(path.stem for path in resource("protocols").glob("*.toml"))
