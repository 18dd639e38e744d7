"""Files in TOML that people write: read against a schema, every mistake told at once."""

from __future__ import annotations

import difflib
import tomllib
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from imi_desktop.errors import UserError, storage_error
from imi_desktop.experiment.partly_read import PartlyRead, Place, key_of, place_in, readable_part


class Table(BaseModel):
    """A table of such a file: unknown keys are refused, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_or_many(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Item = TypeVar("Item")
ListOf = Annotated[tuple[Item, ...], BeforeValidator(_one_or_many)]
"""A TOML array, kept as a tuple."""


class InvalidFileError(UserError):
    """A file does not follow its schema; `problems` lists every place and reason.

    Parameters
    ----------
    path : Path
        The file.
    problems : sequence of str
        One line each: ``key: reason``.
    besides : InvalidFileError or None
        What is wrong with another file that this one needs.
    """

    def __init__(
        self, path: Path, problems: Sequence[str], besides: InvalidFileError | None = None
    ) -> None:
        self.path = path
        self.problems = tuple(problems)
        self.besides = besides
        if len(self.problems) == 1 and self.problems[0].startswith("is "):
            said = f"{path} {self.problems[0]}."  # about the whole file
        else:
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            said = f"{path} has {count}:\n" + "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{said}\n{besides.sentence}" if besides else said)


class NewerFormatError(UserError):
    """The file was written by a newer version of the program."""


Model = TypeVar("Model", bound=BaseModel)


def read_table(path: Path) -> dict[str, Any]:
    """Read a TOML file as it stands.

    Raises
    ------
    StorageError
        If it cannot be read.
    InvalidFileError
        If it is not TOML in UTF-8.
    """
    return parse_table(path, read_content(path))


def read_content(path: Path) -> bytes:
    """Read a file's content, for :func:`parse_table`.

    Raises
    ------
    StorageError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise storage_error("read", path, error) from error


def parse_table(path: Path, content: bytes) -> dict[str, Any]:
    """Parse the content of the TOML file `path`.

    Raises
    ------
    InvalidFileError
        If it is not TOML in UTF-8.
    """
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidFileError(path, [f"is not UTF-8 text (byte {error.start})"]) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidFileError(path, [f"is not valid TOML: {error}"]) from error


def refuse_newer(path: Path, table: dict[str, Any], newest: int, what: str) -> None:
    """Refuse a file whose ``format`` is newer than `newest`.

    Raises
    ------
    NewerFormatError
        If it is newer.
    """
    version = table.get("format")
    if isinstance(version, int) and version > newest:
        raise NewerFormatError(
            f"{path} is a {what} of format {version}, and this version of IMI Desktop reads "
            f"up to format {newest}. Update IMI Desktop to open it."
        )


def validate_table(model: type[Model], table: dict[str, Any], path: Path) -> Model:
    """Turn a table into `model`.

    Raises
    ------
    InvalidFileError
        Naming the file, and each key with its reason.
    """
    read = read_partly(model, table)
    if read.problems:
        raise InvalidFileError(path, read.problems)
    return read.value


def read_partly(
    model: type[Model], table: dict[str, Any], newest: int | None = None
) -> PartlyRead[Model]:
    """Turn a table into `model` as far as it follows the schema.

    Parameters
    ----------
    newest : int or None
        Newest ``format`` of files that must state one.
    """
    problems: list[str] = []
    broken: list[Place] = []
    version = table.get("format")
    if newest is not None and (
        isinstance(version, bool) or not isinstance(version, int) or version < 1
    ):
        problems.append(f"format: must be a whole number; this version writes {newest}")
        broken.append(("format",))
        table = table | {"format": newest}
    try:
        return PartlyRead(model.model_validate(table), tuple(problems), tuple(broken))
    except ValidationError as error:
        lines, places = _problems_of(error, model, table)
    if ("format",) in places and version is None:
        problems = []  # it is there, and misspelt
    broken = [*broken, *places]
    return PartlyRead(
        readable_part(model, table, places), (*problems, *lines), tuple(dict.fromkeys(broken))
    )


def _problems_of(
    error: ValidationError, model: type[BaseModel], table: dict[str, Any]
) -> tuple[list[str], list[Place]]:
    """Say what pydantic found as ``key: reason`` lines in the words of the file, and where it is.

    A key that is not known also breaks the one that was probably meant, of which nothing else is
    told; nor are lists said to be empty because their entries are wrong.
    """
    errors = [(place_in(table, e["loc"]), e) for e in error.errors(include_url=False)]
    meant: list[Place] = [
        (*place[:-1], name)
        for place, found in errors
        if found["type"] == "extra_forbidden"
        for name in _near(str(place[-1]), _known_keys(model, found["loc"][:-1]))
    ]
    reasons: dict[Place, list[str]] = {}
    for place, found in errors:
        if not (place in meant and _is_absent(found)) and not _has_wrong_entries(found):
            reasons.setdefault(place, []).append(_reason(found, model))
    lines = []
    for place, said in reasons.items():
        first = [text.partition(", not ")[0] for text in said[:-1]]
        reason = " or ".join([*first, said[-1].removeprefix("must be " if first else "")])
        lines.append(f"{key_of(place)}: {reason}" if place else reason)
    return lines, [*reasons, *meant]


def _is_absent(found: Any) -> bool:
    """Whether a value is missing, or there only because a table within it is."""
    implied = found["type"] == "tuple_type" and isinstance(found["input"], dict)
    return implied or found["type"] == "missing"


def _has_wrong_entries(found: Any) -> bool:
    return found["type"] == "too_short" and bool(found["input"])


def _near(name: str, known: Sequence[str]) -> list[str]:
    return difflib.get_close_matches(name, known, n=1)


def _reason(found: Any, model: type[BaseModel]) -> str:
    kind, context, value = found["type"], found.get("ctx", {}), found.get("input")
    if kind == "extra_forbidden":
        name = str(found["loc"][-1])
        known = _known_keys(model, found["loc"][:-1])
        near = _near(name, known)
        hint = f"; did you mean “{near[0]}”?" if near else ""
        return f"is not a key of this table{hint}" + (
            f"; known are {', '.join(known)}" if known and not near else ""
        )
    plain = {
        "missing": "is missing",
        "string_type": "must be text in quotes",
        "int_type": "must be a whole number",
        "int_parsing": "must be a whole number",
        "int_from_float": "must be a whole number",
        "float_type": "must be a number",
        "float_parsing": "must be a number",
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "tuple_type": "must be a list in square brackets",
        "dict_type": "must be a table",
        "model_type": "must be a table",
    }
    if kind in plain:
        return plain[kind] + (f", not {value!r}" if kind != "missing" else "")
    if kind in {"string_too_short", "too_short"}:
        least = context["min_length"]
        return "must not be empty" if least == 1 else f"must have {least} or more entries"
    if kind in {"string_too_long", "too_long"}:
        return f"must not be longer than {context['max_length']}"
    if kind == "literal_error":
        return f"must be {context['expected']}, not {value!r}"
    if kind == "greater_than_equal":
        return f"must be {context['ge']} or more, not {value!r}"
    if kind == "less_than_equal":
        return f"must be {context['le']} or less, not {value!r}"
    if kind == "greater_than":
        return f"must be more than {context['gt']}, not {value!r}"
    if kind == "less_than":
        return f"must be less than {context['lt']}, not {value!r}"
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error", found["msg"])).rstrip(".")
    return str(found["msg"])


def _known_keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    current: type[BaseModel] | None = model
    for part in location:
        if current is None:
            return []
        if isinstance(part, str) and part in current.model_fields:
            current = _table_within(current.model_fields[part].annotation)
    return list(current.model_fields) if current else []


def _table_within(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for argument in typing.get_args(annotation):
            table = _table_within(argument)
            if table is not None:
                return table
    return None
