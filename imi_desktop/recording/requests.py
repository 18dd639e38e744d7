"""What the main window asks of a running session, whose journal only the presenter writes.

A request is a small file in the session's folder. The session takes it between trials, does what
it asks, and records it; so no request reaches into a trial.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from imi_desktop.atomic import write_text
from imi_desktop.errors import storage_error

RequestKind = Literal["pause", "end", "note"]
_SUFFIX = ".request"


@dataclass(frozen=True)
class Request:
    """One request.

    Parameters
    ----------
    kind : {"pause", "end", "note"}
        Show a page to wait at; end the session for good; record a note.
    text : str
        Reason or note.
    """

    kind: RequestKind
    text: str


def ask(session: Path, request: Request) -> None:
    """Leave a request for the session that is recorded in `session`.

    Raises
    ------
    StorageError
        If the folder cannot be written.
    """
    write_text(session / f"{time.time_ns()}-{request.kind}{_SUFFIX}", request.text)


def waiting(session: Path) -> list[RequestKind]:
    """Kinds of the requests that were not taken yet, oldest first."""
    return [kind for path in sorted(session.glob(f"*{_SUFFIX}")) if (kind := _kind_of(path))]


def take(session: Path) -> list[Request]:
    """Return the requests, oldest first, and remove them.

    Raises
    ------
    StorageError
        If one cannot be read or removed.
    """
    taken = []
    for path in sorted(session.glob(f"*{_SUFFIX}")):
        kind = _kind_of(path)
        if kind is None:
            continue
        try:
            taken.append(Request(kind, path.read_text("utf-8")))
            path.unlink()
        except OSError as error:
            raise storage_error("read", path, error) from error
    return taken


def _kind_of(path: Path) -> RequestKind | None:
    word = path.name.removesuffix(_SUFFIX).rpartition("-")[2]
    return next((kind for kind in get_args(RequestKind) if kind == word), None)
