"""Cohen's kappa of pairs, within and between conditions and with observers."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from imi_desktop.analysis.agreement import (
    agreement,
    cohens_kappa,
    mean_agreement,
    pairwise_agreement,
)
from imi_desktop.analysis.agreement_intervals import jackknife_interval
from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.effect_intervals import kappa_interval


def answers(people: dict[str, str], right: np.ndarray, image_set: str = "3") -> pd.DataFrame:
    """One trial per person and unit; `right` has shape (n_people, n_units)."""
    rows = [
        {
            "study": "s", "participant": person, "phase": "main", "catch": False,
            "task": "counterfactual", "condition": condition, "model": "m", "layer": "l",
            "channel": unit, "image_set": image_set, "correct": bool(value),
        }
        for (person, condition), values in zip(people.items(), right, strict=True)
        for unit, value in enumerate(values)
    ]  # fmt: skip
    return conform(pd.DataFrame(rows), "made for the test")


def test_kappa():
    assert cohens_kappa(np.array([1, 1, 0, 0]), np.array([1, 1, 0, 0])) == 1
    assert cohens_kappa(np.array([1, 0, 1, 0]), np.array([1, 1, 0, 0])) == 0
    assert cohens_kappa(np.array([1, 1]), np.array([1, 1])) is None


def test_pairs_are_those_of_the_definition():
    right = np.random.default_rng(2).random((5, 30)) < 0.6
    people = {f"P{i}": "natural" if i < 3 else "none" for i in range(5)}
    trials = answers(people, right).sample(frac=0.8, random_state=1)
    pairs = pairwise_agreement(trials)
    assert len(pairs) == 10
    wide = trials.pivot(index="participant", columns="channel", values="correct")
    for pair in pairs:
        both = wide.loc[[pair.first[2:], pair.second[2:]]].dropna(axis=1).astype(bool)
        assert pair.n_trials == both.shape[1]
        assert pair.ci95 == pytest.approx(kappa_interval(both.iloc[0], both.iloc[1]))
        expected = cohen_kappa_score(both.iloc[0], both.iloc[1])
        assert pair.kappa == pytest.approx(expected)
        assert pair.kappa == pytest.approx(
            cohens_kappa(both.iloc[0].to_numpy(), both.iloc[1].to_numpy())
        )


def test_only_the_same_queries_are_compared(make_trials):
    assert pairwise_agreement(make_trials(people=3)) == []
    right = np.random.default_rng(2).random((2, 30)) < 0.6
    apart = pd.concat([answers({"P0": "natural"}, right[:1], "1"),
                       answers({"P1": "natural"}, right[1:], "2")])  # fmt: skip
    assert pairwise_agreement(apart) == []


def test_nobody_agrees_with_themselves():
    right = np.random.default_rng(2).random((1, 30)) < 0.6
    both = pd.concat([answers({"P0": "natural"}, right), answers({"P0": "none"}, right)])
    assert pairwise_agreement(both) == []


def test_simulated_agreement_is_found_again():
    """People who share a strategy in three of four answers agree as far as that says."""
    random = np.random.default_rng(4)
    strategy = random.random(2000) < 0.5
    share = random.random((6, 2000)) < 0.75
    right = np.where(share, strategy, random.random((6, 2000)) < 0.5)
    found = agreement(answers({f"P{i}": "natural" for i in range(6)}, right))
    cell = found.at("natural", "natural")
    assert cell is not None
    assert cell.n_pairs == 15
    assert cell.mean == pytest.approx(0.75**2, abs=0.03)


def test_matrix_with_observers():
    right = np.random.default_rng(2).random((4, 40)) < 0.6
    trials = answers({"P0": "natural", "P1": "natural", "P2": "none"}, right[:3])
    observers = answers({"saliency": "none"}, right[3:]).assign(observer="saliency")
    found = agreement(trials, observers=observers)
    assert found.groups == ("natural", "none", "saliency")
    counts = {(c.first, c.second): c.n_pairs for c in found.cells}
    assert counts == {
        ("natural", "natural"): 1, ("natural", "none"): 2, ("natural", "saliency"): 2,
        ("none", "none"): 0, ("none", "saliency"): 1, ("saliency", "saliency"): 0,
    }  # fmt: skip
    assert found.at("none", "natural") == found.at("natural", "none")
    assert mean_agreement([]) == (None, None)
    (single,) = pairwise_agreement(trials[trials["condition"] == "natural"])
    assert found.at("natural", "natural").ci95 == single.ci95
    assert found.at("none", "saliency").ci95 is not None
    assert found.at("none", "none").ci95 is None
    json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize("both_conditions", [False, True])
def test_interval_covers_the_mean_kappa_of_the_population(both_conditions):
    """People differ in how much of a common strategy they share; 95 % hold in 200 studies."""
    random = np.random.default_rng(6)
    strategy = random.random(60) < 0.5

    def people(number: int) -> np.ndarray:
        share = random.beta(4, 2, number)[:, None]
        own = random.random((number, 60)) < 0.5
        return np.where(random.random((number, 60)) < share, strategy, own)

    def kappas(right: np.ndarray, pairs: list[tuple[int, int]]) -> np.ndarray:
        first, second = (right[[pair[side] for pair in pairs]] for side in (0, 1))
        a, b = first.mean(axis=1), second.mean(axis=1)
        chance = a * b + (1 - a) * (1 - b)
        return ((first == second).mean(axis=1) - chance) / (1 - chance)

    truth = kappas(people(2000), [(i, i + 1) for i in range(1999)]).mean()
    pairs = list(combinations(range(10), 2))
    if both_conditions:
        pairs = [(i, j) for i in range(5) for j in range(5, 10)]
    names = [(str(i), str(j)) for i, j in pairs]
    intervals = [
        jackknife_interval(kappas(people(10), pairs), names, samples=1 + both_conditions)
        for _ in range(200)
    ]
    assert 0.91 <= np.mean([low <= truth <= high for low, high in intervals]) <= 0.99


def test_interval_needs_people_to_leave_out():
    one_in_all = [("a", "b"), ("a", "c"), ("a", "d")]
    kappas = np.array([0.1, 0.2, 0.4])
    assert jackknife_interval(kappas, one_in_all) is None
    assert jackknife_interval(kappas, one_in_all, fixed={"a"}) is not None
    assert jackknife_interval(kappas[:2], [("a", "b"), ("b", "a")]) is None
