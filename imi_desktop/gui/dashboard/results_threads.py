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
    from imi_desktop.analysis.judgement import Judgement
    from imi_desktop.analysis.locked_stimuli import LockedStimuli
    from imi_desktop.analysis.recording_checks import RecordingChecks
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
    opened: Opened, selected: pd.DataFrame, judgement: Judgement | None
) -> tuple[Judgement, list[ComparisonResult]]:
    """What became of the hypotheses, unless that is known already, and exploratory tests."""
    from imi_desktop.gui.dashboard import results_tests

    if judgement is None:
        judgement = results_tests.judge_opened(opened)
    return judgement, results_tests.compare(selected)


def check_studies(opened: Opened) -> tuple[RecordingChecks, LockedStimuli]:
    """How the sessions of the studies opened were recorded, and whether stimuli are as locked."""
    from imi_desktop.analysis.locked_stimuli import check_locked_stimuli
    from imi_desktop.analysis.recording_checks import check_recording

    studies = opened.loaded.studies
    return check_recording(studies), check_locked_stimuli(studies)


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
