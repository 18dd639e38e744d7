"""All tests: planned ones first; method, sidedness and correction are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
_COMPARISON, _STATUS, _METHOD = 0, 1, 2
_COLUMNS = 8
_AROUND = 24
_SHARE = 0.68
"""Of the room for comparison and method, where it does not hold both."""


_BRIEF = (
    ("Wilcoxon signed-rank", "Wilcoxon"),
    ("normal approximation with continuity correction", "approximate"),
    ("Repeated-measures ANOVA", "RM ANOVA"),
    ("Chi-squared, χ² approximation", "χ²"),
    ("Spearman, t approximation", "Spearman"),
    ("Kruskal–Wallis, χ² approximation", "Kruskal–Wallis"),
)
"""Shorter names of methods for narrow tables; the whole name is in the tooltip."""


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
        self._brief = False
        self._model = RowModel(_fields("Holm", self._method_words), self)
        self.table = FittedTable(context.theme, self._fit)
        self.table.setModel(self._model)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setItemDelegateForColumn(_COLUMNS - 1, SubscriptDelegate(self))
        self._model.modelReset.connect(self._span_reasons)
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
        self._model.set_fields(_fields(name, self._method_words), shown)
        self.table.refit()
        run = sum(test.p is not None for test in shown)
        parts = [f"{run} run, {len(shown) - run} not run"] if run < len(shown) else []
        if shown and self._all_exploratory():
            parts.append("all exploratory")
        self.set_caption(" · ".join(parts))

    def _fit(self, room: int) -> None:
        """Give every column what its texts need; if that is too much, methods are cut more."""
        self._brief = False
        wide = [self._natural(column) for column in range(_COLUMNS)]
        self.table.setColumnHidden(_STATUS, sum(wide) > room and self._all_exploratory())
        wide[_STATUS] *= not self.table.isColumnHidden(_STATUS)
        self._brief = sum(wide) > room
        if self._brief:
            wide[_METHOD] = self._natural(_METHOD)
        others = sum(wide) - wide[_COMPARISON] - wide[_METHOD]
        left = max(240, room - others - 2)
        extra = max(0, left - wide[_COMPARISON] - wide[_METHOD])
        least = int(left * _SHARE)
        wide[_COMPARISON] = min(wide[_COMPARISON], max(least, left - wide[_METHOD])) + extra // 2
        wide[_METHOD] = left - wide[_COMPARISON]
        for column, width in enumerate(wide[:-1]):
            self.table.setColumnWidth(column, width)

    def _natural(self, column: int) -> int:
        """Px that the column's texts need; reasons reach over the columns after theirs."""
        field, metrics = self._model.fields[column], self.table.fontMetrics()
        texts = [
            field.text(test).replace("_", "")
            for test in self._model.rows
            if column != _METHOD or test.p is not None
        ]
        return _AROUND + max(metrics.horizontalAdvance(text) for text in (field.name, *texts))

    def _method_words(self, test: ComparisonResult) -> str:
        words = _method(test)
        for name, brief in _BRIEF if self._brief and test.p is not None else ():
            words = words.replace(name, brief)
        return words

    def _all_exploratory(self) -> bool:
        return all(test.status == "exploratory" for test in self._model.rows)

    def _span_reasons(self) -> None:
        """Why a test was not run stands in place of its values."""
        self.table.clearSpans()
        for row, test in enumerate(self._model.rows):
            if test.p is None and test.reason:
                self.table.setSpan(row, _METHOD, 1, _COLUMNS - _METHOD)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.table.copied_text())


def _fields(correction: str, method: Callable[[ComparisonResult], str]) -> tuple[Field, ...]:
    return (
        Field("Comparison", lambda t: _sentence(t.comparison), tip=_details),
        Field("Status", lambda t: t.status),
        Field("Method", method, tip=_method),
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
