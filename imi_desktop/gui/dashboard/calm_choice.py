"""A drop-down that lets the page scroll when the wheel turns over it."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class CalmChoice(QComboBox):
    """Changes by click and by key, never by the wheel."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()
