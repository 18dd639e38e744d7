"""A study with simulated answers, and the page for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from results_answers import answers

from imi_desktop.exchange.imported_study import make_study
from imi_desktop.exchange.imported_table import ImportReport, imported_table
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.results_page import ResultsPage
from imi_desktop.gui.jobs import JobList
from imi_desktop.gui.settings import SettingsFile
from imi_desktop.gui.theme import Theme, dress


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
