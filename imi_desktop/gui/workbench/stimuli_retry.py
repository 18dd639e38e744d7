"""The ways on after a failure or too weak images, and what was chosen among them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QWidget,
)

from imi_desktop.experiment.study import SyntheticStimuli
from imi_desktop.gui.widgets.number import DecimalField, NumberField
from imi_desktop.gui.workbench.stimuli_cells import Cell, Column, MatrixRow, WorkState
from imi_desktop.stimuli.visualization import presets

_SYNTHETIC = (Column.SYNTHETIC_MAX, Column.SYNTHETIC_MIN)
_LOWER = 0.1
"""A tenth of the diversity weight is what makes images stronger that were too weak."""
_WEIGHT = 10.0


class WayOn(StrEnum):
    """What can be done about a failure or about images that are too weak."""

    AGAIN = "again"
    CPU = "cpu"
    DIVERSITY = "diversity"
    STEPS = "steps"
    PRESET = "preset"
    REPLACE = "replace"


@dataclass(frozen=True)
class Retry:
    """What the user chose to do about a row.

    Parameters
    ----------
    overrides : dict
        What this unit's visualizations get instead of the study's: ``diversity``, ``steps`` or
        ``preset``; empty for all other ways.
    """

    row: MatrixRow
    way: WayOn
    overrides: dict[str, float | int | str]


class RetryWays(QWidget):
    """One radio button per way, with its number or name beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.diversity = DecimalField(0, 10_000)
        self.diversity.setAccessibleName("Diversity weight")
        self.diversity.setToolTip("Lower: images may be more alike, and are stronger")
        self.steps = NumberField(16, 100_000)
        self.steps.setSingleStep(256)
        self.steps.setAccessibleName("Optimisation steps")
        self.preset = QComboBox()
        self.preset.setAccessibleName("Preset")
        for known in presets.PRESETS:
            self.preset.addItem(known.name, known.name)
            at = self.preset.count() - 1
            self.preset.setItemData(at, known.title, Qt.ItemDataRole.ToolTipRole)
        self._group = QButtonGroup(self)
        self._choices: dict[WayOn, QRadioButton] = {}
        self._beside: dict[WayOn, QWidget] = {
            WayOn.DIVERSITY: self.diversity,
            WayOn.STEPS: self.steps,
            WayOn.PRESET: self.preset,
        }
        self._lines = QGridLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setHorizontalSpacing(24)
        self._lines.setVerticalSpacing(4)
        self._rows: list[QWidget] = []
        for way, text in (
            (WayOn.AGAIN, "Retry as it is"),
            (WayOn.CPU, "Retry on the CPU"),
            (WayOn.DIVERSITY, "Retry with diversity"),
            (WayOn.STEPS, "Retry with more steps"),
            (WayOn.PRESET, "Retry with preset"),
            (WayOn.REPLACE, "Replace the unit by another random one"),
        ):
            choice = QRadioButton(text)
            self._group.addButton(choice)
            self._choices[way] = choice
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(8)
            line.addWidget(choice)
            if way in self._beside:
                line.addWidget(self._beside[way])
            line.addStretch(1)
            self._rows.append(row)
        self.set_columns(1)
        self.diversity.valueChanged.connect(lambda _: self.choose(WayOn.DIVERSITY))
        self.steps.valueChanged.connect(lambda _: self.choose(WayOn.STEPS))
        self.preset.activated.connect(lambda _: self.choose(WayOn.PRESET))

    @property
    def way(self) -> WayOn:
        """The way on that is chosen."""
        return next((w for w, c in self._choices.items() if c.isChecked()), WayOn.AGAIN)

    def set_columns(self, columns: int) -> None:
        """Under each other, or beside each other where there is more width than height."""
        for row in self._rows:
            self._lines.removeWidget(row)
        deep = -(-len(self._rows) // columns)
        for place, row in enumerate(self._rows):
            self._lines.addWidget(row, place % deep, place // deep)

    def choose(self, way: WayOn) -> None:
        """Choose a way on."""
        self._choices[way].setChecked(True)

    def chosen(self, row: MatrixRow) -> Retry:
        """What is to be done about a row."""
        values: dict[WayOn, dict[str, float | int | str]] = {
            WayOn.DIVERSITY: {"diversity": self.diversity.value()},
            WayOn.STEPS: {"steps": self.steps.value()},
            WayOn.PRESET: {"preset": str(self.preset.currentData())},
        }
        return Retry(row, self.way, values.get(self.way, {}))

    def offer(
        self, cell: Cell, column: Column, synthetic: SyntheticStimuli, reason: str, keep: bool
    ) -> None:
        """Offer what can help about a cell.

        Parameters
        ----------
        synthetic : SyntheticStimuli
            The study's recipe, from which the numbers offered follow.
        reason : str
            Why the study's stimuli must not be made in another way; empty if they may.
        keep : bool
            Whether what was chosen for this cell stays.
        """
        weak = cell.state is WorkState.WEAK
        other_recipe = (WayOn.DIVERSITY, WayOn.STEPS, WayOn.PRESET)
        shown = {
            WayOn.AGAIN: not weak,
            WayOn.CPU: not weak and "memory" in cell.cause.lower(),
            WayOn.REPLACE: True,
            **dict.fromkeys(other_recipe, column in _SYNTHETIC),
        }
        for way, choice in self._choices.items():
            fixed = way in (*other_recipe, WayOn.REPLACE) and bool(reason)
            choice.setVisible(shown[way])
            choice.setEnabled(not fixed)
            choice.setToolTip(reason if fixed else "")
            if way in self._beside:
                self._beside[way].setVisible(shown[way])
                self._beside[way].setEnabled(not fixed)
        if not keep:
            preset = presets.find(synthetic.preset)
            self.diversity.setValue(_LOWER * preset.diversity or _WEIGHT)
            self.steps.setValue(2 * (synthetic.steps or preset.steps))
            others = (
                i for i in range(self.preset.count()) if self.preset.itemData(i) != preset.name
            )
            self.preset.setCurrentIndex(next(others, 0))
            self.choose(WayOn.STEPS if weak else WayOn.AGAIN)
