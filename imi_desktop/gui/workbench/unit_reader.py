"""Reads and summarises activations off the main thread, newest wish first."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from imi_desktop.errors import UserError
from imi_desktop.gui.workbench.histogram_bins import mini_histograms
from imi_desktop.gui.workbench.unit_activations import UnitActivations
from imi_desktop.gui.workbench.unit_summary import UnitSummary, summarize
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.image_folder import ImageFile

_LOG = logging.getLogger(__name__)

_REPORT_EVERY_S = 0.1
_WISHES_KEPT = 256
_UNITS_PER_LAYER = 16
_AT_ONCE = 64


@dataclass(frozen=True)
class UnitValues:
    """One unit's activations with the images they belong to.

    Parameters
    ----------
    activations : ndarray of float32, shape (n_images,)
    images : list of str
        Paths relative to the image folder, in the same order.
    dataset : mapping of str to ImageFile
        The image folder's index by path; empty if it has not been made.
    """

    unit: Unit
    activations: NDArray[np.float32]
    images: list[str]
    dataset: Mapping[str, ImageFile]


class _Want(Enum):
    VALUES = auto()
    SUMMARIES = auto()
    SWEEP = auto()


class UnitReader(QObject):
    """One background thread over one study's activation tables.

    Single units asked for with :meth:`values` come first, then summaries of rows on the screen
    (newest first), then a sweep over all units of the list. :meth:`restart` drops everything.
    """

    summarised = Signal(object)
    """Unit → UnitSummary, at most ten times a second."""
    values_read = Signal(object)
    """UnitValues of the unit asked for last."""
    layer_read = Signal(str, object)
    """Name of a layer and the histogram over some of its units, float32 (18,)."""
    failed = Signal(str)
    """A sentence; the activations could not be read."""
    _finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._source: UnitActivations | None = None
        self._generation = 0
        self._unit: Unit | None = None
        self._wishes: dict[Unit, None] = {}
        self._sweep: list[Unit] = []
        self._layers: list[tuple[str, str]] = []
        self._busy = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._finished.connect(self._start, Qt.ConnectionType.QueuedConnection)

    def restart(self, source: UnitActivations | None) -> None:
        """Read from another study (or from tables that were recorded anew); old work is dropped."""
        with self._lock:
            self._generation += 1
            self._source = source
            self._unit = None
            self._wishes.clear()
            self._sweep.clear()
            self._layers.clear()

    def values(self, unit: Unit) -> None:
        """Ask for one unit's activations; an earlier unit not yet read is forgotten."""
        with self._lock:
            self._unit = unit
        self._start()

    def summary(self, unit: Unit) -> None:
        """Ask for the summary of a unit that is on the screen."""
        with self._lock:
            self._wishes.pop(unit, None)
            self._wishes[unit] = None
            while len(self._wishes) > _WISHES_KEPT:
                del self._wishes[next(iter(self._wishes))]
        self._start()

    def sweep(self, units: Iterable[Unit]) -> None:
        """Summarise all of `units` when nothing else is to do; replaces an earlier sweep."""
        with self._lock:
            self._sweep = list(units)[::-1]
        self._start()

    def layers(self, model: str, names: Iterable[str]) -> None:
        """Ask for the histograms of layers, read when nothing else is to do."""
        with self._lock:
            self._layers = [(model, name) for name in names][::-1]
        self._start()

    def forget(self) -> None:
        """Drop all summaries asked for: another list is shown."""
        with self._lock:
            self._wishes.clear()
            self._sweep.clear()

    def stop(self) -> None:
        """Drop everything and wait for the thread."""
        self.restart(None)
        self._pool.waitForDone()

    def _start(self) -> None:
        with self._lock:
            idle = not (self._unit or self._wishes or self._sweep or self._layers)
            if self._busy or idle or self._source is None:
                return
            self._busy = True
        self._pool.start(_Read(self))

    def _next(self) -> tuple[int, UnitActivations | None, list[Unit], _Want]:
        """Generation, tables, units of one layer, and what is wanted of them."""
        with self._lock:
            if self._unit is not None:
                unit, self._unit = self._unit, None
                return self._generation, self._source, [unit], _Want.VALUES
            units: list[Unit] = []
            want = _Want.SUMMARIES
            if self._wishes:
                units = _same_layer(list(self._wishes)[::-1])
                for unit in units:
                    del self._wishes[unit]
            elif self._sweep:
                units = _same_layer(self._sweep[: -_AT_ONCE - 1 : -1])
                del self._sweep[-len(units) :]
                want = _Want.SWEEP
            return self._generation, self._source, units, want

    def _read_layer(self, source: UnitActivations, generation: int) -> bool:
        """Read one layer's histogram; False if none is wanted."""
        with self._lock:
            if not self._layers:
                return False
            model, layer = self._layers.pop()
        try:
            heights = mini_histograms(source.some_units(model, layer, _UNITS_PER_LAYER)[:, None])[0]
        except UserError as error:
            _LOG.info("%s", error.sentence)
            return True
        if self._holds(generation):
            self.layer_read.emit(layer, heights)
        return True

    def _holds(self, generation: int) -> bool:
        with self._lock:
            return generation == self._generation

    def _drop_layer(self, model: str, layer: str) -> None:
        with self._lock:
            for unit in [u for u in self._wishes if (u.model, u.layer) == (model, layer)]:
                del self._wishes[unit]
            self._sweep = [u for u in self._sweep if (u.model, u.layer) != (model, layer)]

    def _work(self) -> None:
        """The thread's side: read until nothing is wanted."""
        found: dict[Unit, UnitSummary] = {}
        generation, reported = -1, 0.0
        while True:
            before = generation
            generation, source, units, want = self._next()
            if generation != before:
                found = {}
            if source is None:
                break
            if not units:
                self._tell(found, generation)
                found = {}
                if not self._read_layer(source, generation):
                    break
                continue
            read = self._read(source, units, generation, want)
            if self._holds(generation):
                found.update(read)
                if time.monotonic() - reported > _REPORT_EVERY_S:
                    self._tell(found, generation)
                    found, reported = {}, time.monotonic()
        with self._lock:
            self._busy = False
        self._finished.emit()

    def _read(
        self, source: UnitActivations, units: list[Unit], generation: int, want: _Want
    ) -> dict[Unit, UnitSummary]:
        """Summaries of units of one layer; the values of one are announced instead."""
        model, layer = units[0].model, units[0].layer
        try:
            if not source.recorded(model, layer):
                self._drop_layer(model, layer)
                return {}
            channels = [unit.channel for unit in units]
            values = source.units(model, layer, channels, more_to_come=want is _Want.SWEEP)
            images = source.images(model, layer)
            if want is _Want.VALUES:
                column = np.ascontiguousarray(values[:, 0])
                read = UnitValues(units[0], column, images, source.dataset())
                if self._holds(generation):
                    self.values_read.emit(read)
                return {}
        except UserError as error:
            _LOG.info("%s", error.sentence)
            self._drop_layer(model, layer)
            self.failed.emit(error.sentence)
            return {}
        return dict(zip(units, summarize(values, images), strict=True))

    def _tell(self, found: dict[Unit, UnitSummary], generation: int) -> None:
        if found and self._holds(generation):
            self.summarised.emit(found)


def _same_layer(units: list[Unit]) -> list[Unit]:
    """Units at the head of the list that are of one layer, not too many."""
    layer = (units[0].model, units[0].layer)
    return list(itertools.takewhile(lambda u: (u.model, u.layer) == layer, units[:_AT_ONCE]))


class _Read(QRunnable):
    def __init__(self, reader: UnitReader) -> None:
        super().__init__()
        self._reader = reader

    def run(self) -> None:
        self._reader._work()
