"""Accuracy against activation difference, and baseline observers on the same queries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.special import expit

from imi_desktop.analysis.columns import conform
from imi_desktop.analysis.counterfactual import (
    activation_differences,
    analyse_counterfactual,
    difference_correlations,
    query_accuracies,
)
from imi_desktop.analysis.counterfactual_baselines import baseline_accuracies, baseline_answers
from imi_desktop.experiment.new_study import NewStudy, study_fields
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study import Study
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Record, append
from imi_desktop.stimuli.pack import QUERY, natural_path, occlusion_path

PATCH = 90


@pytest.fixture
def study(tmp_path: Path) -> Study:
    design = Protocol.load("zimmermann2021")
    new = NewStudy(
        folder=tmp_path, protocol="zimmermann2021", models=("inceptionv1",), images=tmp_path, seed=5
    )
    return Study.assemble(tmp_path, design, **study_fields(new, design))


def answers(units: list[Unit], p: dict[tuple[int, int], float], study: Study) -> pd.DataFrame:
    """Ten people per image set and condition answer about every unit."""
    random = np.random.default_rng(1)
    rows = [
        {
            "study": study.name, "participant": f"{condition}-{image_set}-{person}",
            "task": "counterfactual", "phase": "main", "catch": False, "condition": condition,
            "model": unit.model, "layer": unit.layer, "channel": unit.channel,
            "branch": "pool" if place % 2 else "3x3", "image_set": str(image_set),
            "correct": bool(random.random() < p[place, image_set]),
        }
        for condition in ("natural", "none")
        for image_set in range(5)
        for person in range(10)
        for place, unit in enumerate(units)
    ]  # fmt: skip
    return conform(pd.DataFrame(rows), "made for the test")


def record(unit: Unit, batch: int, role: str, activation: float) -> Record:
    return Record(
        file=occlusion_path(unit, batch, role, PATCH), sha256="0", unit=unit, kind="occlusion",
        side="max", batch=batch, index=QUERY, activation=activation, task="t", made="now",
        parameters={"role": role, "unoccluded": 4.0},
    )  # fmt: skip


def test_a_simulated_relation_is_found_again(study: Study):
    units = [Unit("inceptionv1", "mixed3a", channel) for channel in range(12)]
    random = np.random.default_rng(2)
    difference = {(u, s): float(random.random()) for u in range(12) for s in range(5)}
    append(
        study.folder,
        [
            record(units[u], s, role, 2 + (2 * d if role == "target" else -2 * d))
            for (u, s), d in difference.items()
            for role in ("target", "distractor")
        ],
    )
    trials = answers(units, {key: float(expit(4 * d - 1)) for key, d in difference.items()}, study)
    found = activation_differences([study], trials)
    assert found[study.name, "inceptionv1", "mixed3a", 3, "2"] == pytest.approx(difference[3, 2])
    queries, missing = query_accuracies(trials, found)
    assert (len(queries), missing) == (120, 0)
    assert queries[0].n_participants == 10
    tests = difference_correlations(queries)
    assert [test.comparison.rsplit("difference, ", 1)[1] for test in tests] == [
        "natural, 3x3", "natural, pool", "natural", "none, 3x3", "none, pool", "none",
    ]  # fmt: skip
    assert all(test.effect_size.value > 0.5 and test.p < 0.01 for test in tests)
    assert all(test.n_of == "queries" for test in tests)


def test_queries_without_activations_are_counted(study: Study):
    units = [Unit("inceptionv1", "mixed3a", channel) for channel in range(3)]
    trials = answers(units, dict.fromkeys(((u, s) for u in range(3) for s in range(5)), 0.6), study)
    result = analyse_counterfactual([study], trials)
    assert result.missing == 30
    assert all(test.reason == "fewer than four pairs" for test in result.correlations)
    assert result.baselines == ()
    assert result.agreement.known is False or result.agreement.groups == ("natural", "none")
    assert all(row["activation_difference"] is None for row in result.rows())


def test_baselines_judge_the_very_queries(study: Study):
    """The distractor covers the busy centre, the target an even corner."""
    unit = Unit("inceptionv1", "mixed3a", 5)
    random = np.random.default_rng(3)
    for batch in range(2):
        image = np.full((224, 224, 3), 90, dtype=np.uint8)
        image[60:160, 60:160] = random.integers(0, 255, (100, 100, 3), dtype=np.uint8)
        covered = {"target": (0, 0), "distractor": (67, 67)}
        files = {natural_path(unit, batch, "max", QUERY): image}
        for role, (top, left) in covered.items():
            changed = image.copy()
            changed[top : top + PATCH, left : left + PATCH] = 40
            files[occlusion_path(unit, batch, role, PATCH)] = changed
        for file, pixels in files.items():
            (study.folder / file).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(study.folder / file)
    trials = answers([unit], {(0, s): 0.6 for s in range(5)}, study)
    found = baseline_answers([study], trials)
    assert sorted(found["image_set"].unique()) == ["0", "1"]
    accuracies = {one.observer: one for one in baseline_accuracies(found)}
    assert set(accuracies) == {"centre", "variance", "saliency", "chance"}
    assert accuracies["centre"].accuracy == accuracies["variance"].accuracy == 1
    assert (accuracies["centre"].n_queries, accuracies["centre"].n_image_sets) == (2, 2)
    again = baseline_answers([study], trials)
    pd.testing.assert_frame_equal(found, again)
    for file in (study.folder / "stimuli").rglob("*.png"):
        file.unlink()
    assert baseline_answers([study], trials).empty
    pd.testing.assert_frame_equal(found, baseline_answers([study], trials, known=found))


def test_other_tasks_have_agreement_only(make_trials):
    result = analyse_counterfactual([], make_trials(people=4, image_set="3"))
    assert result.queries == result.correlations == result.baselines == ()
    assert result.agreement.known
