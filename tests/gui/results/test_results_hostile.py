"""The results page on answers that are odd but possible: a marked partial result, never a slip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel

from imi_desktop.exchange.imported_study import make_study
from imi_desktop.exchange.trials_csv import import_trials_csv
from imi_desktop.experiment.study import Study
from imi_desktop.gui.dashboard.chart import Chart
from imi_desktop.gui.dashboard.plain_tip import plain_tip
from imi_desktop.gui.dashboard.results_page import ResultsPage
from imi_desktop.gui.widgets.table import StudyTable

Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture
def page(page: ResultsPage) -> ResultsPage:
    page.resize(1280, 720)
    return page


def answers() -> pd.DataFrame:
    random = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "participant": f"P{person}", "task": "forward_prediction", "phase": "main",
            "catch": False, "block": 1, "trial": 10 * place + unit, "condition": condition,
            "model": "inceptionv1", "layer": "mixed3a", "channel": unit,
            "correct": bool(random.random() < 0.8), "confidence": int(random.integers(1, 4)),
            "reaction_time_ms": float(random.lognormal(8, 0.5)), "included": True,
        }
        for person in range(6)
        for place, condition in enumerate(("natural", "synthetic"))
        for unit in range(6)
    )  # fmt: skip


def study_of(folder: Path, trials: pd.DataFrame) -> Study:
    make_study(folder, "borowski2021-1", "inceptionv1", seed=5)
    trials.to_csv(folder / "trials.csv", index=False)
    import_trials_csv(folder / "trials.csv", folder)
    return Study.load(folder)


def named(name: str) -> Change:
    return lambda t: t.assign(participant=t["participant"].replace("P1", name))


CASES: dict[str, Change] = {
    "one trial": lambda t: t.head(1),
    "one participant": lambda t: t[t["participant"] == "P1"],
    "all tied": lambda t: t.assign(correct=True, confidence=2, reaction_time_ms=900.0),
    "never right": lambda t: t.assign(correct=False),
    "a condition missing for some": lambda t: t[
        (t["participant"] > "P2") | (t["condition"] == "natural")
    ],
    "condition not told": lambda t: t.assign(condition=t["condition"].where(t["channel"] > 2)),
    "times of 0": lambda t: t.assign(reaction_time_ms=0.0),
    "times beyond the axis": lambda t: t.assign(reaction_time_ms=9e8),
    "no times": lambda t: t.drop(columns="reaction_time_ms"),
    "no confidence": lambda t: t.drop(columns="confidence"),
    "no units": lambda t: t.drop(columns=["model", "layer", "channel"]),
    "largest channel": lambda t: t.assign(channel=t["channel"] + 2**62),
    "formula": named("=cmd|'/c calc'!A1"),
    "path": named("../../etc/passwd"),
    "emoji": named("👩🏽‍🔬 Zoë"),
    "markup": named("<script>alert(1)</script>"),
    "slash": named("P / 1"),
    "long name": named("x" * 400),
}


def draw_all(page: ResultsPage) -> None:
    for chart in page.findChildren(Chart):
        if type(chart) is not Chart:
            chart.grab()


@pytest.mark.parametrize("change", CASES.values(), ids=CASES.keys())
def test_odd_answers_are_shown(page, qtbot, tmp_path, change):
    trials = change(answers()).reset_index(drop=True)
    study = study_of(tmp_path / "s", trials)
    page.context.study = study
    page.set_study(study)
    qtbot.waitUntil(lambda: page._further is not None, timeout=30_000)
    assert page._figures.n_trials == len(trials)
    assert page._figures.n_participants == trials["participant"].nunique()
    seen = [child.text() for child in page.findChildren(QLabel)]
    for table in page.findChildren(StudyTable):
        model = table.model()
        seen += [
            str(model.index(row, column).data())
            for row in range(min(model.rowCount(), 40))
            for column in range(model.columnCount())
        ]
    assert not {text for text in seen if text.lower() in {"nan", "inf", "−inf", "<na>"}}
    draw_all(page)
    for target in page.cards.accuracy.chart.targets()[:3]:
        page.cards.accuracy.chart.picked.emit(target.payload)
        assert len(page.cards.trials._shown)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.assign(phase="practice"), "No results yet"),
        (lambda t: t.assign(correct=None, rating=10.0, task="intuitiveness"), ""),
        (lambda t: t.assign(included=False), ""),
        (lambda t: t.assign(catch=True), ""),
    ],
    ids=["practice", "ratings", "excluded", "catch"],
)
def test_nothing_to_average_is_no_number(page, qtbot, tmp_path, change, words):
    study = study_of(tmp_path / "s", change(answers()))
    page.context.study = study
    page.set_study(study)
    qtbot.waitUntil(lambda: page._opened is not None, timeout=30_000)
    qtbot.wait(50)
    if words:
        assert words in [label.text() for label in page.findChildren(QLabel)]
    else:
        qtbot.waitUntil(lambda: page._figures is not None, timeout=30_000)
        assert page._figures.n_trials == 0
        assert page._figures.accuracy == ()
    draw_all(page)


def test_tooltips_show_names_letter_by_letter():
    assert plain_tip("p < .001") == "p < .001"
    tip = plain_tip("<b>P1</b>\nright")
    assert "&lt;b&gt;P1" in tip
    assert Qt.mightBeRichText(tip)
