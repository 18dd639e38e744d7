"""The report: one HTML file that needs nothing else, with everything an analysis found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from imi_desktop import __version__, atomic
from imi_desktop.analysis import wording
from imi_desktop.analysis.analyze import Analysis
from imi_desktop.analysis.figures import figures
from imi_desktop.analysis.further_tables import further_tables
from imi_desktop.analysis.locked_stimuli import LockedStimuli
from imi_desktop.analysis.svg_figures import accuracy_svg, levels_svg, scatter_svg
from imi_desktop.analysis.text_tables import measure_cells, measure_head, test_cells, test_head

_STYLE = """
body { font: 14px/20px system-ui, sans-serif; color: #1b1b1b; background: #f4f4f4;
       max-width: 1060px; margin: 32px auto; padding: 0 24px; }
h1 { font-size: 22px; } h2 { font-size: 16px; margin-top: 32px; }
h3 { font-size: 13px; margin: 20px 0 4px; }
table { border-collapse: collapse; width: 100%; font-size: 12px; line-height: 18px; }
th { text-align: left; color: #5c5c5c; font-weight: 400; border-bottom: 1px solid #cdcdcd; }
td, th { padding: 4px 12px 4px 0; vertical-align: top; font-variant-numeric: tabular-nums; }
td { border-bottom: 1px solid #dddddd; }
p.note, figcaption { color: #5c5c5c; font-size: 12px; }
.verdict { font-weight: 600; } figure { margin: 0 0 16px; overflow-x: auto; }
"""


def write_report(analysis: Analysis, path: Path) -> None:
    """Write the report, atomically.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    atomic.write_text(path, report_html(analysis))


def report_html(analysis: Analysis) -> str:
    """The report's HTML; refers to no other file."""
    drawn = figures(analysis.trials)
    title = "Results of " + (", ".join(analysis.loaded.names) or "trial tables")
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{wording.count(analysis.participants)} participants, "
        f"{wording.count(analysis.n_trials)} trials. {escape(_selected(analysis))}</p>",
        "<h2>Hypotheses</h2>",
        *_verdicts(analysis),
        *_deviations(analysis),
        *_amendments(analysis),
        "<h2>Figures</h2>",
        _figure(
            accuracy_svg(drawn.accuracy),
            "Accuracy by condition. Points: participants. Bar: mean ± 2 SEM over participants; "
            "none under five participants.",
        ),
        *(
            _figure(
                levels_svg(levels),
                f"Accuracy by {levels.column}. Mean ± 2 SEM over participants, cut at 0 and 1. "
                "Circle natural, diamond synthetic.",
            )
            for levels in (drawn.layers, drawn.branches)
            if levels.levels
        ),
        "<h2>Measures</h2>",
        _table(measure_head(analysis), [measure_cells(r, analysis.by) for r in analysis.measures]),
        '<p class="note">Averaged within participants first, the interpretability score within '
        "units first. 95 % intervals: bootstrap-t, 10 000 resamples.</p>",
        "<h2>Tests</h2>",
        _table(test_head(analysis), [test_cells(test) for test in analysis.tests]),
        *_caveats(analysis),
        *_further(analysis),
        "<h2>Quality checks</h2>",
        *_quality(analysis),
        "<h2>Sources</h2>",
        _table(
            ["Source", "Kind", "Trials", "Recorded under the name"],
            [
                [str(s.path), s.kind, wording.count(s.trials), ", ".join(s.recorded_as)]
                for s in analysis.loaded.sources
            ],
        ),
        f'<p class="note">IMI Desktop {__version__}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.</p>',
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _selected(analysis: Analysis) -> str:
    chosen = analysis.options.selection
    parts = [f"Phase {', '.join(chosen.phases) or 'any'}"]
    parts.append({"exclude": "without catch trials", "only": "catch trials only",
                  "include": "with catch trials"}[chosen.catch])  # fmt: skip
    parts.append("excluded sessions counted" if chosen.include_excluded else "included sessions")
    parts += [f"{name} {', '.join(values)}" for name, values in chosen.where.items()]
    return "; ".join(parts) + "."


def _verdicts(analysis: Analysis) -> list[str]:
    if not analysis.verdicts:
        return ["<p>No hypothesis was stated before the data; every test is exploratory.</p>"]
    rows = [
        [
            verdict.outcome.capitalize() + ("" if verdict.locked else " (not locked)"),
            verdict.sentence,
            f"{wording.method(verdict.test)}, {verdict.test.alternative or 'no direction'}, "
            f"α = {verdict.alpha:g}",
            wording.statistic(verdict.test),
            wording.p_value(verdict.test.p, exact=True),
            _interval(verdict.estimate, verdict.ci95),
            verdict.reason,
        ]
        for verdict in analysis.verdicts
    ]
    head = ["Verdict", "Hypothesis", "Planned test", "Statistic", "p", "Difference, 95 %", "Why"]
    return [_table(head, rows)]


def _deviations(analysis: Analysis) -> list[str]:
    if not analysis.deviations:
        return []
    rows = [
        [entry.study, entry.hypothesis or "all", entry.sentence] for entry in analysis.deviations
    ]
    head = ["Study", "Hypothesis", "Departure"]
    return ["<h2>Departures from the plan</h2>", _table(head, rows)]


def _amendments(analysis: Analysis) -> list[str]:
    if not analysis.amendments:
        return []
    rows = [
        [name, entry.made, entry.author, entry.reason, " ".join(entry.changes)]
        for name, entry in analysis.amendments
    ]
    head = ["Study", "Made", "By", "Reason", "Changes"]
    return ["<h2>Amendments after the lock</h2>", _table(head, rows)]


def _interval(estimate: float | None, bounds: tuple[float, float] | None) -> str:
    if estimate is None or bounds is None:
        return wording.decimal(estimate)
    low, high = (wording.decimal(bound) for bound in bounds)
    return f"{wording.decimal(estimate)} [{low}, {high}]"


def _caveats(analysis: Analysis) -> list[str]:
    lines = dict.fromkeys(
        f"{test.comparison}: {text}"
        for test in analysis.tests
        for text in (*test.assumptions, *([f"dropped {test.dropped}."] if test.dropped else []))
    )
    return [f'<p class="note">{escape(line)}</p>' for line in lines]


def _further(analysis: Analysis) -> list[str]:
    """Units, models, agreement and the counterfactual task, marked as exploratory."""
    tables = further_tables(analysis.further)
    if not tables:
        return []
    further = analysis.further
    parts = ["<h2>Units, agreement and models</h2>"]
    parts.append('<p class="note">No hypothesis names any of this; all of it is exploratory.</p>')
    parts += [
        _figure(
            scatter_svg(
                one.words.capitalize(), {one.condition: [(p.x, p.score) for p in one.points]}
            ),
            f"{one.test.comparison}. One point per unit.",
        )
        for one in further.correlates
        if len(one.points) >= 4
    ]
    queries: dict[str, list[tuple[float, float]]] = {}
    for query in further.counterfactual.queries:
        if query.difference is not None:
            queries.setdefault(query.condition, []).append((query.difference, query.accuracy))
    if queries:
        parts.append(
            _figure(
                scatter_svg("Relative activation difference", queries),
                "Accuracy against relative activation difference. One point per condition, unit "
                "and image set.",
            )
        )
    for table in tables:
        parts += [f"<h3>{escape(table.title)}</h3>", _table(table.head, table.rows)]
        if table.note:
            parts.append(f'<p class="note">{escape(table.note)}</p>')
    return parts


def _quality(analysis: Analysis) -> list[str]:
    quality = analysis.quality
    rows = [
        ["Catch trials missed", f"{quality.catch_missed} of {quality.catch_trials}"],
        [
            "Participants with a missed catch trial",
            f"{quality.participants_missing_catch} of {quality.participants}",
        ],
        ["Same position chosen in over 90 %", str(quality.same_position)],
        ["Timeouts", str(quality.timeouts)],
        ["Answers without reaction time", str(quality.without_time)],
        ["Stimuli match the lock", _stimuli(analysis.stimuli)],
        ["Sessions excluded", str(len(quality.excluded))],
    ]
    rows += [
        [f"Excluded: {session.participant}", "; ".join(session.reasons) or "no reason given"]
        for session in quality.excluded
    ]
    return [_table(["Check", "Found"], rows)]


def _stimuli(found: LockedStimuli) -> str:
    away = [
        f"{wording.count(number)} {word}"
        for number, word in ((found.changed, "changed"), (found.missing, "missing"))
        if number
    ]
    return found.words + (f", {' and '.join(away)}" if away else "")


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>" if svg else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>Nothing.</p>"
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
