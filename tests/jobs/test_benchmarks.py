"""Claims of speed: both sides in turns, the same work, and heard of while they are measured."""

from __future__ import annotations

import json

import pytest

from imi_desktop.cli import main
from imi_desktop.commands import bench
from imi_desktop.jobs.benchmarks import timing
from imi_desktop.jobs.benchmarks.diversity import diversity_benchmark
from imi_desktop.models.unit import Unit
from imi_desktop.progress import Progress


def test_figures_are_medians_over_the_turns():
    result = timing.Comparison.of([1.0, 2.0, 4.0], [10.0, 30.0, 20.0])
    assert (result.ours, result.peer, result.ratio, result.repeats) == (2.0, 20.0, 10.0, 3)


def test_both_sides_take_turns_and_the_first_turn_does_not_count():
    order: list[str] = []
    heard: list[Progress] = []
    result = timing.compare(
        lambda: order.append("ours"),
        lambda: order.append("peer"),
        3,
        stage="Racing",
        progress=heard.append,
    )
    assert order == ["ours", "peer"] * 4
    assert result.repeats == 3
    assert {report.stage for report in heard} == {"Racing"}
    assert [report.done for report in heard] == sorted(report.done for report in heard)


def test_our_steps_are_not_counted_as_the_peers(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])

    def take(seconds: float) -> None:
        now[0] += seconds

    turns = timing.StepsInTurns(lambda: take(1))
    for _ in range(4):
        turns.peer_begins()
        take(10)
    turns.peer_ended()
    assert turns.comparison() == timing.Comparison(ours=1, peer=10, ratio=10, repeats=3)


def test_diversity_is_measured_step_by_step_over_the_same_steps(tmp_path):
    heard: list[Progress] = []
    unit = Unit("efficientnet_lite0", "blocks.0.0", 3)
    (row,) = diversity_benchmark(tmp_path, steps=2, unit=unit, progress=heard.append)
    assert row["repeats"] == 1
    assert row["ours"] > 0
    assert row["ratio"] == pytest.approx(row["peer"] / row["ours"], rel=0.01)
    assert {"ours_activation", "peer_activation"} <= row.keys()
    assert 0 <= row["ours_cosine"] <= 1 and 0 <= row["peer_cosine"] <= 1
    assert [report.done for report in heard] == [0, 1]


def test_progress_is_told_beside_the_rows(monkeypatch, capsys):
    def measured(folder, *, progress):
        progress(Progress("Racing", 1, 2))
        row = {"name": "race", "work": "a lap", "ours": 1.0, "peer": 2.0, "ratio": 2.0, "unit": "s"}
        return [row]

    monkeypatch.setattr(bench, "BENCHMARKS", {"race": f"{__name__}:measured"})
    monkeypatch.setitem(globals(), "measured", measured)
    assert main(["bench", "race", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)[0]["name"] == "race"
    assert "Racing" in printed.err
