"""Tooltips that hold names given by others, which Qt would read as HTML where they look so."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """`text` as a tooltip shows it letter by letter."""
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>'
