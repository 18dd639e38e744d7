"""Logistic mixed model: right or wrong answers with participants and units as random effects.

The intervals of means tell about new participants and the same units. This model lets units vary
as well, so that its odds ratio is about new participants and new units (Clark 1973).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import sparse, stats

from imi_desktop.analysis.cells import PARTICIPANT, UNIT, number, row_keys
from imi_desktop.analysis.comparison_result import Alternative, ComparisonResult, EffectSize
from imi_desktop.analysis.figure_data import level_rank

NAME = "Logistic mixed model"
MOST_LEVELS = 6
_FIXED_SD, _LOG_SD_SD = 5.0, 1.0
_CAVEAT = (
    "Bayesian by variational approximation, whose standard deviations tend to be a little too "
    "small; p is twice the posterior tail beyond no effect. Priors: normal with SD 5 on log odds, "
    "normal with SD 1 on the logarithm of each random effect's SD."
)


@dataclass(frozen=True)
class _Term:
    """One kind of random effect: ``rows`` times cases, and what it is."""

    name: str
    design: sparse.csr_matrix


def mixed_models(trials: pd.DataFrame, factor: str) -> list[ComparisonResult]:
    """Compare every pair of levels of a column of trials.

    Parameters
    ----------
    trials : DataFrame
        Selected trials.
    factor : str
        Column of the trial table, such as ``condition``.
    """
    levels = sorted(
        (str(level) for level in trials[factor].dropna().unique()),
        key=lambda level: level_rank(factor, level),
    )
    if not 1 < len(levels) <= MOST_LEVELS:
        reason = f"{factor} has {len(levels)} levels; 2 to {MOST_LEVELS} can be compared"
        return [_frame(factor.replace("_", " "), "two-sided", reason=reason)]
    return [mixed_model(trials, factor, pair) for pair in combinations(levels, 2)]


def mixed_model(
    trials: pd.DataFrame,
    factor: str,
    levels: Sequence[str],
    *,
    alternative: Alternative = "two-sided",
) -> ComparisonResult:
    """Odds ratio of a right answer between two levels of a column.

    log odds = intercept + effect · level + participant + unit + participant × level + unit × level;
    the last two are there where participants (units) have answers at both levels. Fitted with
    statsmodels' ``BinomialBayesMixedGLM``.

    Parameters
    ----------
    levels : sequence of str
        Two levels; the odds ratio is that of the first to the second.

    Returns
    -------
    ComparisonResult
        `statistic` is z, the posterior mean of the log odds ratio over its standard deviation;
        the effect size is the odds ratio with its 95 % credible interval.
    """
    comparison = f"{levels[0]} – {levels[1]}, accuracy"
    at = trials[factor].astype("string")
    chosen = at.isin(list(levels)).fillna(False).to_numpy(dtype=bool)
    chosen = chosen & trials["correct"].notna().to_numpy()
    known = chosen & trials["channel"].notna().to_numpy()
    unknown = int(chosen.sum() - known.sum())
    rows = trials[known].reset_index(drop=True)
    frame = replace(
        _frame(comparison, alternative),
        n=len(rows),
        dropped=f"{unknown} trials of unknown units" if unknown else None,
    )
    side = np.where((at[known] == levels[0]).to_numpy(dtype=bool), 0.5, -0.5)
    people = row_keys(rows, PARTICIPANT)
    units = row_keys(rows, UNIT)
    if len(np.unique(side)) < 2:
        return replace(frame, reason="one of the two has no answers about a known unit")
    if people.nunique() < 5 or units.nunique() < 5:
        return replace(frame, reason="fewer than five participants or units")
    correct = number(rows["correct"])
    if any(np.ptp(correct[side == level]) == 0 for level in (-0.5, 0.5)):
        return replace(frame, reason="all answers at one level are alike")
    terms = [*_terms("participants", people, side), *_terms("units", units, side)]
    return _fitted(frame, correct, side, terms)


def _frame(
    comparison: str, alternative: Alternative, reason: str | None = None
) -> ComparisonResult:
    return ComparisonResult(
        NAME, comparison, "variational Bayes, participants and units random", alternative,
        symbol="z", n_of="trials", reason=reason,
    )  # fmt: skip


def _terms(name: str, cases: pd.Series, side: np.ndarray) -> list[_Term]:
    codes, _ = pd.factorize(cases)
    shape = (len(codes), int(codes.max()) + 1)
    places = (np.arange(len(codes)), codes)
    terms = [_Term(name, sparse.csr_matrix((np.ones(len(codes)), places), shape))]
    both = pd.Series(side).groupby(codes).nunique() > 1
    if both.mean() > 0.5:
        terms.append(_Term(f"{name} × level", sparse.csr_matrix((side, places), shape)))
    return terms


def _fitted(
    frame: ComparisonResult, correct: np.ndarray, side: np.ndarray, terms: list[_Term]
) -> ComparisonResult:
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    fixed = np.column_stack([np.ones(len(side)), side])
    kinds = np.repeat(np.arange(len(terms)), [term.design.shape[1] for term in terms])
    model = BinomialBayesMixedGLM(
        correct, fixed, sparse.hstack([term.design for term in terms]).tocsr(), kinds,
        vcp_p=_LOG_SD_SD, fe_p=_FIXED_SD,
    )  # fmt: skip
    size = fixed.shape[1] + len(terms) + len(kinds)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        fit = model.fit_vb(mean=np.zeros(size), sd=np.full(size, 0.5))
    if any("converge" in str(warning.message).lower() for warning in told):
        return replace(frame, reason="the model did not converge")
    effect, spread = float(fit.fe_mean[1]), float(fit.fe_sd[1])
    if not (math.isfinite(effect) and math.isfinite(spread) and spread > 0):
        return replace(frame, reason="the model could not be fitted")
    z = effect / spread
    tails = {"greater": stats.norm.sf(z), "less": stats.norm.cdf(z)}
    p = tails.get(str(frame.alternative), 2 * stats.norm.sf(abs(z)))
    low, high = (math.exp(effect + bound * 1.959964 * spread) for bound in (-1, 1))
    sds = ", ".join(
        f"{term.name} {math.exp(value):.2f}"
        for term, value in zip(terms, fit.vcp_mean, strict=True)
    )
    return replace(
        frame,
        statistic=z,
        p=float(p),
        effect_size=EffectSize("odds_ratio", math.exp(effect), (low, high)),
        assumptions=(_CAVEAT, f"Standard deviations on the log odds scale: {sds}."),
    )
