"""What the results page runs in threads; each function imports pandas and scipy when it is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imi_desktop.gui.dashboard.filters import Filters

if TYPE_CHECKING:
    import pandas as pd

    from imi_desktop.analysis.comparison_result import ComparisonResult, Correction
    from imi_desktop.analysis.figure_data import Figures
    from imi_desktop.analysis.further import Further
    from imi_desktop.analysis.recording_checks import RecordingChecks
    from imi_desktop.analysis.verdict_data import Verdict
    from imi_desktop.gui.dashboard.results_tests import Amended
    from imi_desktop.gui.dashboard.results_work import Opened


def answers_stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    """Sizes of all journals and imported tables, to notice new answers."""
    files = [*folder.glob("sessions/*/*/journal.jsonl"), *folder.glob("imported/*.parquet")]
    return tuple(sorted((str(file), file.stat().st_size) for file in files if file.is_file()))


def read_answers(paths: list[Path]) -> Opened:
    """Read all answers of these studies."""
    from imi_desktop.gui.dashboard import results_work

    return results_work.open_results(paths)


def select_trials(opened: Opened, filters: Filters) -> tuple[pd.DataFrame, Figures]:
    """The trials the filters leave, and their figures."""
    from imi_desktop.gui.dashboard import results_work

    return results_work.select(opened, filters)


def run_tests(
    opened: Opened, selected: pd.DataFrame, outcomes: tuple[Verdict, ...] | None
) -> tuple[tuple[Verdict, ...], list[ComparisonResult], Amended]:
    """Verdicts, unless they are known already, exploratory tests, and changes after the lock."""
    from imi_desktop.gui.dashboard import results_tests

    if outcomes is None:
        outcomes = results_tests.judge_studies(opened)
    return outcomes, results_tests.compare(selected), results_tests.amended(opened)


def read_recording(opened: Opened) -> RecordingChecks:
    """How the sessions of the studies opened were recorded."""
    from imi_desktop.analysis.recording_checks import check_recording

    return check_recording(opened.loaded.studies)


def look_further(opened: Opened, selected: pd.DataFrame, known: pd.DataFrame | None) -> Further:
    """Units, agreement and machine scores; `known` answers of observers are not found again."""
    from imi_desktop.gui.dashboard import results_tests

    return results_tests.look_further(opened, selected, known)


def export_table(selected: pd.DataFrame, path: Path) -> None:
    """Write the selected trials as CSV or Parquet."""
    from imi_desktop.exchange.table_files import write_trials

    write_trials(selected, path)


def write_html(opened: Opened, filters: Filters, correction: Correction, path: Path) -> None:
    """Write the report of what the page shows."""
    from imi_desktop.gui.dashboard import results_tests

    results_tests.write_report(opened, filters, correction, path)
