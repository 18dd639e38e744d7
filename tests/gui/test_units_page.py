"""The Units page on a small real study."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from small_study import MODEL, make_study

from imi_desktop.experiment import lock
from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader
from imi_desktop.gui.workbench.layer_overview import UnitOverview
from imi_desktop.gui.workbench.unit_faces import Face
from imi_desktop.gui.workbench.unit_list_card import UnitListCard
from imi_desktop.gui.workbench.unit_list_model import SUMMARY_ROLE, UnitListModel
from imi_desktop.gui.workbench.unit_preview import read_state
from imi_desktop.gui.workbench.units_page import UnitsPage
from imi_desktop.gui.workbench.units_recording import RecordingState
from imi_desktop.gui.workbench.units_study import Overview
from imi_desktop.models.unit import Unit
from imi_desktop.progress import Progress

OpenPage = Callable[[Study], UnitsPage]
PATIENCE = 20_000


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return make_study(tmp_path)


@pytest.fixture
def page(qtbot, context: AppContext) -> Iterator[UnitsPage]:
    page = UnitsPage(context)
    qtbot.addWidget(page)
    context.study_changed.connect(page.set_study)
    page.resize(1720, 980)
    page.show()
    yield page
    page.stop()


@pytest.fixture
def open_page(qtbot, context: AppContext, page: UnitsPage) -> OpenPage:
    """Opens a study and waits until its first unit is there."""

    def open_(study: Study) -> UnitsPage:
        context.open_study(study.folder)
        qtbot.waitUntil(lambda: bool(page.inspector.shown), timeout=PATIENCE)
        return page

    return open_


def test_without_a_study_the_page_says_so(page: UnitsPage) -> None:
    assert page.state_word() == ""
    assert not page.panel.isEnabled()


def test_a_study_opens_on_its_first_unit(open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    assert page.inspector.unit == Unit(MODEL, "blocks.1.0", 0)
    assert page.list.units.rowCount() == 24
    assert page.subtitle.startswith("4 chosen")
    assert page.state_word() == "4"
    shown = page.inspector.shown
    assert len(shown.references["max"]) == 9 and "min" in shown.queries
    assert page.unit_panel.batch_choice.count() == 3


def test_images_of_the_unit_are_decoded_and_painted(
    qtbot, open_page: OpenPage, study: Study
) -> None:
    page = open_page(study)
    qtbot.waitUntil(lambda: page.loader.cached_bytes > 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.loader.waiting == 0, timeout=PATIENCE)
    board = page.unit_panel.board.grab().toImage()
    colours = {board.pixel(x, y) for x in range(0, board.width(), 9) for y in range(0, 300, 9)}
    assert len(colours) > 30


def test_sorting_waits_for_all_units_and_then_holds(
    qtbot, open_page: OpenPage, study: Study
) -> None:
    page = open_page(study)
    page.list.order.setCurrentIndex(2)
    qtbot.waitUntil(lambda: page.list.units.missing_summaries == [], timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.list.units.order.value == "max activation", timeout=PATIENCE)
    model = page.list.units
    maxima = [model.index(row).data(SUMMARY_ROLE).maximum for row in range(model.rowCount())]
    assert maxima == sorted(maxima, reverse=True)


def test_keys_turn_batches_faces_and_looks(qtbot, open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    page.list.view.setFocus()
    qtbot.keyClick(page.list.view, Qt.Key.Key_BracketRight)
    assert page.unit_panel.batch == 1
    qtbot.keyClick(page.list.view, Qt.Key.Key_BracketLeft)
    assert page.unit_panel.batch == 0
    qtbot.keyClick(page.list.view, Qt.Key.Key_M)
    assert page.list.face is Face.MIN
    qtbot.keyClick(page.list.view, Qt.Key.Key_L)
    assert page.list.look == "list"


def test_adding_a_unit_writes_the_study(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    page.show_unit(Unit(MODEL, "blocks.1.0", 9))
    page.list.view.setFocus()
    qtbot.keyClick(page.list.view, Qt.Key.Key_A)
    assert Unit(MODEL, "blocks.1.0", 9) in {entry.unit for entry in Study.load(study.folder).units}
    assert page.state_word() == "5"
    assert page.unit_panel.toggle.text() == "Remove from study"
    assert page.inspector.unit == Unit(MODEL, "blocks.1.0", 9)
    page.editor.toggle()
    assert len(Study.load(study.folder).units) == len(study.units)


def test_a_locked_study_says_why_nothing_can_change(open_page: OpenPage, study: Study) -> None:
    (study.folder / lock.FILE_NAME).write_text("{}")
    page = open_page(study)
    assert not page.unit_panel.toggle.isEnabled()
    assert "locked" in page.unit_panel.toggle.toolTip()
    assert not page.panel.draw.isEnabled() and "locked" in page.panel.draw.toolTip()


def test_a_draw_is_shown_before_it_counts(qtbot, open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    page.editor.draw(3, 11)
    dialog = page.offer.shown
    assert dialog is not None and len(dialog.drawn) == 3
    first = dialog.drawn
    dialog.seed.setValue(12)
    assert dialog.drawn != first
    assert len(Study.load(study.folder).units) == len(study.units)
    drawn = set(dialog.drawn)
    dialog.accept_button.click()
    chosen = {e.unit: e for e in Study.load(study.folder).units}
    assert drawn <= set(chosen)
    assert all(chosen[unit].selection == "random" for unit in drawn)


def test_layers_that_are_not_recorded_offer_to_record(
    qtbot, open_page: OpenPage, study: Study, context: AppContext
) -> None:
    page = open_page(study)
    page.panel.choose_layer("blocks.4.0")
    state = page.list.stack.currentWidget()
    assert isinstance(state, RecordingState)
    specs: list[dict[str, object]] = []
    state.record_wanted.disconnect()
    state.record_wanted.connect(lambda layers: specs.append({"layers": layers}))
    qtbot.mouseClick(state.record, Qt.MouseButton.LeftButton)
    assert specs == [{"layers": ["blocks.4.0"]}]
    assert page.inspector.unit is None


def test_a_list_of_units_can_be_imported(
    qtbot, open_page: OpenPage, study: Study, context: AppContext, tmp_path: Path
) -> None:
    page = open_page(study)
    path = tmp_path / "units.txt"
    path.write_text("blocks.1.0:11\nblocks.3.1:40\n")
    page.editor.import_units(path)
    assert page.state_word() == "6"
    path.write_text("blocks.1.0:11\nhello\n")
    with qtbot.waitSignal(context.failed) as failed:
        page.editor.import_units(path)
    assert "Line 2" in failed.args[0]


def test_the_histogram_can_be_saved_with_its_data(
    qtbot, open_page: OpenPage, study: Study, tmp_path: Path
) -> None:
    page = open_page(study)
    histogram = page.unit_panel.histogram
    qtbot.waitUntil(lambda: "\nimages," in histogram.csv_text(), timeout=PATIENCE)
    for suffix in ("svg", "png", "csv"):
        page.unit_panel.save_plot(tmp_path / f"plot.{suffix}", suffix)
    assert b"<svg" in (tmp_path / "plot.svg").read_bytes()
    assert not QImage(str(tmp_path / "plot.png")).isNull()
    rows = list(csv.reader((tmp_path / "plot.csv").read_text().splitlines()))
    assert sum(int(row[-1]) for row in rows if row[0] == "images") == 60
    assert sum("natural reference" in row[0] for row in rows) == 18


def test_a_narrow_window_turns_layers_into_a_drop_down(open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    page.resize(1224, 600)
    assert page.panel.layer_choice.isVisible()
    assert not page.panel.tree.isVisible()
    page.resize(1720, 980)
    assert page.panel.tree.isVisible()
    assert page.minimumSizeHint().width() <= 1000


def test_leaving_a_unit_forgets_its_images(qtbot, open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    for row in range(1, 12):
        page.list.view.setCurrentIndex(page.list.units.index(row))
    last = page.list.units.unit_at(11)
    qtbot.waitUntil(
        lambda: page.inspector.shown is not None and page.inspector.shown.unit == last,
        timeout=PATIENCE,
    )
    assert page.inspector.unit == last


def test_only_rows_on_the_screen_are_asked_for(qtbot, theme) -> None:
    model = UnitListModel()
    asked: list[Unit] = []
    model.wanted.connect(asked.append)
    model.set_units(Unit("m", "l", channel) for channel in range(20_000))
    assert model.rowCount() == 20_000
    assert asked == []
    model.index(5).data(SUMMARY_ROLE)
    assert asked == [Unit("m", "l", 5)]


def test_the_loader_drops_what_nobody_waits_for(qtbot, tmp_path: Path, theme) -> None:
    loader = ThumbnailLoader(cache_bytes=40_000)
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    for number in range(40):
        image.fill(number * 5)
        image.save(str(tmp_path / f"{number}.png"))
    keys = [ThumbnailKey(str(tmp_path / f"{number}.png"), 32) for number in range(40)]
    for key in keys:
        loader.pixmap(key)
    loader.forget()
    assert loader.waiting <= 2
    qtbot.waitUntil(lambda: loader.waiting == 0, timeout=PATIENCE)
    for key in keys:
        loader.pixmap(key)
    qtbot.waitUntil(lambda: loader.waiting == 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: loader.pixmap(keys[0]) is not None, timeout=PATIENCE)
    assert loader.cached_bytes <= 40_000
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not an image")
    key = ThumbnailKey(str(broken), 32)
    loader.pixmap(key)
    qtbot.waitUntil(lambda: loader.unreadable(key), timeout=PATIENCE)
    loader.stop()


def test_a_preview_ends_when_the_selection_moves_on(open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    page.inspector.visualize()
    job = page.context.jobs.jobs[0]
    assert job.spec["kind"] == "preview_unit" and job.spec["channel"] == 0
    assert page.inspector.preview.unit == Unit(MODEL, "blocks.1.0", 0)
    page.list.view.setCurrentIndex(page.list.units.index(4))
    assert job.state.over
    assert page.inspector.preview.unit is None


def test_v_makes_a_preview_and_cancels_it(qtbot, open_page: OpenPage, study: Study) -> None:
    page = open_page(study)
    page.context.jobs.at_once = 0
    qtbot.keyClick(page, Qt.Key.Key_V)
    assert page.inspector.preview.unit == page.inspector.unit
    qtbot.keyClick(page, Qt.Key.Key_V)
    assert page.inspector.preview.unit is None


def test_news_of_units_do_not_lay_out_a_long_list_again(qtbot, theme) -> None:
    units = [Unit(MODEL, "blocks.1.0", channel) for channel in range(20_000)]
    card = UnitListCard(theme, ThumbnailLoader())
    qtbot.addWidget(card)
    card.resize(412, 940)
    card.show()
    card.set_units("all", units, None)
    qtbot.wait(50)
    asked = []
    card.units.rowCount = lambda parent=None: asked.append(1) or len(units)
    card.units.dataChanged.emit(card.units.index(0), card.units.index(200))
    qtbot.wait(50)
    assert len(asked) < 5_000


def test_the_units_of_the_study_are_reached_by_key(qtbot, theme) -> None:
    first, second = (Unit(MODEL, layer, 3) for layer in ("mixed3a", "mixed3b"))
    overview = UnitOverview(theme)
    qtbot.addWidget(overview)
    overview.resize(300, 90)
    cells = {("1x1", "3a"): (first,), ("1x1", "3b"): (second,), ("3x3", "3a"): (first,)}
    missing = frozenset({("3x3", "3b")})
    overview.set_overview(Overview(("3a", "3b"), ("1x1", "3x3"), cells, missing))
    overview.show()
    qtbot.keyClick(overview, Qt.Key.Key_Right)
    with qtbot.waitSignal(overview.unit_chosen) as chosen:
        qtbot.keyClick(overview, Qt.Key.Key_Return)
    assert chosen.args == [second]
    qtbot.keyClick(overview, Qt.Key.Key_Down)
    with qtbot.assertNotEmitted(overview.unit_chosen):
        qtbot.keyClick(overview, Qt.Key.Key_Return)
    assert overview._missing_at(overview._cell(1, 1).center()) == "No unit yet: 3b, 3x3"


def test_previews_are_understood() -> None:
    data = {"side": "min", "step": 20, "steps": 80, "activation": -1.5, "preview": "/x/p.png"}
    state = read_state(Progress("Visualizing", 20, 80, "", data))
    assert state is not None
    assert (state.side, state.fraction, state.image) == ("min", 0.25, Path("/x/p.png"))
    assert read_state(Progress("Loading the model", 0, 0)) is None
