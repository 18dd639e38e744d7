"""Without a window system, commands that open windows say so in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can be without one")
@pytest.mark.parametrize("command", [[], ["demo", "demo"], ["calibrate"]])
def test_no_display_is_told_in_a_sentence(command: list[str], tmp_path: Path) -> None:
    unset = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    told = subprocess.run(
        [sys.executable, "-m", "imi_desktop", *command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.startswith("There is no display to show a window on")
    assert len(told.stderr.splitlines()) == 1
    assert not (tmp_path / "demo").exists()
