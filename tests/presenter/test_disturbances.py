"""What comes in from outside in mid-session: displays that change, windows that are closed."""

import json
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from imi_desktop.display.profile import profiles_dir

pytestmark = pytest.mark.display

WHEN_THE_CURSOR_IS_AT_THE_RIGHT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QCursor
from imi_desktop.cli import main
from imi_desktop.gui.presenter.guard import Guard

watch = Guard.watch

def watch_and_change(self, application, screen):
    watch(self, application, screen)
    def look():
        if QCursor.pos().x() > 1900:
            timer.stop()
            {signal}
    timer = self.timer = QTimer(interval=20, timeout=look)
    timer.start()

Guard.watch = watch_and_change
sys.exit(main())
"""

SIGNALS = {
    "the display was unplugged": "application.screenRemoved.emit(screen)",
    "the display changed": "screen.refreshRateChanged.emit(60.0)",
}


def xdotool(driver, *arguments):
    """Act on the presenter's window as a window manager would."""
    if shutil.which("xdotool") is None:
        pytest.skip("needs xdotool")
    subprocess.run(
        ["xdotool", "search", "--name", "Experiment", *arguments],
        env={"DISPLAY": driver.x_server, "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )


def buttons(screen, y=986):
    """Left edges of the buttons that are cut by row `y`, above their labels, px."""
    row = (screen[y] == [0xD2, 0xD2, 0xD2]).all(axis=1)
    starts = np.flatnonzero(row[1:] & ~row[:-1])
    return [x for x in starts if row[x + 1 : x + 40].all()]


@pytest.mark.parametrize("reason", SIGNALS)
def test_a_display_that_changes_pauses_the_session(driver, reason):
    driver.start(code=WHEN_THE_CURSOR_IS_AT_THE_RIGHT.format(signal=SIGNALS[reason]))
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    driver.input.move(1910, 500)
    assert driver.wait_for("paused").data["reason"] == reason
    assert driver.eventually(lambda screen: (screen[1000:] == 128).all()), "no calm page"
    driver.answer(1, "upper", 2)
    driver.hold_chord()
    assert driver.wait_for("paused").data["reason"] == "experimenter"
    assert driver.eventually(lambda screen: len(buttons(screen)) == 3)
    driver.input.click(buttons(driver.screenshot())[0] + 5, 1004)
    assert driver.wait_for("resumed").data["step_begins_anew"] is True
    assert driver.wait_for("trial_shown").data["trial"] == 1
    assert not [r for r in driver.records if r.type == "response"], "no answer while it stood still"
    time.sleep(0.1)
    driver.answer(1, "upper", 2)
    assert driver.wait_for("response").data["trial"] == 1


def test_a_window_that_is_resized_waits_until_it_is_whole_again(driver):
    driver.start()
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    xdotool(driver, "windowsize", "1200", "700")
    assert driver.wait_for("paused").data["px"] == [1200, 700]
    driver.hold_chord()
    driver.wait_for("paused")
    only_out = driver.eventually(lambda screen: len(buttons(screen, y=629)) == 2)
    assert only_out, "leave and end; going on is not possible"
    xdotool(driver, "windowsize", "1920", "1080")
    assert driver.eventually(lambda screen: (screen[-1, -1] == 128).all())
    driver.hold_chord()
    driver.wait_for("paused")
    assert driver.eventually(lambda screen: len(buttons(screen)) == 3)
    driver.input.click(buttons(driver.screenshot())[0] + 5, 1004)
    assert driver.wait_for("trial_shown").data["trial"] == 1


def test_a_window_manager_cannot_close_it(driver):
    closed = "application.sendEvent(self._surface, QCloseEvent())"
    driver.start(code=WHEN_THE_CURSOR_IS_AT_THE_RIGHT.format(signal=closed))
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    driver.input.move(1910, 500)
    driver.wait_for("close_refused")
    assert driver.process.poll() is None
    driver.answer(1, "upper", 2)
    assert driver.wait_for("response").data["trial"] == 1


def test_a_window_that_is_taken_away_resumes(driver):
    driver.start()
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    driver.answer(1, "upper", 2)
    driver.wait_for("response")
    driver.wait_for("trial_shown")
    xdotool(driver, "windowkill")
    assert driver.finish() != 0
    driver.start("--resume")
    driver.wait_for("session_resumed")
    assert driver.wait_for("trial_shown").data["trial"] == 2


KEYS = [f"F{number}" for number in range(1, 13)]
KEYS += ["Escape", "Menu", "Tab", "Return", "space", "BackSpace", "Delete", "Print", "Home", "1"]
CHORDS = ["F4 Alt_L", "Tab Alt_L", "F10 Shift_L"]
CHORDS += [f"{key} Control_L" for key in ("q", "w", "c", "v", "s", "o", "n", "p", "a", "z", "F1")]
CHORDS += [f"{key} Control_L Alt_L" for key in ("t", "Delete")]
CHORDS += [f"{key} Control_L Shift_L" for key in ("i", "q", "Escape")]


def test_no_key_and_no_click_shows_more_or_leads_out(driver):
    driver.start()
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    driver.input.move(960, 1000)
    time.sleep(0.3)
    before = driver.screenshot()
    for key in KEYS:
        driver.input.type_key(key)
    for chord in CHORDS:
        key, *modifiers = chord.split()
        for modifier in modifiers:
            driver.input.key_down(modifier)
        driver.input.type_key(key)
        for modifier in modifiers:
            driver.input.key_up(modifier)
    x, y = (round(c) for c in driver.layout(1).query("upper").centre)
    for button in (2, 3):
        driver.input.click(x, y, button=button)
    driver.input.click(x, y)
    driver.input.click(x, y)
    driver.input.move(960, 1000)
    time.sleep(0.3)
    same = driver.eventually(lambda screen: (screen == before).all())
    assert same, "something was shown or hidden"
    assert driver.process.poll() is None
    names = subprocess.run(
        ["xdotool", "search", "--name", ".", "getwindowname", "%@"],
        env={"DISPLAY": driver.x_server, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    own = {"Experiment", "imi-desktop", "Qt Selection Owner for imi-desktop"}
    assert {name for name in names if name} <= own
    driver.answer(1, "upper", 2)
    assert driver.wait_for("response").data["trial"] == 1
    types = {record.type for record in driver.records}
    assert not types & {"paused", "left", "aborted", "failed"}


@pytest.fixture
def with_photodiode(x_server):
    """A profile of the X server's screen that asks for the photodiode's patch."""
    subprocess.run(
        [sys.executable, "-m", "imi_desktop", "calibrate", "--card-px", "335.4"],
        env=os.environ | {"DISPLAY": x_server, "QT_QPA_PLATFORM": "xcb"},
        check=True,
        capture_output=True,
    )
    (path,) = profiles_dir().glob("*/v1.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"photodiode_patch": True}))
    yield
    shutil.rmtree(profiles_dir())


@pytest.mark.parametrize("driver", [{"timings": {"feedback_delay_ms": 4000}}], indirect=True)
def test_the_photodiodes_patch_is_white_from_onset_to_answer(with_photodiode, driver):
    driver.start()
    driver.pass_pages(2)
    shown = driver.wait_for("trial_shown").data["display"]
    assert driver.eventually(lambda screen: (screen[1042:1078, 1882:1918] == 255).all())
    assert shown["cursor"] == [960, 540]
    assert shown["missed_frames"] is None, "nothing tells on a surface that is not synchronised"
    driver.answer(1, "upper", 2)
    driver.wait_for("response")
    assert driver.eventually(lambda screen: (screen[1042:1078, 1882:1918] == 0).all())
    started = json.loads((driver.journal.parent / "session.json").read_text())
    assert started["environment"]["profile"]["photodiode_patch"] is True
