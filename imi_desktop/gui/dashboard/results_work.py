"""What the results page computes, away from the main thread; imports pandas and scipy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from imi_desktop.analysis.figure_data import Figures, level_rank
from imi_desktop.analysis.figures import figures
from imi_desktop.analysis.load import LoadedTrials, load_trials
from imi_desktop.analysis.quality import Quality, check_quality
from imi_desktop.analysis.selection import Selection
from imi_desktop.gui.dashboard.filters import CHOICES, Filters


@dataclass(frozen=True)
class Opened:
    """Trials of one or many studies and what does not depend on the filters.

    Parameters
    ----------
    choices : dict of str to list of str
        Values per column that can be filtered.
    sessions, excluded : int
        Sessions with main trials that count, and that do not.
    """

    loaded: LoadedTrials
    choices: dict[str, list[str]]
    quality: Quality
    sessions: int
    excluded: int

    @property
    def trials(self) -> pd.DataFrame:
        """All trials."""
        return self.loaded.trials


def open_results(paths: Sequence[Path]) -> Opened:
    """Read all trials and count the quality checks."""
    loaded = load_trials(paths)
    trials = loaded.trials
    main = trials[(trials["phase"] == "main").to_numpy(dtype=bool)]
    choices = {
        column: sorted(
            (str(value) for value in main[column].dropna().unique()),
            key=lambda value, column=column: _place(column, value),
        )
        for column in ("condition", *(name for name, _ in CHOICES))
    }
    choices["scheme"] = [scheme for scheme in choices["scheme"] if scheme != "none"]
    quality = check_quality(trials)
    keys = ["study", "participant", "session"]
    everyone = len(main[keys].drop_duplicates())
    return Opened(loaded, choices, quality, everyone - len(quality.excluded), len(quality.excluded))


def select(opened: Opened, filters: Filters) -> tuple[pd.DataFrame, Figures]:
    """The trials that the filters leave, and their figures."""
    selection = Selection(include_excluded=not filters.included_only, where=filters.where)
    selected = selection.apply(opened.trials)
    return selected, figures(selected)


def _place(column: str, value: str) -> tuple[tuple[int, float, str], int, str]:
    number = int(value) if column == "participant" and value.isdigit() else 0
    rank = level_rank(column, value)
    return ((0, 0.0, ""), number, value) if number else (rank, 0, value)
