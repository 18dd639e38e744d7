"""Min left, max right, queries between, as on the trial screen; natural above, synthetic below."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.format import value_range
from imi_desktop.gui.widgets.labels import ElidedLabel, label
from imi_desktop.gui.workbench.exemplar_grid import ExemplarGrid, Tile
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailLoader
from imi_desktop.gui.workbench.histogram_bins import digits_of
from imi_desktop.gui.workbench.unit_exemplars import (
    ShownImage,
    UnitExemplars,
    activation_range,
    beyond_natural,
)
from imi_desktop.stimuli.pack import SIDES, Side

_TITLE = 22
_GAP = 10
_SMALLEST, _LARGEST = 118, 340
_ROOMY = 180
_TITLES = {"min": "Minimum", "max": "Maximum"}


class ExemplarBoard(QWidget):
    """Four grids and two queries, as large as there is room for."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding)
        self._wanted = 3 * _SMALLEST
        self._grids: dict[tuple[str, Side], ExemplarGrid] = {}
        self._titles: dict[tuple[str, Side], tuple[QLabel, ElidedLabel]] = {}
        self._captions: dict[tuple[str, Side], str] = {}
        self._queries: dict[Side, ExemplarGrid] = {}
        self._query_labels: dict[Side, QLabel] = {}
        self._checks: dict[Side, _Check] = {}
        for side in reversed(SIDES):
            for kind in ("natural", "synthetic"):
                name = f"{_TITLES[side]}, {kind}"
                grid = ExemplarGrid(theme, loader, name, parent=self)
                self._grids[kind, side] = grid
                title = label(_TITLES[side], "card_title", parent=self)
                range_ = ElidedLabel(kind, "caption", "ink3", parent=self)
                self._titles[kind, side] = (title, range_)
            query = ExemplarGrid(theme, loader, f"{_TITLES[side]} query", 1, 1, self)
            self._queries[side] = query
            text = label(f"{side.capitalize()} query", "caption", "ink3", parent=self)
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._query_labels[side] = text
            self._checks[side] = _Check(theme, self)
        for grid in self._all_grids():
            grid.chosen.connect(self.chosen)
            grid.opened.connect(self.opened)

    def set_crop(self, crop: float) -> None:
        """Part of a photograph's shorter side that the model sees."""
        for grid in self._all_grids():
            grid.crop = crop

    def show_exemplars(self, exemplars: UnitExemplars | None) -> None:
        """Show the natural images and visualizations of a unit; None empties the board."""
        for side in SIDES:
            references = exemplars.references[side] if exemplars else ()
            self._set(("natural", side), [Tile(image) for image in references], references)
            query = exemplars.queries.get(side) if exemplars else None
            self._queries[side].set_tiles([Tile(query)])
            self.show_synthetic(side, exemplars.synthetic[side] if exemplars else (), ())

    def show_synthetic(
        self, side: Side, images: tuple[ShownImage, ...], rest: tuple[Tile, ...]
    ) -> None:
        """Show visualizations, and after them what is being made or waits."""
        tiles = [*(Tile(image) for image in images), *rest]
        while len(tiles) < 9:
            tiles.append(Tile())
        self._set(("synthetic", side), tiles, images)

    def show_check(self, side: Side, images: tuple[ShownImage, ...], extreme: float | None) -> None:
        """Say how many visualizations reach the most extreme natural image."""
        reached, total = beyond_natural(images, side, extreme)
        self._checks[side].show_count(side, reached, total, extreme is not None)

    def mark(self, image: ShownImage | None) -> None:
        """Frame the image whose details are shown."""
        for grid in self._all_grids():
            grid.mark(image)

    def set_room(self, size: QSize) -> None:
        """Take the largest grids that fit into `size`."""
        across = (size.width() - 2 * _GAP) * 3 // 7
        down = (size.height() - 2 * _TITLE - _GAP) // 2
        side = max(_SMALLEST, min(_LARGEST, across, down))
        middle = self._middle(side)
        wanted = 2 * side + middle + 2 * _GAP
        if wanted != self._wanted:
            self._wanted = wanted
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(self._wanted, 2 * (_TITLE + _SMALLEST) + _GAP)

    def minimumSizeHint(self) -> QSize:
        middle = self._middle(_SMALLEST)
        return QSize(2 * _SMALLEST + middle + 2 * _GAP, 2 * (_TITLE + _SMALLEST) + _GAP)

    def _middle(self, side: int) -> int:
        return max(72, side // 3)

    def _arrange(self) -> None:
        # width = 2 side + max(72, side / 3) + 2 gap, solved for the side
        room = self.width() - 2 * _GAP
        side = room * 3 // 7 if room * 3 // 7 // 3 >= 72 else (room - 72) // 2
        side = max(_SMALLEST, min(side, (self.height() - 2 * _TITLE - _GAP) // 2))
        middle = self.width() - 2 * side - 2 * _GAP
        right = side + middle + 2 * _GAP
        second = _TITLE + side + _GAP
        for (kind, which), grid in self._grids.items():
            x = 0 if which == "min" else right
            y = 0 if kind == "natural" else second
            title, range_ = self._titles[kind, which]
            title.setText(_TITLES[which] if side >= _ROOMY else which.capitalize())
            caption = self._captions.get((kind, which), kind)
            if side < _ROOMY:
                caption = caption.removeprefix(f"{kind}, ")
            range_.set_text(caption)
            wide = title.sizeHint().width()
            title.setGeometry(x, y, wide, _TITLE - 2)
            range_.setGeometry(x + wide + 8, y, side - wide - 8, _TITLE - 2)
            grid.setGeometry(x, y + _TITLE, side, side)
        tile = min(middle, (side - 2 * 20 - 12) // 2)
        x = side + _GAP + (middle - tile) // 2
        top = _TITLE + (side - 2 * (tile + 20) - 12) // 2
        self._query_labels["min"].setGeometry(side, top, middle + 2 * _GAP, 18)
        self._queries["min"].setGeometry(x, top + 20, tile, tile)
        self._queries["max"].setGeometry(x, top + 20 + tile + 12, tile, tile)
        self._query_labels["max"].setGeometry(side, top + 20 + 2 * tile + 14, middle + 2 * _GAP, 18)
        half = side // 2
        for place, which in enumerate(reversed(SIDES)):
            check = self._checks[which]
            check.set_brief(side < _ROOMY)
            check.setGeometry(side + 3, second + _TITLE + place * half, middle + 2 * _GAP - 6, half)

    def _set(
        self, place: tuple[str, Side], tiles: list[Tile], images: tuple[ShownImage, ...]
    ) -> None:
        self._grids[place].set_tiles(tiles)
        known = activation_range(images)
        text = place[0] if known is None else f"{place[0]}, {value_range(*known, digits_of(known))}"
        self._captions[place] = text
        self._arrange()

    def _all_grids(self) -> list[ExemplarGrid]:
        return [*self._grids.values(), *self._queries.values()]


class _Check(QWidget):
    """Tick and words: 9 of 9 below the natural minimum."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 0, 2, 0)
        column.setSpacing(0)
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._count = label("", "caption")
        self._words = label("", "caption", "ink3")
        self._words.setWordWrap(True)
        for text in (self._count, self._words):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        for widget in (self._icon, self._count, self._words):
            column.addWidget(widget)
        column.addStretch(1)
        self._mark = ("check", "ink")
        theme.changed.connect(self._paint)
        self.hide()

    def show_count(self, side: Side, reached: int, total: int, known: bool) -> None:
        """Say `reached` of `total`; hide without visualizations."""
        self.setVisible(total > 0 and known)
        self._mark = ("check", "ink") if reached == total else ("warn", "warn")
        self._count.setText(f"{reached} of {total}")
        where = "above the natural maximum" if side == "max" else "below the natural minimum"
        self._words.setText(where)
        self.setToolTip(f"{reached} of {total} {where}")
        self._paint()

    def set_brief(self, brief: bool) -> None:
        """Leave the words to the tooltip where there is no room."""
        self._words.setVisible(not brief)

    def _paint(self) -> None:
        name, token = self._mark
        self._icon.setPixmap(self._theme.icon(name, token).pixmap(QSize(16, 16)))
