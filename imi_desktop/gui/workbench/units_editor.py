"""What the Units page does to the study: add, remove, exchange, draw, import."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from imi_desktop.errors import UserError, storage_error
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.dialog import ask
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.workbench import units_study
from imi_desktop.gui.workbench.units_draw_dialog import DrawDialog
from imi_desktop.gui.workbench.units_inspector import UnitInspector
from imi_desktop.gui.workbench.units_offer import UnitsOffer
from imi_desktop.models.unit import Layer, Unit


class UnitsEditor(QObject):
    """Changes go through the study, are written at once, and are refused when it is locked."""

    def __init__(
        self,
        context: AppContext,
        inspector: UnitInspector,
        offer: UnitsOffer,
    ) -> None:
        super().__init__(offer.page)
        self._context = context
        self._inspector = inspector
        self._offer = offer
        self._page = offer.page
        self._model = ""
        self._layers: tuple[Layer, ...] = ()

    def set_layers(self, model: str, layers: tuple[Layer, ...]) -> None:
        """Work on another model."""
        self._model, self._layers = model, layers

    def toggle(self) -> None:
        """Add the unit shown to the study, or remove it."""
        study, unit = self._context.study, self._inspector.unit
        if study is None or unit is None:
            return
        try:
            if units_study.entry_of(study, unit) is not None:
                changed = units_study.remove_unit(study, unit)
            else:
                selection = self._inspector.panel.selection
                changed = units_study.add_units(study, [unit], selection, self._branches)
        except units_study.UnitsFixedError as error:
            self._offer_exchange(study, unit, error.sentence)
        except UserError as error:
            self._context.show_error(error.sentence)
        else:
            self._context.save_study(changed)

    def draw(self, n: int, seed: int) -> None:
        """Draw units, show them, and take them if they are accepted."""
        study = self._context.study
        if study is None or not self._layers:
            return
        number = units_study.unit_count(study)
        full = number.fixed and number.chosen >= number.wanted
        n = sum(map(units_study.is_random_main, study.units)) if full else n
        if full:
            verb = "It takes" if n == 1 else "They take"
            consequence = f"{verb} the place of the {plural(n, 'random unit')} of the study."
        else:
            consequence = f"{'It is' if n == 1 else 'They are'} added to the study."
        dialog = DrawDialog(
            self._offer,
            lambda s: units_study.draw_units(study, self._model, self._layers, n, s),
            n,
            seed,
            consequence,
        )
        self._offer.open(dialog, lambda: self._take(study, dialog.drawn, full))

    def ask_for_list(self) -> None:
        """Ask for a file with units and add them."""
        name, _ = QFileDialog.getOpenFileName(
            self._page, "Import a list of units", "", "*.txt *.csv"
        )
        if name:
            self.import_units(Path(name))

    def import_units(self, path: Path) -> None:
        """Add the units of a text file, one address per line, as hand-picked."""
        study = self._context.study
        if study is None:
            return
        try:
            units = units_study.parse_unit_list(_text_of(path), self._model, self._layers)
            fresh = [unit for unit in units if units_study.entry_of(study, unit) is None]
            changed = units_study.add_units(study, fresh, "hand_picked", self._branches)
        except UserError as error:
            self._context.show_error(error.sentence)
            return
        self._context.save_study(changed)
        self._context.tell(f"{plural(len(fresh), 'unit')} added")

    @property
    def _branches(self) -> dict[str, str | None]:
        return {layer.name: layer.branch for layer in self._layers}

    def _offer_exchange(self, study: Study, unit: Unit, sentence: str) -> None:
        """Every place is taken: offer the random unit of the same layer (or the first one)."""
        random = [entry.unit for entry in study.units if units_study.is_random_main(entry)]
        if units_study.entry_of(study, unit) is not None or not random:
            self._context.show_error(sentence)
            return
        old = next((u for u in random if u.layer == unit.layer), random[0])
        text = f"{sentence} Put {unit.address} in the place of {old.address}?"
        if ask(self._context.theme, self._page, "All units are chosen", text, "Exchange"):
            selection = self._inspector.panel.selection
            self._context.save_study(
                units_study.exchange_unit(study, old, unit, selection, self._branches)
            )

    def _take(self, study: Study, drawn: Sequence[Unit], full: bool) -> None:
        try:
            if full:
                changed = units_study.redraw_units(study, drawn, self._branches)
            else:
                changed = units_study.add_units(study, drawn, "random", self._branches)
        except UserError as error:
            self._context.show_error(error.sentence)
            return
        self._context.save_study(changed)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise storage_error("read", path, error) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a text file in UTF-8. Save it as such.") from error
