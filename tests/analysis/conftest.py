"""Trial tables made for the tests of the analysis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.load import categorical

MakeTrials = Callable[..., pd.DataFrame]


@pytest.fixture
def make_trials() -> MakeTrials:
    """Answers of simulated participants with known probabilities of being right."""

    def make(
        people: int = 10,
        per_condition: int = 20,
        accuracy: dict[str, float] | None = None,
        seed: int = 1,
        **columns: object,
    ) -> pd.DataFrame:
        random = np.random.default_rng(seed)
        rows = []
        number = 0
        for person in range(people):
            for condition, p in (accuracy or {"natural": 0.9, "synthetic": 0.7}).items():
                for trial in range(per_condition):
                    number += 1
                    right = bool(random.random() < p)
                    rows.append(
                        {
                            "study": "s",
                            "participant": f"P{person:02d}",
                            "session": "1",
                            "task": "forward_prediction",
                            "phase": "main",
                            "catch": False,
                            "block": 1,
                            "trial": number,
                            "attempt": 1,
                            "condition": condition,
                            "scheme": "none" if condition == "none" else "min_max_9",
                            "model": "m",
                            "layer": f"l{trial % 3}",
                            "channel": trial % 7,
                            "target_position": "upper",
                            "chosen_position": "upper" if right else "lower",
                            "correct": right,
                            "confidence": int(random.integers(1, 4)),
                            "reaction_time_ms": float(random.lognormal(8, 0.5)),
                            "timeout": False,
                            "included": True,
                            **columns,
                        }
                    )
        return categorical(conform(pd.DataFrame(rows), "made for the test"))

    return make
