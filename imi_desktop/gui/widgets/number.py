"""Number fields whose text stands as far in as that of other fields.

The style sheet's padding does not reach the editor inside a spin box.
"""

from __future__ import annotations

from PySide6.QtCore import QMargins, QSize
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

_INSET = 6
_FIVE_DIGITS = 64
"""Least width of a seed's field in px."""


class NumberField(QSpinBox):
    """Field of a whole number."""

    def __init__(self, lowest: int, highest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(lowest, highest)
        self.lineEdit().setTextMargins(_INSET, 0, 0, 0)


class SeedField(NumberField):
    """Field of a seed: any of its digits, and no arrows, because seeds have no order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2**31 - 1, parent)
        self.setProperty("kind", "seed")  # the style sheet leaves the arrows out
        self.setMinimumWidth(_FIVE_DIGITS)

    def sizeHint(self) -> QSize:
        """Room for the longest seed, inset included."""
        return super().sizeHint().grownBy(QMargins(0, 0, 2 * _INSET, 0))


class DecimalField(QDoubleSpinBox):
    """Field of a number with a fixed count of decimals."""

    def __init__(
        self, lowest: float, highest: float, decimals: int = 2, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setDecimals(decimals)
        self.setRange(lowest, highest)
        self.lineEdit().setTextMargins(_INSET, 0, 0, 0)
