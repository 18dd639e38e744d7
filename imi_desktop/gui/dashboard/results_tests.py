"""Verdicts and tests of the results page, away from the main thread; imports scipy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from imi_desktop.analysis.analyze import AnalysisOptions, analyze_loaded, open_studies
from imi_desktop.analysis.comparison_result import (
    ComparisonResult,
    Correction,
    corrected,
    planned_first,
)
from imi_desktop.analysis.comparisons import default_tests
from imi_desktop.analysis.further import Further, analyse_further
from imi_desktop.analysis.judgement import Judgement, judge_studies
from imi_desktop.analysis.selection import Selection, varied_columns
from imi_desktop.analysis.verdict_data import Verdict
from imi_desktop.gui.dashboard.filters import Filters
from imi_desktop.gui.dashboard.results_work import Opened


def judge_opened(opened: Opened) -> Judgement:
    """What became of the hypotheses of all studies opened, whatever is filtered."""
    return judge_studies(open_studies(opened.loaded), opened.trials)


def look_further(opened: Opened, selected: pd.DataFrame, known: pd.DataFrame | None) -> Further:
    """Units, agreement and machine scores of the selected trials; see `analyse_further`."""
    return analyse_further(open_studies(opened.loaded), selected, known=known)


def compare(selected: pd.DataFrame) -> list[ComparisonResult]:
    """The exploratory tests on selected trials, not yet corrected."""
    return default_tests(selected, varied_columns(selected), correction="none")


def listed(
    verdicts: tuple[Verdict, ...], tests: Sequence[ComparisonResult], correction: Correction
) -> list[ComparisonResult]:
    """Planned tests first, then exploratory ones; each family corrected."""
    return planned_first([verdict.test for verdict in verdicts], corrected(tests, correction))


def write_report(opened: Opened, filters: Filters, correction: Correction, path: Path) -> None:
    """Write the report of what the page shows."""
    from imi_desktop.analysis.report import write_report as write

    selection = Selection(include_excluded=not filters.included_only, where=filters.where)
    options = AnalysisOptions(selection=selection, correction=correction)
    write(analyze_loaded(opened.loaded, options), path)
