"""Types of numbers for arguments, with sentences of their own."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """A whole number from 1.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is not one.
    """
    return _whole(text, 1)


def from_zero(text: str) -> int:
    """A whole number from 0; see :func:`positive`."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from {least}")
    return int(text)
