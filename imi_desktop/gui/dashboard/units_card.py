"""Units ranked by accuracy: thumbnails, address, a dot per condition from 0 to 1, numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from imi_desktop.analysis.figure_data import CHANCE, UnitScore, level_rank, unit_rows, wilson
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.chart import Chart
from imi_desktop.gui.dashboard.fitted_table import FittedTable
from imi_desktop.gui.dashboard.plot_card import table_text
from imi_desktop.gui.dashboard.row_model import ROW_ROLE, Field, RowModel
from imi_desktop.gui.dashboard.unit_images import SIDE, UnitImages
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import interval, number
from imi_desktop.gui.widgets.table import THUMBNAIL_ROW

_SHORT = {"natural": "Nat.", "synthetic": "Syn.", "mixed": "Mix.", "blurred": "Blur.",
          "none": "None"}  # fmt: skip
_LEAST_DOTS = 180
"""Room for name and dots below which many conditions are shown as numbers only, px."""
_BRANCH = {"1x1": "1×1", "3x3": "3×3", "5x5": "5×5"}
Index = QModelIndex | QPersistentModelIndex


class UnitsCard(Card):
    """Table of units; a click shows a unit's trials."""

    picked = Signal(object)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "Units", parent=parent)
        self._context = context
        self._units: tuple[UnitScore, ...] = ()
        self._conditions: tuple[str, ...] = ()
        self._images = UnitImages(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.flush_body()
        self._model = RowModel((), self)
        self.table = FittedTable(context.theme, self._fit, THUMBNAIL_ROW)
        self.table.setModel(self._model)
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.clicked.connect(self._clicked)
        self.table.opened.connect(self._clicked)
        self._dots = _DotsDelegate(self)
        self._pictures = _PicturesDelegate(self, self._images)
        self.body.addWidget(self.table)
        self._images.ready.connect(self.table.viewport().update)
        self.menu_action("Copy table", self._copy)

    def set_study_folder(self, folder: Path | None) -> None:
        """Take images from another study."""
        self._images.set_study_folder(folder)

    def show_units(self, units: tuple[UnitScore, ...], conditions: tuple[str, ...]) -> None:
        """Show other units."""
        shown = tuple(c for c in conditions if c != "none") or conditions
        same = shown == self._conditions and bool(self._units)
        self._units, self._conditions = units, shown
        several = len({unit.model for unit in units}) > 1

        def named(unit: UnitScore) -> str:
            return f"{unit_name(unit)} {unit.model}" if several else unit_name(unit)

        with_images = self._images.any_of(units)
        fields = [
            Field("Max", lambda _u: ""),
            Field("Unit", named, value=named, tip=named),
            Field("0 – 0.5 – 1", lambda _u: "", centred=True),
            *(_score_field(condition) for condition in shown),
        ]
        header = self.table.horizontalHeader()
        sorting = (header.sortIndicatorSection(), header.sortIndicatorOrder())
        self._model.set_fields(fields, units)
        self._dots.conditions = shown
        self.table.setItemDelegateForColumn(0, self._pictures)
        self.table.setItemDelegateForColumn(2, self._dots)
        self.table.setColumnHidden(0, not with_images)
        self.table.refit()
        column = 3 + (shown.index("synthetic") if "synthetic" in shown else 0)
        if not same or sorting[0] < 0:
            sorting = (column, Qt.SortOrder.AscendingOrder)
        self.table.sortByColumn(*sorting)
        by = shown[column - 3] if shown else ""
        self.set_caption(
            f"{len(units)}, by {by} accuracy" if sorting[0] == column else f"{len(units)}"
        )
        answers = sorted({n for unit in units for c, n in unit.answers.items() if c in shown})
        each = "" if not answers else f"{answers[0]}" if len(answers) == 1 else (
            f"{answers[0]} to {answers[-1]}")  # fmt: skip
        self.set_foot(f"{each} answers per point. Dotted: chance." if each else "")

    def select_unit(self, layer: str, channel: int, model: str | None = None) -> None:
        """Select a unit's row; without a network the first that fits."""
        for row in range(self._model.rowCount()):
            unit = self._model.index(row, 0).data(ROW_ROLE)
            here = (unit.layer, unit.channel) == (layer, channel)
            if here and model in {None, unit.model}:
                self.table.selectRow(row)
                return

    def _fit(self, room: int) -> None:
        if not self._model.fields:
            return
        many = len(self._conditions) > 2
        scores = 51 if many else 54
        pictures = 0 if self.table.isColumnHidden(0) else 2 * SIDE + 14
        room -= pictures + scores * len(self._conditions)
        self.table.setColumnHidden(2, many and room < _LEAST_DOTS)
        if self.table.isColumnHidden(2):
            room, name = 60, max(60, room)
        else:
            name = max(110, round(room * 0.55))
        for column, width in enumerate((pictures, name, max(60, room - name))):
            self.table.setColumnWidth(column, width)
        for column in range(3, len(self._model.fields)):
            self.table.setColumnWidth(column, scores)

    def _clicked(self, index: QModelIndex) -> None:
        unit = index.data(ROW_ROLE)
        wanted = {"layer": unit.layer, "channel": unit.channel}
        several = len({one.model for one in self._units}) > 1
        self.picked.emit(wanted | ({"model": unit.model} if several else {}))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(table_text(unit_rows(self._units), "\t"))


def unit_name(unit: UnitScore) -> str:
    """``mixed4d 5×5 451``, or ``blocks.3.1:17`` where there is no branch."""
    if unit.branch:
        return f"{unit.layer} {_BRANCH.get(unit.branch, unit.branch)} {unit.channel}"
    return f"{unit.layer}:{unit.channel}"


def _answers(unit: UnitScore, condition: str) -> str:
    """``13 answers, 95 % interval [0.54, 0.95]``."""
    n = unit.answers.get(condition, 0)
    if not n:
        return "0 answers"
    low, high = wilson(np.array([unit.scores[condition] * n]), np.array([n]))
    return f"{n} answers, 95 % interval {interval(float(low[0]), float(high[0]))}"


def _score_field(condition: str) -> Field:
    return Field(
        _SHORT.get(condition, condition.capitalize()),
        lambda unit: number(unit.scores.get(condition), 2),
        value=lambda unit: unit.scores.get(condition),
        number=True,
        tip=lambda unit: _answers(unit, condition),
    )


class _PicturesDelegate(QStyledItemDelegate):
    """Thumbnails side by side on the well."""

    def __init__(self, parent: UnitsCard, images: UnitImages) -> None:
        super().__init__(parent)
        self._theme = parent.theme
        self._images = images

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        top = option.rect.top() + (option.rect.height() - SIDE) // 2
        for place, picture in enumerate(self._images.of(index.data(ROW_ROLE))):
            spot = QRect(option.rect.left() + 6 + place * (SIDE + 2), top, SIDE, SIDE)
            painter.fillRect(spot, self._theme.colour("well"))
            if picture is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawPixmap(spot, picture)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(2 * SIDE + 14, THUMBNAIL_ROW)


class _DotsDelegate(QStyledItemDelegate):
    """A dot per condition on a line from 0 to 1, joined; chance dotted."""

    def __init__(self, parent: UnitsCard) -> None:
        super().__init__(parent)
        self._theme = parent.theme
        self._ink = Chart(parent.theme, "marker", parent)
        self._ink.hide()
        self.conditions: tuple[str, ...] = ()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        unit: UnitScore = index.data(ROW_ROLE)
        place = option.rect.adjusted(10, 0, -10, 0)
        y = place.center().y() + 0.5
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        track = self._theme.colour("line" if not selected else "control_line")
        left, width = place.left(), place.width()
        self._ink.line(painter, QPointF(left, y), QPointF(left + width, y), track)
        chance = left + CHANCE * width
        self._ink.line(
            painter, QPointF(chance, y - 8), QPointF(chance, y + 8), self._theme.colour("ink3"),
            dashed=True,
        )  # fmt: skip
        spots = {c: left + unit.scores[c] * width for c in self.conditions if c in unit.scores}
        if len(spots) > 1:
            ends = (min(spots.values()), max(spots.values()))
            ink = self._theme.colour("ink2")
            self._ink.line(painter, QPointF(ends[0], y), QPointF(ends[1], y), ink, 1.2)
        for condition in sorted(spots, key=lambda c: level_rank("condition", c), reverse=True):
            self._ink.marker(painter, condition, QPointF(spots[condition], y), 8)
        painter.restore()
