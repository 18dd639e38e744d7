"""Real sessions in a real window, driven by injected clicks."""

import os
import signal
import statistics
import time

import numpy as np
import pytest
from presenter_protocols import EVERY_KIND

from imi_desktop.recording.records import read_journal
from imi_desktop.recording.trial_table import read_trials

pytestmark = pytest.mark.display

WITH_OPENGL = """
import sys
from imi_desktop.cli import main
from imi_desktop.gui.presenter import app
from imi_desktop.gui.presenter.surface import GlSurface
app.make_surface = GlSurface
sys.exit(main())
"""

ANSWERS = [("upper", 1), ("lower", 3), ("lower", 2), ("upper", 3), ("upper", 2), ("lower", 1)]


def run_trials(driver, numbers, wait=0.12):
    """Answer trials; return the injected press times by trial."""
    pressed = {}
    for number in numbers:
        shown = driver.wait_for("trial_shown")
        assert shown.data["trial"] == number
        time.sleep(wait)
        pressed[number] = driver.answer(number, *ANSWERS[number - 1])
    return pressed


def button_row(screen):
    """Columns of the row of buttons of the experimenter's question that a button covers."""
    return np.flatnonzero((screen[1004] == [0xD2, 0xD2, 0xD2]).all(axis=1))


def test_a_whole_session_records_the_injected_answers(driver):
    driver.start()
    driver.pass_pages(2)
    pressed = run_trials(driver, range(1, 7))
    driver.pass_pages(1)
    assert driver.finish() == 0, driver.errors
    responses = [r.data for r in driver.records if r.type == "response"]
    assert [(r["chosen_position"], r["confidence"]) for r in responses] == ANSWERS
    errors = []
    for response in responses:
        trial = driver.trial(response["trial"])
        assert response["correct"] == (response["chosen_position"] == trial.target_position)
        expected = (pressed[response["trial"]] - response["onset_ns"]) / 1e6
        errors.append(abs(response["reaction_time_ms"] - expected))
        assert response["rt_clock"] == "event"
        assert response["reaction_time_ms"] > 100
    assert statistics.median(errors) < 3, errors  # single ones count what delayed this process
    assert driver.records[-1].type in {"session_ended", "focus_lost"}
    table = read_trials(driver.study.folder)
    assert list(table["confidence"]) == [confidence for _, confidence in ANSWERS]
    assert list(table["chosen_position"]) == [position for position, _ in ANSWERS]


def test_an_opengl_session_checks_the_display_before_every_block(driver):
    driver.start(code=WITH_OPENGL)
    driver.pass_pages(2)
    run_trials(driver, range(1, 4))
    driver.wait_for("trial_shown")
    checks = [r.data for r in driver.records if r.type == "display_check"]
    assert [check["before_block"] for check in checks] == [0, 1, 2]
    assert all(check["synchronised"] and check["frames"] > 30 for check in checks)
    shown = [r.data["display"] for r in driver.records if r.type == "trial_shown"]
    assert all(isinstance(display["missed_frames"], int) for display in shown)
    driver.answer(4, *ANSWERS[3])
    assert driver.wait_for("response").data["chosen_position"] == ANSWERS[3][0]


@pytest.mark.parametrize("driver", [{"timings": {"feedback_ms": 5000}}], indirect=True)
def test_trial_screen_has_grey_ground_and_images_in_their_places(driver):
    driver.start()
    driver.pass_pages(2)
    shown = driver.wait_for("trial_shown")
    time.sleep(0.2)
    before = driver.screenshot()
    layout = driver.layout(1)
    assert (before[:40] == 128).all() and (before[:, :60] == 128).all()
    for place, told in zip(layout.images, shown.data["display"]["images"], strict=True):
        rect = place.rect
        assert told["px"] == [rect.x, rect.y, rect.width, rect.height]
        inside = before[rect.y : rect.bottom, rect.x : rect.right]
        assert (inside[2, 2] != 128).any() and (inside[-3, -3] == inside[2, 2]).all()
        assert (before[rect.y - 2, rect.x : rect.right] == 128).all()
    assert (before[467, 852] == [210, 210, 210]).all()
    driver.answer(1, "upper", 2)
    driver.wait_for("feedback")
    time.sleep(0.3)
    after = driver.screenshot()
    chosen = layout.query("upper")
    black = after[chosen.y - 7, chosen.x + 100]
    assert (black == 0).all()
    changed = np.argwhere((before != after).any(axis=2))
    assert changed[:, 1].min() >= 600 and changed[:, 1].max() < 1320


@pytest.mark.parametrize("driver", [{"timings": {"continue_button": True}}], indirect=True)
def test_feedback_tells_right_and_wrong_by_frame_and_symbol(driver):
    driver.start()
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    time.sleep(0.1)
    target = driver.trial(1).target_position
    wrong = "lower" if target == "upper" else "upper"
    driver.answer(1, wrong, 3)
    driver.wait_for("feedback")
    time.sleep(0.4)
    shot = driver.screenshot()
    layout = driver.layout(1)
    right, chosen = layout.query(target), layout.query(wrong)
    assert (shot[right.y - 13, right.x + 100] == [0x7F, 0xE3, 0xC0]).all()
    assert (shot[right.y - 17, right.x + 100] == 0).all()
    dashes = shot[chosen.y - 13, chosen.x : chosen.right]
    assert {tuple(pixel) for pixel in dashes} == {(0xFF, 0xC9, 0xA3), (128, 128, 128)}
    for position, colour in ((target, [0x7F, 0xE3, 0xC0]), (wrong, [0xFF, 0xC9, 0xA3])):
        tab = layout.tab(position)
        inside = shot[tab.y : tab.bottom, tab.x : tab.right].reshape(-1, 3)
        assert (inside[0] == colour).all()
        assert (inside.sum(axis=1) < 60).sum() > 60  # the black tick or cross
    x, y = layout.proceed.centre
    driver.input.click(round(x), round(y))
    assert driver.wait_for("trial_shown").data["trial"] == 2


@pytest.mark.parametrize("driver", [{"timings": {"buttons_active_ms": 4000}}], indirect=True)
def test_buttons_that_wait_take_no_answer(driver):
    driver.start()
    driver.pass_pages(2)
    onset = driver.wait_for("trial_shown").data["onset_ns"]
    driver.answer(1, "upper", 1)
    early = driver.screenshot()
    assert (early[467, 852] == [0x8E, 0x8E, 0x8E]).all()
    time.sleep(max(0.0, 4.5 - (time.monotonic_ns() - onset) / 1e9))
    driver.answer(1, "lower", 2)
    response = driver.wait_for("response").data
    assert (response["chosen_position"], response["confidence"]) == ("lower", 2)
    assert response["reaction_time_ms"] > 4000


def test_a_killed_presenter_resumes_at_the_same_trial(driver):
    driver.start()
    driver.pass_pages(2)
    run_trials(driver, (1, 2))
    driver.wait_for("trial_shown")
    driver.kill(signal.SIGKILL)
    safe = [r.data["trial"] for r in read_journal(driver.journal).records if r.type == "response"]
    assert safe == [1, 2]
    driver.start("--resume")
    driver.wait_for("session_resumed")
    run_trials(driver, range(3, 7))
    driver.pass_pages(1)
    assert driver.finish() == 0, driver.errors
    answered = [
        r.data["trial"] for r in read_journal(driver.journal).records if r.type == "response"
    ]
    assert answered == [1, 2, 3, 4, 5, 6]


def test_only_the_held_chord_leads_out(driver):
    driver.start()
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    driver.input.type_key("Escape")
    driver.input.key_down("Alt_L")
    driver.input.type_key("F4")
    driver.input.key_up("Alt_L")
    driver.hold_chord(0.5)
    time.sleep(0.3)
    assert driver.process.poll() is None
    driver.hold_chord()
    driver.wait_for("paused")
    assert driver.eventually(lambda screen: button_row(screen).size > 300), "no three buttons"
    driver.input.click(int(button_row(driver.screenshot())[3]), 1004)
    assert driver.wait_for("resumed").data["step_begins_anew"] is True
    assert driver.wait_for("trial_shown").data["trial"] == 1
    driver.hold_chord()
    driver.wait_for("paused")
    assert driver.eventually(lambda screen: button_row(screen).size > 300)
    driver.input.click(960, 1004)
    assert driver.finish() == 1
    types = [record.type for record in driver.records]
    assert "left" in types and types[-1] == "interrupted"


@pytest.mark.parametrize("driver", [{"timings": {"feedback_delay_ms": 6000}}], indirect=True)
def test_an_answered_trial_goes_on_after_an_interruption(driver):
    driver.start()
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    driver.answer(1, "upper", 2)
    driver.wait_for("response")
    driver.hold_chord()
    driver.wait_for("paused")
    time.sleep(3.0)  # the feedback falls due while the question covers the trial
    driver.input.click(int(button_row(driver.screenshot())[3]), 1004)
    assert driver.wait_for("resumed").data["step_begins_anew"] is False
    driver.wait_for("feedback")
    assert driver.wait_for("trial_shown").data["trial"] == 2


@pytest.mark.parametrize("driver", [{"keyboard": True}], indirect=True)
def test_keys_answer_where_the_study_allows_them(driver):
    driver.start()
    for _ in range(2):
        driver.wait_for("page_shown")
        time.sleep(0.05)
        driver.input.type_key("space")
    driver.wait_for("trial_shown")
    driver.input.type_key("3")
    first = driver.wait_for("response").data
    assert (first["chosen_position"], first["confidence"], first["device"]) == (
        "lower",
        3,
        "keyboard",
    )
    driver.wait_for("trial_shown")
    driver.input.type_key("8")
    second = driver.wait_for("response").data
    assert (second["chosen_position"], second["confidence"]) == ("upper", 2)


def test_a_missing_image_keeps_the_participant_calm(driver):
    driver.start()
    driver.pass_pages(2)
    for file in driver.trial(2).images:
        (driver.study.folder / file).unlink(missing_ok=True)
    run_trials(driver, [1])
    calm = driver.eventually(lambda screen: (screen[900:] == 128).all())
    assert calm, "a button or a file name"
    time.sleep(0.5)
    assert driver.process.poll() is None
    driver.hold_chord()
    assert driver.finish() == 1
    types = [record.type for record in driver.records]
    assert types.count("response") == 1 and "failed" in types
    assert "cannot be shown: File not found" in driver.errors


def test_a_second_presenter_is_refused(driver):
    driver.start()
    driver.wait_for("page_shown")
    other = type(driver)(driver.study, driver.x_server, driver.input)
    other.start("--resume")
    assert other.finish() == 2
    assert "is being recorded" in other.errors or "another" in other.errors.lower()
    driver.pass_pages(0)
    assert driver.process.poll() is None


def test_a_window_shows_everything_smaller(driver):
    driver.start("--windowed")
    size = (1280, 720)
    for _ in range(2):
        driver.wait_for("page_shown")
        time.sleep(0.1)
        driver.press_button(size)
    shown = driver.wait_for("trial_shown").data["display"]
    assert shown["screen_px"] == list(size)
    assert shown["image_scale"] == pytest.approx(2 / 3)
    x, y, width, height = shown["images"][0]["px"]
    assert (width, height) == (149, 149)
    assert driver.eventually(lambda screen: (screen[y + 3, x + 3] != 128).any())


def test_a_full_disk_loses_no_answer(driver):
    driver.start()
    driver.pass_pages(2)
    driver.fill_disk(room=12_000)
    answered = 0
    for number in range(1, 7):
        if driver.comes("trial_shown", timeout=8.0) is None:
            break
        time.sleep(0.1)
        driver.answer(number, "upper", 2)
        if driver.comes("response", timeout=8.0) is None:
            break
        answered += 1
    assert 0 < answered < 6
    assert (driver.screenshot()[900:] == 128).all()
    driver.fill_disk(room=0)  # not even for the record that the session was left
    driver.hold_chord()
    assert driver.finish() == 1
    assert "Could not write" in driver.errors and "Traceback" not in driver.errors
    assert "stands still" in driver.errors and "Hold Ctrl Shift Q" in driver.errors
    contents = read_journal(driver.journal)
    assert [r.type for r in contents.records].count("response") == answered
    driver.start("--resume")
    driver.wait_for("session_resumed")
    assert driver.wait_for("trial_shown").data["trial"] == answered + 1


def proceed(driver, number):
    time.sleep(0.6)
    x, y = driver.layout(number).proceed.centre
    driver.input.click(round(x), round(y))


@pytest.mark.parametrize("driver", [{"protocol": EVERY_KIND}], indirect=True)
def test_every_kind_of_trial(driver):
    driver.start()
    driver.pass_pages(1)
    target = driver.trial(1).target_position
    wrong = "lower" if target == "upper" else "upper"
    for attempt, position in enumerate((wrong, target), start=1):
        shown = driver.wait_for("trial_shown").data
        assert (shown["trial"], shown["attempt"], shown["phase"]) == (1, attempt, "practice")
        time.sleep(0.1)
        driver.answer(1, position, 1)
        driver.wait_for("feedback")
        proceed(driver, 1)
    for number, (position, confidence) in ((2, ("left", 3)), (3, ("right", 2))):
        assert driver.wait_for("trial_shown").data["task"] == "counterfactual"
        time.sleep(0.1)
        driver.answer(number, position, confidence)
        assert driver.wait_for("response").data["chosen_position"] == position
        own = driver.eventually(lambda screen: (screen[:500] == 128).all())
        assert own, "Continue has a screen of its own"
        proceed(driver, number)
    shown = driver.wait_for("trial_shown").data
    assert shown["task"] == "intuitiveness"
    layout = driver.layout(4)
    time.sleep(0.1)
    x, y = layout.proceed.centre
    driver.input.click(round(x), round(y))  # inactive until the slider was clicked
    driver.input.click(1160, layout.slider.y)
    driver.input.click(1060, layout.slider.y)
    time.sleep(0.1)
    driver.input.click(round(x), round(y))
    rating = driver.wait_for("response").data
    assert rating["rating"] == pytest.approx(25.0)
    assert rating["correct"] is None and rating["chosen_position"] is None
    driver.wait_for("page_shown")
    time.sleep(0.1)
    for key in ("y", "e", "s", "Return", "o", "k"):
        driver.input.type_key(key)
    time.sleep(0.2)
    driver.press_button()
    assert driver.wait_for("answer_text").data["text"] == "yes\nok"
    driver.pass_pages(1)
    assert driver.finish() == 0, driver.errors
    table = read_trials(driver.study.folder)
    assert list(table["task"]) == ["forward_prediction"] * 2 + ["counterfactual"] * 2 + [
        "intuitiveness"
    ]
    assert list(table["attempt"])[:2] == [1, 2]
    assert list(table["confidence"])[2:4] == [3, 2]


def test_lost_focus_is_recorded_and_changes_nothing(driver):
    driver.start()
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    driver.input.take_focus_away()
    driver.wait_for("focus_lost")
    driver.answer(1, "upper", 2)
    assert driver.wait_for("response").data["chosen_position"] == "upper"


@pytest.mark.parametrize("number", range(int(os.environ.get("IMI_KILLS", "3"))))
def test_kills_at_random_moments_lose_nothing(driver, number):
    """`IMI_KILLS` sets how often; 200 for the full test."""
    rng = np.random.default_rng(number)
    kind = (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV)[number % 3]
    driver.start()
    driver.pass_pages(2)
    acknowledged = []
    stop_after = int(rng.integers(0, 5))
    for trial in range(1, stop_after + 2):
        driver.wait_for("trial_shown")
        time.sleep(0.06)
        driver.answer(trial, "upper", 1 + trial % 3)
        if trial <= stop_after:
            acknowledged.append(driver.wait_for("response").data["trial"])
    time.sleep(float(rng.uniform(0, 0.4)))
    driver.kill(kind)
    kept = [r.data["trial"] for r in read_journal(driver.journal).records if r.type == "response"]
    assert kept[: len(acknowledged)] == acknowledged
    assert kept == list(range(1, len(kept) + 1)), "none is doubled"
    driver.start("--resume")
    resumed = driver.wait_for("session_resumed")
    if len(kept) < 6:
        assert driver.wait_for("trial_shown").data["trial"] == len(kept) + 1
    assert resumed
