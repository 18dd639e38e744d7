"""The results page: what it shows, and how it follows filters and clicks."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from results_answers import answers, show

from imi_desktop.analysis.analyze import analyze
from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.report import report_html
from imi_desktop.analysis.text_tables import text_report
from imi_desktop.exchange.imported_table import ImportReport, imported_table
from imi_desktop.experiment.lock import amend, lock_study
from imi_desktop.gui.dashboard.results_page import ResultsPage


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


def test_a_hypothesis_stated_with_the_answers_at_hand_is_exploratory(
    page, make_results_study, qtbot
):
    study = make_results_study(6)
    lock_study(study)
    late = {
        "id": "H1", "sentence": "Natural images help more.", "null": "None does.",
        "alternative": "More answers are right.", "measure": "proportion_correct",
        "test": "wilcoxon", "direction": "greater",
        "comparison": {"factor": "condition", "a": "natural", "b": "synthetic"},
        "planned_participants": 12,
    }  # fmt: skip
    changed = study.replace(hypotheses=[late])
    changed.save()
    amend(changed, author="A. Researcher", reason="Seen in the answers.")
    show(page, changed, qtbot)
    (verdict,) = page._judgement.verdicts
    assert not verdict.locked
    texts = [one.text() for one in page.cards.verdicts.findChildren(QLabel)]
    assert any(text.startswith("Exploratory") for text in texts)
    assert any("Seen in the answers." in text for text in texts)
    departure = "12 participants were planned, 6 entered."
    assert any(text.startswith("Not as planned:") and departure in text for text in texts)
    qtbot.waitUntil(lambda: "Stimuli match the lock: none locked" in checks(page), timeout=30_000)
    departures = len(page._judgement.deviations)
    assert departures >= 2
    assert f"Departures from the plan: {departures}" in checks(page)
    assert departure in report_html(analyze([study.folder]))


def checks(page: ResultsPage) -> list[str]:
    return [row.accessibleName() for row in page.cards.quality.findChildren(QPushButton)]


def test_names_of_tests_and_reasons_can_be_read(page, make_results_study, qtbot):
    show(page, make_results_study(9), qtbot)
    table = page.cards.tests.table
    for width in (1700, 1280):
        page.resize(width, 720)
        page.width_changed(width)
        qtbot.waitUntil(lambda: table.viewport().width() > 740)
        table.refit()
        model, metrics = table.model(), table.fontMetrics()
        for row in range(model.rowCount()):
            text = model.index(row, 0).data()
            assert metrics.horizontalAdvance(text) + 14 <= table.columnWidth(0) or len(text) > 40
    reason = "all 10 participants are experts"
    left_out = ComparisonResult("Mixed ANOVA", "expert level", "", reason=reason)
    page.cards.tests.show_tests([*page._tests, left_out])
    last = model.rowCount() - 1
    assert model.index(last, 2).data() == f"Not run: {reason}"
    assert table.columnSpan(last, 2) == 6
    assert table.columnSpan(0, 2) == 1
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    moved = next(row for row, test in enumerate(model.rows) if test is left_out)
    assert [table.columnSpan(row, 2) == 6 for row in range(last + 1)].index(True) == moved
