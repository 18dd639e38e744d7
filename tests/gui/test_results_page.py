"""The results page: what it shows, and how it follows filters and clicks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from imi_desktop.analysis.analyze import analyze
from imi_desktop.analysis.comparison_result import ComparisonResult
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
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.pack import QUERY, natural_path
from imi_desktop.stimuli.unit_measures import UnitMeasures

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
            "chosen_position": "upper" if (right := bool(random.random() < p)) else "lower",
            "correct": right,
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


def looked_further(page: ResultsPage, qtbot) -> None:
    qtbot.waitUntil(lambda: page._further is not None, timeout=60_000)


def test_scores_are_set_against_other_numbers(page, make_results_study, qtbot, tmp_path):
    study = make_results_study(9)
    units = [Unit("inceptionv1", ("mixed3a", "mixed4c")[i % 2], i) for i in range(9)]
    values = {unit: {"local_contrast": float(unit.channel)} for unit in units}
    UnitMeasures("activation_maps", {"images": 9}, values).write(study.folder)
    show(page, study, qtbot)
    looked_further(page, qtbot)
    card = page.cards.correlates
    card.choose("local_contrast")
    assert card.chosen == "local_contrast"
    assert len(card.chart.dots) == 18
    assert card.note.startswith("Natural: ρ = ")
    card.write_csv(tmp_path / "data.csv")
    assert len(pd.read_csv(tmp_path / "data.csv")) == 18
    card.chart.grab()
    card.chart.picked.emit(card.chart.targets()[0].payload)
    assert page.cards.trials.model.rowCount() == 8
    card.choose("nothing of this name")
    assert card.chosen == "local_contrast"


def test_agreement_is_shown_where_queries_were_shared(page, make_results_study, qtbot):
    show(page, make_results_study(6), qtbot)
    looked_further(page, qtbot)
    page.cards.agreement.chart.grab()
    assert page.cards.agreement.chart.targets() == ()
    study = make_results_study(7)
    for path in (study.folder / "imported").glob("*.parquet"):
        trials = pd.read_parquet(path)
        trials.assign(image_set="1").to_parquet(path, index=False)
    page._further = None
    show(page, study, qtbot)
    looked_further(page, qtbot)
    page.cards.agreement.chart.grab()
    words = [target.words for target in page.cards.agreement.chart.targets()]
    assert len(words) == 6
    assert words[0].startswith("natural and natural: κ = ")
    assert words[0].endswith("pairs")


def test_machine_score_beside_peoples(page, make_results_study, qtbot):
    study = make_results_study(9)
    show(page, study, qtbot)
    looked_further(page, qtbot)
    assert page.cards.machine.table.isHidden()
    page._measures.set_study(study.replace(images="elsewhere"))
    assert "is not there" in page._measures.reason
    assert not page.cards.machine._compute.isEnabled()
    unit = Unit("inceptionv1", "mixed3a", 0)
    UnitMeasures(
        "machine_score", {"temperature": 0.1, "observer": "pixels"},
        {unit: {"machine_score_natural": 0.8}},
        details=[{"model": unit.model, "layer": unit.layer, "channel": 0, "condition": "natural",
                  "image_set": "1", "difference": 0.14}],
    ).write(study.folder)  # fmt: skip
    page._further = None
    page._measures.computed.emit()
    looked_further(page, qtbot)
    assert not page.cards.machine.table.isHidden()
    assert page.cards.machine.table.model().index(0, 1).data() == "0.80"


def test_studies_side_by_side(page, make_results_study, qtbot):
    first, second = make_results_study(6), make_results_study(5)
    show(page, first, qtbot)
    assert page.cards.studies.isHidden()
    page._extra = (second.folder,)
    page._load()
    qtbot.waitUntil(lambda: len(page._figures.studies.levels) == 2, timeout=30_000)
    assert not page.cards.studies.isHidden()
    page.cards.studies.chart.grab()
    target = page.cards.studies.chart.targets()[-1]
    page.cards.studies.chart.picked.emit(target.payload)
    shown = [page.cards.trials.model.trial_at(row) for row in range(5)]
    assert {row["study"] for row in shown} == {"study-6"}


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


def test_networks_lie_beside_each_other_and_share_no_unit(page, make_results_study, qtbot):
    study = make_results_study(6)
    (table,) = (study.folder / "imported").glob("*.parquet")
    trials = pd.read_parquet(table)
    other = trials.assign(model="googlenet", block=2)
    pd.concat([trials, other]).to_parquet(table)
    show(page, study, qtbot)
    layers = page._figures.layers
    assert layers.levels == (
        "mixed3a, googlenet", "mixed4c, googlenet", "mixed3a, inceptionv1", "mixed4c, inceptionv1",
    )  # fmt: skip
    chart = page.cards.layers.chart
    chart.grab()
    first = next(t for t in chart.targets() if t.payload["layer"] == "mixed3a, googlenet")
    chart.picked.emit(first.payload)
    assert set(page.cards.trials._shown["model"]) == {"googlenet"}
    units = page.cards.units
    units.table.opened.emit(units.table.model().index(0, 0))
    row = units.table.model().rows[0]
    assert set(page.cards.trials._shown["model"]) == {row.model}
    assert units.table.selectionModel().selectedRows()[0].row() == 0


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


def test_thumbnails_of_units_are_decoded_beside_the_page(page, make_results_study, qtbot):
    study = make_results_study(6)
    unit = Unit("inceptionv1", "mixed3a", 0)
    path = study.folder / natural_path(unit, 0, "max", QUERY)
    path.parent.mkdir(parents=True)
    Image.new("RGB", (224, 224), "red").save(path)
    show(page, study, qtbot)
    images = page.cards.units._images
    score = next(u for u in page._figures.units if (u.layer, u.channel) == ("mixed3a", 0))
    qtbot.waitUntil(lambda: images.of(score)[0] is not None, timeout=10_000)
    (picture,) = images.of(score)
    assert picture.toImage().pixelColor(5, 5).red() > 200
    path.write_bytes(b"no image")
    page.cards.units.set_study_folder(study.folder)
    other = next(u for u in page._figures.units if (u.layer, u.channel) == ("mixed4c", 1))
    assert images.of(other) == []
