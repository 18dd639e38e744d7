"""The benchmark's plain loop gives the numbers of the analysis."""

from __future__ import annotations

import pytest

from imi_desktop.analysis import benchmark
from imi_desktop.analysis.figures import figures
from imi_desktop.analysis.load import categorical
from imi_desktop.analysis.measures import measure
from imi_desktop.analysis.selection import Selection
from imi_desktop.cli import main


def test_intervals_are_those_of_a_plain_loop(monkeypatch):
    monkeypatch.setattr(benchmark, "MODELS", 1)
    trials = benchmark.simulated_trials()
    plain = benchmark.plain_intervals(trials, 1500)
    for row in measure(categorical(trials), ("model", "condition")):
        if row.measure == "proportion_correct":
            expected = plain[row.group["model"], row.group["condition"]]
            assert row.ci95 == pytest.approx(expected, abs=0.004)


def test_figures_are_those_of_a_plain_loop(monkeypatch):
    monkeypatch.setattr(benchmark, "MODELS", 1)
    trials = benchmark.simulated_trials()
    plain = benchmark.plain_figures(trials)
    drawn = figures(Selection().apply(categorical(trials)))
    for one in drawn.accuracy:
        assert one.mean == pytest.approx(plain["condition"][one.condition,])
    for level in drawn.layers.means:
        assert level.mean == pytest.approx(plain["layer"][level.level, level.condition])


def test_wrong_use_is_one_sentence(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["analyze", "--catch", "st"])
    assert ended.value.code == 2
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 2
    assert error[1] == "imi-desktop analyze --help tells more."


def test_unknown_benchmark(capsys):
    assert main(["bench", "cake"]) == 2
    assert "There is no benchmark cake." in capsys.readouterr().err
