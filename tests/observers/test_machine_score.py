"""The machine score: σ of how much better the right query fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.special import expit

from imi_desktop.experiment.trial import Trial
from imi_desktop.models.unit import Unit
from imi_desktop.observers.machine_score import TaskDifference, machine_scores, soft_score
from imi_desktop.observers.pixels import PixelObserver


@pytest.fixture
def task(tmp_path: Path) -> Trial:
    rng = np.random.default_rng(2)
    for name, colour in (("red", (200, 40, 40)), ("green", (40, 190, 60))):
        for number in (1, 2):
            pixels = np.clip(np.array(colour) + rng.normal(0, 15, (224, 224, 3)), 0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / f"{name}_{number}.png")
    return Trial(
        number=1, task="forward_prediction", phase="main", block=1, condition="natural",
        scheme="min_max_9", unit=Unit("m", "l", 1), unit_selection="random", catch=False,
        image_set="0", references_min=("green_1.png",), references_max=("red_1.png",),
        queries={"upper": "red_2.png", "lower": "green_2.png"}, target_position="upper",
        feedback=False,
    )  # fmt: skip


def test_the_difference_tells_the_right_query(task: Trial, tmp_path: Path):
    observer = PixelObserver()
    found = observer.difference(task, tmp_path)
    vectors = dict(zip(("r1", "g1", "r2", "g2"), observer.describe(
        [tmp_path / f"{name}.png" for name in ("red_1", "green_1", "red_2", "green_2")]
    ), strict=True))  # fmt: skip
    expected = (vectors["r2"] - vectors["g2"]) @ (vectors["r1"] - vectors["g1"])
    assert found == pytest.approx(float(expected), abs=1e-5)
    assert found > 0.1


def test_scores_per_unit_and_condition():
    unit, other = Unit("m", "l", 1), Unit("m", "l", 2)
    differences = [
        TaskDifference(unit, "natural", "0", 0.2),
        TaskDifference(unit, "natural", "1", -0.1),
        TaskDifference(unit, "synthetic", "0", 0.0),
        TaskDifference(other, "natural", "0", 0.4),
    ]
    found = {(one.unit, one.condition): one for one in machine_scores(differences, 0.1)}
    first = found[unit, "natural"]
    assert first.score == pytest.approx((expit(2) + expit(-1)) / 2)
    assert (first.accuracy, first.n_tasks) == (0.5, 2)
    assert (found[unit, "synthetic"].score, found[unit, "synthetic"].accuracy) == (0.5, 0.5)
    assert found[other, "natural"].accuracy == 1
    assert soft_score(np.array([0.4]), 1e9) == pytest.approx(0.5)
