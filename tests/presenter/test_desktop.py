"""A participant who tries the desktop's own ways out, under a real window manager."""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from driven_presenter import Driver, running_x_server

from imi_desktop.gui.presenter.x_input import XInput

pytestmark = pytest.mark.display

MENU = ("Alt_L", "space")
SHOW_DESKTOP = ("Super_L", "d")
OTHER_DESKTOP = ("Control_L", "Alt_L", "Left")
SWITCH = ("Alt_L", "Tab")
CLOSE = ("Alt_L", "F4")


def tool(display, *command):
    """Run a tool of the X desktop; skip where it is not installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    environment = os.environ | {"DISPLAY": display}
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def desktop():
    """Display of an X server with a window manager."""
    if shutil.which("openbox") is None:
        pytest.skip("needs openbox")
    with running_x_server() as display:
        manager = subprocess.Popen(
            ["openbox"],
            env=os.environ | {"DISPLAY": display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        yield display
        manager.terminate()
        manager.wait(10)


@pytest.fixture
def on_desktop(make_study, desktop):
    """A driver whose participant stands at the first trial."""
    with XInput(desktop) as mouse:
        mouse.move(5, 5)
        driver = Driver(make_study(), desktop, mouse)
        driver.start()
        driver.pass_pages(2)
        driver.wait_for("trial_shown")
        yield driver
        if driver.process.poll() is None:
            driver.kill()


def window(driver):
    return tool(driver.x_server, "xdotool", "search", "--name", "Experiment").split()[-1]


def test_shortcuts_of_the_desktop_reach_nothing(on_desktop):
    mouse = on_desktop.input
    mouse.move(960, 1000)
    time.sleep(0.3)
    before = on_desktop.screenshot()
    for keys in (MENU, SHOW_DESKTOP, OTHER_DESKTOP, SWITCH, CLOSE):
        for key in keys:
            mouse.key_down(key)
        for key in reversed(keys):
            mouse.key_up(key)
        time.sleep(0.3)
        assert (on_desktop.screenshot() == before).all(), keys
    on_desktop.answer(1, "upper", 2)
    assert on_desktop.wait_for("response").data["trial"] == 1
    assert not {"focus_lost", "paused"} & {record.type for record in on_desktop.records}


def test_a_hidden_window_pauses_and_comes_back(on_desktop):
    tool(on_desktop.x_server, "xdotool", "windowminimize", window(on_desktop))
    assert on_desktop.wait_for("paused").data["reason"] == "the window was hidden"
    assert on_desktop.eventually(lambda screen: (screen[1000:] == 128).all()), "no calm page"
    on_desktop.hold_chord()
    assert on_desktop.wait_for("paused").data["reason"] == "experimenter"


def test_the_keyboard_follows_the_focus(on_desktop):
    """An experimenter who turns to another window can type there."""
    script = (
        "from PySide6.QtWidgets import QApplication, QLineEdit\n"
        "app = QApplication([]); field = QLineEdit(); field.setWindowTitle('Notes')\n"
        "field.textChanged.connect(app.quit)\n"
        "field.show(); app.exec()"
    )
    environment = os.environ | {"DISPLAY": on_desktop.x_server, "QT_QPA_PLATFORM": "xcb"}
    other = subprocess.Popen([sys.executable, "-c", script], env=environment)
    tool(on_desktop.x_server, "xdotool", "search", "--sync", "--name", "Notes", "windowactivate")
    on_desktop.wait_for("focus_lost")
    for _ in range(100):
        on_desktop.input.type_key("n")
        if other.poll() is not None:
            break
        time.sleep(0.1)
    assert other.wait(0) == 0, "nothing could be typed"
    on_desktop.wait_for("focus_gained")


def test_another_mode_of_the_display_pauses(on_desktop):
    mode = ["1280x720", "74.5", "1280", "1344", "1472", "1664", "720", "723", "728", "748"]
    display = on_desktop.x_server
    tool(display, "xrandr", "--newmode", *mode)
    tool(display, "xrandr", "--addmode", "screen", mode[0])
    tool(display, "xrandr", "--output", "screen", "--mode", mode[0])
    paused = on_desktop.wait_for("paused").data
    tool(display, "xrandr", "--output", "screen", "--mode", "1920x1080")
    assert (paused["reason"], paused["px"]) == ("the display changed", [1280, 720])
    assert on_desktop.eventually(lambda screen: screen.shape == (1080, 1920, 3))
    assert on_desktop.eventually(lambda screen: (screen[1000:] == 128).all()), "no calm page"
    on_desktop.hold_chord()
    on_desktop.wait_for("paused")

    def buttons(screen):
        return np.flatnonzero((screen[1004] == [0xD2, 0xD2, 0xD2]).all(axis=1))

    assert on_desktop.eventually(lambda screen: buttons(screen).size > 300)
    on_desktop.input.click(int(buttons(on_desktop.screenshot())[3]), 1004)
    assert on_desktop.wait_for("trial_shown").data["trial"] == 1


def test_the_screen_stays_awake(on_desktop):
    told = on_desktop.wait_for("screen_saver")
    assert "X server" in told.data["held_off_by"]


class SaverInfo(ctypes.Structure):
    """XScreenSaverInfo."""

    _fields_ = (
        ("window", ctypes.c_ulong),
        ("state", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("til_or_since", ctypes.c_ulong),
        ("idle", ctypes.c_ulong),
        ("event_mask", ctypes.c_ulong),
    )


def idle_ms(display):
    """For how long an X server has had no input, as its saver counts."""
    library = ctypes.util.find_library("Xss")
    if library is None:
        pytest.skip("needs libXss")
    x = ctypes.CDLL(ctypes.util.find_library("X11"))
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x.XDefaultRootWindow.argtypes = x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    x.XDefaultRootWindow.restype = ctypes.c_ulong
    query = ctypes.CDLL(library).XScreenSaverQueryInfo
    query.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.POINTER(SaverInfo)]
    connection = x.XOpenDisplay(display.encode())
    info = SaverInfo()
    query(connection, x.XDefaultRootWindow(connection), ctypes.byref(info))
    x.XCloseDisplay(connection)
    return info.idle


def test_idle_time_does_not_grow_while_awake(desktop):
    script = (
        "import sys; from PySide6.QtCore import QTimer; from PySide6.QtGui import QGuiApplication\n"
        "from imi_desktop.gui.presenter.awake import StayAwake\n"
        "app = QGuiApplication([]); awake = StayAwake(reset_ms=200); print(awake.begin())\n"
        "sys.stdout.flush(); QTimer.singleShot(3000, app.quit); app.exec(); awake.end()\n"
    )
    environment = os.environ | {"DISPLAY": desktop, "QT_QPA_PLATFORM": "xcb"}
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert "X server" in process.stdout.readline()
    time.sleep(2.0)
    assert idle_ms(desktop) < 1500
    process.communicate(timeout=20)
    time.sleep(2.0)
    assert idle_ms(desktop) > 1500
