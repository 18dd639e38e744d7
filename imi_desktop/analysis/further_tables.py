"""What goes beyond measures and tests, as tables of texts for terminal and report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imi_desktop.analysis import wording
from imi_desktop.analysis.agreement_data import Agreement, GroupAgreement
from imi_desktop.analysis.comparison_result import ComparisonResult
from imi_desktop.analysis.further import Further

Cells = list[str]


@dataclass(frozen=True)
class TextTable:
    """A table of texts with a title.

    Parameters
    ----------
    note : str
        What a reader should know; empty for nothing.
    """

    title: str
    head: Cells
    rows: list[Cells]
    note: str = ""


def further_tables(further: Further, *, with_units: bool = True) -> list[TextTable]:
    """Tables of everything that has been computed, in reading order; none that is empty.

    Parameters
    ----------
    with_units : bool
        Whether to list every unit's score.
    """
    tables = [
        _scores(further) if with_units else TextTable("", [], []),
        _tests(
            "Units: references and difficulty compared",
            further.comparisons,
            "Units are the cases. Difficulty levels are compared on the units asked about at "
            "every level.",
        ),
        _difficulties(further),
        _tests(
            "What goes with the score",
            [one.test for one in further.correlates],
            " ".join(("Spearman over units, exploratory.", *further.notes)),
        ),
        _machine(further),
        _models(further),
        _tests("Models' scores against their values", further.model_tests),
        _agreement(further.counterfactual.agreement),
        _baselines(further),
        _tests(
            "Accuracy against relative activation difference",
            further.counterfactual.correlations,
            "Relative activation difference: (target − distractor) / image without occlusion. "
            "One case per unit and image set, mean over participants.",
        ),
    ]
    return [table for table in tables if table.rows]


def _scores(further: Further) -> TextTable:
    several = len({one.difficulty for one in further.units}) > 1
    head = ["Unit", "Condition", *(["Difficulty"] if several else []), "Score", "95 % interval",
            "Answers"]  # fmt: skip
    rows = [
        [
            " ".join(part for part in (one.model, f"{one.layer}:{one.channel}") if part),
            wording.label(one.condition),
            *([wording.label(one.difficulty)] if several else []),
            wording.decimal(one.score),
            _interval(one.ci95),
            str(one.n_trials),
        ]
        for one in further.units
    ]
    return TextTable("Scores per unit", head, rows, "Interval: Wilson.")


def _difficulties(further: Further) -> TextTable:
    head = ["Model", "Condition", "Difficulty", "Mean", "± 2 SEM", "Shared units"]
    rows = [
        [
            wording.label(one.model), one.condition, wording.label(one.difficulty),
            wording.decimal(one.mean, 3), wording.decimal(one.sem2, 3), str(one.n_units),
        ]
        for one in further.difficulties
    ]  # fmt: skip
    return TextTable("Difficulty levels on shared units", head, rows)


def _machine(further: Further) -> TextTable:
    head = ["Observer", "Condition", "Machine score", "± 2 SEM", "Right (2-AFC)", "Human score",
            "ρ per unit, 95 %", "Units", "Tasks", "Temperature", "Fitted"]  # fmt: skip
    rows = [
        [
            one.observer,
            one.condition,
            wording.decimal(one.score, 3),
            wording.decimal(one.sem2, 3),
            wording.decimal(one.accuracy, 3),
            wording.decimal(one.human, 3),
            wording.MISSING if one.correlation is None else _effect(one.correlation.test),
            str(one.n_units),
            str(one.n_tasks),
            f"{one.temperature:g}",
            wording.MISSING if one.fitted_temperature is None else f"{one.fitted_temperature:.3g}",
        ]
        for one in further.machine
    ]
    note = (
        "Machine score: mean over tasks of σ(Δ / temperature), Δ from perceptual similarity. "
        "Fitted: the temperature under which these people's answers are most likely."
    )
    return TextTable("Machine interpretability score", head, rows, note)


def _models(further: Further) -> TextTable:
    names = sorted({name for one in further.models for name in one.values})
    head = ["Model", "Condition", "Difficulty", "Score", "± 2 SEM", "Units",
            *(name.replace("_", " ") for name in names)]  # fmt: skip
    rows = [
        [
            one.model, one.condition, wording.label(one.difficulty), wording.decimal(one.mean, 3),
            wording.decimal(one.sem2, 3), str(one.n_units),
            *(f"{one.values[name]:g}" if name in one.values else wording.MISSING for name in names),
        ]
        for one in further.models
    ]  # fmt: skip
    return TextTable("Models", head, rows)


def _agreement(found: Agreement) -> TextTable:
    if not found.known:
        return TextTable("", [], [])
    rows = []
    for first in found.groups:
        cells = []
        for second in found.groups:
            cell = found.at(first, second)
            cells.append(wording.MISSING if cell is None else _kappa(cell))
        rows.append([first, *cells])
    note = (
        "Mean Cohen's κ of all pairs who judged the same queries of the same image set, 95 % "
        "interval, number of pairs. Interval: jackknife over people, because pairs share them; of "
        "a single pair, Fleiss, Cohen & Everitt (1969) over its trials."
    )
    return TextTable("Agreement", ["", *found.groups], rows, note)


def _kappa(cell: GroupAgreement) -> str:
    """``0.21 [0.15, 0.27] (10)``."""
    if cell.mean is None:
        return wording.MISSING
    interval = f" {_interval(cell.ci95)}" if cell.ci95 is not None else ""
    return f"{wording.decimal(cell.mean)}{interval} ({cell.n_pairs})"


def _baselines(further: Further) -> TextTable:
    head = ["Observer", "Proportion correct", "± 2 SEM", "Queries", "Image sets"]
    rows = [
        [
            one.observer, wording.decimal(one.accuracy, 3), wording.decimal(one.sem2, 3),
            str(one.n_queries), str(one.n_image_sets),
        ]
        for one in further.counterfactual.baselines
    ]  # fmt: skip
    return TextTable("Baseline observers on the same queries", head, rows)


def _tests(title: str, tests: Sequence[ComparisonResult], note: str = "") -> TextTable:
    head = ["Comparison", "Method", "Statistic", "p", "n", "Effect, 95 %"]
    rows = [
        [
            test.comparison,
            wording.method(test),
            wording.statistic(test),
            wording.p_value(test.p, exact=True),
            f"{test.n} {test.n_of}" if test.n is not None else wording.MISSING,
            _effect(test),
        ]
        for test in tests
    ]
    return TextTable(title, head, rows, note)


def _effect(test: ComparisonResult) -> str:
    if test.effect_size is None:
        return wording.MISSING
    bounds = test.effect_size.ci95
    return wording.effect(test) + (f" {_interval(bounds)}" if bounds else "")


def _interval(bounds: tuple[float, float]) -> str:
    return f"[{wording.decimal(bounds[0])}, {wording.decimal(bounds[1])}]"
