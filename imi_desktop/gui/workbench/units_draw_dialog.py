"""A random draw, shown before it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout

from imi_desktop.errors import UserError
from imi_desktop.gui.widgets.buttons import quiet
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import label, set_tone, wrapped
from imi_desktop.gui.widgets.number import SeedField
from imi_desktop.gui.workbench.unit_list_model import UnitListModel
from imi_desktop.gui.workbench.units_offer import UnitsDialog, UnitsOffer
from imi_desktop.models.unit import Unit

Drawer = Callable[[int], Sequence[Unit]]
"""Draws units with a seed; raises UserError."""


class DrawnUnits(UnitListModel):
    """Units of a draw, which have their layers named even where one layer was drawn alone."""

    def label(self, unit: Unit) -> str:
        """Address."""
        return unit.address


class DrawDialog(UnitsDialog):
    """Units of a draw with their strongest images; another seed draws others.

    Parameters
    ----------
    draw : callable
        From seed to units.
    consequence : str
        What accepting does: ``They are added to the study.``
    """

    def __init__(
        self, offer: UnitsOffer, draw: Drawer, n: int, seed: int, consequence: str
    ) -> None:
        super().__init__(
            offer,
            f"Draw {plural(n, 'unit')}",
            "A layer uniformly among the layers of interest, then a channel uniformly; "
            f"no unit twice. {consequence}",
            DrawnUnits(),
            "Drawn units",
        )
        self._draw = draw
        self.drawn: tuple[Unit, ...] = ()
        row = QHBoxLayout()
        row.setSpacing(8)
        self.seed = SeedField()
        self.seed.setFixedWidth(110)
        self.seed.setAccessibleName("Seed of the draw")
        again = quiet("Next seed", offer.theme, "retry")
        again.clicked.connect(lambda: self.seed.setValue(self.seed.value() + 1))
        row.addWidget(label("Seed"))
        row.addWidget(self.seed)
        row.addWidget(again)
        row.addStretch(1)
        self.body.addLayout(row)
        self.view.setMinimumSize(460, 260)
        self.body.addWidget(self.view, 1)
        self._words = wrapped("", "caption", "ink3")
        self.body.addWidget(self._words)
        self.accept_button.setText("Take this unit" if n == 1 else "Take these units")
        self.seed.valueChanged.connect(self._draw_again)
        self.seed.setValue(seed)
        self._draw_again()

    def _draw_again(self) -> None:
        try:
            self.drawn = tuple(self._draw(self.seed.value()))
        except UserError as error:
            self.drawn = ()
            self._words.setText(error.sentence)
            set_tone(self._words, "error")
        else:
            layers = len({unit.layer for unit in self.drawn})
            self._words.setText(
                f"{plural(len(self.drawn), 'unit')} of {plural(layers, 'layer')}. "
                "Images appear for layers whose activations are recorded."
            )
            set_tone(self._words, "ink3")
        self.units.set_units(self.drawn)
        self.accept_button.set_enabled(bool(self.drawn), "Nothing could be drawn.")
