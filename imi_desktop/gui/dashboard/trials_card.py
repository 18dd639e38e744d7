"""All trials, sortable; what was clicked elsewhere on the page narrows them down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from imi_desktop import atomic
from imi_desktop.errors import UserError
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.fitted_table import FittedTable
from imi_desktop.gui.widgets.buttons import quiet
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import MISSING, count, number
from imi_desktop.gui.widgets.table import NUMBER

if TYPE_CHECKING:
    import pandas as pd

Show = Callable[[Any], str]


def _plain(value: Any) -> str:
    return str(value).replace("_", " ")


def _right(value: Any) -> str:
    return "right" if value else "wrong"


def _yes(value: Any) -> str:
    return "yes" if value else "no"


def _seconds(value: Any) -> str:
    return f"{number(float(value) / 1000)} s"


_COLUMNS: tuple[tuple[str, str, Show, int], ...] = (
    ("study", "Study", str, 110),
    ("participant", "Participant", str, 80),
    ("session", "Session", str, 146),
    ("phase", "Phase", _plain, 64),
    ("block", "Block", str, 50),
    ("trial", "Trial", str, 46),
    ("attempt", "Attempt", str, 62),
    ("condition", "Condition", _plain, 78),
    ("scheme", "Scheme", _plain, 80),
    ("model", "Model", str, 120),
    ("layer", "Layer", str, 90),
    ("branch", "Branch", _plain, 62),
    ("channel", "Channel", str, 64),
    ("image_set", "Images", _plain, 62),
    ("catch", "Catch", _yes, 52),
    ("target_position", "Target", _plain, 62),
    ("chosen_position", "Chosen", _plain, 62),
    ("correct", "Answer", _right, 62),
    ("confidence", "Confidence", str, 88),
    ("rating", "Rating", lambda value: number(float(value), 0), 62),
    ("reaction_time_ms", "Time", _seconds, 68),
    ("included", "Included", _yes, 66),
    ("exclusion_reasons", "Why excluded", _plain, 160),
)
_HIDDEN_IF_ALONE = ("study", "session", "attempt", "scheme", "model", "branch", "rating",
                    "included", "exclusion_reasons")  # fmt: skip
_NUMBERS = {"block", "trial", "attempt", "channel", "confidence", "rating", "reaction_time_ms"}


class TrialsModel(QAbstractTableModel):
    """Rows of a trial table; only cells that are seen are read, and sorting moves no rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trials: pd.DataFrame | None = None
        self._columns: list[Any] = []
        self._order: Sequence[int] = ()

    def set_trials(self, trials: pd.DataFrame) -> None:
        """Show other trials."""
        self.beginResetModel()
        self._trials = trials
        self._columns = [trials[name].array for name, *_ in _COLUMNS]
        self._order = range(len(trials))
        self.endResetModel()

    def trial_at(self, row: int) -> dict[str, Any]:
        """Every column of one row; missing is None."""
        place = self._order[row]
        return {
            name: _known(values[place])
            for (name, *_), values in zip(_COLUMNS, self._columns, strict=True)
        }

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Number of trials."""
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Number of columns."""
        return 0 if parent is not None and parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][1]
        if role == Qt.ItemDataRole.TextAlignmentRole and _COLUMNS[section][0] in _NUMBERS:
            return NUMBER
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell."""
        name, _, show, _ = _COLUMNS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and name in _NUMBERS:
            return NUMBER
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        value = _known(self._columns[index.column()][self._order[index.row()]])
        return MISSING if value is None else show(value)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, missing values last in either direction; −1 restores the order."""
        self.beginResetModel()
        self._order = range(len(self._order))
        if self._trials is not None and 0 <= column < len(_COLUMNS):
            values = self._trials[_COLUMNS[column][0]].reset_index(drop=True)
            ascending = order is Qt.SortOrder.AscendingOrder
            self._order = (
                _sortable(values)
                .sort_values(ascending=ascending, kind="stable", na_position="last")
                .index.to_numpy()
                .tolist()
            )
        self.endResetModel()


class TrialsCard(Card):
    """The trial table of the page."""

    opened = Signal(dict)
    """A trial to be shown as it was seen."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "Trials", parent=parent)
        self._context = context
        self._all: pd.DataFrame | None = None
        self._selected: pd.DataFrame | None = None
        self._shown: pd.DataFrame | None = None
        self._wanted: dict[str, Any] = {}
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.flush_body()
        self._everything = quiet("Show all trials", size="small")
        self._everything.clicked.connect(lambda: self.narrow({}))
        self.add_head(self._everything)
        self._model = TrialsModel(self)
        self.table = FittedTable(context.theme, self._fit)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.table.setModel(self._model)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.opened.connect(lambda index: self.opened.emit(self._model.trial_at(index.row())))
        self.body.addWidget(self.table)
        self.set_foot("Double click or Enter shows a trial as the participant saw it.")
        self.menu_action("Save as CSV…", self._save)
        self.menu_action(
            "Copy table", lambda: QGuiApplication.clipboard().setText(self.table.copied_text())
        )

    @property
    def model(self) -> TrialsModel:
        """Rows shown now."""
        return self._model

    def show_trials(self, selected: pd.DataFrame, all_trials: pd.DataFrame) -> None:
        """Show the selected trials; checks may narrow down all of them instead."""
        self._all, self._selected = all_trials, selected
        self.narrow(self._wanted)
        alone = {name for name in _HIDDEN_IF_ALONE if all_trials[name].nunique() < 2}
        if all_trials["session"].notna().any() and all_trials["session"].nunique() > 1:
            alone.discard("session")
        for place, (name, *_) in enumerate(_COLUMNS):
            self.table.setColumnHidden(place, name in alone)
        self.table.refit()

    def _fit(self, room: int) -> None:
        """Share out the columns shown; where there is too little room the table scrolls."""
        shown = {
            place: width
            for place, (*_, width) in enumerate(_COLUMNS)
            if not self.table.isColumnHidden(place)
        }
        share = max(room / sum(shown.values()), 1)
        for place, width in shown.items():
            self.table.setColumnWidth(place, int(width * share))

    def narrow(self, wanted: dict[str, Any]) -> None:
        """Show only the trials with these values; ``{}`` shows all selected ones.

        Quality checks name ``catch``, ``included``, ``timeout`` or ``untimed``, which are looked
        up among all main trials; anything else among the selected ones.
        """
        if self._all is None:
            return
        self._wanted = wanted
        checks = {"catch", "included", "timeout", "untimed"} & wanted.keys()
        trials = self._all if checks else self._selected
        if checks:
            trials = trials[(trials["phase"] == "main").to_numpy(dtype=bool)]
        for name, value in wanted.items():
            trials = trials[_matches(trials, name, value)]
        self._shown = trials
        self._model.set_trials(trials)
        header = self.table.horizontalHeader()
        self._model.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        what = " · ".join(_in_words(name, value) for name, value in wanted.items())
        self.set_caption(f"{count(len(trials))}" + (f" · {what}" if what else ""))
        self._everything.setVisible(bool(wanted))

    def _save(self) -> None:
        if self._shown is None:
            return
        study = self._context.study
        start = (study.folder / "exports") if study is not None else Path.home()
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save trials", str(start / "trials.csv"), "*.csv"
        )
        if not chosen:
            return
        try:
            atomic.write_text(Path(chosen), self._shown.to_csv(index=False, lineterminator="\n"))
        except UserError as error:
            self._context.show_error(error.sentence)
        else:
            self._context.tell(f"Saved {Path(chosen).name}")


def _known(value: Any) -> Any:
    """A cell's value as Python knows it; missing is None."""
    if value is None or type(value).__name__ == "NAType" or value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def _sortable(values: pd.Series) -> pd.Series:
    """Numbers as numbers, texts without regard to case, ids of digits by their size."""
    if str(values.dtype) not in {"category", "string", "str", "object"}:
        return values
    text = values.astype("string").str.casefold()
    if text.str.isdigit().fillna(True).all():
        return text.astype("Float64")
    return text


def _matches(trials: pd.DataFrame, name: str, value: Any) -> Any:
    if name == "untimed":
        return (trials["reaction_time_ms"].isna() & trials["correct"].notna()).to_numpy(dtype=bool)
    if name in {"from_s", "to_s"}:
        seconds = trials["reaction_time_ms"] / 1000
        return ((seconds >= value) if name == "from_s" else (seconds < value)).to_numpy(dtype=bool)
    if name == "branch" and ", " in str(value):
        branch, selection = str(value).split(", ")
        return (
            (trials["branch"] == branch) & (trials["unit_selection"] == selection.replace("-", "_"))
        ).to_numpy(dtype=bool)
    if name == "layer" and ", " in str(value):
        layer, model = str(value).split(", ")
        return ((trials["layer"] == layer) & (trials["model"] == model)).to_numpy(dtype=bool)
    if name == "participant" and " / " in str(value):
        person = trials["participant"].astype("string")
        named = trials["study"].astype("string") + " / " + person
        return ((named == value) | (person == value)).fillna(False).to_numpy(dtype=bool)
    return (trials[name] == value).fillna(False).to_numpy(dtype=bool)


def _in_words(name: str, value: Any) -> str:
    if name == "correct":
        return "right" if value else "wrong"
    if name == "untimed":
        return "without reaction time"
    if name in {"from_s", "to_s"}:
        return f"{'from' if name == 'from_s' else 'to'} {number(value, 1)} s"
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return str(value) if name in {"condition", "layer"} else f"{name.replace('_', ' ')} {value}"
