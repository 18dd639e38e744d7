"""The format of a journal: one JSON line per record, each with a checksum of its own bytes.

A line is ``{"seq":…,"t_ns":…,"utc":…,"type":…,"data":{…},"crc32":"0a1b2c3d"}``, UTF-8, no spaces
between members, members in this order, ended by ``\\n``. ``crc32`` (zlib, eight hexadecimal
digits) is taken over the bytes of the line without that member, that is from ``{`` up to the last
``,"crc32":``, and then ``}``. ``seq`` counts from 0 without gaps. The first record has type
``journal_created`` and ``data.format``, the number of this format.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imi_desktop.errors import storage_error
from imi_desktop.recording.errors import JournalDamagedError, NewerJournalError

FORMAT = 1
HEADER_TYPE = "journal_created"
_CRC_KEY = b',"crc32":'


@dataclass(frozen=True)
class Record:
    """One thing that happened.

    Parameters
    ----------
    seq : int
        0, 1, … within the journal.
    t_ns : int
        Monotonic clock of the computer that recorded it, in ns; comparable only between records
        of one process.
    utc : str
        Wall clock, ISO 8601 with ms, ending in ``Z``.
    type : str
        ``trial_shown``, ``response`` …
    data : dict
        JSON values.
    """

    seq: int
    t_ns: int
    utc: str
    type: str
    data: dict[str, Any]


@dataclass(frozen=True)
class JournalContents:
    """A journal as it was found.

    Parameters
    ----------
    records : list of Record
        Every intact record, in order.
    size : int
        Bytes of the intact part.
    torn : bytes
        What follows it: the last line, broken off while it was written; empty if none.
    unended : bool
        Whether the last intact record lacks its line end.
    """

    records: list[Record]
    size: int
    torn: bytes = b""
    unended: bool = False


class DamagedLineError(ValueError):
    """A line is not a record of this format; the text says why."""


def encode(record: Record) -> bytes:
    """Line of one record, with its line end.

    Raises
    ------
    ValueError
        If the data hold what JSON has no word for, such as NaN.
    """
    members = {
        "seq": record.seq,
        "t_ns": record.t_ns,
        "utc": record.utc,
        "type": record.type,
        "data": record.data,
    }
    body = json.dumps(members, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return b'%b%b"%08x"}\n' % (body[:-1], _CRC_KEY, zlib.crc32(body))


def decode(line: bytes) -> Record:
    """Record of one line (with or without its line end).

    Raises
    ------
    DamagedLineError
        If the checksum or the members are not right.
    """
    body, key, checksum = line.removesuffix(b"\n").rpartition(_CRC_KEY)
    if not key:
        raise DamagedLineError("it has no checksum")
    if checksum != b'"%08x"}' % zlib.crc32(body + b"}"):
        raise DamagedLineError("its checksum does not match")
    try:
        members = json.loads(body + b"}")
        return Record(
            seq=int(members["seq"]),
            t_ns=int(members["t_ns"]),
            utc=str(members["utc"]),
            type=str(members["type"]),
            data=dict(members["data"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedLineError(f"it is not a record ({error})") from error


def read_journal(path: Path) -> JournalContents:
    """Read a journal without changing it; a torn last line is told, not raised.

    Raises
    ------
    JournalDamagedError
        If a line before the end is damaged or missing; names the line.
    NewerJournalError
        If a newer version of the app wrote it.
    StorageError
        If the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise storage_error("read", path, error) from error
    return parse(content, path)


def parse(content: bytes, path: Path) -> JournalContents:
    """Parse the bytes of a journal; `path` is only named in errors. See :func:`read_journal`."""
    records: list[Record] = []
    size = 0
    lines = content.split(b"\n")
    tail = lines.pop()
    for number, line in enumerate(lines, start=1):
        records.append(_checked(line, number, path))
        size += len(line) + 1
    if not tail:
        return JournalContents(records, size)
    try:
        last = decode(tail)
    except DamagedLineError:
        return JournalContents(records, size, torn=tail)
    if last.seq != len(records):
        return JournalContents(records, size, torn=tail)
    return JournalContents([*records, last], size + len(tail), unended=True)


def _checked(line: bytes, number: int, path: Path) -> Record:
    if number == 1:
        _refuse_newer(line, path)
    try:
        record = decode(line)
    except DamagedLineError as error:
        raise _damaged(path, number, str(error)) from error
    if record.seq != number - 1:
        raise _damaged(path, number, f"it is record {record.seq}, expected {number - 1}")
    if number == 1 and record.type != HEADER_TYPE:
        raise _damaged(path, number, "it is not the header of a journal")
    return record


def _damaged(path: Path, number: int, reason: str) -> JournalDamagedError:
    return JournalDamagedError(
        f"{path} is damaged at line {number}: {reason}. Nothing was changed; "
        "restore the file from a copy."
    )


def _refuse_newer(line: bytes, path: Path) -> None:
    """Look at the format before anything else: a newer one may differ in all the rest."""
    try:
        header = json.loads(line)
        number = int(header["data"]["format"])
    except (ValueError, KeyError, TypeError):
        return  # the checksum will say what is wrong
    if header.get("type") == HEADER_TYPE and number > FORMAT:
        raise NewerJournalError(
            f"{path} has journal format {number}; this version of IMI Desktop reads formats up "
            f"to {FORMAT}. Update the app."
        )
