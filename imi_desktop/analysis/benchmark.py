"""How fast the analysis is beside a plain loop that gives the same numbers."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.figures import figures
from imi_desktop.analysis.intervals import RESAMPLES
from imi_desktop.analysis.load import categorical, read_table
from imi_desktop.analysis.measures import measure
from imi_desktop.analysis.selection import Selection
from imi_desktop.progress import Progress, ProgressReporter, silent
from imi_desktop.seeds import generator

MODELS, PEOPLE, TRIALS, UNITS = 9, 180, 40, 84
_BY = ("model", "condition")


def analysis_benchmark(
    folder: Path, *, repeats: int = 3, progress: ProgressReporter = silent
) -> list[dict[str, Any]]:
    """Time the analysis of 129 600 simulated trials over nine models.

    Work: opening the table and the first figures, changing a filter, and the proportion correct
    of every model and condition with 10 000-resample intervals. The peer is a plain pandas and
    numpy loop: for the figures one group after the other, for the intervals over 1/20 of the
    resamples, its time multiplied by 20.

    Parameters
    ----------
    folder : Path
        Where the table is written for a moment.

    Returns
    -------
    list of dict
        ``name, work, ours, peer, ratio, unit, repeats, machine``.
    """
    path = folder / "benchmark.parquet"
    progress(Progress("Analysing", 0, 0))
    simulated_trials().to_parquet(path, index=False)
    trials = read_table(path)
    fast = categorical(trials)
    opened = _best(lambda: figures(Selection().apply(categorical(read_table(path)))), repeats)
    narrowed = Selection(where={"model": ("model0", "model1")})
    filtered = _best(lambda: figures(narrowed.apply(fast)), repeats)
    nothing = pd.array([pd.NA] * len(fast), dtype="Int64")
    only = fast.assign(confidence=nothing, reaction_time_ms=np.nan)
    ours = _best(lambda: measure(only, _BY), repeats)
    peer = 20 * _best(lambda: plain_intervals(trials, RESAMPLES // 20), 1)
    read = _best(lambda: plain_figures(pd.read_parquet(path)), 1)
    chosen = _best(lambda: plain_figures(trials[trials["model"].isin(narrowed.where["model"])]),
                   repeats)  # fmt: skip
    work = f"{len(trials)} trials"
    return [
        _row("analysis open", f"{work}: read and first figures", opened, read, repeats),
        _row("analysis filter", f"{work}: change a filter and draw", filtered, chosen, repeats),
        _row("analysis intervals", f"{work}: {RESAMPLES} resamples", ours, peer, repeats),
    ]


def plain_intervals(
    trials: pd.DataFrame, resamples: int = RESAMPLES
) -> dict[tuple[str, str], tuple[float, float]]:
    """Intervals of the proportion correct as one would write them at first."""
    random = np.random.default_rng(1)
    found = {}
    for key, group in trials.groupby(list(_BY)):
        means = group["correct"].astype(float).groupby(group["participant"]).mean().to_numpy()
        found[(str(key[0]), str(key[1]))] = plain_interval(means, resamples, random)
        scores = group["correct"].astype(float).groupby([group["layer"], group["channel"]]).mean()
        plain_interval(scores.to_numpy(), resamples, random)
    return found


def plain_interval(
    values: np.ndarray, resamples: int, random: np.random.Generator
) -> tuple[float, float]:
    """Bootstrap-t interval of one mean, one resample after the other."""
    n = len(values)
    error = values.std(ddof=1) / np.sqrt(n)
    drawn = []
    for _ in range(resamples):
        sample = values[random.integers(n, size=n)]
        own = max(sample.std() / np.sqrt(n - 1), error / 5)
        drawn.append((sample.mean() - values.mean()) / own)
    below, above = np.quantile(drawn, [0.025, 0.975])
    return float(values.mean() - above * error), float(values.mean() - below * error)


def plain_figures(trials: pd.DataFrame) -> dict[str, dict[tuple[str, ...], float]]:
    """What the first figures show, as one would compute it at first: group by group.

    Returns
    -------
    dict of str to dict
        ``condition``, ``layer`` (means over participants), ``unit`` (means over answers),
        ``confidence`` (counts by condition, right or wrong, and level) and ``time`` (medians, s).
    """
    main = trials[(trials["phase"] == "main") & ~trials["catch"] & trials["included"]]
    found: dict[str, dict[tuple[str, ...], float]] = {
        name: {} for name in ("condition", "layer", "unit", "confidence", "time")
    }
    for name, keys in (("condition", ["condition"]), ("layer", ["layer", "condition"])):
        for key, group in main.groupby(keys):
            people = group["correct"].astype(float).groupby(group["participant"]).mean()
            found[name][tuple(map(str, key))] = float(people.mean())
    for key, group in main.groupby(["model", "layer", "channel", "condition"]):
        found["unit"][tuple(map(str, key))] = float(group["correct"].astype(float).mean())
    for key, group in main.groupby(["condition", "correct", "confidence"]):
        found["confidence"][tuple(map(str, key))] = float(len(group))
    for key, group in main.groupby(["condition"]):
        found["time"][tuple(map(str, key))] = float(group["reaction_time_ms"].median() / 1000)
    return found


def simulated_trials(seed: int = 1) -> pd.DataFrame:
    """Answers with the size and structure of Zimmermann et al. 2023: people, units, models."""
    random = generator(seed, "benchmark")
    rows = PEOPLE * TRIALS
    parts = []
    for model in range(MODELS):
        for condition, base in (("natural", 1.8), ("synthetic", 1.3)):
            unit = random.integers(UNITS, size=rows)
            person = np.repeat(np.arange(PEOPLE), TRIALS)
            logit = (
                base + random.normal(0, 0.4, PEOPLE)[person] + random.normal(0, 0.8, UNITS)[unit]
            )
            parts.append(
                pd.DataFrame(
                    {
                        "study": "benchmark",
                        "participant": [f"{model}-{condition}-{p}" for p in person],
                        "phase": "main",
                        "catch": False,
                        "block": 1,
                        "trial": np.tile(np.arange(1, TRIALS + 1), PEOPLE),
                        "condition": condition,
                        "model": f"model{model}",
                        "layer": [f"layer{u % 20}" for u in unit],
                        "channel": unit,
                        "correct": random.random(rows) < 1 / (1 + np.exp(-logit)),
                        "confidence": random.integers(1, 4, rows),
                        "reaction_time_ms": random.lognormal(8.5, 0.6, rows),
                        "included": True,
                    }
                )
            )
    return conform(pd.concat(parts, ignore_index=True), "the benchmark's trials")


def _best(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _row(name: str, work: str, ours: float, peer: float, repeats: int) -> dict[str, Any]:
    return {
        "name": name,
        "work": work,
        "ours": round(ours, 4),
        "peer": round(peer, 4),
        "ratio": round(peer / ours, 2),
        "unit": "s",
        "repeats": repeats,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}",
    }
