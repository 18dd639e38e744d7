"""The presenter's process on an X server of its own, with a participant's mouse and keys."""

from __future__ import annotations

import colorsys
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from imi_desktop.display.geometry import page_layout, trial_layout
from imi_desktop.display.places import TrialLayout
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import Trial
from imi_desktop.gui.presenter.x_input import XInput
from imi_desktop.recording.follow import JournalFollower
from imi_desktop.recording.records import Record

PARTICIPANT = "P01"
FULL_HD = (1920, 1080)


@contextmanager
def running_x_server() -> Iterator[str]:
    """Display of a new X server of 1920 × 1080, which outlives its last client."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    reading, writing = os.pipe()
    screen = ["-screen", "0", "1920x1080x24"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), *screen, "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


def draw_stimulus(path: Path) -> None:
    """A square of a colour of its own; those of the max side have a white disc."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hue = int(hashlib.md5(str(path.name).encode()).hexdigest(), 16) % 360 / 360
    red, green, blue = (int(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.6, 0.9))
    image = Image.new("RGB", (224, 224), (red, green, blue))
    disc = (255, 255, 255) if "max" in path.name else (0, 0, 0)
    ImageDraw.Draw(image).ellipse((60, 60, 160, 160), fill=disc)
    image.save(path)


class Driver:
    """Runs ``imi-desktop run`` in a process of its own and acts as the participant."""

    size = FULL_HD

    def __init__(self, study: Study, x_server: str, x_input: XInput) -> None:
        self.study = study
        self.x_server = x_server
        self.input = x_input
        self.process: subprocess.Popen[str] | None = None
        self.records: list[Record] = []
        self.plan = plan_session(study, PARTICIPANT)
        self._follower: JournalFollower | None = None

    def start(self, *arguments: str, code: str = "") -> None:
        """Start the presenter, by Python `code` where one is given."""
        environment = os.environ | {"DISPLAY": self.x_server, "QT_QPA_PLATFORM": "xcb"}
        environment |= {"PYTHONFAULTHANDLER": "1"}
        start = ["-c", code] if code else ["-m", "imi_desktop"]
        command = [sys.executable, *start, "run", str(self.study.folder)]
        self.process = subprocess.Popen(
            [*command, "--participant", PARTICIPANT, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, record_type: str, timeout: float = 40.0) -> Record:
        """The next record of a type that was not waited for before."""
        record = self.comes(record_type, timeout)
        if record is not None:
            return record
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGABRT)  # says on stderr where it stands
        output = "".join(self.process.communicate())
        raise AssertionError(
            f"no record {record_type}; had {[record.type for record in self.records]}. {output}"
        )

    def comes(self, record_type: str, timeout: float) -> Record | None:
        """The next record of a type, or None if it does not come in time."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            for record in self._new():
                self.records.append(record)
                if record.type == record_type:
                    return record
            if self.process.poll() is not None and self._follower is not None:
                break
            time.sleep(0.005)
        return None

    def eventually(self, holds: Callable[[np.ndarray], bool], timeout: float = 20.0) -> bool:
        """Whether something comes to hold for what is on the screen."""
        deadline = time.monotonic() + timeout
        while not holds(self.screenshot()):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _new(self) -> Iterator[Record]:
        if self._follower is None:
            journals = sorted(self.study.folder.glob(f"sessions/{PARTICIPANT}/*/journal.jsonl"))
            if not journals:
                return
            self._follower = JournalFollower(journals[-1])
            self._pending: list[Record] = []
        self._pending += self._follower.poll()
        while self._pending:
            yield self._pending.pop(0)

    @property
    def journal(self) -> Path:
        return sorted(self.study.folder.glob(f"sessions/{PARTICIPANT}/*/journal.jsonl"))[-1]

    def fill_disk(self, room: int) -> None:
        """Let the operating system refuse the journal more than `room` bytes."""
        size = self.journal.stat().st_size + room
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, size))

    def press_button(self, size: tuple[int, int] | None = None) -> int:
        """Click the button of a page."""
        size = size or self.size
        x, y = page_layout(size, 41.0 * size[0] / 1920).button.centre
        return self.input.click(round(x), round(y))

    def pass_pages(self, count: int) -> None:
        for _ in range(count):
            self.wait_for("page_shown")
            time.sleep(0.05)
            self.press_button()

    def trial(self, number: int) -> Trial:
        return next(trial for trial in self.plan.trials if trial.number == number)

    def layout(self, number: int) -> TrialLayout:
        return trial_layout(self.trial(number), self.size, 41.0 * self.size[0] / 1920)

    def answer(self, number: int, position: str, confidence: int) -> int:
        """Click a number button; return the time of the press, ns."""
        button = next(
            b
            for b in self.layout(number).buttons
            if (b.position, b.confidence) == (position, confidence)
        )
        x, y = button.rect.centre
        return self.input.click(round(x), round(y))

    def hold_chord(self, seconds: float = 4.0) -> None:
        for key in ("Control_L", "Shift_L", "q"):
            self.input.key_down(key)
        time.sleep(seconds)
        for key in ("q", "Shift_L", "Control_L"):
            self.input.key_up(key)

    def screenshot(self) -> np.ndarray:
        """What is on the screen, shape (1080, 1920, 3), uint8."""
        shot = subprocess.run(
            ["import", "-display", self.x_server, "-window", "root", "-depth", "8", "ppm:-"],
            capture_output=True,
            check=True,
        )
        import io

        return np.asarray(Image.open(io.BytesIO(shot.stdout)).convert("RGB"))

    def finish(self, timeout: float = 60.0) -> int:
        self.output, self.errors = self.process.communicate(timeout=timeout)
        for record in self._new():
            self.records.append(record)
        return self.process.returncode

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.communicate(timeout=10)
