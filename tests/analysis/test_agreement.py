"""Cohen's kappa of pairs, within and between conditions and with observers."""

from __future__ import annotations

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
from imi_desktop.analysis.columns import conform


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
