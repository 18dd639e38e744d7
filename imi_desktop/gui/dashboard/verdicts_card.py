"""The preregistered hypotheses and what became of them; deaf to the filters."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from imi_desktop.analysis import wording
from imi_desktop.analysis.verdict_data import Verdict
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.plain_tip import plain_tip
from imi_desktop.gui.study_facts import locked_since
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.chip import VerdictChip
from imi_desktop.gui.widgets.format import date_time, interval, number, plural
from imi_desktop.gui.widgets.labels import rule, wrapped

if TYPE_CHECKING:
    from imi_desktop.analysis.deviations import Deviation
    from imi_desktop.analysis.judgement import Judgement
    from imi_desktop.experiment.lock import Amendment

_CHIP = 104


class VerdictsCard(Card):
    """One row per hypothesis; says honestly when there is none, or none locked."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "Preregistered hypotheses", parent=parent)
        self._context = context
        self._brief = False
        self._verdicts: tuple[Verdict, ...] = ()
        self._deviations: tuple[Deviation, ...] = ()
        self._amendments: tuple[tuple[str, Amendment], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.flush_body()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._canvas = QWidget()
        self._canvas.setProperty("kind", "canvas")
        self._column = QVBoxLayout(self._canvas)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        area.setWidget(self._canvas)
        self.body.addWidget(area)

    def show_judgement(self, judgement: Judgement) -> None:
        """Show verdicts, departures from the plan, and what was changed after the lock."""
        self._verdicts = judgement.verdicts
        self._deviations = judgement.deviations
        self._amendments = judgement.amendments
        self._fill()

    def wait(self) -> None:
        """Say that the hypotheses are being judged."""
        self.set_caption("being judged…")

    def set_brief(self, brief: bool) -> None:
        """Drop methods and sentences of departures where there is little room."""
        if brief != self._brief:
            self._brief = brief
            self._fill()

    def _fill(self) -> None:
        while self._column.count():
            item = self._column.takeAt(0)
            if item.widget() is not None:
                item.widget().deleteLater()
        self._column.addWidget(rule())
        if not self._verdicts:
            self._say_none()
        for verdict in self._verdicts:
            self._column.addWidget(self._row(verdict))
            self._column.addWidget(rule())
        self._say_unlocked()
        self._say_amendments()
        self._column.addStretch(1)
        self._say_lock()

    def _say_none(self) -> None:
        text = wrapped(
            "No hypothesis was stated before the data, so every test on this page is exploratory.",
            tone="ink2",
        )
        text.setContentsMargins(12, 12, 12, 12)
        self._column.addWidget(text)

    def _say_amendments(self) -> None:
        for name, entry in self._amendments:
            made = date_time(datetime.fromisoformat(entry.made))
            where = f" {name}" if self._several else ""
            text = f"Amended{where} {made} by {entry.author}: {entry.reason}"
            self._add_note(text, "\n".join(entry.changes))

    def _say_unlocked(self) -> None:
        """Departures of whole studies; that of a single one stands at the foot."""
        if self._several:
            for entry in self._departures(None):
                self._add_note(f"{entry.study}: {entry.sentence}")

    def _departures(self, verdict: Verdict | None) -> list[Deviation]:
        """Departures that concern a hypothesis, or whole studies."""
        if verdict is None:
            return [entry for entry in self._deviations if entry.hypothesis is None]
        key = (verdict.study, verdict.id)
        return [entry for entry in self._deviations if (entry.study, entry.hypothesis) == key]

    @property
    def _several(self) -> bool:
        return len({verdict.study for verdict in self._verdicts}) > 1

    def _add_note(self, words: str, tip: str = "") -> None:
        text = wrapped(words, "caption", "ink2")
        text.setToolTip(plain_tip(tip))
        text.setContentsMargins(12, 8, 12, 8)
        self._column.addWidget(text)

    def _say_lock(self) -> None:
        study = self._context.study
        since = locked_since(study) if study is not None else None
        if not self._verdicts:
            self.set_caption("none stated")
            self.set_foot("Hypotheses are stated on the Study page, before the first session.")
        elif not all(verdict.locked for verdict in self._verdicts) and since is not None:
            changed = [verdict.id for verdict in self._verdicts if not verdict.locked]
            self.set_caption(f"locked {date_time(since)}")
            self.set_foot(
                f"Changed since the lock: {', '.join(changed)}. The filters do not count."
            )
        elif since is None:
            self.set_caption("not locked")
            self.set_foot("Not locked: they could be changed after seeing the answers.")
        else:
            self.set_caption(f"locked {date_time(since)}")
            self.set_foot("Locked analysis; the filters above do not change it.")

    def _row(self, verdict: Verdict) -> QWidget:
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(12, 8, 8, 8)
        across.setSpacing(12)
        chip = VerdictChip(self.theme, verdict.outcome)
        chip.setFixedWidth(_CHIP)
        across.addWidget(chip, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(wrapped(verdict.sentence, "card_title"))
        if not self._brief:
            test = verdict.test
            side = f", {test.alternative}" if test.alternative else ""
            column.addWidget(
                wrapped(f"{wording.method(test)}{side}, α = {alpha(verdict.alpha)}", tone="ink3")
            )
        column.addWidget(wrapped(_result(verdict, self._brief), "value", "ink2"))
        if not verdict.locked:
            column.addWidget(
                wrapped("Exploratory: not as locked before the first answer.", "caption", "ink3")
            )
        departures = [entry.sentence for entry in self._departures(verdict)]
        if departures:
            said = plural(len(departures), "departure") if self._brief else " ".join(departures)
            column.addWidget(wrapped(f"Not as planned: {said}", "caption", "ink2"))
        across.addLayout(column, 1)
        row.setToolTip(plain_tip("\n".join((verdict.reason, *departures))))
        return row


def alpha(value: float) -> str:
    """``.05``."""
    return f"{value:g}".removeprefix("0")


def _result(verdict: Verdict, brief: bool) -> str:
    test = verdict.test
    if test.p is None:
        return f"Not run: {test.reason}" if test.reason else "Not run"
    parts = [wording.statistic(test), f"p {_equals(wording.p_value(test.p))}"]
    if verdict.estimate is not None and verdict.ci95 is not None and not brief:
        parts.append(f"{number(verdict.estimate)} {interval(*verdict.ci95)}")
    if test.n is not None:
        parts.append(f"n = {test.n}")
    return ", ".join(parts)


def _equals(p: str) -> str:
    return p if p.startswith("<") else f"= {p}"
