"""What a worker process and whoever started it say to each other: one JSON value per line.

Down (stdin): first the job's specification, ``{"kind": "generate", "study": "…", …}``, then any
of the commands ``cancel``, ``pause`` and ``resume``. The end of stdin means that nobody is
interested any more, and cancels. Up (stdout): ``progress`` events, then exactly one of
``finished``, ``cancelled`` and ``failed``. A worker that ends without one has crashed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from imi_desktop.progress import Progress

Command = Literal["cancel", "pause", "resume"]
COMMANDS: tuple[Command, ...] = ("cancel", "pause", "resume")


class ProtocolError(Exception):
    """A line is not part of the protocol; a bug in whoever wrote it."""


@dataclass(frozen=True)
class JobSpec:
    """A job to do.

    Parameters
    ----------
    kind : str
        One of :data:`imi_desktop.jobs.kinds.KINDS`.
    arguments : dict
        JSON-able arguments of that kind.
    """

    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def to_line(self) -> str:
        """The specification as a line, with its line end."""
        return _line({"kind": self.kind, **self.arguments})

    @classmethod
    def from_line(cls, line: str) -> JobSpec:
        """Read a specification.

        Raises
        ------
        ProtocolError
            If the line is not a JSON object with a kind.
        """
        values = _object(line)
        kind = values.pop("kind", None)
        if not isinstance(kind, str):
            raise ProtocolError(f"no kind in {line!r}")
        return cls(kind, values)


@dataclass(frozen=True)
class Finished:
    """The job is done.

    Parameters
    ----------
    result : dict
        JSON-able result of its kind.
    """

    result: dict[str, Any]


@dataclass(frozen=True)
class Stopped:
    """The job was cancelled; what was finished before stays valid."""


@dataclass(frozen=True)
class Failed:
    """The job could not be done.

    Parameters
    ----------
    sentence : str
        Why, for the user.
    bug : bool
        Whether it is this program's fault; the traceback is in the log.
    """

    sentence: str
    bug: bool = False


Outcome = Finished | Stopped | Failed
Event = Progress | Outcome


def encode_event(event: Event) -> str:
    """The event as a line, with its line end."""
    match event:
        case Progress():
            return _line({"event": "progress", **asdict(event)})
        case Finished():
            return _line({"event": "finished", "result": event.result})
        case Stopped():
            return _line({"event": "cancelled"})
        case Failed():
            return _line({"event": "failed", "sentence": event.sentence, "bug": event.bug})


def decode_event(line: str) -> Event:
    """Read an event.

    Raises
    ------
    ProtocolError
        If the line is not an event.
    """
    values = _object(line)
    name = values.pop("event", None)
    try:
        match name:
            case "progress":
                return Progress(**values)
            case "finished":
                return Finished(**values)
            case "cancelled":
                return Stopped(**values)
            case "failed":
                return Failed(**values)
    except TypeError as error:
        raise ProtocolError(f"wrong values in {line!r}") from error
    raise ProtocolError(f"{line!r} is not an event")


def encode_command(command: Command) -> str:
    """The command as a line, with its line end."""
    return f"{command}\n"


def decode_command(line: str) -> Command | None:
    """Read a command; None for anything else."""
    text = line.strip()
    return next((command for command in COMMANDS if command == text), None)


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"


def _object(line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ProtocolError(f"{line!r} is not JSON") from error
    if not isinstance(values, dict):
        raise ProtocolError(f"{line!r} is not a JSON object")
    return values
