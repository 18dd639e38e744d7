"""The cards of the Study page."""

from __future__ import annotations

import json
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.experiment.hypothesis import Hypothesis
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.own_command import OwnCommand
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets import format as written
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.condition_mark import ConditionMark
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.labels import label, rule, wrapped
from imi_desktop.gui.widgets.rows import CheckRow, ValueRows
from imi_desktop.gui.workbench.study_overview import StudyOverview


def clear(layout: QVBoxLayout | QHBoxLayout | QGridLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


class DesignCard(Card):
    """Protocol, source, conditions and figures."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Design")
        self._source = wrapped("", "caption", "ink3")
        self._text = wrapped("", tone="ink2")
        self._marks = QHBoxLayout()
        self._marks.setSpacing(12)
        self._figures = QGridLayout()
        self._figures.setVerticalSpacing(0)
        self.body.addWidget(self._text)
        self.body.addWidget(self._source)
        self.body.addLayout(self._marks)
        self.body.addWidget(rule())
        self.body.addLayout(self._figures)
        self.body.addStretch(1)

    def show_study(self, study: Study) -> None:
        """What is known at once."""
        design = study.design
        self.set_title(design.title)
        self.set_caption(study.protocol)
        self._text.setText(" ".join(design.description.split()))
        self._source.setText(f"Source: {design.source}")
        clear(self._marks)
        for condition in study.run_conditions:
            self._marks.addWidget(ConditionMark(self.theme, condition))
        left_out = [c for c in design.conditions if c not in study.run_conditions]
        if left_out:
            words = f"not run: {', '.join(left_out)}"
            self._marks.addWidget(label(words, "caption", "ink3"))
        self._marks.addStretch(1)
        self._show_figures(study, "–", "–")

    def show_overview(self, found: StudyOverview) -> None:
        """What had to be counted."""
        self._show_figures(found.study, written.count(found.trials), f"{found.minutes} min")

    def _show_figures(self, study: Study, trials: str, minutes: str) -> None:
        main = sum(unit.role == "main" for unit in study.units)
        planned = "–" if study.participants is None else written.count(study.participants)
        between = "between" if study.design.between else "within"
        values = [
            (written.count(main), "main units"),
            (trials, "trials each"),
            (minutes, "a session"),
            (planned, "participants planned"),
            (between, "participants"),
        ]
        clear(self._figures)
        for column, (value, caption) in enumerate(values):
            self._figures.addWidget(label(value, "subject"), 0, column)
            self._figures.addWidget(label(caption, "caption", "ink3"), 1, column)
            self._figures.setColumnStretch(column, 1)


class StepsCard(Card):
    """What is done and what comes next, in the order of the work."""

    wanted = Signal(str)
    _STEPS = (
        ("units", "Units"),
        ("images", "Images"),
        ("stimuli", "Stimuli"),
        ("display", "Display"),
        ("sessions", "Sessions"),
        ("hypotheses", "Hypotheses"),
    )

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Where it stands")
        self.body.setSpacing(0)
        self._rows: dict[str, CheckRow] = {}
        for name, text in self._STEPS:
            row = CheckRow(theme, text, leads=name not in {"images", "hypotheses"})
            row.show_state("busy", "…")
            row.clicked.connect(lambda _=False, n=name: self.wanted.emit(n))
            self._rows[name] = row
            self.body.addWidget(row)
        self.body.addStretch(1)

    def show_display(self, word: str) -> None:
        """What the Display page says: the age of the screen's profile, or that there is none."""
        measured = word not in ("", "not measured")
        self._rows["display"].show_state(
            "fine" if measured else "open", f"measured, {word} old" if measured else "not measured"
        )

    def show_overview(self, found: StudyOverview) -> str:
        """Show every step; returns the page of the first one that is not done."""
        study = found.study
        count = written.count
        self._rows["units"].show_state(
            "fine", f"{count(len(study.units))} chosen for {study.design.name}"
        )
        images = self._rows["images"]
        if found.usable is None:
            images.show_state("open", "not indexed yet")
        elif found.images_gone:
            images.show_state("warn", f"{count(found.usable)} indexed, folder not found")
        elif found.usable < found.images_needed:
            images.show_state(
                "error", f"{count(found.usable)} usable, needs {count(found.images_needed)}"
            )
        else:
            images.show_state("fine", f"{count(found.usable)} of {count(found.images)} usable")
        made = found.stimuli - found.stimuli_missing
        done = found.stimuli_missing == 0
        self._rows["stimuli"].show_state(
            "fine" if done else "open",
            f"all {count(found.stimuli)} there"
            if done
            else f"{count(made)} of {count(found.stimuli)}",
        )
        sessions = found.sessions
        words = [f"{count(n)} {state}" for state, n in sorted(sessions.items()) if n]
        trouble = sessions["unreadable"]
        self._rows["sessions"].show_state(
            "error" if trouble else "fine" if sessions["done"] else "open",
            ", ".join(words) or "none yet",
        )
        stated = len(study.hypotheses)
        self._rows["hypotheses"].show_state(
            "fine" if stated else "open", f"{stated} stated" if stated else "none stated"
        )
        if not done:
            return "stimuli"
        return "sessions" if not sessions["done"] else "results"


class HypothesesCard(Card):
    """What was stated before the data."""

    edit_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Hypotheses")
        self._edit = secondary("State hypotheses…", size="small")
        self._edit.clicked.connect(self.edit_wanted)
        self.add_head(self._edit)

    def set_locked(self, locked: bool) -> None:
        """Offer to change them until the study is locked."""
        self._edit.set_enabled(not locked, "The study is locked since its first session.")

    def show_study(self, study: Study) -> None:
        """List them."""
        clear(self.body)
        self.set_caption(written.plural(len(study.hypotheses), "hypothesis", "hypotheses"))
        if not study.hypotheses:
            self.body.addWidget(
                EmptyState(
                    self.theme,
                    "flag",
                    "No hypothesis is stated",
                    "State what you expect before the first participant; the results then give "
                    "each statement its verdict.",
                )
            )
            return
        for hypothesis in study.hypotheses:
            self.body.addWidget(wrapped(f"{hypothesis.id}  {hypothesis.sentence}", "card_title"))
            self.body.addWidget(wrapped(test_words(hypothesis), "caption", "ink2"))
            self.body.addWidget(wrapped(f"Null: {hypothesis.null}", "caption", "ink3"))
            self.body.addWidget(rule())
        self.body.addStretch(1)


def test_words(hypothesis: Hypothesis) -> str:
    """How a hypothesis will be tested, in one line."""
    compared = hypothesis.comparison
    sides = " – ".join(side for side in (compared.a, compared.b) if side) or compared.factor
    if compared.value is not None:
        sides += f" against {written.number(compared.value)}"
    parts = [
        hypothesis.measure.replace("_", " "),
        sides,
        hypothesis.test.replace("_", " "),
        hypothesis.direction,
        f"α = {str(hypothesis.alpha).removeprefix('0')}",
    ]
    if hypothesis.correction != "none":
        parts.append(f"{hypothesis.correction.capitalize()} corrected")
    return ", ".join(parts)


class LockCard(Card):
    """Whether what defines the experiment can still be changed, and what was amended."""

    amend_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Lock")
        self._text = wrapped("")
        self._changes = wrapped("", "caption", "error")
        self._rows = ValueRows()
        self._amendments = wrapped("", "caption", "ink2")
        self._amend = secondary("Record an amendment…", size="small")
        self._amend.clicked.connect(self.amend_wanted)
        self.body.addWidget(self._text)
        self.body.addWidget(self._changes)
        self.body.addWidget(self._rows)
        self.body.addWidget(self._amendments)
        self.body.addWidget(self._amend, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def show_overview(self, found: StudyOverview) -> None:
        """State, date and hash."""
        if found.locked is None:
            self.set_caption("not locked")
            self._text.setText(
                "The first participant’s session locks protocol, units, stimuli, trial lists and "
                "hypotheses by their hashes. Until then everything can be changed."
            )
        else:
            self.set_caption(f"since {written.date_time(found.locked)}")
            self._text.setText(
                "Protocol, units, stimuli, trial lists and hypotheses are locked. Changes are "
                "refused, or become dated amendments that every report shows."
            )
        self._changes.setText("\n".join(found.changed[:6]))
        self._changes.setVisible(bool(found.changed))
        self._amend.setVisible(bool(found.changed))
        self._amendments.setText(
            "\n".join(
                f"{written.date_time(datetime.fromisoformat(entry.made))}, {entry.author}: "
                f"{entry.reason}"
                for entry in found.amendments
            )
        )
        self._amendments.setVisible(bool(found.amendments))
        self._rows.set_rows(
            [
                ("Amendments", written.count(len(found.amendments)) if found.locked else "–"),
                ("study.toml, SHA-256", written.hash_short(found.sha256)),
                ("Seed", str(found.study.seed)),
            ]
        )


class CheckCard(Card):
    """Result of ``imi-desktop check``."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context.theme, "Check")
        self._context = context
        self._study: Study | None = None
        self._command: OwnCommand | None = None
        self._button = secondary("Check study", context.theme, "check", "small")
        self._button.set_hint("Files, hashes, journals and the lock (Ctrl Shift C)")
        self._button.clicked.connect(self.check)
        self.add_head(self._button)
        self._list = QVBoxLayout()
        self.body.addLayout(self._list)
        self.body.addStretch(1)

    def show_study(self, study: Study) -> None:
        """Forget the result of another study."""
        if self._study is None or self._study.folder != study.folder:
            self._say("Not checked since it was opened.")
        self._study = study

    def check(self) -> None:
        """Check in a process of its own."""
        if self._study is None or (self._command is not None and self._command.running):
            return
        self._button.set_busy(True)
        self.set_caption("checking…")
        self._command = OwnCommand(["check", str(self._study.folder), "--json"], self)
        self._command.ended.connect(self._show)

    def _show(self, code: int, out: str, err: str) -> None:
        self._button.set_busy(False)
        if code not in {0, 1}:
            self.set_caption("")
            self._say(
                err.strip() or "The check could not be run; the log has the details.", "error"
            )
            return
        problems = json.loads(out)["problems"]
        self.set_caption(written.plural(len(problems), "problem") if problems else "no problems")
        if not problems:
            self._say("Every file, hash and journal is as it should be.")
            return
        clear(self._list)
        for problem in problems[:12]:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(label(problem["about"], "caption", "ink3"))
            line.addWidget(wrapped(problem["sentence"], "caption", "warn"), 1)
            self._list.addWidget(row)
        if len(problems) > 12:
            self._list.addWidget(label(f"and {len(problems) - 12} more", "caption", "ink3"))

    def _say(self, text: str, tone: str = "ink3") -> None:
        clear(self._list)
        self._list.addWidget(wrapped(text, tone=tone))


class FilesCard(Card):
    """Every file and folder of the study, with size and date."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context.theme, "Files")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.body.addStretch(1)

    def show_overview(self, found: StudyOverview) -> None:
        """List them."""
        self.set_caption(str(found.study.folder))
        clear(self._grid)
        for row, file in enumerate(found.files):
            there = file.size is not None
            tone = "ink" if there else "ink3"
            self._grid.addWidget(label(file.name, "caption", tone), row, 0)
            self._grid.addWidget(label(file.about, "caption", "ink3"), row, 1)
            size = written.size(file.size) if there else "not yet"
            self._grid.addWidget(label(size, "caption", tone), row, 2)
            when = written.date_time(file.changed) if there else ""
            self._grid.addWidget(label(when, "caption", "ink3"), row, 3)
