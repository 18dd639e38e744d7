"""Errors the user can act on.

Everything that the environment or the user did wrong is a :class:`UserError` (or a subclass
declared in the room it belongs to); its text is shown as it is. Every other exception is a bug
and keeps its traceback.
"""

from __future__ import annotations


class UserError(Exception):
    """What happened, to which file, and what to do, in one or two sentences.

    Parameters
    ----------
    sentence : str
        The whole text for the user, ending with a full stop.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class StorageError(UserError):
    """A file or folder could not be read or written (missing, read-only, full disk)."""


def storage_error(action: str, path: object, error: OSError, remedy: str = "") -> StorageError:
    """Say in one sentence which file the operating system refused and why.

    Parameters
    ----------
    action : str
        What was tried, as a verb: ``"write"``, ``"read"``, ``"create the folder"``.
    path : path-like
        The file or folder.
    error : OSError
        What the operating system said.
    remedy : str
        What to do about it; a sentence of its own, or empty.
    """
    reason = error.strerror or str(error) or type(error).__name__
    sentence = f"Could not {action} {path}: {reason}."
    return StorageError(f"{sentence} {remedy}" if remedy else sentence)
