"""The whole analysis of one or many studies, as ``imi-desktop analyze`` gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from imi_desktop.analysis.comparison_result import (
    ComparisonResult,
    Correction,
    finite,
    planned_first,
)
from imi_desktop.analysis.comparisons import default_tests
from imi_desktop.analysis.deviations import Deviation
from imi_desktop.analysis.further import Further, analyse_further
from imi_desktop.analysis.intervals import RESAMPLES
from imi_desktop.analysis.judgement import judge_studies
from imi_desktop.analysis.load import STUDY_FILE, LoadedTrials, load_trials
from imi_desktop.analysis.locked_stimuli import LockedStimuli, check_locked_stimuli
from imi_desktop.analysis.measures import PARTICIPANT, MeasureRow, measure
from imi_desktop.analysis.mixed_model import mixed_models
from imi_desktop.analysis.quality import Quality, check_quality
from imi_desktop.analysis.selection import Selection, require_column, varied_columns
from imi_desktop.analysis.verdict_data import Verdict
from imi_desktop.experiment.lock import Amendment
from imi_desktop.experiment.study import Study


@dataclass(frozen=True)
class AnalysisOptions:
    """What is analysed and how.

    Parameters
    ----------
    by : tuple of str or None
        Columns that make the groups; None for the conditions the study varies.
    correction : {"holm", "bonferroni", "none"}
        For families of exploratory tests.
    seed : int or None
        Seed of the bootstrap; None takes the first study's seed, or 0.
    resamples : int
        Bootstrap samples; 0 for no intervals.
    mixed_model : bool
        Whether to fit logistic mixed models to the pairs of levels of the first `by` column.
    model_values : dict or None
        Named values of each model that mean scores are set against.
    """

    by: tuple[str, ...] | None = None
    selection: Selection = field(default_factory=Selection)
    correction: Correction = "holm"
    seed: int | None = None
    resamples: int = RESAMPLES
    mixed_model: bool = False
    model_values: dict[str, dict[str, float]] | None = None


@dataclass(frozen=True)
class Analysis:
    """Measures, tests, quality checks and verdicts.

    Parameters
    ----------
    trials : DataFrame
        The selected trials.
    by : tuple of str
        Columns that made the groups.
    amendments : tuple of (str, Amendment)
        Study, and a change made on purpose after its lock.
    deviations : tuple of Deviation
        Where the data depart from what the hypotheses planned.
    further : Further
        Units, models, agreement and the counterfactual task; all exploratory.
    stimuli : LockedStimuli
        Whether stimuli are those that were locked.
    """

    loaded: LoadedTrials
    options: AnalysisOptions
    by: tuple[str, ...]
    trials: pd.DataFrame
    measures: tuple[MeasureRow, ...]
    tests: tuple[ComparisonResult, ...]
    quality: Quality
    verdicts: tuple[Verdict, ...]
    amendments: tuple[tuple[str, Amendment], ...] = ()
    deviations: tuple[Deviation, ...] = ()
    further: Further = field(default_factory=Further)
    stimuli: LockedStimuli = field(default_factory=LockedStimuli)

    @property
    def participants(self) -> int:
        """How many people answered the selected trials."""
        return len(self.trials[list(PARTICIPANT)].drop_duplicates())

    @property
    def n_trials(self) -> int:
        """How many trials with an answer that can be right or wrong were selected."""
        return int(self.trials["correct"].notna().sum())

    def to_json(self) -> dict[str, Any]:
        """The analysis as JSON-able values; what is missing is None, never NaN."""
        return {
            "participants": self.participants,
            "trials": self.n_trials,
            "measures": [measure_json(row) for row in self.measures],
            "tests": [test.to_json() for test in self.tests],
            "quality": self.quality.to_json() | {"stimuli": asdict(self.stimuli)},
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "amendments": [{"study": name, **asdict(entry)} for name, entry in self.amendments],
            "deviations": [asdict(entry) for entry in self.deviations],
            **self.further.to_json(),
        }


def analyze(paths: Sequence[Path], options: AnalysisOptions | None = None) -> Analysis:
    """Load, select, measure, test and judge.

    Parameters
    ----------
    paths : sequence of Path
        See :func:`imi_desktop.analysis.load.load_trials`.

    Raises
    ------
    UserError
        If a path cannot be read or a column does not exist.
    """
    return analyze_loaded(load_trials(paths), options or AnalysisOptions())


def analyze_loaded(loaded: LoadedTrials, options: AnalysisOptions) -> Analysis:
    """As :func:`analyze`, on trials that are loaded already."""
    for name in options.by or ():
        require_column(name)
    studies = open_studies(loaded)
    seed = options.seed if options.seed is not None else (studies[0].seed if studies else 0)
    trials = options.selection.apply(loaded.trials)
    by = varied_columns(trials) if options.by is None else options.by
    judged = judge_studies(studies, loaded.trials)
    exploratory = default_tests(trials, by, correction=options.correction)
    if options.mixed_model and by:
        exploratory += mixed_models(trials, by[0])
    return Analysis(
        loaded=loaded,
        options=options,
        by=by,
        trials=trials,
        measures=tuple(measure(trials, by, seed=seed, resamples=options.resamples)),
        tests=tuple(planned_first([verdict.test for verdict in judged.verdicts], exploratory)),
        quality=check_quality(loaded.trials, include_excluded=options.selection.include_excluded),
        verdicts=judged.verdicts,
        deviations=judged.deviations,
        amendments=judged.amendments,
        further=analyse_further(studies, trials, options.model_values),
        stimuli=check_locked_stimuli(loaded.studies),
    )


def open_studies(loaded: LoadedTrials) -> list[Study]:
    """The studies among the sources that have a ``study.toml``, named as their trials are."""
    return [
        Study.load(folder).model_copy(update={"name": name})
        for name, folder in loaded.folders.items()
        if (folder / STUDY_FILE).is_file()
    ]


def measure_json(row: MeasureRow) -> dict[str, Any]:
    """One measure as JSON-able values, the `by` columns beside it."""
    result: dict[str, Any] = {"measure": row.measure, **row.group}
    if row.on is not None:
        result["on"] = row.on
    if row.level is not None:
        result["level"] = row.level
    result |= {
        "mean": finite(row.mean),
        "sem2": finite(row.sem2),
        "ci95": list(row.ci95) if row.ci95 is not None else None,
        "averaged_within": row.averaged_within,
        "n_participants": row.n_participants,
        "n_trials": row.n_trials,
    }
    if row.n_units is not None:
        result["n_units"] = row.n_units
    return result
