"""Dialogs with units that are shown, with their strongest images, before they count."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.unit_delegates import UnitRowDelegate
from imi_desktop.gui.workbench.unit_faces import UnitFaces
from imi_desktop.gui.workbench.unit_list_model import UnitListModel
from imi_desktop.gui.workbench.unit_reader import UnitReader


class UnitsOffer(QObject):
    """Opens dialogs with offered units, one at a time, and fills in what is known of the units.

    Attributes
    ----------
    page : QWidget
        Parent of the dialogs.
    faces : UnitFaces or None
        Where the units' images lie.
    shown : UnitsDialog or None
        The dialog that is open.
    """

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, reader: UnitReader, page: QWidget
    ) -> None:
        super().__init__(page)
        self.theme = theme
        self.loader = loader
        self.page = page
        self.faces: UnitFaces | None = None
        self.shown: UnitsDialog | None = None
        self._reader = reader

    def open(self, dialog: UnitsDialog, take: Callable[[], object]) -> None:
        """Show a dialog; call `take` if its units are accepted."""
        dialog.units.wanted.connect(self._reader.summary)
        self._reader.summarised.connect(dialog.units.add_summaries)
        dialog.accepted.connect(take)
        dialog.finished.connect(lambda _: self._closed(dialog))
        dialog.setModal(True)
        self.shown = dialog
        dialog.open()

    def _closed(self, dialog: UnitsDialog) -> None:
        self.shown = None
        dialog.deleteLater()


class UnitsDialog(Dialog):
    """Lists the units of a model, one row each; accepting takes all of them.

    Parameters
    ----------
    name : str
        Of the list, for screen readers.
    """

    def __init__(
        self, offer: UnitsOffer, title: str, subtitle: str, units: UnitListModel, name: str
    ) -> None:
        super().__init__(offer.theme, title, subtitle, offer.page)
        self.units = units
        units.setParent(self)
        self.view = QListView()
        self.view.setModel(units)
        self.view.setUniformItemSizes(True)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setAccessibleName(name)
        delegate = UnitRowDelegate(offer.theme, offer.loader, self)
        delegate.faces = offer.faces
        self.view.setItemDelegate(delegate)
        offer.loader.ready.connect(self.view.viewport().update)
        self.add_cancel()
        self.accept_button = self.add_primary("Take these units")
        self.accept_button.clicked.connect(self.accept)
