"""The Display page measures, judges and saves versions."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from small_study import make_study

from imi_desktop.display.luminance import LEVELS, VERIFICATION_LEVELS
from imi_desktop.display.profile import LuminanceReading, history, latest
from imi_desktop.gui.calibration.display_page import DisplayPage
from imi_desktop.gui.calibration.participant_screen import CardWindow
from imi_desktop.gui.calibration.profile_card import CompareDialog, DetailsDialog, facts
from imi_desktop.gui.calibration.readings_dialog import ReadingsDialog
from imi_desktop.gui.widgets.screens import screen_of


@pytest.fixture
def page(context, qtbot):
    made = DisplayPage(context)
    made.resize(1720, 1000)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def readings():
    return [
        LuminanceReading(
            level=level,
            cd_m2=0.3 + 240 * (level / 255) ** 2.2,
            verification=level in VERIFICATION_LEVELS,
        )
        for level in (*LEVELS, *VERIFICATION_LEVELS)
    ]


def measured(page, name):
    return next(row.measured for row in page.needs.requirements if row.name == name)


def test_a_screen_never_measured_says_so(page):
    assert page.state_word() == "not measured"
    assert not page.save_button.isEnabled()
    assert page.save_button.toolTip() == "Nothing measured yet."
    assert measured(page, "Pixels per degree") == "not measured"
    assert page.steps["size"].state.text == "not measured"
    assert "is not measured yet" in page.subtitle
    assert page.needs.chip.text != "Screen 1 is ready"
    assert "Pixels per degree" in page.needs.chip.toolTip()


def test_card_and_ruler_give_pixels_per_degree(page):
    width = page.draft.key.width_px
    size = page.steps["size"]
    size.ruler.setValue(width / 3.92)
    size.slider.setValue(round(3.92 * 85.6 * 10))
    assert measured(page, "Pixels per degree") == "41.0"
    assert size.state.text == "card and ruler agree to 0.0 %"
    size.slider.setValue(round(4.1 * 85.6 * 10))
    assert size.state.text.startswith("card and ruler differ by 4.")
    assert "not met" in page.needs.chip.text


def test_keys_change_the_outline_by_one_ten_and_a_tenth(page, qtbot):
    page.draft.change_size(card_px=300.0)
    picture = page.steps["size"].picture
    for modifier, expected in (
        (Qt.KeyboardModifier.NoModifier, 301.0),
        (Qt.KeyboardModifier.ShiftModifier, 311.0),
        (Qt.KeyboardModifier.ControlModifier, 311.1),
    ):
        QTest.keyClick(picture, Qt.Key.Key_Right, modifier)
        assert page.draft.profile.size.card_px == pytest.approx(expected)
    window = CardWindow(page.draft.screen, 311.1)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.resized) as told:
        QTest.keyClick(window, Qt.Key.Key_Down)
    assert told.args == [pytest.approx(310.1)]


def test_the_distance_changes_the_angle(page):
    page.draft.change_size(ruler_mm=page.draft.key.width_px / 3.92)
    page.steps["distance"].distance.setValue(300)
    assert measured(page, "Pixels per degree") == "20.5"
    assert measured(page, "Viewing distance") == "30.0 cm"


def test_saving_keeps_versions(page):
    page.draft.change_size(card_px=335.4)
    page.save_button.click()
    assert latest(page.draft.key).size.card_px == 335.4
    assert page.state_word() == "0 days"
    assert page.save_button.text() == "Save as version 2"
    assert page.save_button.toolTip() == "Nothing changed since version 1."
    page.draft.change_size(card_px=336.0)
    assert page.close_reason()
    page.save()
    assert [profile.version for profile in history(page.draft.key)] == [2, 1]
    assert page.profile_card.compare_button.isEnabled()
    again = DisplayPage(page.context)
    assert again.draft.profile.size.card_px == 336.0
    again.deleteLater()


def test_luminance_is_fitted_and_the_grey_chosen(page, tmp_path):
    card = page.steps["luminance"]
    assert not card.half.isEnabled()
    lines = ["level,cd_m2,verification"]
    lines += [f"{r.level},{r.cd_m2:.4f},{int(r.verification)}" for r in readings()]
    path = tmp_path / "readings.csv"
    path.write_text("\n".join(lines))
    card.import_file(path)
    assert page.draft.profile.luminance.gamma == pytest.approx(2.2, abs=0.01)
    assert card.state.text == "largest verification error 0.0 %"
    assert len(card.chart.rows()) == len(readings())
    card.half.click()
    assert page.draft.profile.background_level == 186
    card.published.click()
    assert page.draft.profile.background_level == 128


def test_a_bad_file_changes_nothing_and_says_why(page, tmp_path, qtbot):
    path = tmp_path / "readings.csv"
    path.write_text("level,cd_m2\n0,0.3\n")
    card = page.steps["luminance"]
    with qtbot.waitSignal(page.context.failed) as told:
        card._try(lambda: card.import_file(path))
    assert "at least 5 levels" in told.args[0]
    assert page.draft.profile.luminance is None


def test_typed_readings_go_level_by_level(page, qtbot):
    dialog = ReadingsDialog(page.theme, page.draft, seed=1)
    qtbot.addWidget(dialog)
    total = len(dialog._order)
    for number, (level, _) in enumerate(dialog._order):
        assert f"{number + 1} of {total}: level {level}" in dialog._where.text()
        dialog.field.setValue(0.3 + 240 * (level / 255) ** 2.2)
        if number == 4:
            dialog.back.click()
            dialog.field.setValue(0.3 + 240 * (dialog._order[3][0] / 255) ** 2.2)
            dialog.next.click()
            dialog.field.setValue(0.3 + 240 * (level / 255) ** 2.2)
        dialog.next.click()
    chart = page.steps["luminance"].chart
    before = chart.grab().toImage()
    page.steps["luminance"].take(dialog.readings)
    assert chart.grab().toImage() != before
    assert page.draft.profile.luminance.gamma == pytest.approx(2.2, abs=0.02)
    assert sum(reading.verification for reading in page.draft.profile.readings) == 3


def test_the_self_test_is_shown(page):
    rng = np.random.default_rng(1)
    found = {
        "hz": 60.0,
        "sd_ms": 0.03,
        "frames": 600,
        "long_intervals": 0,
        "synchronised": True,
        "surface": "OpenGL",
        "compositor": "none",
        "intervals_ms": [1000 / 60 + float(rng.normal(0, 0.02)) for _ in range(600)],
    }
    timing = page.steps["timing"]
    before = timing.chart.grab().toImage()
    timing._take_self_test(json.dumps({"refresh": found}))
    assert timing.state.text == "passed"
    assert timing.chart.grab().toImage() != before
    assert measured(page, "Refresh rate") == "60.00 Hz"
    page.draft.change(refresh=found | {"synchronised": False})
    assert timing.state.text == "not synchronised"


def test_screens_are_known_after_dialogs_have_come_and_gone(page, tmp_path):
    dialog = QDialog(page)
    dialog.show()
    assert dialog.screen() is not None
    assert screen_of(dialog) in QGuiApplication.screens()
    dialog.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    page.set_study(make_study(tmp_path))
    assert page.draft.number == len(QGuiApplication.screens())


def test_the_photodiode_is_evaluated(page, tmp_path):
    flips = [50.0 + 33.3 * n for n in range(100)]
    (tmp_path / "flips.csv").write_text("time_ms\n" + "\n".join(map(str, flips)))
    times = np.arange(0, flips[-1] + 60, 0.2)
    light = np.searchsorted(np.array(flips) + 9.0, times) % 2
    trace = "\n".join(f"{t:.2f},{s}" for t, s in zip(times, light, strict=True))
    (tmp_path / "trace.csv").write_text(trace)
    page.steps["timing"].take_trace(tmp_path / "flips.csv", tmp_path / "trace.csv")
    assert page.draft.profile.photodiode.lag_ms == pytest.approx(9.0, abs=0.2)
    assert measured(page, "Onset to light").startswith("9.")


def test_one_step_at_a_time_where_there_is_no_room(page):
    page.width_changed(1280)
    assert page.segments.isVisible()
    page.show_detail("timing")
    shown = [key for key, card in page.steps.items() if card.isVisible()]
    assert shown == ["timing"]
    assert page.needs.isVisible()
    page.width_changed(1720)
    assert all(card.isVisible() for card in page.steps.values())
    assert not page.segments.isVisible()


def test_profiles_travel_between_computers(page, tmp_path):
    page.draft.change_size(card_px=335.4)
    page.save()
    path = tmp_path / "booth.json"
    path.write_text(page.draft.saved.model_dump_json())
    page.draft.change_size(card_px=300.0)
    page.profile_card.import_file(path)
    assert page.draft.saved.version == 2
    assert page.draft.profile.size.card_px == 335.4


def test_details_and_comparison(page, qtbot):
    page.draft.change(name="Booth A", room="dark")
    details = DetailsDialog(page.theme, page.draft.profile, None)
    qtbot.addWidget(details)
    assert details.fields["room"].text() == "dark"
    page.save()
    older = page.draft.saved
    page.draft.change(viewing_distance_mm=650.0)
    page.save()
    dialog = CompareDialog(page.theme, page.draft.saved, older, None)
    qtbot.addWidget(dialog)
    before, after = dict(facts(older)), dict(facts(page.draft.saved))
    assert {name for name in after if after[name] != before[name]} == {"Viewing distance"}


def test_starting_over_keeps_what_was_saved(page):
    page.draft.change_size(card_px=335.4)
    page.save()
    page.draft.start_over()
    assert page.draft.profile.size.card_px is None
    assert page.draft.dirty
    assert latest(page.draft.key).size.card_px == 335.4
