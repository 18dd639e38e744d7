"""The published search: its weights, its guarantee, and its own rule for stopping."""

import dataclasses

import numpy as np
import pytest
from tiny_network import tiny_network, unit

from imi_desktop.progress import Cancelled, CancelToken
from imi_desktop.stimuli.finished_runs import FinishedRuns, forget_runs
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.optimise import Optimisation
from imi_desktop.stimuli.visualization.presets import AdaptiveStop, DiversitySearch
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.visualise import visualise
from imi_desktop.stimuli.visualization.workshop import Workshop


def workshop(extreme=0.05, side="max", **changes):
    preset = dataclasses.replace(
        presets.find("imi-2023"), images=3, canvas=96, window=96, **changes
    )
    return Workshop(
        view=UnitView.of(tiny_network(), unit(), preset.window),
        side=side,
        preset=preset,
        natural=NaturalRange(-extreme, extreme, 0.1),
        seed=1,
        cancel=CancelToken(),
    )


def weights_tried(monkeypatch, bound, **changes):
    """Weights in the order of the search, and what it found, where weights up to `bound` work."""
    tried = []
    made = workshop(**changes)

    class View:
        def __getattr__(self, name):
            return getattr(made.view, name)

        def verify(self, images):
            value = 1.0 if tried[-1] <= bound else 0.0
            return np.full(len(images), value, np.float32)

    class Scripted(Optimisation):
        def run(self, steps, weight, *_arguments, **_more):
            tried.append(float(weight.values[0]))

    monkeypatch.setattr("imi_desktop.stimuli.visualization.workshop.Optimisation", Scripted)
    return tried, visualise(dataclasses.replace(made, view=View()))


def test_weights_grow_tenfold_until_one_fails_and_are_then_halved_between(monkeypatch):
    tried, result = weights_tried(monkeypatch, 30.0)
    assert tried[:4] == [0.0, 1.0, 10.0, 100.0]
    assert tried[4:] == [55.0, 32.5, 21.25, 26.875, 29.6875, 31.09375, 30.390625]
    assert result.diversity == 29.6875
    assert result.missed == 0
    assert len(result.images) == 3


def test_nothing_is_halved_where_every_weight_works(monkeypatch):
    tried, result = weights_tried(monkeypatch, float("inf"))
    assert tried == [0.0, *(10.0**power for power in range(6))]
    assert result.diversity == 1e5


def test_images_without_diversity_are_the_result_where_no_weight_works(monkeypatch):
    tried, result = weights_tried(monkeypatch, 0.0)
    assert tried[:3] == [0.0, 1.0, 0.5]
    assert len(tried) == 2 + 7
    assert result.diversity == 0.0
    assert result.missed == 0


@pytest.mark.parametrize("side", ["max", "min"])
def test_a_whole_search_with_its_own_stopping_rule(side):
    stop = AdaptiveStop(minimum_steps=12, window=8)
    made = workshop(
        side=side, steps=60, stop=stop, search=DiversitySearch(largest=10.0, bisections=2)
    )
    result = visualise(made)
    first = result.runs[0]
    sign = 1 if side == "max" else -1
    assert first["diversity"] == 0.0
    assert all(12 < run["steps"] <= 60 for run in result.runs)
    assert any(run["steps"] < 60 for run in result.runs)
    assert all(run["seed"] == 42 for run in result.runs)
    worked = [run["diversity"] for run in result.runs[1:] if sign * run["weakest"] > 0.05]
    assert result.diversity == max(worked, default=0.0)
    assert result.missed == 0 or result.diversity == 0.0
    assert sign * result.activations[-1] == pytest.approx(sign * first["strongest"])


def short_search(folder=None, **changes):
    finished = FinishedRuns(folder, unit(), "a" * 64) if folder else None
    made = workshop(
        steps=24,
        stop=AdaptiveStop(minimum_steps=12, window=8),
        search=DiversitySearch(largest=10.0, bisections=2),
    )
    return dataclasses.replace(made, finished=finished, **changes)


def counted_runs(monkeypatch):
    """How many runs have begun so far, as the length of a list."""
    begun = []
    begin = Workshop.begin
    monkeypatch.setattr(
        Workshop, "begin", lambda self, n, seed: begun.append(n) or begin(self, n, seed)
    )
    return begun


def test_a_killed_search_goes_on_with_the_run_that_it_was_in(tmp_path, monkeypatch):
    whole = visualise(short_search())
    begun = counted_runs(monkeypatch)
    token = CancelToken()

    def kill_in_third(_report):
        if len(begun) == 3:
            token.cancel()

    with pytest.raises(Cancelled):
        visualise(short_search(tmp_path, cancel=token, observe=kill_in_third))
    begun.clear()
    resumed = visualise(short_search(tmp_path))
    assert len(begun) == len(whole.runs) - 2
    np.testing.assert_array_equal(resumed.images, whole.images)
    assert resumed.runs == whole.runs


def test_a_kept_run_that_is_damaged_or_of_another_task_is_made_again(tmp_path, monkeypatch):
    whole = visualise(short_search(tmp_path))
    (first, *_) = sorted(tmp_path.rglob("*.npz"))
    first.write_bytes(first.read_bytes()[:100])
    begun = counted_runs(monkeypatch)
    assert visualise(short_search(tmp_path)).runs == whole.runs
    assert len(begun) == 1
    other = FinishedRuns(tmp_path, unit(), "b" * 64)
    assert other.get(first.stem) is None
    forget_runs(tmp_path, unit())
    assert not list(tmp_path.rglob("*.npz"))


def test_progress_of_a_search_counts_its_runs():
    shares = []
    result = visualise(short_search(observe=lambda report: shares.append(report.share)))
    assert len(shares) == result.steps
    assert 0 < shares[0] < 0.05
    assert shares[-1] > 0.9
    last_of_first = shares[result.runs[0]["steps"] - 1]
    assert last_of_first < shares[result.runs[0]["steps"] + 3]
