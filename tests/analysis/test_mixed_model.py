"""The logistic mixed model finds the effect that was put in, and says what it cannot fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.mixed_model import mixed_model, mixed_models


def crossed(effect: float, seed: int = 1, people: int = 16, units: int = 16) -> pd.DataFrame:
    """Every participant answers every unit in two conditions."""
    random = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), 2 * units)
    unit = np.tile(np.repeat(np.arange(units), 2), people)
    side = np.tile([0.5, -0.5], people * units)
    logit = 1 + effect * side + random.normal(0, 0.6, people)[person]
    logit = (
        logit + random.normal(0, 0.6, units)[unit] + random.normal(0, 0.3, people)[person] * side
    )
    return conform(
        pd.DataFrame(
            {
                "study": "s", "participant": [f"P{p}" for p in person], "phase": "main",
                "catch": False, "model": "m", "layer": "l", "channel": unit,
                "condition": np.where(side > 0, "natural", "synthetic"),
                "correct": random.random(len(logit)) < 1 / (1 + np.exp(-logit)),
            }
        ),
        "made for the test",
    )  # fmt: skip


def test_the_odds_ratio_is_found():
    result = mixed_model(crossed(1.5), "condition", ("natural", "synthetic"))
    low, high = result.effect_size.ci95
    assert low < np.exp(1.5) < high
    assert result.p < 0.001
    assert result.n == 512
    assert any("participants × level" in text for text in result.assumptions)


def test_it_is_the_same_every_time_and_knows_its_direction():
    trials = crossed(1.0)
    less = mixed_model(trials, "condition", ("natural", "synthetic"), alternative="less")
    assert less.p > 0.95
    assert less == mixed_model(trials, "condition", ("natural", "synthetic"), alternative="less")


def test_what_cannot_be_fitted_says_why():
    trials = crossed(0.0)
    right = trials.assign(correct=pd.array([True] * len(trials), dtype="boolean"))
    assert mixed_models(right, "condition")[0].reason == "all answers at one level are alike"
    few = trials[trials["channel"] < 3].reset_index(drop=True)
    assert "fewer than five" in mixed_models(few, "condition")[0].reason
    one = trials[trials["condition"] == "natural"].reset_index(drop=True)
    assert "1 levels" in mixed_models(one, "condition")[0].reason
    unknown = trials.assign(channel=pd.array([pd.NA] * len(trials), dtype="Int64"))
    assert "known unit" in mixed_models(unknown, "condition")[0].reason


@pytest.mark.parametrize("seed", range(3))
def test_no_effect_is_rarely_found(seed):
    assert mixed_models(crossed(0.0, seed=seed), "condition")[0].p > 0.01
