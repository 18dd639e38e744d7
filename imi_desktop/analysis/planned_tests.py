"""The test that a hypothesis names, on the measure and comparison that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from imi_desktop.analysis import anova
from imi_desktop.analysis.comparison_result import ComparisonResult, EffectSize
from imi_desktop.analysis.effect_intervals import cohens_d_interval
from imi_desktop.analysis.group_tests import chi_squared, kruskal_wallis, mann_whitney, spearman
from imi_desktop.analysis.layer_depth import depths_of
from imi_desktop.analysis.measures import PARTICIPANT, UNIT, cell_means, number, row_keys
from imi_desktop.analysis.mixed_model import mixed_model
from imi_desktop.analysis.signed_rank import mostly_paired, signed_rank
from imi_desktop.experiment.hypothesis import Hypothesis

_MEASURES = {"proportion_correct": "accuracy", "reaction_time_ms": "reaction time"}


def run_planned(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    """Run the planned test; a test that cannot run carries the reason.

    Parameters
    ----------
    trials : DataFrame
        Main, non-catch, included trials.
    """
    factor = hypothesis.comparison.factor
    if factor not in trials.columns:
        result = ComparisonResult(
            hypothesis.test, comparison_text(hypothesis), "",
            reason=f"trials have no column “{factor}”",
        )  # fmt: skip
    else:
        result = _TESTS[hypothesis.test](hypothesis, trials)
        cut = int(trimmed(hypothesis, trials).sum())
        if cut:
            words = f"{cut} times outside the planned {hypothesis.trim_ms[0]:g} to "
            words += f"{hypothesis.trim_ms[1]:g} ms"
            dropped, by_rule = (
                f"{before} and {words}" if before else words
                for before in (result.dropped, result.dropped_by_rule)
            )
            result = replace(result, dropped=dropped, dropped_by_rule=by_rule)
    return replace(result, status="planned", comparison=comparison_text(hypothesis))


def comparison_text(hypothesis: Hypothesis) -> str:
    """What is compared, in words."""
    comparison = hypothesis.comparison
    a, b = (level.replace("_", "-") for level in (comparison.a, comparison.b))
    measure = _MEASURES.get(hypothesis.measure, hypothesis.measure.replace("_", " "))
    if comparison.value is not None and comparison.a:
        return f"{a} – {comparison.value:g}, {measure}"
    if comparison.a and comparison.b:
        return f"{a} – {b}, {measure}"
    return f"{comparison.factor.replace('_', ' ')}, {measure}"


def measure_values(hypothesis: Hypothesis, trials: pd.DataFrame) -> np.ndarray:
    """The measure of every trial, shape (n_trials,); reaction times of right answers only."""
    correct = number(trials["correct"])
    if hypothesis.measure in {"proportion_correct", "interpretability_score"}:
        return correct
    if hypothesis.measure == "reaction_time_ms":
        times = number(trials["reaction_time_ms"])
        return np.where((correct == 1) & ~trimmed(hypothesis, trials), times, np.nan)
    return number(trials[hypothesis.measure])


def trimmed(hypothesis: Hypothesis, trials: pd.DataFrame) -> np.ndarray:
    """Trials with a time that the hypothesis plans to leave out: bool, shape (n_trials,)."""
    times = number(trials["reaction_time_ms"])
    if not hypothesis.trim_ms or hypothesis.measure != "reaction_time_ms":
        return np.zeros(len(times), dtype=bool)
    low, high = hypothesis.trim_ms
    return (times < low) | (times > high)


def planned_values(
    hypothesis: Hypothesis, trials: pd.DataFrame
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Means per participant (per unit for the interpretability score) at the two levels.

    Returns
    -------
    first, second : ndarray of float64, shape (n_cases,), or None
        In the same order of cases, NaN where a case has no value; None where no level is named.
    """
    comparison = hypothesis.comparison
    if not comparison.a or comparison.factor not in trials.columns:
        return None, None
    cases_of: tuple[str, ...] = (
        UNIT if hypothesis.measure == "interpretability_score" else PARTICIPANT
    )
    within = tuple(name for name in cases_of if name != comparison.factor)
    table = cell_means(
        trials, (comparison.factor,), measure_values(hypothesis, trials), within=within
    ).table
    cases = row_keys(table, within)
    levels = table[comparison.factor].astype("string")
    index = pd.Index(sorted(cases.unique()))

    def at(level: str) -> np.ndarray:
        rows = (levels == level).fillna(False).to_numpy(dtype=bool)
        return (
            pd.Series(table["mean"].to_numpy()[rows], index=cases[rows])
            .reindex(index)
            .to_numpy(dtype=float)
        )

    return at(comparison.a), at(comparison.b) if comparison.b else None


def _wilcoxon(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    first, second = planned_values(hypothesis, trials)
    if first is None:
        return _unnamed("Wilcoxon signed-rank")
    if second is None:
        return _one_sample(hypothesis, trials)
    return signed_rank(first, second, "", alternative=hypothesis.direction)


def _one_sample(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    first, _ = planned_values(hypothesis, trials)
    value = hypothesis.comparison.value
    if first is None or value is None:
        return _unnamed("Wilcoxon signed-rank")
    return signed_rank(first, np.full(len(first), value), "", alternative=hypothesis.direction)


def _mann_whitney(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    first, second = planned_values(hypothesis, trials)
    if first is None or second is None:
        return _unnamed("Mann–Whitney U")
    n_of = "units" if hypothesis.measure == "interpretability_score" else "participants"
    a, b = first[np.isfinite(first)], second[np.isfinite(second)]
    return mann_whitney(a, b, "", alternative=hypothesis.direction, n_of=n_of)


def _t_test(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    first, second = planned_values(hypothesis, trials)
    value = hypothesis.comparison.value
    if first is None or (second is None and value is None):
        return _unnamed("t")
    other = np.full(len(first), value) if second is None else second
    together = np.isfinite(first) & np.isfinite(other)
    a, b = first[np.isfinite(first)], other[np.isfinite(other)]
    paired = second is None or mostly_paired(first, other)
    if paired:
        a, b = first[together], other[together]
    cases = len(a) if paired else len(a) + len(b)
    given = int((np.isfinite(first) | np.isfinite(other)).sum()) - cases
    frame = ComparisonResult(
        "t", "", "paired" if paired else "Welch", hypothesis.direction, symbol="t", n=cases,
        n_of="units" if hypothesis.measure == "interpretability_score" else "participants",
        dropped=f"{given} without both values" if paired and given else None,
    )  # fmt: skip
    if min(len(a), len(b)) < 2:
        return replace(frame, reason="fewer than two cases")
    if np.ptp(a - b if paired else np.concatenate([a, b])) < 1e-12:
        return replace(frame, reason="the differences do not vary")
    if paired:
        result = stats.ttest_rel(a, b, alternative=hypothesis.direction)
        effect = float(np.mean(a - b) / np.std(a - b, ddof=1))
        scale = 1 / np.sqrt(len(a))
        checks = _normal({"differences": a - b})
    else:
        result = stats.ttest_ind(a, b, equal_var=False, alternative=hypothesis.direction)
        effect = float((a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
        scale = abs(effect / result.statistic) if result.statistic else 0.0
        checks = _normal({"first group": a, "second group": b})
    return replace(
        frame,
        statistic=float(result.statistic),
        df=(float(result.df),),
        p=float(result.pvalue),
        effect_size=EffectSize(
            "cohens_dz" if paired else "cohens_d",
            effect,
            cohens_d_interval(float(result.statistic), float(result.df), float(scale)),
        ),
        assumptions=checks,
    )


def _normal(groups: dict[str, np.ndarray]) -> tuple[str, ...]:
    return tuple(
        anova.shapiro_wilk(name, values)
        for name, values in groups.items()
        if len(values) > 2 and np.ptp(values) > 1e-12
    )


def _kruskal(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    factor = hypothesis.comparison.factor
    within = tuple(name for name in UNIT if name != factor)
    table = cell_means(trials, (factor,), measure_values(hypothesis, trials), within=within).table
    groups = {
        str(level): rows["mean"].to_numpy() for level, rows in table.groupby(factor, observed=True)
    }
    return kruskal_wallis(groups, "")[0]


def _rm_anova(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    factor = hypothesis.comparison.factor
    means = _people(hypothesis, trials, (factor,))
    return anova.repeated_measures(means, (factor,), "")[0]


def _mixed_anova(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    factor = hypothesis.comparison.factor
    if factor == "condition":
        reason = "a mixed ANOVA needs a factor between participants besides condition"
        return ComparisonResult("Mixed ANOVA", "", "", reason=reason)
    means = _people(hypothesis, trials, (factor, "condition"))
    return anova.mixed(means, "condition", factor, "")[-1]


def _chi_square(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    confidence = number(trials["confidence"])
    answer = confidence if hypothesis.measure == "confidence" else number(trials["correct"])
    rows = np.isfinite(answer)
    if hypothesis.measure == "confidence":
        rows &= number(trials["correct"]) == 1
    level = trials[hypothesis.comparison.factor].astype("string")
    named = [name for name in (hypothesis.comparison.a, hypothesis.comparison.b) if name]
    if named:
        rows &= level.isin(named).fillna(False).to_numpy(dtype=bool)
    rows &= level.notna().to_numpy()
    counts = pd.crosstab(level[rows].astype(str), answer[rows]).to_numpy()
    return chi_squared(counts, "")


def _spearman(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    factor = hypothesis.comparison.factor
    keys = tuple(dict.fromkeys([*UNIT, factor]))
    table = cell_means(trials, (), measure_values(hypothesis, trials), within=keys).table
    values = _depths(table) if factor == "layer" else table[factor]
    if not pd.api.types.is_numeric_dtype(values):
        return ComparisonResult(
            "Spearman", "", "t approximation",
            reason=f"{factor} is no number",
        )  # fmt: skip
    return spearman(number(values), table["mean"].to_numpy(), "")


def _depths(table: pd.DataFrame) -> pd.Series:
    """Relative depth of the layer of each row; missing where it is not known."""
    known = {str(model): depths_of([str(model)]) for model in table["model"].dropna().unique()}
    return pd.Series(
        [
            known.get(str(model), {}).get(str(layer), np.nan)
            for model, layer in zip(table["model"], table["layer"], strict=True)
        ],
        index=table.index,
        dtype=float,
    )


def _logistic_mixed(hypothesis: Hypothesis, trials: pd.DataFrame) -> ComparisonResult:
    comparison = hypothesis.comparison
    if not comparison.a or not comparison.b:
        return _unnamed("Logistic mixed model")
    if hypothesis.measure not in {"proportion_correct", "interpretability_score"}:
        return ComparisonResult(
            "Logistic mixed model", "", "", reason="it tests right and wrong answers only"
        )
    return mixed_model(
        trials, comparison.factor, (comparison.a, comparison.b), alternative=hypothesis.direction
    )


def _people(hypothesis: Hypothesis, trials: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    table = cell_means(trials, by, measure_values(hypothesis, trials)).table
    for name in by:
        table = table[table[name].notna().to_numpy()]
    person = row_keys(table, PARTICIPANT)
    return table.drop(columns=list(PARTICIPANT)).assign(participant=person)


def _unnamed(name: str) -> ComparisonResult:
    return ComparisonResult(name, "", "", reason="the hypothesis names no two things to compare")


_TESTS: dict[str, Callable[[Hypothesis, pd.DataFrame], ComparisonResult]] = {
    "wilcoxon": _wilcoxon,
    "one_sample_wilcoxon": _one_sample,
    "mann_whitney": _mann_whitney,
    "kruskal_wallis": _kruskal,
    "rm_anova": _rm_anova,
    "mixed_anova": _mixed_anova,
    "chi_square": _chi_square,
    "spearman": _spearman,
    "t_test": _t_test,
    "logistic_mixed": _logistic_mixed,
}
