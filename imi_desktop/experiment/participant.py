"""Participant ids, and the number that counterbalancing reads from them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from imi_desktop.errors import UserError

# Names that Windows gives to devices, whatever their extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class InvalidParticipantIdError(UserError):
    """A text cannot name a participant."""


def participant_id(text: str) -> str:
    """Return `text` if it can name a participant, and a folder on every system.

    Two ids that differ only in capitals name the same folder on Windows and macOS; whoever
    registers participants has to compare them without case (``str.casefold``).

    Raises
    ------
    InvalidParticipantIdError
        Unless it has 1 to 64 letters, digits, ``.``, ``_`` or ``-``, starts with a letter or
        digit, does not end with a dot and is no device name of Windows.
    """
    if _RESERVED.fullmatch(text):
        raise InvalidParticipantIdError(
            f"“{text}” cannot be a participant id: Windows keeps this name for a device, so no "
            "folder can have it. Choose another, for example P07."
        )
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text) or text.endswith("."):
        shown = text if len(text) <= 80 else f"{text[:20]}…"
        raise InvalidParticipantIdError(
            f"“{shown}” cannot be a participant id. Use up to 64 letters, digits, “.”, “_” and "
            "“-”, starting with a letter or digit, for example P07."
        )
    return text


def participant_number(identifier: str) -> int:
    """Number of a participant, which counterbalancing goes by.

    The digits at the end of the id (``P07`` → 7); an id without any gets a stable number from
    its hash.
    """
    digits = re.search(r"\d+$", identifier)
    if digits:
        return int(digits[0])
    return 1 + int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:4], "big")


def open_number(taken: Mapping[int, bool] | Iterable[tuple[int, bool]]) -> int:
    """First number whose place in the design is still to be filled.

    A session that was excluded is posted again: its number is free for the next participant, so
    that the assignment stays balanced (Zimmermann et al. 2021, A.4).

    Parameters
    ----------
    taken : mapping or iterable of (number, included)
        Numbers given out so far, and whether the session with it counts (running ones do).
    """
    pairs = taken.items() if isinstance(taken, Mapping) else taken
    filled = {number for number, included in pairs if included}
    return next(number for number in range(1, len(filled) + 2) if number not in filled)
