"""Whether people agree with each other and with baseline observers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from imi_desktop.analysis.agreement_data import Agreement
from imi_desktop.analysis.figure_data import ConditionAccuracy, Row
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.kappa_chart import KappaChart
from imi_desktop.gui.dashboard.plot_card import PlotCard

if TYPE_CHECKING:
    from imi_desktop.analysis.further import Further


class AgreementCard(PlotCard):
    """Matrix of kappa with the accuracy of every group beside it."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        self._chart = KappaChart(context.theme)
        self._agreement = Agreement()
        self._right: dict[str, float] = {}
        super().__init__(context, "Agreement", self._chart, self._drawn_rows, parent)
        self.set_caption("Cohen's κ · exploratory")

    def show_further(self, further: Further, accuracy: tuple[ConditionAccuracy, ...]) -> None:
        """Show other results."""
        found = further.counterfactual
        self._agreement = found.agreement
        self._right = {one.condition: one.mean for one in accuracy}
        self._right |= {one.observer: one.accuracy for one in found.baselines}
        self._chart.set_data(self._agreement, self._right)
        if not self._agreement.known:
            self.set_note("")
            return
        observers = (
            " Observers need no references: patches, what they cover, or chance."
            if found.baselines
            else ""
        )
        self.set_note(
            f"Mean over pairs with the same queries, 95 % interval. Right: accuracy.{observers}"
        )
        self._note.setToolTip(
            "The interval is over people, each left out in turn with all their "
            "pairs; of a single pair, over its trials."
        )

    def _drawn_rows(self) -> list[Row]:
        right = [
            {"first": name, "proportion_correct": share} for name, share in self._right.items()
        ]
        return [*self._agreement.rows(), *right]
