"""The machine interpretability score beside people's, and the temperature that fits them best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from imi_desktop.analysis.figure_data import Correlate
from imi_desktop.analysis.intervals import two_sem
from imi_desktop.analysis.measures import number
from imi_desktop.observers.machine_score import soft_score
from imi_desktop.stimuli.unit_measures import UnitMeasures, UnitMeasuresError

_COLDEST, _HOTTEST = 1e-4, 1e2
_LEAST_ANSWERS = 10


@dataclass(frozen=True)
class MachineResult:
    """Machine scores in one condition.

    Parameters
    ----------
    score, accuracy : float
        Means over units of σ(Δ / temperature) and of the share of tasks with Δ above 0.
    sem2 : float or None
        Two standard errors of `score` over units.
    temperature : float
        As stored with the scores.
    fitted_temperature : float or None
        The one under which people's answers to the same tasks are most likely; None without such
        answers. It is chosen with these answers, so it says nothing about new ones.
    human : float or None
        Mean of people's scores over the same units.
    correlation : Correlate or None
        With people's scores, unit by unit.
    """

    observer: str
    condition: str
    temperature: float
    score: float
    sem2: float | None
    accuracy: float
    n_units: int
    n_tasks: int
    fitted_temperature: float | None
    human: float | None
    correlation: Correlate | None

    def to_json(self) -> dict[str, Any]:
        """The scores as JSON-able values."""
        test = None if self.correlation is None else self.correlation.test.to_json()
        return {
            "observer": self.observer,
            "condition": self.condition,
            "temperature": self.temperature,
            "machine_score": self.score,
            "sem2": self.sem2,
            "proportion_correct": self.accuracy,
            "n_units": self.n_units,
            "n_tasks": self.n_tasks,
            "fitted_temperature": self.fitted_temperature,
            "interpretability_score": self.human,
            "correlation": test,
        }


def machine_results(
    sources: Sequence[tuple[str, UnitMeasures]],
    correlates: Sequence[Correlate],
    trials: pd.DataFrame,
) -> list[MachineResult]:
    """Machine scores of each source and condition beside people's.

    Parameters
    ----------
    sources : sequence of (str, UnitMeasures)
        Names of studies and their files of kind ``machine_score``.
    correlates : sequence of Correlate
        Among them those of the machine score.
    trials : DataFrame
        Selected trials, for the fitted temperature.

    Raises
    ------
    UnitMeasuresError
        If a file does not say how its scores came about.
    """
    results = []
    for study, source in sources:
        if not {"temperature", "observer"} <= source.settings.keys():
            raise UnitMeasuresError(
                f"The machine scores of {study} lack their temperature or observer. Compute them "
                "again."
            )
        if not source.details:
            continue
        temperature = float(source.settings["temperature"])
        tasks = pd.DataFrame(source.details)
        people = trials[trials["study"].eq(study).fillna(False).to_numpy(dtype=bool)]
        for condition, rows in tasks.groupby("condition", sort=True):
            groups = rows.groupby(["model", "layer", "channel"])["difference"]
            per_unit = [differences.to_numpy(dtype=float) for _, differences in groups]
            scores = np.array([soft_score(values, temperature) for values in per_unit])
            hits = np.array([((np.sign(values) + 1) / 2).mean() for values in per_unit])
            found = [
                one
                for one in correlates
                if one.name == "machine_score" and one.condition == condition
            ]
            together = max(found, key=lambda one: len(one.points), default=None)
            human = [point.score for one in found for point in one.points]
            results.append(
                MachineResult(
                    observer=str(source.settings["observer"]),
                    condition=str(condition),
                    temperature=temperature,
                    score=float(scores.mean()),
                    sem2=two_sem(scores),
                    accuracy=float(hits.mean()),
                    n_units=len(scores),
                    n_tasks=len(rows),
                    fitted_temperature=fitted_temperature(rows, people, str(condition)),
                    human=float(np.mean(human)) if human else None,
                    correlation=together,
                )
            )
    return results


def fitted_temperature(tasks: pd.DataFrame, trials: pd.DataFrame, condition: str) -> float | None:
    """The temperature under which people's answers to these tasks are most likely.

    Maximum likelihood of P(right) = σ(Δ / temperature); None under ten answers, and where none is
    most likely: people are never wrong where Δ is above 0 and never right where it is below, or
    no better than chance by Δ.

    Parameters
    ----------
    tasks : DataFrame
        Columns model, layer, channel, image_set and difference.
    trials : DataFrame
        Of the tasks' study: its image sets are its own.
    """
    keys = ["model", "layer", "channel", "image_set"]
    answered = (trials["condition"] == condition) & trials["correct"].notna()
    answered &= trials["channel"].notna() & trials["task"].eq("forward_prediction")
    rows = trials.loc[answered.fillna(False).to_numpy(dtype=bool), [*keys, "correct"]]
    people = pd.DataFrame({name: rows[name].astype(str) for name in keys})
    people["correct"] = number(rows["correct"])
    machine = pd.DataFrame({name: tasks[name].astype(str) for name in keys})
    machine["difference"] = tasks["difference"].to_numpy(float)
    both = people.merge(machine, on=keys)
    if len(both) < _LEAST_ANSWERS:
        return None
    signed = both["difference"].to_numpy() * np.where(both["correct"] == 1, 1.0, -1.0)
    if signed.min() >= 0 or signed.sum() <= 0:
        return None

    def surprise(log_temperature: float) -> float:
        return float(np.logaddexp(0, -signed / np.exp(log_temperature)).mean())

    bounds = (np.log(_COLDEST), np.log(_HOTTEST))
    best = minimize_scalar(surprise, bounds=bounds, method="bounded")
    return float(np.exp(best.x))
