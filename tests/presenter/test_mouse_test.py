"""The mouse test of the Display page, with a mouse that reports 125 times a second."""

import json
import math
import os
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.display


def start(x_server):
    return subprocess.Popen(
        [sys.executable, "-m", "imi_desktop", "calibrate", "--mouse-test", "--json"],
        env=os.environ | {"DISPLAY": x_server, "QT_QPA_PLATFORM": "xcb"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_rate_and_clock_are_measured(x_server, x_input):
    process = start(x_server)
    deadline = time.monotonic() + 60
    step = 0
    due = time.monotonic()
    while process.poll() is None and time.monotonic() < deadline:
        step += 1
        x_input.move(960 + round(200 * math.cos(step / 9)), 540 + round(200 * math.sin(step / 9)))
        if step % 400 == 0:
            for _ in range(5):
                x_input.click(960, 540)
                time.sleep(0.02)
            due = time.monotonic()
        due = max(due + 0.008, time.monotonic())  # no burst after a delay
        time.sleep(max(0.0, due - time.monotonic()))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    mouse = json.loads(out.splitlines()[-1])["mouse"]
    assert 30 < mouse["mouse_hz"] < 160, "125 from a process that is never late"
    assert mouse["clock"] == "event" and mouse["clicks"] >= 5


def test_esc_leaves_and_says_what_was_missing(x_server, x_input):
    process = start(x_server)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        x_input.type_key("Escape")
        time.sleep(0.1)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "it needs 300 and 5" in err
