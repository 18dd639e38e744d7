"""All tests: planned ones first; method, sidedness and correction are named."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSizePolicy, QWidget

from imi_desktop.analysis import wording
from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.calm_choice import CalmChoice
from imi_desktop.gui.dashboard.fitted_table import FittedTable
from imi_desktop.gui.dashboard.row_model import Field, RowModel
from imi_desktop.gui.dashboard.subscripts import SubscriptDelegate
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import count

CORRECTIONS = (("holm", "Holm"), ("bonferroni", "Bonferroni"), ("none", "None"))
_WIDTHS = (0, 88, 0, 114, 60, 60, 76, 86)
"""Widths of the columns in px; comparison and method share what is left."""


class TestsCard(Card):
    """Table of tests; a test that could not run keeps its row and says why."""

    __test__ = False
    correction_chosen = Signal(str)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "Tests", parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.flush_body()
        self._tests: Sequence[ComparisonResult] = ()
        self._choice = CalmChoice()
        for key, name in CORRECTIONS:
            self._choice.addItem(f"Correction: {name}", key)
        self._choice.setToolTip("Correction for exploratory tests of one family")
        self._choice.activated.connect(
            lambda place: self.correction_chosen.emit(CORRECTIONS[place][0])
        )
        self.add_head(self._choice)
        self._model = RowModel(_fields("Holm"), self)
        self.table = FittedTable(context.theme, self._fit)
        self.table.setModel(self._model)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setItemDelegateForColumn(len(_WIDTHS) - 1, SubscriptDelegate(self))
        self.table.setMinimumHeight(120)
        self.body.addWidget(self.table)
        self._approximate = self.menu.addAction("Show normal approximations")
        self._approximate.setCheckable(True)
        self._approximate.setToolTip("As JASP prints them, beside the exact p")
        self._approximate.toggled.connect(lambda _on: self._fill())
        self.menu.addSeparator()
        self.menu_action("Copy table", self._copy)

    @property
    def correction(self) -> str:
        """Key of the correction chosen."""
        return str(self._choice.currentData())

    def wait(self) -> None:
        """Say that the tests are being computed; the old ones stay."""
        self.set_caption("being computed…")

    def show_tests(self, tests: Sequence[ComparisonResult]) -> None:
        """Show other tests."""
        self._tests = tests
        self._fill()

    def _fill(self) -> None:
        shown = [
            test
            for test in self._tests
            if self._approximate.isChecked() or not test.family.endswith("approximate")
        ]
        name = dict(CORRECTIONS)[self.correction]
        self._model.set_fields(_fields(name), shown)
        self.table.refit()
        run = sum(test.p is not None for test in shown)
        self.set_caption(f"{run} run, {len(shown) - run} not run" if run < len(shown) else "")

    def _fit(self, room: int) -> None:
        left = max(240, room - sum(_WIDTHS) - 2)
        for column, width in enumerate(_WIDTHS[:-1]):
            share = 0.52 if column == 0 else 0.48
            self.table.setColumnWidth(column, width or int(left * share))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.table.copied_text())


def _fields(correction: str) -> tuple[Field, ...]:
    return (
        Field("Comparison", lambda t: _sentence(t.comparison), tip=_details),
        Field("Status", lambda t: t.status),
        Field("Method", _method, tip=_method),
        Field("Statistic", lambda t: wording.statistic(t) if t.p is not None else wording.MISSING,
              value=lambda t: t.statistic),
        Field("p", lambda t: wording.p_value(t.p), value=lambda t: t.p, number=True),
        Field(f"p, {correction}", lambda t: wording.p_value(t.p_adjusted),
              value=lambda t: t.p_adjusted, number=True),
        Field("n", _cases, value=lambda t: t.n, number=True),
        Field("Effect", wording.effect,
              value=lambda t: None if t.effect_size is None else t.effect_size.value),
    )  # fmt: skip


def _method(test: ComparisonResult) -> str:
    if test.p is None and test.reason:
        return f"Not run: {test.reason}"
    side = f", {test.alternative}" if test.alternative not in {None, "two-sided"} else ""
    return wording.method(test) + side


def _cases(test: ComparisonResult) -> str:
    if test.n is None or test.p is None:
        return wording.MISSING
    return count(test.n) if test.n_of == "participants" else f"{count(test.n)} {test.n_of}"


def _details(test: ComparisonResult) -> str:
    side = "two-sided" if test.alternative == "two-sided" else test.alternative or "no direction"
    parts = [f"{wording.method(test)}, {side}."]
    if test.effect_size is not None and test.effect_size.ci95 is not None:
        low, high = (wording.decimal(bound) for bound in test.effect_size.ci95)
        parts.append(f"{wording.effect(test)}, 95 % interval [{low}, {high}].")
    if test.dropped:
        parts.append(f"Dropped: {test.dropped}.")
    parts.extend(test.assumptions)
    return "\n".join(parts)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
