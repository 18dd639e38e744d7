"""The results page: what was found, how sure one can be, and whether the claim stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.filter_bar import FilterBar
from imi_desktop.gui.dashboard.results_cards import ResultsCards
from imi_desktop.gui.dashboard.results_measures import MeasureJobs
from imi_desktop.gui.dashboard.results_threads import (
    answers_stamp,
    check_studies,
    export_table,
    look_further,
    read_answers,
    run_tests,
    select_trials,
    write_html,
)
from imi_desktop.gui.dashboard.trial_dialog import TrialDialog
from imi_desktop.gui.widgets.buttons import primary, secondary, set_enabled
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.page import COMPACT, EDGE, Page

if TYPE_CHECKING:
    import pandas as pd

    from imi_desktop.analysis.comparison_result import ComparisonResult
    from imi_desktop.analysis.figure_data import Figures
    from imi_desktop.analysis.further import Further
    from imi_desktop.analysis.judgement import Judgement
    from imi_desktop.gui.dashboard.results_work import Opened

_WATCH_MS = 4000
_NO_ANSWERS = "No main trial has been answered yet."


class ResultsPage(Page):
    """Verdicts, figures, tests, quality checks and trials of one or many studies."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "results", "Results", parent)
        self._extra: tuple[Path, ...] = ()
        self._stamp: object = None
        self._opened: Opened | None = None
        self._selected: pd.DataFrame | None = None
        self._figures: Figures | None = None
        self._tests: list[ComparisonResult] = []
        self._judgement: Judgement | None = None
        self._further: Further | None = None
        self._observed: pd.DataFrame | None = None
        self._turn = 0
        self._build_head()
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self._look_for_answers)
        self._stack = QStackedWidget()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self._stack)
        self._empty = EmptyState(
            self.theme, "results", "No results yet",
            "Accuracy, confidence, reaction times and tests appear here after the first session.",
            self._go_to_sessions(),
        )  # fmt: skip
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._build_results())
        self._show_empty()
        for keys, does in (
            ("F", self._filters.open_first),
            ("Ctrl+Shift+R", self.write_report),
            ("V", self.cards.verdicts.setFocus),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(does)

    # -- building ----------------------------------------------------------------------------

    def _build_head(self) -> None:
        self._add = secondary("Add studies…")
        self._add.clicked.connect(self.add_studies)
        self._export = secondary("Export…", self.theme, "export")
        self._export.clicked.connect(self.export_trials)
        self._report = primary("Write report…")
        self._report.clicked.connect(self.write_report)
        for button in (self._add, self._export, self._report):
            self.add_action(button)

    def _go_to_sessions(self) -> QWidget:
        button = secondary("Go to Sessions")
        button.clicked.connect(lambda: self.context.show_page("sessions"))
        return button

    def _build_results(self) -> QWidget:
        results = QWidget()
        column = QVBoxLayout(results)
        column.setContentsMargins(EDGE, 0, EDGE, 0)
        column.setSpacing(10)
        self._filters = FilterBar(self.context)
        self._filters.changed.connect(self._select)
        column.addWidget(self._filters)
        self.cards = ResultsCards(self.context, self)
        self.cards.tests.correction_chosen.connect(lambda _key: self._show_tests())
        self.cards.trials.opened.connect(self._open_trial)
        self._measures = MeasureJobs(self.context, self.cards.correlates, self.cards.machine, self)
        self._measures.computed.connect(self._look_further)
        column.addWidget(self.cards.grid, 1)
        return results

    # -- what the frame asks -----------------------------------------------------------------

    def set_study(self, study: Study | None) -> None:
        """Show the results of another study."""
        before = None if self.study is None else self.study.folder
        super().set_study(study)
        if study is None or study.folder != before:
            self._extra = ()
        self.cards.units.set_study_folder(None if study is None else study.folder)
        self._measures.set_study(study)
        self._load()

    def show_detail(self, detail: str) -> None:
        """Show one unit (``layer:channel``), or a folder of studies beside this one."""
        layer, _, channel = detail.rpartition(":")
        if layer and channel.isdigit():
            self.cards.pick({"layer": layer, "channel": int(channel)})
        elif detail and Path(detail).is_dir():
            self._extra = (Path(detail),)
            self._load()

    def state_word(self) -> str:
        """Nothing yet, or how many participants answered."""
        return (
            ""
            if self._figures is None
            else plural(self._figures.n_participants, "person", "people")
        )

    def width_changed(self, width: int) -> None:
        """Reflow the cards."""
        compact = width < COMPACT
        self.cards.set_compact(compact)
        self._filters.set_compact(width < 1600)
        self._add.setVisible(not compact)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the answers again if there are new ones."""
        super().showEvent(event)
        self._look_for_answers()
        self._watch.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking for new answers."""
        super().hideEvent(event)
        self._watch.stop()

    # -- actions -----------------------------------------------------------------------------

    def add_studies(self) -> None:
        """Show further studies beside this one."""
        folder = QFileDialog.getExistingDirectory(self, "Add a study or a folder of studies")
        if folder:
            self._extra = (*self._extra, Path(folder))
            self._load()

    def export_trials(self) -> None:
        """Save the selected trials as one table."""
        if self._selected is None:
            return
        start = (self.study.folder / "exports") if self.study is not None else Path.home()
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export trials", str(start / "trials.csv"), "CSV (*.csv);;Parquet (*.parquet)"
        )
        if chosen:
            selected, path = self._selected, Path(chosen)
            in_thread(
                self, lambda: export_table(selected, path),
                lambda _: self.context.tell(f"Saved {path.name}"), self._failed,
            )  # fmt: skip

    def write_report(self) -> None:
        """Write the self-contained HTML report."""
        if self._opened is None or self._figures is None:
            return
        start = (self.study.folder / "exports") if self.study is not None else Path.home()
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Write report", str(start / "report.html"), "*.html"
        )
        if not chosen:
            return
        opened, path, filters = self._opened, Path(chosen), self._filters.filters
        correction = self.cards.tests.correction
        self._report.set_busy(True)

        def done(_: object) -> None:
            self._report.set_busy(False)
            self.context.tell(f"Saved {path.name}")

        def failed(error: UserError) -> None:
            self._report.set_busy(False)
            self._failed(error)

        in_thread(self, lambda: write_html(opened, filters, correction, path), done, failed)

    # -- work away from the main thread ------------------------------------------------------

    def _load(self) -> None:
        self._turn += 1
        paths = ([self.study.folder] if self.study is not None else []) + list(self._extra)
        if not paths:
            self._show_empty()
            return
        turn = self._turn
        if self._stack.currentWidget() is self._empty:
            self._empty.set_text("Reading the answers…", "Journals and imported tables are read.")
        in_thread(
            self, lambda: (answers_stamp(paths[0]), read_answers(paths)),
            lambda found: self._loaded(*found) if turn == self._turn else None,
            lambda error: self._load_failed(error) if turn == self._turn else None,
        )  # fmt: skip

    def _load_failed(self, error: UserError) -> None:
        self._opened = self._figures = self._selected = None
        self._empty.set_text("The answers cannot be shown", error.sentence)
        self._show_empty(keep_text=True)

    def _failed(self, error: UserError) -> None:
        self.context.show_error(error.sentence)

    def _loaded(self, stamp: object, opened: Opened) -> None:
        self._stamp, self._opened = stamp, opened
        if not opened.choices["condition"]:
            self._figures = self._selected = None
            self._show_empty()
            return
        self._filters.blockSignals(True)
        self._filters.set_choices(opened.choices)
        self._filters.blockSignals(False)
        self._judgement = self._observed = None
        self.cards.quality.show_quality(opened)
        self._select()

    def _select(self) -> None:
        if self._opened is None:
            return
        self._turn += 1
        turn, opened, filters = self._turn, self._opened, self._filters.filters
        in_thread(
            self, lambda: select_trials(opened, filters),
            lambda result: self._selected_now(*result) if turn == self._turn else None,
            self._failed,
        )  # fmt: skip

    def _selected_now(self, selected: pd.DataFrame, figures: Figures) -> None:
        self._selected, self._figures = selected, figures
        self._draw(figures)
        self.cards.trials.show_trials(selected, self._opened.trials)
        self._stack.setCurrentIndex(1)
        for button in (self._export, self._report):
            set_enabled(button, True)
        self.state_changed.emit()
        turn, opened, judgement = self._turn, self._opened, self._judgement
        self.cards.wait(verdicts_too=judgement is None)
        in_thread(
            self, lambda: run_tests(opened, selected, judgement),
            lambda found: self._tested(*found) if turn == self._turn else None,
            self._failed,
        )  # fmt: skip

    def _tested(self, judgement: Judgement, tests: list[ComparisonResult]) -> None:
        if self._judgement is None:
            self._check_studies()
            self._judgement = judgement
            self.cards.show_judgement(judgement)
        self._tests = tests
        self._show_tests()
        self._look_further()

    def _check_studies(self) -> None:
        """Frames, displays and locks, once for each reading of the answers."""
        opened = self._opened
        in_thread(
            self, lambda: check_studies(opened),
            lambda found: self.cards.quality.show_studies(*found)
            if opened is self._opened else None,
            self._failed,
        )  # fmt: skip

    def _look_further(self) -> None:
        """Units, agreement and machine, once the tests are there."""
        if self._opened is None or self._selected is None:
            return
        turn, opened, selected = self._turn, self._opened, self._selected
        known = self._observed

        def found(further: Further) -> None:
            answers = further.counterfactual.answers
            if opened is self._opened and answers is not None:
                fewer = self._observed is None or len(self._observed) < len(answers)
                self._observed = answers if fewer else self._observed
            if turn == self._turn:
                self._further = further
                self.cards.show_further(further)

        in_thread(self, lambda: look_further(opened, selected, known), found, self._failed)

    # -- showing -----------------------------------------------------------------------------

    def _show_empty(self, keep_text: bool = False) -> None:
        if not keep_text:
            self._empty.set_text(
                "No results yet",
                "Accuracy, confidence, reaction times and tests appear here "
                "after the first session.",
            )
        self._stack.setCurrentIndex(0)
        self.set_subtitle("")
        for button in (self._export, self._report):
            set_enabled(button, False, _NO_ANSWERS)
        self.state_changed.emit()

    def _draw(self, figures: Figures) -> None:
        opened, people = self._opened, figures.n_participants
        sources = "This study" if len(opened.loaded.studies) == 1 else plural(
            len(opened.loaded.studies), "study", "studies")  # fmt: skip
        self.set_subtitle(
            f"{sources} · {plural(opened.sessions, 'session')} included, {opened.excluded} excluded"
        )
        self._filters.set_counts(people, figures.n_trials)
        self.cards.draw(figures, self.study.seed if self.study is not None else 0)

    def _show_tests(self) -> None:
        if self._judgement is None:
            return
        from imi_desktop.gui.dashboard import results_tests

        verdicts, correction = self._judgement.verdicts, self.cards.tests.correction
        self.cards.show_tests(results_tests.listed(verdicts, self._tests, correction))

    def _open_trial(self, row: dict[str, Any]) -> None:
        folders = self._opened.loaded.folders if self._opened is not None else {}
        TrialDialog(self.context.theme, row, folders, self).open()

    def _look_for_answers(self) -> None:
        folder, turn = None if self.study is None else self.study.folder, self._turn
        if folder is None:
            return

        def found(stamp: object) -> None:
            if turn == self._turn and stamp != self._stamp:
                self._stamp = stamp
                self._load()

        in_thread(self, lambda: answers_stamp(folder), found)
