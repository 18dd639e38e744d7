"""The preview shows trials, says that it records nothing, and records nothing."""

import os
import subprocess
import sys
import time

import pytest
from driven_presenter import Driver, draw_stimulus
from presenter_protocols import WHOLE

from imi_desktop.display.geometry import trial_layout
from imi_desktop.experiment.plan import plan_session
from imi_desktop.gui.presenter.preview import instructions, main

pytestmark = pytest.mark.display

SIZE = (1280, 720)


@pytest.fixture
def preview(make_study, x_server, x_input):
    study = make_study()
    for trial in plan_session(study, "preview").trials:
        for file in trial.images:
            draw_stimulus(study.folder / file)
    x_input.move(5, 5)
    process = subprocess.Popen(
        [sys.executable, "-m", "imi_desktop.gui.presenter.preview", str(study.folder)],
        env=os.environ | {"DISPLAY": x_server, "QT_QPA_PLATFORM": "xcb"},
    )
    driver = Driver(study, x_server, x_input)
    driver.process = process
    yield driver
    process.kill()
    process.wait()


def wait_until(holds, timeout=20.0):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about")


def test_preview_plays_the_first_trial_of_every_block_without_data(preview):
    trials = [block.trials[0] for block in plan_session(preview.study, "preview").blocks]
    button = trial_layout(trials[0], SIZE, 41 * 1280 / 1920).buttons[1].rect
    x, y = round(button.centre[0]), button.y + 5
    wait_until(lambda: (preview.screenshot()[y, x - 10] == 0xD2).all())
    shot = preview.screenshot()
    assert (shot[4:24, 8:180] < 60).sum() > 100, "Preview, no data"
    answers = 0
    while preview.process.poll() is None and answers < 80:
        preview.input.click(x, y)
        answers += 1
        time.sleep(0.7)
    assert preview.process.returncode == 0
    assert answers >= len(trials)
    assert not (preview.study.folder / "sessions").exists()


def test_a_study_without_images_says_how_to_make_them(make_study, capsys, qapp):
    study = make_study()
    for path in study.folder.glob("stimuli/**/*.png"):
        path.unlink()
    assert main([str(study.folder)]) == 2
    assert "imi-desktop generate" in capsys.readouterr().err


def test_instructions_are_shown_alone_and_without_figures_that_are_missing(make_study):
    study = make_study(protocol=WHOLE)
    plan = plan_session(study, "P01")
    pages = instructions(study, plan)
    assert [page.name for page in pages] == [
        "welcome",
        "consent",
        "instructions",
        "instructions_example",
        "practice_until_perfect_1",
    ]
    assert pages[3].example is not None
    (study.folder / pages[3].files[0]).unlink()
    assert instructions(study, plan)[3].example is None
