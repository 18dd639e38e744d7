"""What participants read: pages, questions and the words on the trial screen.

``resources/texts/<language>/common.toml`` holds what every audience reads, ``<audience>.toml``
adds to it and takes precedence.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath, PureWindowsPath
from string import Formatter
from typing import Literal, get_args

from pydantic import Field, field_validator

from imi_desktop.experiment.toml_file import (
    ListOf,
    Table,
    read_table,
    validate_table,
)
from imi_desktop.experiment.trial import (
    Example,
    PageImage,
    PageKind,
    PageStep,
    Phase,
    QuestionStep,
    Trial,
    TrialWording,
)
from imi_desktop.paths import resource

Language = Literal["en", "de"]
Audience = Literal["expert", "lay", "agnostic"]


PAGE_FIELDS = frozenset({"trials", "block", "blocks", "minutes", "study"})
COUNT_FIELDS = frozenset({"right", "answered"})


def _with_fields(text: str, known: frozenset[str]) -> str:
    """Return a text whose ``{fields}`` are all known.

    Raises
    ------
    ValueError
        If one is not, or a brace stands alone.
    """
    for _, name, _, _ in Formatter().parse(text):
        if name is not None and name not in known:
            fields = ", ".join(f"{{{field}}}" for field in sorted(known))
            raise ValueError(f"{{{name}}} cannot be put in; there are {fields}")
    return text


class PageImageText(Table):
    """An image of the study folder on a page."""

    file: str
    caption: str = ""

    @field_validator("file")
    @classmethod
    def _inside_the_study(cls, value: str) -> str:
        path = PurePosixPath(value)
        outside = path.is_absolute() or ".." in path.parts or PureWindowsPath(value).drive
        if not value or outside or "\\" in value:
            raise ValueError("must be a file of the study folder, written with /")
        return value


class PageText(Table):
    """A page of text; title and paragraphs may hold the fields :data:`PAGE_FIELDS`.

    Parameters
    ----------
    example : tuple of Phase
        Phases whose first trial of the participant's session is shown as an example: that of the
        first phase which the session has, one with references before one without.
    example_answer : bool
        Whether the example shows the right answer.
    images : tuple of PageImageText
        Images shown in a row instead of an example, or besides it.
    """

    title: str
    paragraphs: ListOf[str]
    button: str
    decline: str | None = None
    minimum_s: float = Field(default=0, ge=0)
    example: ListOf[Phase] = ()
    example_answer: bool = False
    images: ListOf[PageImageText] = ()

    def example_of(self, trials: Sequence[tuple[Trial, TrialWording]]) -> Example | None:
        """The example among the session's `trials` (with their wording), in order."""
        for phase in self.example:
            found = [pair for pair in trials if pair[0].phase == phase]
            found.sort(key=lambda pair: not pair[0].references_max)
            if found:
                return Example(*found[0], answered=self.example_answer)
        return None

    @field_validator("title")
    @classmethod
    def _title_fields(cls, value: str) -> str:
        return _with_fields(value, PAGE_FIELDS)

    @field_validator("paragraphs")
    @classmethod
    def _paragraph_fields(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_with_fields(paragraph, PAGE_FIELDS) for paragraph in value)


class QuestionText(Table):
    """An open question."""

    question: str
    button: str
    required: bool = False


class WordingText(Table):
    """Words on the trial screen; what is left out comes from a more general entry."""

    question: str | None = None
    title_min: str | None = None
    title_max: str | None = None
    legend: str | None = None
    right_in_block: str | None = None
    continue_button: str | None = None

    @field_validator("right_in_block")
    @classmethod
    def _count_fields(cls, value: str | None) -> str | None:
        return None if value is None else _with_fields(value, COUNT_FIELDS)


class Texts(Table):
    """All texts of one language and audience.

    Entries are looked up from special to general: ``name_task_condition``, ``name_task``,
    ``name_condition``, ``name``; wording under ``trial`` in the same way.
    """

    pages: dict[str, PageText] = Field(default_factory=dict)
    questions: dict[str, QuestionText] = Field(default_factory=dict)
    trial: dict[str, WordingText] = Field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether there is a page or question of this name."""
        return name in self.questions or name in self.pages

    def overlaid(self, own: Texts) -> Texts:
        """These texts with others added, which take precedence."""
        return Texts(
            pages={**self.pages, **own.pages},
            questions={**self.questions, **own.questions},
            trial={
                name: WordingText(
                    **(
                        self.trial.get(name, WordingText()).model_dump(exclude_none=True)
                        | own.trial.get(name, WordingText()).model_dump(exclude_none=True)
                    )
                )
                for name in {**self.trial, **own.trial}
            },
        )

    def page(
        self,
        name: str,
        step_name: str,
        task: str,
        condition: str,
        values: dict[str, str | int],
        trials: Sequence[tuple[Trial, TrialWording]] = (),
    ) -> PageStep | QuestionStep:
        """Make the page or question `name` for one place in a session.

        Parameters
        ----------
        trials : sequence of (Trial, TrialWording)
            The session's trials, for pages that show an example.

        Raises
        ------
        KeyError
            If there is none; protocols are checked before.
        """
        if name in self.questions:
            text = self.questions[name]
            return QuestionStep(step_name, text.question, text.button, text.required)
        keys = _special_to_general(name, task, condition)
        page = next(self.pages[key] for key in keys if key in self.pages)
        return PageStep(
            name=step_name,
            kind=_kind(name),
            title=page.title.format_map(values),
            paragraphs=tuple(paragraph.format_map(values) for paragraph in page.paragraphs),
            button=page.button,
            decline=page.decline,
            minimum_ms=round(page.minimum_s * 1000),
            example=page.example_of(trials),
            images=tuple(PageImage(image.file, image.caption) for image in page.images),
        )

    def wording(self, task: str, condition: str) -> TrialWording:
        """Words on the screen of trials of `task`; `condition` empty if a block mixes several."""
        found: dict[str, str] = {}
        for key in reversed(_special_to_general("trial", task, condition)):
            if key in self.trial:
                found |= self.trial[key].model_dump(exclude_none=True)
        return TrialWording(**found)


def load_texts(language: Language, audience: Audience) -> Texts:
    """Texts of one language and audience.

    Raises
    ------
    InvalidFileError
        If a resource is damaged.
    """
    return _load(language, audience)


def is_built_in(name: str) -> bool:
    """Whether some language and audience has a page or question of this name."""
    return any(
        _load(language, audience).has(name)
        for language in get_args(Language)
        for audience in get_args(Audience)
    )


@lru_cache(maxsize=16)
def _load(language: str, audience: str) -> Texts:
    common, own = (
        validate_table(Texts, read_table(path), path)
        for path in (resource("texts", language, f"{name}.toml") for name in ("common", audience))
    )
    return common.overlaid(own)


def _special_to_general(name: str, task: str, condition: str) -> list[str]:
    if not condition:
        return [f"{name}_{task}", name]
    return [f"{name}_{task}_{condition}", f"{name}_{task}", f"{name}_{condition}", name]


def _kind(name: str) -> PageKind:
    for kind in get_args(PageKind):
        if name == kind or name.startswith(f"{kind}_"):
            return kind
    return "block_intro"
