"""Shows the units that would take the places of dead and of stand-in units before they do."""

from __future__ import annotations

from imi_desktop.gui.widgets.labels import label
from imi_desktop.gui.workbench.unit_list_model import UnitListModel
from imi_desktop.gui.workbench.units_offer import UnitsDialog, UnitsOffer
from imi_desktop.gui.workbench.units_pick import Proposal
from imi_desktop.models.unit import Unit


class ProposedUnits(UnitListModel):
    """New units, each with the reason why it is proposed."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self._reasons = proposal.reasons
        self.set_units(self._reasons)

    def label(self, unit: Unit) -> str:
        """Address and reason."""
        return f"{unit.address}  {self._reasons[unit]}"


class PickDialog(UnitsDialog):
    """The proposed units with their strongest images; accepting takes all of them."""

    def __init__(self, offer: UnitsOffer, proposal: Proposal) -> None:
        words = []
        if proposal.replaced:
            words.append(
                "Other channels of the same layers, drawn by the study's seed, replace units that "
                "respond to every image alike."
            )
        if proposal.chosen:
            words.append(
                "Practice and catch units become those whose strongest and weakest images lie "
                "furthest apart, in standard deviations (SD) over the folder. Look whether people "
                "would find them obvious."
            )
        units = ProposedUnits(proposal)
        super().__init__(offer, "Exchange units", " ".join(words), units, "Proposed units")
        self.proposal = proposal
        self.view.setMinimumSize(680, 240)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(
            label("Images already made of exchanged units stay, unused.", "caption", "ink3")
        )
        self.resize(780, 540)
