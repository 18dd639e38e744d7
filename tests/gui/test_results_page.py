"""The results page: what it shows, and how it follows filters and clicks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from imi_desktop.analysis.analyze import analyze
from imi_desktop.analysis.report import report_html
from imi_desktop.analysis.text_tables import text_report
from imi_desktop.exchange.imported_study import make_study
from imi_desktop.exchange.imported_table import ImportReport, imported_table
from imi_desktop.experiment.lock import amend, lock_study
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.results_page import ResultsPage
from imi_desktop.gui.jobs import JobList
from imi_desktop.gui.settings import SettingsFile
from imi_desktop.gui.theme import Theme, dress

CONDITIONS = {"natural": 0.9, "synthetic": 0.75, "none": 0.5}


def answers(people: int, study: str) -> pd.DataFrame:
    """Simulated answers of `people` about ten units in three conditions, one in ten a catch."""
    random = np.random.default_rng(3)
    rows = [
        {
            "study": study, "participant": f"P{person:02d}", "task": "forward_prediction",
            "phase": "main", "catch": unit == 9, "block": 1, "trial": place * 10 + unit,
            "attempt": 1, "condition": condition, "scheme": "min_max_9", "model": "inceptionv1",
            "layer": ("mixed3a", "mixed4c")[unit % 2], "branch": ("1x1", "pool")[unit % 2],
            "channel": unit, "unit_selection": "random", "target_position": "upper",
            "chosen_position": "upper", "correct": bool(random.random() < p),
            "confidence": int(random.integers(1, 4)),
            "reaction_time_ms": float(random.lognormal(8.5, 0.6)), "timeout": False,
            "included": person != 7,
            "exclusion_reasons": "missed catch trials" if person == 7 else None,
        }
        for person in range(people)
        for place, (condition, p) in enumerate(CONDITIONS.items())
        for unit in range(10)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture
def make_results_study(tmp_path: Path) -> Callable[[int], Study]:
    def make(people: int) -> Study:
        folder = tmp_path / f"study-{people}"
        make_study(folder, "borowski2021-1", "inceptionv1", seed=5)
        if people:
            with imported_table(folder, "answers", ImportReport("trials-csv", "test")) as table:
                table.append(answers(people, folder.name))
        return Study.load(folder)

    return make


@pytest.fixture
def page(qtbot, tmp_path: Path) -> ResultsPage:
    application = QApplication.instance()
    theme = Theme("light", application)
    dress(application, theme)
    made = ResultsPage(AppContext(theme, SettingsFile(), JobList(1)))
    qtbot.addWidget(made)
    made.resize(1700, 1000)
    made.show()
    return made


def show(page: ResultsPage, study: Study, qtbot) -> None:
    page.context.study = study
    page.set_study(study)
    qtbot.waitUntil(lambda: page._figures is not None and bool(page._tests), timeout=30_000)


def test_empty_before_any_answer(page, make_results_study, qtbot):
    study = make_results_study(0)
    page.context.study = study
    page.set_study(study)
    qtbot.waitUntil(lambda: page._opened is not None, timeout=30_000)
    assert page._stack.currentIndex() == 0
    assert not page._report.isEnabled()
    assert page._report.toolTip() == "No main trial has been answered yet."


def test_shows_the_included_answers(page, make_results_study, qtbot):
    show(page, make_results_study(9), qtbot)
    assert page.subtitle == "This study · 8 sessions included, 1 excluded"
    assert [one.condition for one in page._figures.accuracy] == ["natural", "synthetic", "none"]
    assert page._figures.n_participants == 8
    assert page._figures.n_trials == 8 * 27
    assert page.state_word() == "8 people"
    assert page.cards.verdicts._verdicts == ()
    assert page.cards.trials.model.rowCount() == 8 * 27


def test_filters_change_figures_and_trials(page, make_results_study, qtbot):
    show(page, make_results_study(9), qtbot)
    before = page._figures
    for condition in ("synthetic", "none"):
        page._filters._toggles[condition].click()
    qtbot.waitUntil(lambda: page._figures is not before, timeout=10_000)
    assert page._figures.conditions == ("natural",)
    assert page.cards.trials.model.rowCount() == 8 * 9
    before = page._figures
    page._filters._included.setChecked(False)
    qtbot.waitUntil(lambda: page._figures is not before, timeout=10_000)
    assert page._figures.n_participants == 9
    page._filters.reset()
    assert page._filters.filters.number_set == 0


def test_few_participants_have_no_interval(page, make_results_study, qtbot):
    show(page, make_results_study(3), qtbot)
    assert "n too small for an interval" in page.cards.accuracy.note


def test_clicks_lead_to_trials(page, make_results_study, qtbot):
    show(page, make_results_study(9), qtbot)
    page.grab()
    target = next(
        t for t in page.cards.accuracy.chart.targets() if "participant" in (t.payload or {})
    )
    page.cards.accuracy.chart.picked.emit(target.payload)
    assert page.cards.trials.model.rowCount() == 9
    page.cards.pick({"catch": True, "correct": False})
    shown = [
        page.cards.trials.model.trial_at(row) for row in range(page.cards.trials.model.rowCount())
    ]
    assert shown
    assert all(row["catch"] and not row["correct"] for row in shown)
    page.show_detail("mixed3a:4")
    assert {page.cards.trials.model.trial_at(0)[name] for name in ("channel",)} == {4}


def test_plots_are_saved_with_exactly_their_data(page, make_results_study, qtbot, tmp_path):
    show(page, make_results_study(9), qtbot)
    for card in (
        page.cards.accuracy,
        page.cards.confidence,
        page.cards.times,
        page.cards.layers,
        page.cards.branches,
    ):
        card.chart.save(tmp_path / "plot.svg")
        assert (tmp_path / "plot.svg").read_text().count("<g ") > 5
        card.chart.save(tmp_path / "plot.png")
        assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    page.cards.accuracy.write_csv(tmp_path / "plot.csv")
    data = pd.read_csv(tmp_path / "plot.csv")
    assert len(data) == 3 * 8 + 3
    natural = data[(data["condition"] == "natural") & data["two_sem"].notna()]
    assert natural["proportion_correct"].item() == pytest.approx(page._figures.accuracy[0].mean)


def test_tests_keep_their_row_when_not_run(page, make_results_study, qtbot):
    show(page, make_results_study(9), qtbot)
    first = page.cards.tests.table.model().index(0, 0).data()
    assert first == "Natural – synthetic, accuracy"
    page.cards.tests._choice.setCurrentIndex(1)
    page.cards.tests._choice.activated.emit(1)
    header = page.cards.tests.table.model().headerData(5, Qt.Orientation.Horizontal)
    assert header == "p, Bonferroni"


def test_a_damaged_table_is_said_not_crashed(page, make_results_study, qtbot):
    study = make_results_study(9)
    (study.folder / "imported" / "answers.parquet").write_bytes(b"not a table")
    page.context.study = study
    page.set_study(study)
    qtbot.waitUntil(lambda: "not a Parquet table" in page._empty._sentence.text(), timeout=30_000)
    assert page._stack.currentIndex() == 0


@pytest.mark.parametrize(("width", "compact"), [(1280, True), (1900, False)])
def test_reflows(page, make_results_study, qtbot, width, compact):
    page.resize(width, 700)
    show(page, make_results_study(9), qtbot)
    assert page.cards.grid._compact is compact
    assert page._filters._all.isVisible() is (width < 1600)
    for card in page.cards.grid._cards.values():
        assert card.width() > 200
        assert card.geometry().right() <= page.cards.grid.viewport().width()


def test_provenance_is_beside_the_table(make_results_study):
    folder = make_results_study(2).folder
    assert json.loads((folder / "imported/answers.json").read_text())["format"] == "trials-csv"


def test_new_answers_appear_by_themselves(page, make_results_study, qtbot):
    study = make_results_study(6)
    show(page, study, qtbot)
    with imported_table(study.folder, "more", ImportReport("trials-csv", "test")) as table:
        more = answers(2, study.folder.name)
        table.append(more.assign(participant="late-" + more["participant"]))
    page._look_for_answers()
    qtbot.waitUntil(lambda: page._figures.n_participants == 8, timeout=20_000)


def test_trials_are_sorted_with_missing_last(page, make_results_study, qtbot):
    show(page, make_results_study(6), qtbot)
    model = page.cards.trials.model
    names = [
        model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())
    ]
    time = names.index("Time")
    model.sort(time, Qt.SortOrder.DescendingOrder)
    times = [model.trial_at(row)["reaction_time_ms"] for row in range(model.rowCount())]
    assert times == sorted(times, reverse=True)
    model.sort(-1)
    assert model.trial_at(0)["participant"] == "P00"


def test_amendments_are_listed(page, make_results_study, qtbot):
    study = make_results_study(3)
    lock_study(study)
    changed = study.replace(name="Renamed")
    changed.save()
    amend(changed, author="A. Researcher", reason="A typing error in the name.")
    show(page, changed, qtbot)
    texts = [one.text() for one in page.cards.verdicts.findChildren(QLabel)]
    assert any("by A. Researcher: A typing error in the name." in text for text in texts)
    analysis = analyze([study.folder])
    assert analysis.to_json()["amendments"][0]["reason"] == "A typing error in the name."
    assert "A typing error in the name." in report_html(analysis)
    assert "A typing error in the name." in text_report(analysis)
