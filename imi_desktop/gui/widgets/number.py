"""Number fields whose text stands as far in as that of other fields.

The style sheet's padding does not reach the editor inside a spin box.
"""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

_INSET = 6


class NumberField(QSpinBox):
    """Field of a whole number."""

    def __init__(self, lowest: int, highest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(lowest, highest)
        self.lineEdit().setTextMargins(_INSET, 0, 0, 0)


class DecimalField(QDoubleSpinBox):
    """Field of a number with a fixed count of decimals."""

    def __init__(
        self, lowest: float, highest: float, decimals: int = 2, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setDecimals(decimals)
        self.setRange(lowest, highest)
        self.lineEdit().setTextMargins(_INSET, 0, 0, 0)
