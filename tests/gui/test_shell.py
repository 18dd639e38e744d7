"""The main window: navigation, shortcuts, search, jobs, narrow windows, closing."""

import json
import subprocess
import sys
from collections import Counter

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from small_study import make_study

from imi_desktop.exchange.formats import IMPORTS
from imi_desktop.gui.actions import ACTIONS, MENUS, spec
from imi_desktop.gui.export_dialog import ExportDialog
from imi_desktop.gui.find_anything import Find, FindAnything, matching
from imi_desktop.gui.help_window import HelpWindow, topics
from imi_desktop.gui.import_dialog import ImportDialog
from imi_desktop.gui.main_window import MainWindow
from imi_desktop.gui.pages import PAGES
from imi_desktop.gui.settings_dialog import SettingsDialog
from imi_desktop.gui.widgets.dialog import Dialog


@pytest.fixture
def study(tmp_path):
    return make_study(tmp_path)


@pytest.fixture
def opened(window: MainWindow, study, qtbot) -> MainWindow:
    window.open_folder(study.folder)
    qtbot.waitUntil(lambda: len(window._pages) == len(PAGES), timeout=30_000)
    return window


def test_starts_without_torch():
    code = (
        "import sys, imi_desktop.gui.app, imi_desktop.gui.main_window;"
        "print([m for m in ('torch', 'torchvision', 'timm', 'lucent') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr


def test_without_a_study_only_the_start_page_shows(window: MainWindow):
    assert window.page_name == "start"
    assert not window.navigation.isVisible()
    window.show_page("results")
    assert window.page_name == "start"
    assert not window.actions_by_name["check_study"].isEnabled()
    assert window.actions_by_name["check_study"].toolTip() == "No study is open."


def test_opening_a_study_shows_it_everywhere(opened: MainWindow, study):
    assert opened.page_name == "study"
    assert opened.navigation.isVisible()
    assert opened.windowTitle() == "small – IMI Desktop"
    assert opened.top._name.text() == "small"
    assert opened.context.settings.recent[0] == study.folder
    assert not opened.notice.isVisible()


def test_ctrl_number_goes_to_the_page(opened: MainWindow, qtbot):
    with qtbot.waitActive(opened, timeout=10_000):
        opened.activateWindow()
    opened.show_page("start")
    for number, page in enumerate(PAGES, 1):
        key = getattr(Qt.Key, f"Key_{number}")
        qtbot.keyClick(opened, key, Qt.KeyboardModifier.ControlModifier)
        assert opened.page_name == page.name


def test_shortcuts_are_unique_and_known_to_qt():
    keys = [action.shortcut for action in ACTIONS if action.shortcut]
    assert not [key for key, times in Counter(keys).items() if times > 1]
    assert all(QKeySequence(key).toString() for key in keys)


def test_every_action_is_in_a_menu_and_does_something(window: MainWindow):
    functions = window.commands.functions()
    for action in ACTIONS:
        assert action.menu in MENUS
        assert callable(functions[action.name])
        assert action.text.endswith("…") or "…" not in action.text


def test_published_shortcuts_hold():
    wanted = {
        "new_study": "Ctrl+N",
        "open_study": "Ctrl+O",
        "import_data": "Ctrl+I",
        "export_study": "Ctrl+E",
        "find": "Ctrl+K",
        "open_results": "Ctrl+Shift+O",
        "toggle_theme": "Ctrl+Shift+D",
        "help": "F1",
        "next_card": "F6",
    }
    assert {name: spec(name).shortcut for name in wanted} == wanted


def test_a_broken_study_is_told_in_one_sentence(window: MainWindow, tmp_path):
    (tmp_path / "study.toml").write_text("format = 1\nnmae = 'x'\n")
    window.open_folder(tmp_path)
    assert window.notice.isVisible()
    assert "nmae" in window.notice.text
    assert window.context.study is None


def test_closing_a_study_returns_to_the_start(opened: MainWindow):
    opened.actions_by_name["close_study"].trigger()
    assert opened.context.study is None
    assert opened.page_name == "start"


def test_narrow_windows_show_icons_and_one_menu_button(make_window, qtbot):
    window = make_window(1280, 720)
    qtbot.waitUntil(lambda: window.navigation.width() == 56)
    assert not window.top.menus.isVisible()
    assert [a.text() for a in window.top._collected.actions()] == list(MENUS)
    window.resize(1700, 900)
    qtbot.waitUntil(lambda: window.navigation.width() == 200)
    assert window.top.menus.isVisible()


def test_theme_changes_at_once_and_is_remembered(window: MainWindow):
    window.actions_by_name["toggle_theme"].trigger()
    assert window.context.theme.dark
    assert window.context.settings.values.theme == "dark"
    image = window.grab().toImage()
    assert image.pixelColor(image.width() // 2, image.height() // 2).lightness() < 80


def test_find_ranks_names_before_words():
    finds = [Find(text, "page", lambda: None) for text in ("New study…", "Stimuli", "Last study")]
    assert [f.text for f in matching(finds, "st")] == ["Stimuli", "New study…", "Last study"]
    assert [f.text for f in matching(finds, "study new")] == ["New study…"]
    assert matching(finds, "nothing") == []


def test_find_anything_reaches_a_unit_and_goes_there(opened: MainWindow, qtbot):
    opened.find_anything()
    finder = opened.findChild(FindAnything)
    qtbot.keyClicks(finder.field, "blocks.3.1:3")
    assert finder.list.count() == 1
    qtbot.keyClick(finder, Qt.Key.Key_Return)
    assert opened.page_name == "units"


def test_settings_hold_at_once(window: MainWindow, qtbot):
    dialog = SettingsDialog(window.context, window)
    qtbot.addWidget(dialog)
    dialog._set("theme", "dark")
    assert window.context.theme.dark
    dialog._set("workers", 3)
    assert window.context.jobs.at_once == 3
    assert "workers = 3" in window.context.settings.path.read_text()


def test_help_has_a_text_for_every_page(theme, qtbot):
    names = {topic.name for topic in topics()}
    assert {"start", "keyboard", *(page.name for page in PAGES)} <= names
    for topic in topics():
        assert topic.title
        assert len(topic.markdown) > 200
    window = HelpWindow(theme, "units")
    qtbot.addWidget(window)
    assert window.list.currentItem().data(Qt.ItemDataRole.UserRole) == "units"
    assert "Units" in window.text.toPlainText()


@pytest.mark.parametrize("name", ["settings", "about", "keyboard", "show_log"])
def test_dialogs_open_and_close_with_escape(window: MainWindow, name, qtbot):
    window.actions_by_name[name].trigger()
    dialog = next(d for d in window.findChildren(Dialog) if d.isVisible())
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_closing_with_jobs_asks_and_cancels_within_a_second(window, tmp_path, qtbot, monkeypatch):
    from small_study import draw_images

    draw_images(tmp_path / "images", 60)
    spec_ = {"kind": "index_images", "folder": str(tmp_path / "images")}
    job = window.context.jobs.start(spec_, "Images")
    qtbot.waitUntil(lambda: bool(job.state.value == "running"))
    asked = []
    monkeypatch.setattr("imi_desktop.gui.main_window.ask", lambda *a, **k: asked.append(a) or True)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=3000)
    assert len(asked) == 1
    assert job.state.over


def test_everything_that_can_be_pressed_has_a_name(opened: MainWindow):
    for page in ("study",):
        opened.show_page(page)
        for button in opened.findChildren(QAbstractButton):
            if button.isVisible():
                named = button.text() or button.accessibleName() or button.toolTip()
                assert named, button


def test_the_keyboard_reaches_the_cards(opened: MainWindow, qtbot):
    opened.activateWindow()
    qtbot.waitUntil(lambda: opened.isActiveWindow())
    opened.actions_by_name["next_card"].trigger()
    first = opened.focusWidget()
    opened.actions_by_name["next_card"].trigger()
    assert isinstance(first, QWidget)
    assert opened.focusWidget() is not first


def test_a_page_hears_its_own_keys_as_soon_as_it_is_shown(opened: MainWindow, qtbot):
    with qtbot.waitActive(opened, timeout=10_000):
        opened.activateWindow()
    opened.show_page("units")
    assert opened.focusWidget() is opened.page("units")
    qtbot.keyClick(opened, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: opened.page("units").list.look == "list")


def test_the_ring_shows_where_tab_went(window: MainWindow, qtbot):
    with qtbot.waitActive(window, timeout=10_000):
        window.activateWindow()
    window.start._demo.button.setFocus()
    assert not window._ring._frame.isVisible()
    qtbot.keyClick(window.start._demo.button, Qt.Key.Key_Tab)
    qtbot.waitUntil(window._ring._frame.isVisible)
    assert window._ring._frame.widget() is window.focusWidget()


def test_no_ring_where_a_clicked_button_gives_the_keyboard_away(window: MainWindow, qtbot):
    with qtbot.waitActive(window, timeout=10_000):
        window.activateWindow()
    button = window.start._demo.button
    qtbot.mouseClick(window.start._cards[0], Qt.MouseButton.LeftButton)
    button.setFocus()
    button.set_enabled(False, "The demo is being made.")
    assert window.focusWidget() is not button
    assert not window._ring._frame.isVisible()


def test_the_ring_outlives_what_it_was_on(window: MainWindow, qtbot):
    with qtbot.waitActive(window, timeout=10_000):
        window.activateWindow()
    box = QWidget(window.start)
    field = QLineEdit(box)
    box.show()
    window.start._demo.button.setFocus()
    window._ring.moved_by_keyboard()
    field.setFocus()
    assert window._ring._frame.widget() is field
    shiboken6.delete(box)
    window._ring.moved_by_keyboard()
    window.start._demo.button.setFocus()
    assert window._ring._frame.widget() is window.start._demo.button


@pytest.mark.parametrize("width", [1280, 1680])
def test_every_page_fits_720_px(make_window, study, qtbot, width):
    window = make_window(width, 720)
    window.open_folder(study.folder)
    qtbot.waitUntil(lambda: len(window._pages) == len(PAGES), timeout=30_000)
    for spec_of_page in PAGES:
        window.show_page(spec_of_page.name)
        assert window.minimumSizeHint().height() <= 720, spec_of_page.name
        assert window.minimumSizeHint().width() <= width, spec_of_page.name


def test_every_import_format_is_offered(window: MainWindow, qtbot):
    dialog = ImportDialog(window.context, window)
    qtbot.addWidget(dialog)
    shown = [dialog._format.itemData(row) for row in range(dialog._format.count())]
    assert shown == [entry.name for entry in IMPORTS]
    dialog.show()
    assert not dialog._model.isVisible()
    dialog.choose_format("stimuli-folder")
    assert dialog._model.isVisible()


@pytest.mark.parametrize(("answers", "page"), [(True, "results"), (False, "study")])
def test_imported_answers_are_shown_at_once(window: MainWindow, study, qtbot, answers, page):
    told: list[str] = []
    window.context.told.connect(told.append)
    window.commands.import_data()
    dialog = window.findChild(ImportDialog)
    dialog._imported(study.folder, json.dumps({"trials": 1890 * answers, "participants": 10}))
    assert window.page_name == page
    trials = "1\u2009890" if answers else "0"
    assert told == [f"Imported {trials} trials, 10 participants"]
    dialog.reject()


def test_exporting_writes_the_chosen_format(opened: MainWindow, study, qtbot):
    dialog = ExportDialog(opened.context, study, opened)
    qtbot.addWidget(dialog)
    dialog.format.setCurrentIndex(dialog.format.findData("bids"))
    assert dialog.target.text() == str(study.folder / "exports" / "bids")
    dialog.show()
    dialog.go.click()
    qtbot.waitUntil(lambda: "no answers yet" in dialog.report.text(), timeout=30_000)
    assert dialog.isVisible()
