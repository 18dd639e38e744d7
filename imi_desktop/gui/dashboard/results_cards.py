"""The cards of the results page: what each shows of figures, tests and further results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from imi_desktop.analysis.figure_data import (
    Figures,
    LevelFigure,
    Row,
    accuracy_rows,
    confidence_rows,
    level_rows,
    time_rows,
)
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.accuracy_chart import AccuracyChart
from imi_desktop.gui.dashboard.agreement_card import AgreementCard
from imi_desktop.gui.dashboard.chart import Chart
from imi_desktop.gui.dashboard.confidence_chart import ConfidenceChart
from imi_desktop.gui.dashboard.correlates_card import CorrelatesCard
from imi_desktop.gui.dashboard.legend import Legend
from imi_desktop.gui.dashboard.levels_chart import LevelsChart
from imi_desktop.gui.dashboard.machine_card import MachineCard
from imi_desktop.gui.dashboard.plot_card import PlotCard
from imi_desktop.gui.dashboard.quality_card import QualityCard
from imi_desktop.gui.dashboard.results_grid import ResultsGrid
from imi_desktop.gui.dashboard.tests_card import TestsCard
from imi_desktop.gui.dashboard.time_chart import TimeChart
from imi_desktop.gui.dashboard.trials_card import TrialsCard
from imi_desktop.gui.dashboard.units_card import UnitsCard
from imi_desktop.gui.dashboard.verdicts_card import VerdictsCard
from imi_desktop.gui.widgets.format import count

if TYPE_CHECKING:
    from imi_desktop.analysis.comparison_result import ComparisonResult
    from imi_desktop.analysis.further import Further
    from imi_desktop.analysis.judgement import Judgement


class ResultsCards(QObject):
    """All cards in their grid; a click in any of them narrows the trials down.

    Attributes
    ----------
    grid : ResultsGrid
        Where the cards lie.
    """

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        theme = context.theme
        self._context = context
        self._figures: Figures | None = None
        self.verdicts = VerdictsCard(context)
        self.accuracy = self._plot(
            "Accuracy by condition", AccuracyChart(theme), lambda f: accuracy_rows(f.accuracy)
        )
        self.confidence = self._plot(
            "Confidence", ConfidenceChart(theme), lambda f: confidence_rows(f.confidence)
        )
        self.times = self._plot("Reaction time", TimeChart(theme), lambda f: time_rows(f.times))
        self._legends: list[Legend] = []
        self.layers = self._levels("Accuracy by layer", lambda f: f.layers)
        self.branches = self._levels("Accuracy by branch", lambda f: f.branches)
        self.studies = self._levels("Accuracy by study", lambda f: f.studies)
        self.units = UnitsCard(context)
        self.tests = TestsCard(context)
        self.quality = QualityCard(context)
        self.correlates = CorrelatesCard(context)
        self.agreement = AgreementCard(context)
        self.machine = MachineCard(context)
        self.trials = TrialsCard(context)
        for source in (self.units, self.quality):
            source.picked.connect(self.pick)
        self.correlates.chart.picked.connect(self.pick)
        self.machine.chosen.connect(self._show_machine)
        self.grid = ResultsGrid(
            verdicts=self.verdicts, accuracy=self.accuracy, confidence=self.confidence,
            times=self.times, layers=self.layers, branches=self.branches, units=self.units,
            tests=self.tests, quality=self.quality, studies=self.studies,
            correlates=self.correlates, agreement=self.agreement, machine=self.machine,
            trials=self.trials,
        )  # fmt: skip

    def draw(self, figures: Figures, seed: int) -> None:
        """Show the figures of other trials; `seed` places the participants' dots."""
        self._figures = figures
        trials = f"{count(figures.n_trials)} trials"
        self.accuracy.chart.set_data(figures.accuracy, seed=seed)
        self.accuracy.set_caption(f"n = {figures.n_participants}")
        few = any(len(one.means) < 5 for one in figures.accuracy)
        self.accuracy.set_note(
            "Dots: participants; n too small for an interval." if few
            else "Dots: participants. Bar: mean ± 2 SEM over participants."
        )  # fmt: skip
        self.confidence.chart.set_data(figures.confidence)
        self.confidence.set_caption(trials)
        self.confidence.set_note("Share of answers, right and wrong apart, in per cent.")
        self.times.chart.set_data(figures.times)
        self.times.set_caption(trials)
        self.times.set_note("Right and wrong answers, log scale. Line: median.")
        without = " Condition none has no references." if "none" in figures.conditions else ""
        for card, levels in (
            (self.layers, figures.layers),
            (self.branches, figures.branches),
            (self.studies, figures.studies),
        ):
            card.chart.set_data(levels)
            card.set_caption(_per_point(levels))
            aside = "" if card is self.studies else without
            card.set_note(f"Mean ± 2 SEM over participants, cut at 0 and 1.{aside}")
        shown = [c for c in figures.conditions if c != "none"]
        for legend in self._legends:
            legend.set_conditions(shown)
        self._legends[-1].set_conditions(list(figures.conditions))
        self.grid.set_shown("branches", len(figures.branches.levels) > 1)
        self.grid.set_shown("studies", len(figures.studies.levels) > 1)
        self.units.show_units(figures.units, figures.conditions)

    def wait(self, verdicts_too: bool) -> None:
        """Say that tests and all that follows are being computed; the old ones stay."""
        self.tests.wait()
        self.correlates.wait()
        if verdicts_too:
            self.verdicts.wait()

    def show_judgement(self, judgement: Judgement) -> None:
        """Show what became of the hypotheses, and how far the plan was kept."""
        self.verdicts.show_judgement(judgement)
        self.quality.show_deviations(judgement)

    def show_tests(self, tests: Sequence[ComparisonResult]) -> None:
        """Show planned and exploratory tests."""
        self.tests.show_tests(tests)

    def show_further(self, further: Further) -> None:
        """Show what is known of units, agreement and machine."""
        accuracy = () if self._figures is None else self._figures.accuracy
        self.correlates.show_further(further)
        self.agreement.show_further(further, accuracy)
        self.machine.show_further(further)

    def set_compact(self, compact: bool) -> None:
        """Reflow for narrow windows."""
        self.grid.set_compact(compact)
        self.verdicts.set_brief(compact)

    def pick(self, wanted: dict[str, Any]) -> None:
        """Show the trials of what was clicked, and select its unit."""
        self.trials.narrow(wanted)
        if "channel" in wanted:
            self.units.select_unit(wanted["layer"], wanted["channel"], wanted.get("model"))
        self.grid.ensure_visible(self.trials)

    def _show_machine(self) -> None:
        self.correlates.choose("machine_score")

    def _levels(self, title: str, levels: Callable[[Figures], LevelFigure]) -> PlotCard:
        chart = LevelsChart(self._context.theme, title)
        card = self._plot(title, chart, lambda figures: level_rows(levels(figures)))
        legend = Legend(self._context.theme)
        self._legends.append(legend)
        card.add_head(legend)
        return card

    def _plot(self, title: str, chart: Chart, rows: Callable[[Figures], list[Row]]) -> PlotCard:
        card = PlotCard(
            self._context, title, chart, lambda: rows(self._figures) if self._figures else []
        )
        chart.picked.connect(self.pick)
        return card


def _per_point(levels: LevelFigure) -> str:
    if not levels.means:
        return "not known"
    people = {mean.n_participants for mean in levels.means}
    trials = {mean.n_trials for mean in levels.means}
    n = f"n = {max(people)}" if len(people) == 1 else f"n = {min(people)} to {max(people)}"
    each = f"{max(trials)}" if len(trials) == 1 else f"{min(trials)} to {max(trials)}"
    return f"{n}, {each} trials per point"
