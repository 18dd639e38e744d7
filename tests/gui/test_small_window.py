"""At 1280 × 720 every page fits into the window and shows its texts whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from cut_texts import cut_texts
from PySide6.QtWidgets import QLabel, QWidget
from small_study import make_study

from imi_desktop.gui.main_window import MainWindow
from imi_desktop.gui.workbench.stimuli_page import StimuliPage

PAGES = ("study", "units", "stimuli", "display", "sessions", "results")


@pytest.fixture
def small_window(make_window, tmp_path: Path) -> MainWindow:
    window = make_window(1280, 720)
    window.open_folder(make_study(tmp_path).folder)
    return window


def test_no_page_cuts_its_texts(qtbot, small_window: MainWindow) -> None:
    cut: dict[str, list[str]] = {}
    for name in PAGES:
        small_window.show_page(name)
        page = small_window.page(name)
        qtbot.waitUntil(lambda page=page: page.isVisible())
        qtbot.wait(300)
        if isinstance(page, StimuliPage):
            for place in range(page.side._tabs.count()):
                page.side._tabs.setCurrentIndex(place)
                qtbot.wait(50)
                cut.setdefault(name, []).extend(cut_texts(page))
        cut.setdefault(name, []).extend(cut_texts(page))
        assert small_window.size().toTuple() == (1280, 720), f"{name} holds the window open"
    assert {name: texts for name, texts in cut.items() if texts} == {}


def test_a_cut_label_is_found(qtbot, theme) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    label = QLabel("much longer than its room", holder)
    label.resize(40, 20)
    holder.show()
    assert len(cut_texts(holder)) == 1
    label.resize(400, 20)
    assert cut_texts(holder) == []
