"""What can be read of a file that holds mistakes, so that the rest of it can be checked too.

A file is checked twice: each value against its schema, then how the values fit together. People
want both at once. So what is broken is left out, the rest is put together, and what is said of the
whole leaves out everything that only follows from a mistake told already.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter

Place = tuple[int | str | None, ...]
"""Keys and indices (from 0) that lead to a value; None stands for any of them."""

Model = TypeVar("Model", bound=BaseModel)
_UNIONS = {typing.Union, types.UnionType}


@dataclass(frozen=True)
class Finding:
    """Something that does not fit together.

    Parameters
    ----------
    place : Place
        Where it is.
    reason : str
        For people, without a full stop.
    rests_on : tuple of Place
        Other places that it was concluded from; if one of them is broken, the finding may only be
        a consequence, and is not told.
    """

    place: Place
    reason: str
    rests_on: tuple[Place, ...] = ()


@dataclass(frozen=True)
class PartlyRead(Generic[Model]):
    """A file as far as it could be read.

    Parameters
    ----------
    value : Table
        Whole if there are no `problems`. Otherwise broken values have their defaults or stand-ins,
        and it may only be looked at, under :meth:`with_findings`.
    problems : tuple of str
        ``key: reason`` lines.
    broken : tuple of Place
        Values that could not be read.
    found : tuple of Place
        Values that could be read, and do not fit.
    """

    value: Model
    problems: tuple[str, ...] = ()
    broken: tuple[Place, ...] = ()
    found: tuple[Place, ...] = ()

    def with_findings(self, findings: Iterable[Finding]) -> PartlyRead[Model]:
        """The same with what else was found, as far as it does not follow from what is broken.

        A finding at several places is told once.
        """
        told: list[Finding] = []
        found = list(self.found)
        for finding in findings:
            hidden = any(_leads_to(place, finding.place) for place in self.broken)
            doubtful = (*self.broken, *found)
            follows = any(_meet(place, other) for place in doubtful for other in finding.rests_on)
            if not hidden and not follows:
                told.append(finding)
                found.append(finding.place)
        places: dict[str, list[str]] = {}
        for finding in told:
            places.setdefault(finding.reason, []).append(key_of(finding.place))
        lines = [f"{_all_of(keys)}: {reason}" for reason, keys in places.items()]
        return PartlyRead(self.value, (*self.problems, *lines), self.broken, tuple(found))


def key_of(place: Place) -> str:
    """``units[3].channel``; entries are counted from 1."""
    key = ""
    for part in place:
        if isinstance(part, int):
            key += f"[{part + 1}]"
        else:
            key += f".{part}" if key else str(part)
    return key


def place_in(table: object, location: Sequence[int | str]) -> Place:
    """The part of pydantic's location that leads through `table`; its own tags are left out."""
    place: list[int | str] = []
    current = table
    for part in location:
        if isinstance(current, Mapping) and isinstance(part, str):
            current = current.get(part)
        elif isinstance(current, list | tuple) and isinstance(part, int) and part < len(current):
            current = current[part]
        else:
            continue
        place.append(part)
    return tuple(place)


def readable_part(model: type[Model], table: object, broken: Sequence[Place]) -> Model:
    """Put together what is not broken.

    Parameters
    ----------
    table : object
        As read from the file.
    broken : sequence of Place
        Every place that `model` refuses.

    Returns
    -------
    model
        Unchecked: broken values have their defaults, or a stand-in of their type; broken entries
        keep their places in lists of tables and are left out of lists of values.
    """
    values = {}
    given = table if isinstance(table, Mapping) else {}
    for name, field in model.model_fields.items():
        stated: Any = field.annotation
        kind = _plain(stated)
        inner = tuple(place[1:] for place in broken if place[:1] == (name,))
        if name in given and not inner:
            values[name] = TypeAdapter(stated).validate_python(given[name])
        elif name in given and _can_be_entered(kind, given[name], inner):
            values[name] = _within(kind, given[name], inner)
        elif field.is_required():
            values[name] = _stand_in(kind)
        else:
            values[name] = field.get_default(call_default_factory=True)
    return model.model_construct(**values)


def _can_be_entered(annotation: Any, value: object, broken: Sequence[Place]) -> bool:
    """Whether the mistakes lie within the value, rather than in its being there."""
    if () in broken and not _is_table(annotation):
        return False
    if typing.get_origin(annotation) is tuple:
        return isinstance(value, list | tuple)
    return isinstance(value, Mapping) and (
        _is_table(annotation) or typing.get_origin(annotation) is dict
    )


def _within(annotation: Any, value: Any, broken: Sequence[Place]) -> Any:
    if _is_table(annotation):
        return readable_part(annotation, value, [place for place in broken if place])
    of_dict = typing.get_origin(annotation) is dict
    item_type = _plain(typing.get_args(annotation)[1 if of_dict else 0])
    items = value.items() if of_dict else enumerate(value)
    found = list(_items(item_type, items, broken))
    return dict(found) if of_dict else tuple(item for _, item in found)


def _items(
    item_type: Any, items: Iterable[tuple[Any, Any]], broken: Sequence[Place]
) -> Iterator[tuple[Any, Any]]:
    for name, item in items:
        inner = [place[1:] for place in broken if place[:1] == (name,)]
        if not inner:
            yield name, TypeAdapter(item_type).validate_python(item)
        elif _can_be_entered(item_type, item, inner):
            yield name, _within(item_type, item, inner)
        elif _is_table(item_type) or typing.get_origin(item_type) is tuple:
            yield name, _stand_in(item_type)


def _stand_in(annotation: Any) -> Any:
    """A value of a type; what it is does not matter, since nothing is said about its place."""
    if _is_table(annotation):
        return readable_part(annotation, {}, ())
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        return typing.get_args(annotation)[0]
    if origin in _UNIONS:
        return _stand_in(_plain(typing.get_args(annotation)[0]))
    plain = origin or annotation
    return plain() if plain in {str, tuple, dict, bool} else 1


def _plain(annotation: Any) -> Any:
    """The type itself of an annotated or optional one."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _plain(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in _UNIONS:
        choices = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
        return _plain(choices[0]) if len(choices) == 1 else annotation
    return annotation


def _is_table(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _leads_to(place: Place, other: Place) -> bool:
    return len(place) <= len(other) and _meet(place, other)


def _meet(place: Place, other: Place) -> bool:
    """Whether one is the other, or lies within it."""
    return all(a == b or a is None or b is None for a, b in zip(place, other, strict=False))


def _all_of(keys: Sequence[str]) -> str:
    unique = list(dict.fromkeys(keys))
    more = f" and {len(unique) - 1} more" if len(unique) > 1 else ""
    return unique[0] + more
