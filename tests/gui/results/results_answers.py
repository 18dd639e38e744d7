"""Simulated answers, and a page that shows a study of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from imi_desktop.experiment.study import Study
from imi_desktop.gui.dashboard.results_page import ResultsPage

CONDITIONS = {"natural": 0.9, "synthetic": 0.75, "none": 0.5}


def answers(people: int, study: str) -> pd.DataFrame:
    """Simulated answers of `people` about ten units in three conditions, one in ten a catch."""
    random = np.random.default_rng(3)
    rows = [
        {
            "study": study, "participant": f"P{person:02d}", "task": "forward_prediction",
            "phase": "main", "catch": unit == 9, "block": 1, "trial": place * 10 + unit,
            "attempt": 1, "condition": condition, "scheme": "min_max_9", "model": "inceptionv1",
            "layer": ("mixed3a", "mixed4c")[unit % 2], "branch": ("1x1", "pool")[unit % 2],
            "channel": unit, "unit_selection": "random", "target_position": "upper",
            "chosen_position": "upper" if (right := bool(random.random() < p)) else "lower",
            "correct": right,
            "confidence": int(random.integers(1, 4)),
            "reaction_time_ms": float(random.lognormal(8.5, 0.6)), "timeout": False,
            "included": person != 7,
            "exclusion_reasons": "missed catch trials" if person == 7 else None,
        }
        for person in range(people)
        for place, (condition, p) in enumerate(CONDITIONS.items())
        for unit in range(10)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def show(page: ResultsPage, study: Study, qtbot) -> None:
    page.context.study = study
    page.set_study(study)
    qtbot.waitUntil(lambda: page._figures is not None and bool(page._tests), timeout=30_000)
