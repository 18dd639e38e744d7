"""Units' scores against their other numbers, and occlusions' accuracy against activation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from imi_desktop.analysis import wording
from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.figure_data import (
    Correlate,
    Row,
    correlate_rows,
    level_rank,
    query_rows,
)
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.calm_choice import CalmChoice
from imi_desktop.gui.dashboard.plot_card import PlotCard
from imi_desktop.gui.dashboard.scatter_chart import Dot, ScatterChart
from imi_desktop.gui.widgets.format import number, plural

if TYPE_CHECKING:
    from imi_desktop.analysis.further import Further

_LETTERS = 20
_MOST_SAID = 5
_DIFFERENCE = "activation_difference"
_NOTHING = "No unit's score and other numbers are known for these trials."


class CorrelatesCard(PlotCard):
    """A scatter plot of the chosen number; the correlations stand below it."""

    maps_wanted = Signal()
    selectivity_wanted = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        self._chart = ScatterChart(context.theme, "Scores and properties")
        super().__init__(context, "Scores and properties", self._chart, self._drawn_rows, parent)
        self._further: Further | None = None
        self._choice = CalmChoice()
        self._choice.setSizeAdjustPolicy(
            CalmChoice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._choice.setMinimumContentsLength(_LETTERS)
        self._choice.view().setTextElideMode(Qt.TextElideMode.ElideNone)
        self._choice.setToolTip("The number that scores are set against")
        self._choice.setAccessibleName("Property")
        self._choice.activated.connect(lambda _place: self._draw())
        self.add_head(self._choice)
        self.menu.addSeparator()
        self._maps = self.menu_action("Compute sparseness and contrast", self.maps_wanted.emit)
        self._maps.setToolTip("Over all images of the study, by a background job")
        self._selectivity = self.menu_action(
            "Compute selectivity and ablation…", self.selectivity_wanted.emit
        )
        self._selectivity.setToolTip("On labelled images: a CSV with the columns image and label")
        self.set_caption("exploratory")

    @property
    def chosen(self) -> str:
        """Name of the number shown; empty if there is none."""
        return str(self._choice.currentData() or "")

    def choose(self, name: str) -> None:
        """Show another number."""
        place = self._choice.findData(name)
        if place >= 0:
            self._choice.setCurrentIndex(place)
            self._draw()

    def set_computable(self, reason: str) -> None:
        """Allow computing measures, or say why not."""
        for action in (self._maps, self._selectivity):
            action.setEnabled(not reason)
            if reason:
                action.setToolTip(reason)

    def wait(self) -> None:
        """Say that the correlations are being computed; the old ones stay."""
        self.set_caption("being computed…")

    def show_further(self, further: Further) -> None:
        """Show other results."""
        self._further = further
        before = self.chosen
        self._choice.clear()
        if further.counterfactual.queries:
            self._choice.addItem("Activation difference", _DIFFERENCE)
        names = {one.name: one.words for one in further.correlates}
        for name, words in names.items():
            self._choice.addItem(words.capitalize(), name)
        place = self._choice.findData(before)
        self._choice.setCurrentIndex(max(place, 0))
        self._choice.setVisible(self._choice.count() > 1)
        self._draw()

    def _draw(self) -> None:
        if self._further is None:
            return
        if self.chosen == _DIFFERENCE:
            self._draw_differences()
        else:
            self._draw_correlates()

    def _draw_correlates(self) -> None:
        shown = self._shown()
        several = len({one.model for one in shown}) > 1
        dots = tuple(
            Dot(
                point.x,
                point.score,
                one.condition,
                f"{point.model + ' ' if several else ''}{point.layer}:{point.channel}, "
                f"{one.condition}: {number(point.score)}, {one.words} {point.x:.3g}, "
                f"{point.n_trials} answers",
                {
                    "layer": point.layer, "channel": point.channel, "condition": one.condition,
                    **({"model": point.model} if several else {}),
                },
            )
            for one in shown
            for point in one.points
        )  # fmt: skip
        words = shown[0].words.capitalize() if shown else ""
        self._chart.set_data(dots, words, _NOTHING)
        units = {(p.model, p.layer, p.channel) for one in shown for p in one.points}
        self.set_caption(
            f"scores of {plural(len(units), 'unit')} · exploratory" if shown else "exploratory"
        )
        named = [
            (_where(one, several=several, shown=shown), one.test)
            for one in sorted(shown, key=lambda one: level_rank("condition", one.condition))
        ]
        self.set_note(_sentences(named))

    def _draw_differences(self) -> None:
        found = self._further.counterfactual
        dots = tuple(
            Dot(
                one.difference,
                one.accuracy,
                one.condition,
                f"{one.layer}:{one.channel}, image set {one.image_set}, {one.condition}: "
                f"{number(one.accuracy)} of {one.n_participants}, difference "
                f"{number(one.difference)}",
                {
                    "layer": one.layer, "channel": one.channel, "condition": one.condition,
                    "image_set": one.image_set,
                },
            )
            for one in found.queries
            if one.difference is not None
        )  # fmt: skip
        self._chart.set_data(
            dots, "Relative activation difference", "The activations are not in the manifest."
        )
        self.set_caption(f"accuracy on {plural(len(dots), 'query', 'queries')} · exploratory")
        named = [(test.comparison.rsplit("difference, ", 1)[-1], test)
                 for test in found.correlations]  # fmt: skip
        whole = [(where, test) for where, test in named if ", " not in where]
        self.set_note(f"{_sentences(whole)}. Per branch in the report.")

    def _shown(self) -> list[Correlate]:
        return [one for one in self._further.correlates if one.name == self.chosen]

    def _drawn_rows(self) -> list[Row]:
        if self._further is None:
            return []
        if self.chosen == _DIFFERENCE:
            return query_rows(self._further.counterfactual.queries)
        return [row for one in self._shown() for row in correlate_rows(one)]


def _where(one: Correlate, *, several: bool, shown: list[Correlate]) -> str:
    levels = {other.difficulty for other in shown} - {None}
    parts = [one.model if several else "", one.condition]
    parts.append((one.difficulty or "").replace("_", " ") if len(levels) > 1 else "")
    return " ".join(part for part in parts if part)


def _sentences(tests: list[tuple[str, ComparisonResult]]) -> str:
    said = [
        f"{name[:1].upper()}{name[1:]}: {correlation_words(test)}"
        for name, test in tests[:_MOST_SAID]
    ]
    more = len(tests) - len(said)
    return " · ".join([*said, *([f"{more} more in the report"] if more > 0 else [])])


def correlation_words(test: ComparisonResult) -> str:
    """``ρ = 0.22 [−0.09, 0.48], n = 45``, or why there is none."""
    if test.effect_size is None or test.p is None:
        return test.reason or "not run"
    bounds = test.effect_size.ci95
    low_high = ""
    if bounds is not None:
        low_high = f" [{wording.decimal(bounds[0])}, {wording.decimal(bounds[1])}]"
    return f"{wording.effect(test)}{low_high}, n = {test.n}"
