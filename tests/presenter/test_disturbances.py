"""What comes in from outside in mid-session: displays that change, windows that are closed."""

import shutil
import subprocess
import time

import numpy as np
import pytest

pytestmark = pytest.mark.display

WHEN_THE_CURSOR_IS_AT_THE_RIGHT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QCursor
from imi_desktop.cli import main
from imi_desktop.gui.presenter import app

watch = app._Guard.watch

def watch_and_change(self, application, screen):
    watch(self, application, screen)
    def look():
        if QCursor.pos().x() > 1900:
            timer.stop()
            {signal}
    timer = self.timer = QTimer(interval=20, timeout=look)
    timer.start()

app._Guard.watch = watch_and_change
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


def buttons(driver, y=986):
    """Left edges of the buttons that are cut by row `y`, above their labels, px."""
    row = (driver.screenshot()[y] == [0xD2, 0xD2, 0xD2]).all(axis=1)
    starts = np.flatnonzero(row[1:] & ~row[:-1])
    return [x for x in starts if row[x + 1 : x + 40].all()]


@pytest.mark.parametrize("reason", SIGNALS)
def test_a_display_that_changes_pauses_the_session(driver, reason):
    driver.start(code=WHEN_THE_CURSOR_IS_AT_THE_RIGHT.format(signal=SIGNALS[reason]))
    driver.pass_pages(2)
    driver.wait_for("trial_shown")
    driver.input.move(1910, 500)
    assert driver.wait_for("paused").data["reason"] == reason
    time.sleep(0.2)
    assert (driver.screenshot()[1000:] == 128).all(), "a calm page without a button"
    driver.answer(1, "upper", 2)
    driver.hold_chord()
    assert driver.wait_for("paused").data["reason"] == "experimenter"
    time.sleep(0.2)
    driver.input.click(buttons(driver)[0] + 5, 1004)
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
    time.sleep(0.5)
    assert len(buttons(driver, y=629)) == 2, "leave and end; going on is not possible"
    xdotool(driver, "windowsize", "1920", "1080")
    time.sleep(0.5)
    driver.hold_chord()
    driver.wait_for("paused")
    time.sleep(0.5)
    assert len(buttons(driver)) == 3
    driver.input.click(buttons(driver)[0] + 5, 1004)
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
