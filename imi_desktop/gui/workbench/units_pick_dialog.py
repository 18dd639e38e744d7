"""Shows the units that would take the places of dead and of stand-in units before they do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import label
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.unit_delegates import UnitRowDelegate
from imi_desktop.gui.workbench.unit_faces import UnitFaces
from imi_desktop.gui.workbench.unit_list_model import UnitListModel
from imi_desktop.gui.workbench.units_pick import Proposal
from imi_desktop.models.unit import Unit


class ProposedUnits(UnitListModel):
    """New units, each with the reason why it is proposed."""

    def __init__(self, proposal: Proposal, parent: QWidget) -> None:
        super().__init__(parent)
        self._reasons = proposal.reasons
        self.set_units(self._reasons)

    def label(self, unit: Unit) -> str:
        """Address and reason."""
        return f"{unit.address}  {self._reasons[unit]}"


class PickDialog(Dialog):
    """The proposed units with their strongest images; accepting takes all of them."""

    def __init__(
        self,
        theme: Theme,
        loader: ThumbnailLoader,
        faces: UnitFaces | None,
        proposal: Proposal,
        parent: QWidget | None = None,
    ) -> None:
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
        super().__init__(theme, "Exchange units", " ".join(words), parent)
        self.proposal = proposal
        self.units = ProposedUnits(proposal, self)
        self.view = QListView()
        self.view.setModel(self.units)
        self.view.setUniformItemSizes(True)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setAccessibleName("Proposed units")
        delegate = UnitRowDelegate(theme, loader, self)
        delegate.faces = faces
        self.view.setItemDelegate(delegate)
        self.view.setMinimumSize(680, 240)
        loader.ready.connect(self.view.viewport().update)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(
            label("Images already made of exchanged units stay, unused.", "caption", "ink3")
        )
        self.add_cancel()
        self.accept_button = self.add_primary("Take these units")
        self.accept_button.clicked.connect(self.accept)
        self.resize(780, 540)
