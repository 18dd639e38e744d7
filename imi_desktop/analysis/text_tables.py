"""An analysis as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from imi_desktop.analysis import wording
from imi_desktop.analysis.analyze import Analysis
from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.further_tables import further_tables
from imi_desktop.analysis.intervals import MINIMUM_N
from imi_desktop.analysis.measures import MeasureRow


def text_report(analysis: Analysis) -> str:
    """Measures, tests, quality checks and verdicts as aligned text."""
    quality = analysis.quality
    blocks = [
        f"{analysis.participants} participants, {analysis.n_trials} trials",
        _table(
            measure_head(analysis),
            [measure_cells(row, analysis.by) for row in analysis.measures],
        ),
        _table(
            test_head(analysis),
            [test_cells(test) for test in analysis.tests],
        ),
        f"Catch trials missed: {quality.catch_missed} of {quality.catch_trials}, "
        f"by {quality.participants_missing_catch} of {quality.participants} participants. "
        f"Sessions excluded: {len(quality.excluded)}. "
        f"Stimuli that match the lock: {analysis.stimuli.words}.",
    ]
    blocks += [
        f"Excluded: participant {session.participant}"
        + (f", session {session.session}" if session.session else "")
        + f" ({session.trials} trials): {'; '.join(session.reasons) or 'no reason given'}."
        for session in quality.excluded
    ]
    if analysis.verdicts:
        blocks.append(
            _table(
                ["Hypothesis", "Verdict", "Statistic", "p", "Difference", "Why"],
                [
                    [
                        verdict.sentence,
                        verdict.outcome,
                        wording.statistic(verdict.test),
                        wording.p_value(verdict.test.p, exact=True),
                        wording.decimal(verdict.estimate),
                        verdict.reason,
                    ]
                    for verdict in analysis.verdicts
                ],
            )
        )
    else:
        blocks.append("No hypotheses were stated; every test is exploratory.")
    blocks += [
        f"Deviation, {entry.study}{f', {entry.hypothesis}' if entry.hypothesis else ''}: "
        f"{entry.sentence}"
        for entry in analysis.deviations
    ]
    blocks += [
        f"Amended after the lock, {name}, {entry.made}, by {entry.author}: {entry.reason}"
        for name, entry in analysis.amendments
    ]
    blocks += [
        "\n".join(
            part for part in (table.title, _table(table.head, table.rows), table.note) if part
        )
        for table in further_tables(analysis.further, with_units=False)
    ]
    return "\n\n".join(block for block in blocks if block)


def measure_head(analysis: Analysis) -> list[str]:
    """Names of the columns of :func:`measure_cells`."""
    columns = [name.replace("_", " ") for name in analysis.by]
    return [
        "Measure",
        *columns,
        "Mean",
        "± 2 SEM",
        "95 % interval",
        "Over",
        "Participants",
        "Trials",
    ]


def test_head(analysis: Analysis) -> list[str]:
    """Names of the columns of :func:`test_cells`."""
    adjusted = f"p, {analysis.options.correction}"
    return ["Comparison", "Status", "Method", "Statistic", "p", adjusted, "n", "Effect [95 %]"]


def measure_cells(row: MeasureRow, by: Sequence[str]) -> list[str]:
    """One measure as texts; reaction times in seconds."""
    name = wording.MEASURES[row.measure]
    if row.level is not None:
        name += f" {row.level}"
    if row.on is not None:
        name += f", {wording.ANSWERS[row.on]}"
    scale = 1000 if row.measure.startswith("reaction_time") else 1
    digits = 3 if row.measure in {"proportion_correct", "interpretability_score"} else 2
    over = row.n_units if row.averaged_within == "units" else row.n_participants
    interval = "n too small" if over is None or over < MINIMUM_N else "no spread"
    if row.ci95 is not None:
        low, high = (wording.decimal(bound / scale, digits) for bound in row.ci95)
        interval = f"[{low}, {high}]"
    sem2 = wording.decimal(None if row.sem2 is None else row.sem2 / scale, digits)
    return [
        name,
        *(wording.label(row.group[column]) for column in by),
        wording.decimal(row.mean / scale, digits),
        sem2,
        interval,
        f"{row.n_units} units" if row.averaged_within == "units" else "participants",
        str(row.n_participants),
        str(row.n_trials),
    ]


def test_cells(test: ComparisonResult) -> list[str]:
    """One test as texts."""
    return [
        test.comparison,
        test.status,
        wording.method(test),
        wording.statistic(test, 3 if test.symbol == "F" else 2),
        wording.p_value(test.p, exact=True),
        wording.p_value(test.p_adjusted, exact=True),
        f"{test.n} {test.n_of}" if test.n is not None else wording.MISSING,
        wording.effect_with_interval(test),
    ]


def _table(head: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
             for row in [head, *rows]]  # fmt: skip
    return "\n".join(lines)
