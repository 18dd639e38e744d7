"""Which trials an analysis is about."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from imi_desktop.analysis.columns import NAMES
from imi_desktop.errors import UserError


class SelectionError(UserError):
    """A column or value that the trials do not have was asked for."""


@dataclass(frozen=True)
class Selection:
    """Main, non-catch, included trials unless told otherwise.

    Parameters
    ----------
    phases : tuple of str
        Phases taken; empty for all.
    catch : {"exclude", "only", "include"}
        What becomes of catch trials.
    include_excluded : bool
        Whether trials of excluded sessions count too.
    where : dict of str to tuple of str
        For each column the values kept, as text.
    """

    phases: tuple[str, ...] = ("main",)
    catch: str = "exclude"
    include_excluded: bool = False
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def mask(self, trials: pd.DataFrame) -> np.ndarray:
        """Which rows are taken: bool, shape (n_trials,)."""
        taken = np.ones(len(trials), dtype=bool)
        if self.phases:
            taken &= trials["phase"].isin(self.phases).to_numpy()
        catch = trials["catch"].fillna(False).to_numpy(dtype=bool)
        if self.catch == "exclude":
            taken &= ~catch
        elif self.catch == "only":
            taken &= catch
        if not self.include_excluded:
            taken &= trials["included"].fillna(True).to_numpy(dtype=bool)
        for name, values in self.where.items():
            taken &= _is_in(trials[require_column(name)], values)
        return taken

    def apply(self, trials: pd.DataFrame) -> pd.DataFrame:
        """The rows taken, with a fresh index."""
        return trials[self.mask(trials)].reset_index(drop=True)


def require_column(name: str) -> str:
    """Give `name` back if the trial table has such a column.

    Raises
    ------
    SelectionError
        If it has not.
    """
    if name not in NAMES:
        raise SelectionError(f"Trials have no column “{name}”. They have {', '.join(NAMES)}.")
    return name


def varied_columns(trials: pd.DataFrame) -> tuple[str, ...]:
    """The conditions that these trials vary; the default of ``--by``.

    Condition always, and task, scheme, difficulty and model where there is more than one. A
    scheme is not counted for condition none, which shows no references.
    """
    by = ["condition"]
    shown = trials[(trials["condition"] != "none").fillna(False).to_numpy(dtype=bool)]
    judged = trials[(trials["task"] != "intuitiveness").fillna(True).to_numpy(dtype=bool)]
    for name, rows in (
        ("task", judged),
        ("scheme", shown),
        ("difficulty", shown),
        ("model", shown),
    ):
        if rows[name].nunique() > 1:
            by.append(name)
    return tuple(by)


def _is_in(values: pd.Series, wanted: tuple[str, ...]) -> np.ndarray:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.isin(wanted).to_numpy(dtype=bool)
    return values.astype("string").isin(wanted).fillna(False).to_numpy(dtype=bool)
