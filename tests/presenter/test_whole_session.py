"""One session with every kind of page and trial, full screen and in a small window."""

import time

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from presenter_protocols import WHOLE

from imi_desktop.experiment.trial import TrialStep
from imi_desktop.recording.machine import SessionWalk
from imi_desktop.recording.trial_table import COLUMNS, read_trials

pytestmark = pytest.mark.display

WRONG_ONCE = (2, 1)
"""Trial and attempt that is answered wrongly, so that practice is repeated."""
RATING = 25.0


class Participant:
    """Follows the session's own plan and answers each step with the mouse."""

    def __init__(self, driver, shots):
        self.driver = driver
        self.walk = SessionWalk(driver.plan)
        self.shots = shots
        self.given = []
        self.pages = []

    def take_part(self):
        while self.walk.step is not None:
            step = self.walk.step
            if isinstance(step, TrialStep):
                self._answer(step)
            else:
                self._read(step)

    def _read(self, page):
        record = self.driver.wait_for("page_shown")
        assert record.data["page"] == page.name
        self.pages.append((page.name, record.data["kind"]))
        self.walk.apply("page_shown", record.data)
        time.sleep(0.4)
        self._look(page.name)
        if record.data["kind"] == "question":
            for key in ("o", "k"):
                self.driver.input.type_key(key)
            time.sleep(0.1)
        self.driver.press_button()
        done = {"question": "answer_text"}.get(record.data["kind"], "page_done")
        done = "consent" if record.data["kind"] == "consent" else done
        left = self.driver.wait_for(done)
        if done == "answer_text":
            assert left.data["text"] == "ok"
        self.walk.apply(done, left.data)

    def _answer(self, step):
        trial = step.trial
        record = self.driver.wait_for("trial_shown")
        assert (record.data["trial"], record.data["attempt"]) == (trial.number, step.attempt)
        self.walk.apply("trial_shown", record.data)
        time.sleep(0.3)
        self._look(f"trial-{trial.number}-{step.attempt}", trial)
        layout = self.driver.layout(trial.number)
        if trial.task == "intuitiveness":
            x = layout.slider.left + (layout.slider.right - layout.slider.left) * 0.625
            self.driver.input.click(round(x), layout.slider.y)
            time.sleep(0.1)
            self._look("rated", trial)
            pressed = self._proceed(layout)
            position = confidence = None
        else:
            right = (trial.number, step.attempt) != WRONG_ONCE
            sides = [b.position for b in layout.buttons]
            position = trial.target_position
            if not right:
                position = next(side for side in sides if side != position)
            confidence = 1 + trial.number % 3
            pressed = self.driver.answer(trial.number, position, confidence)
        response = self.driver.wait_for("response")
        assert response.data["trial"] == trial.number
        self.walk.apply("response", response.data)
        self.given.append((step, position, confidence, pressed, response.data))
        if trial.task != "intuitiveness":
            time.sleep(0.5)
            self._look(f"answered-{trial.number}-{step.attempt}")
            self._proceed(layout)
        self.walk.advance()

    def _proceed(self, layout):
        x, y = layout.proceed.centre
        return self.driver.input.click(round(x), round(y))

    def _look(self, name, trial=None):
        shot = self.driver.screenshot()
        Image.fromarray(shot).save(self.shots / f"{len(list(self.shots.iterdir())):02}-{name}.png")
        width, height = self.driver.size
        shown = shot[:height, :width]
        edge = round(30 * width / 1920)
        for side in (shown[:edge], shown[:, :edge], shown[:, -edge:]):
            assert (side == 128).all(), f"{name}: something touches the edge of the screen"
        for place in self.driver.layout(trial.number).images if trial else ():
            rect = place.rect
            inside = shown[rect.y : rect.bottom, rect.x : rect.right]
            assert inside.shape[:2] == (rect.height, rect.width)
            assert (inside != 128).any(axis=2).mean() > 0.95, f"{name}: {place.path} is not there"


@pytest.mark.parametrize("driver", [{"protocol": WHOLE}], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "size"), [((), (1920, 1080)), (("--windowed",), (1280, 720))]
)
def test_a_session_of_every_kind(driver, tmp_path, arguments, size):
    driver.size = size
    shots = tmp_path / "shots"
    shots.mkdir()
    participant = Participant(driver, shots)
    driver.start(*arguments)
    participant.take_part()
    assert driver.finish() == 0, driver.errors
    kinds = [kind for _, kind in participant.pages]
    assert set(kinds) >= {
        "welcome", "consent", "instructions", "block_intro", "break", "question", "thanks"
    }  # fmt: skip
    schemes = {(step.trial.task, step.trial.scheme) for step, *_ in participant.given}
    assert schemes == {
        ("forward_prediction", "min_max_9"),
        ("forward_prediction", "min_max_1"),
        ("forward_prediction", "max_9"),
        ("forward_prediction", "max_1"),
        ("forward_prediction", "none"),
        ("counterfactual", "max_9"),
        ("intuitiveness", "max_9"),
    }
    attempts = [(s.trial.number, s.attempt) for s, *_ in participant.given if s.attempt > 1]
    assert attempts == [(1, 2), (2, 2)], "practice is repeated once, as a whole"
    _check_table(read_trials(driver.study.folder), participant.given, driver)


def _check_table(table, given, driver):
    """Every column against the plan and against what was clicked."""
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == len(given)
    errors = []
    session = driver.journal.parent.name
    for row, (step, position, confidence, pressed, response) in zip(
        table.to_dict("records"), given, strict=True
    ):
        trial = step.trial
        rating = RATING if trial.task == "intuitiveness" else None
        asked = trial.target_position is not None
        expected = {
            "study": "Toy",
            "site": None,
            "participant": "P01",
            "session": session,
            "expert_level": None,
            "task": trial.task,
            "phase": trial.phase,
            "catch": trial.catch,
            "block": trial.block,
            "trial": trial.number,
            "attempt": step.attempt,
            "condition": trial.condition,
            "scheme": trial.scheme,
            "difficulty": "easy" if asked else None,
            "model": trial.unit.model,
            "layer": trial.unit.layer,
            "branch": None,
            "channel": trial.unit.channel,
            "unit_selection": trial.unit_selection,
            "image_set": trial.image_set,
            "target_position": trial.target_position,
            "chosen_position": position,
            "correct": position == trial.target_position if asked else None,
            "confidence": confidence,
            "onset_ns": response["onset_ns"],
            "response_ns": response["response_ns"],
            "timeout": False,
            "included": True,
            "exclusion_reasons": None,
        }
        told = {name: None if pd.isna(row[name]) else row[name] for name in expected}
        assert told == expected
        if rating is None:
            assert np.isnan(row["rating"])
        else:
            assert row["rating"] == pytest.approx(rating, abs=0.5)
        clicked = (pressed - row["onset_ns"]) / 1e6
        errors.append(abs(row["reaction_time_ms"] - clicked))
    assert np.median(errors) < 10, errors  # single ones count what delayed this process
    assert set(COLUMNS) - set(expected) == {"rating", "reaction_time_ms"}
