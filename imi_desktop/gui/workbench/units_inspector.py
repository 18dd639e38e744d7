"""Fills the panel of one unit: reads, arranges and previews, and forgets when one moves on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.format import count
from imi_desktop.gui.workbench import units_study
from imi_desktop.gui.workbench.exemplar_details import full_size
from imi_desktop.gui.workbench.exemplar_grid import Tile
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.histogram_bins import ActivationHistogram, activation_histogram
from imi_desktop.gui.workbench.histogram_plot import HistogramMarks, Mark
from imi_desktop.gui.workbench.unit_exemplars import ShownImage, UnitExemplars, exemplars_of
from imi_desktop.gui.workbench.unit_panel import UnitPanel
from imi_desktop.gui.workbench.unit_preview import PreviewState, UnitPreview
from imi_desktop.gui.workbench.unit_reader import UnitReader, UnitValues
from imi_desktop.models.unit import Layer, Unit
from imi_desktop.stimuli.image_folder import ImageFile
from imi_desktop.stimuli.manifest import Manifest
from imi_desktop.stimuli.pack import SIDES, Side


@dataclass(frozen=True)
class _Look:
    """Everything computed off the main thread for one unit and batch."""

    exemplars: UnitExemplars
    histogram: ActivationHistogram | None
    extremes: dict[Side, float]


class UnitInspector(QObject):
    """Keeps the panel true to the unit chosen."""

    def __init__(
        self,
        context: AppContext,
        loader: ThumbnailLoader,
        reader: UnitReader,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._loader = loader
        self._reader = reader
        self._study: Study | None = None
        self._manifest = Manifest()
        self._layer: Layer | None = None
        self._values: UnitValues | None = None
        self._look: _Look | None = None
        self.unit: Unit | None = None
        self.panel = UnitPanel(context.theme, loader)
        self.preview = UnitPreview(context.jobs, self)
        self.preview.advanced.connect(self._preview_advanced)
        self.preview.ended.connect(self._preview_ended)
        reader.values_read.connect(self._values_came)
        self.panel.batch_chosen.connect(lambda _: self._arrange())
        self.panel.board.chosen.connect(self._choose_image)
        self.panel.board.opened.connect(self._open_image)
        self.panel.details.full_size_wanted.connect(self._open_image)
        self.panel.trace.visualize_wanted.connect(self.visualize)
        self.panel.trace.pause_wanted.connect(self.preview.toggle_pause)
        self.panel.trace.cancel_wanted.connect(self.preview.cancel)

    @property
    def shown(self) -> UnitExemplars | None:
        """Images of the unit as they are shown, once they are worked out."""
        return self._look.exemplars if self._look is not None and self._values else None

    def set_study(self, study: Study | None) -> None:
        """Another study, or the same one reread."""
        if self._study is not None and (study is None or study.folder != self._study.folder):
            self.show_unit(None, None)
        self._study = study
        self._values = None
        if study is None:
            self._manifest = Manifest()
            return
        self.panel.set_batches(study.stimuli.natural.batches)
        in_thread(self, lambda: Manifest.read(study.folder), self._manifest_came, self._no_manifest)
        self._show_membership()

    def set_preprocessing(self, resize: int, crop: int) -> None:
        """What the model makes of a photograph."""
        self.panel.board.set_crop(crop / resize)
        self.panel.details.set_crop(resize, crop)

    def show_unit(self, unit: Unit | None, layer: Layer | None) -> None:
        """Go to another unit; what was under way for the old one is dropped."""
        if unit == self.unit and self._values is not None:
            self._show_membership()
            return
        if unit != self.unit:
            self.preview.cancel()
            self._loader.forget()
            self.panel.trace.plot.clear()
            self.panel.details.show_image(None)
            self.panel.board.mark(None)
            self.panel.board.show_exemplars(None)
            self.panel.histogram.set_histogram(None)
            self._look = None
        self.unit, self._layer = unit, layer
        self._values = None
        self.panel.show_unit(unit, layer)
        if unit is not None:
            self._show_membership()
            self._show_idle()
            self._reader.values(unit)

    def visualize(self) -> None:
        """Make a preview of the unit shown."""
        if self._study is not None and self.unit is not None:
            self.panel.trace.plot.clear()
            self.panel.trace.show_waiting()
            self.panel.show_trace()
            device = self._context.settings.values.device
            self.preview.start(self._study, self.unit, device)

    def toggle_preview(self) -> None:
        """Make a preview of the unit shown, or cancel the one that is being made."""
        if self.preview.unit is not None:
            self.preview.cancel()
        else:
            self.visualize()

    def stop(self) -> None:
        """Cancel the preview; for closing."""
        self.preview.cancel()

    def _show_membership(self) -> None:
        if self._study is None or self.unit is None:
            return
        entry = units_study.entry_of(self._study, self.unit)
        reason = ""
        if units_study.locked(self._study.folder):
            reason = "The study is locked since its first participant started."
        elif entry is not None and entry.role != units_study.MAIN:
            reason = f"This is the protocol's {entry.role} unit; such units are fixed."
        self.panel.set_in_study(entry.selection if entry else None, reason)

    def _manifest_came(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._arrange()

    def _no_manifest(self, error: UserError) -> None:
        self._context.show_error(error.sentence)

    def _values_came(self, values: UnitValues) -> None:
        if values.unit == self.unit:
            self._values = values
            self._arrange()

    def _arrange(self) -> None:
        """Work out the images of the unit and batch off the main thread."""
        study, unit, values = self._study, self.unit, self._values
        if study is None or unit is None:
            return
        batch, manifest = self.panel.batch, self._manifest
        in_thread(
            self,
            lambda: _look_at(study, manifest, unit, batch, values),
            self._show_look,
            lambda error: self._context.show_error(error.sentence),
        )

    def _show_look(self, look: _Look) -> None:
        exemplars = look.exemplars
        if exemplars.unit != self.unit or exemplars.batch != self.panel.batch:
            return
        self._look = look
        board = self.panel.board
        board.show_exemplars(exemplars)
        for side in SIDES:
            board.show_check(side, exemplars.synthetic[side], look.extremes.get(side))
        self.panel.histogram.set_histogram(look.histogram)
        self._show_marks(None)
        self.panel.set_histogram_caption(self._caption(look))
        if self.preview.unit is None:
            self._show_idle()
        if self.panel.details.image is None and exemplars.references["max"]:
            self._choose_image(exemplars.references["max"][-1], to_front=False)

    def _caption(self, look: _Look) -> str:
        if look.exemplars.problem:
            return look.exemplars.problem
        if look.histogram is None:
            return "reading…" if self._values is None else "not recorded"
        what = "spatial mean" if self._layer is None or self._layer.kind != "linear" else "output"
        return f"{what}, n = {count(look.histogram.n)} images"

    def _show_marks(self, optimising: float | None) -> None:
        if self._look is None:
            return
        exemplars = self._look.exemplars
        references = [i for side in SIDES for i in exemplars.references[side]]
        queries = list(exemplars.queries.values())
        self.panel.histogram.set_marks(
            HistogramMarks(
                references=_marks(references),
                queries=_marks(queries),
                synthetic=_marks([i for s in SIDES for i in exemplars.synthetic[s]]),
                optimising=optimising,
            )
        )

    def _show_idle(self) -> None:
        made = self._look is not None and any(self._look.exemplars.synthetic.values())
        words = "The study's own visualizations are shown." if made else "None made yet."
        self.panel.trace.show_idle(words)

    def _choose_image(self, image: ShownImage, to_front: bool = True) -> None:
        self.panel.board.mark(image)
        self.panel.details.show_image(image)
        if to_front:
            self.panel.show_details()

    def _open_image(self, image: ShownImage) -> None:
        full_size(Path(image.path), self._context.theme, self.panel).show()

    def _preview_advanced(self, state: PreviewState) -> None:
        extremes = self._look.extremes if self._look is not None else {}
        if not state.verified:
            self.panel.trace.plot.set_targets(extremes, state.steps)
            self.panel.trace.show_state(state, self.preview.paused)
            self._show_marks(state.activation)
        if state.image is None or self._look is None:
            return
        try:
            version = state.image.stat().st_mtime_ns
        except FileNotFoundError:
            return  # replaced at this very moment; the next state brings it
        shown = ShownImage(
            state.name,
            "synthetic",
            state.side,
            0,
            state.image,
            photograph=False,
            activation=float("nan") if state.activation is None else state.activation,
        )
        made = self._look.exemplars.synthetic[state.side]
        fraction = None if state.verified else state.fraction
        self.panel.board.show_synthetic(
            state.side, made[:8], (Tile(shown, fraction=fraction, version=version),)
        )

    def _preview_ended(self, sentence: str) -> None:
        self._show_idle()
        if sentence:
            self.panel.trace.show_idle(sentence)
        self._show_marks(None)


def _look_at(
    study: Study, manifest: Manifest, unit: Unit, batch: int, values: UnitValues | None
) -> _Look:
    activations: NDArray[np.float32] | None = None
    images: list[str] = []
    dataset: Mapping[str, ImageFile] = {}
    histogram = None
    extremes: dict[Side, float] = {}
    if values is not None and values.unit == unit:
        activations, images, dataset = values.activations, values.images, values.dataset
        histogram = activation_histogram(activations)
        if activations.size and np.isfinite(activations).any():
            extremes = {
                "max": float(np.nanmax(activations)),
                "min": float(np.nanmin(activations)),
            }
    exemplars = exemplars_of(study, manifest, unit, batch, activations, images, dataset)
    return _Look(exemplars, histogram, extremes)


def _marks(images: list[ShownImage]) -> tuple[Mark, ...]:
    return tuple(
        Mark(image.activation, image.percentile, image.side)
        for image in images
        if np.isfinite(image.activation)
    )
