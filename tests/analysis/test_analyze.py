"""The analysis as a whole: sources, JSON, terminal and report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from imi_desktop.analysis.analyze import AnalysisOptions, analyze
from imi_desktop.analysis.load import NothingToAnalyseError
from imi_desktop.analysis.quality import check_quality
from imi_desktop.analysis.report import report_html
from imi_desktop.analysis.selection import Selection
from imi_desktop.analysis.text_tables import text_report
from imi_desktop.cli import main
from imi_desktop.exchange.table_files import write_trials


@pytest.fixture
def table(tmp_path: Path, make_trials) -> Path:
    accuracy = {"natural": 0.9, "synthetic": 0.7, "none": 0.5}
    trials = make_trials(accuracy=accuracy)
    catch = make_trials(accuracy={"natural": 0.6}, per_condition=2, catch=True, block=2)
    out = make_trials(people=1, participant="out", included=False, exclusion_reasons="too fast; x")
    write_trials(pd.concat([trials, catch, out], ignore_index=True), tmp_path / "trials.csv")
    return tmp_path / "trials.csv"


def test_json_shape(table, capsys):
    assert main(["analyze", str(table), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    keys = {"participants", "trials", "measures", "tests", "quality", "verdicts", "amendments"}
    assert keys <= set(found)
    assert (found["participants"], found["trials"]) == (10, 600)
    first = found["measures"][0]
    assert first["measure"] == "proportion_correct"
    assert {"condition", "mean", "sem2", "ci95", "n_participants", "n_trials"} <= set(first)
    assert {"name", "comparison", "method", "alternative", "statistic", "df", "p", "p_adjusted",
            "n", "effect_size"} <= set(found["tests"][0])  # fmt: skip
    assert found["quality"]["catch_trials"] == 20
    (excluded,) = found["quality"]["excluded"]
    assert excluded["reasons"] == ["too fast", "x"]


def test_options(table, capsys):
    assert main(["analyze", str(table), "--by", "layer,condition", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"layer", "condition"} <= set(found["measures"][0])
    assert main(["analyze", str(table), "--catch", "only", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trials"] == 20
    assert main(["analyze", str(table), "--include-excluded", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["participants"] == 11
    assert main(["analyze", str(table), "--phase", "practice", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["participants"] == 0


def test_bad_use_is_one_sentence(table, tmp_path, capsys):
    assert main(["analyze", str(table), "--by", "colour"]) == 2
    assert main(["analyze", str(tmp_path / "nowhere")]) == 2
    (tmp_path / "empty").mkdir()
    assert main(["analyze", str(tmp_path / "empty")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.endswith(".") for line in lines)


def test_several_tables_are_compared(table, tmp_path, make_trials):
    write_trials(make_trials(seed=9, study="other"), tmp_path / "other.csv")
    found = analyze([table, tmp_path / "other.csv"], AnalysisOptions(by=("study", "condition")))
    assert {row.group["study"] for row in found.measures} == {"s", "other"}
    assert found.participants == 20


def test_a_folder_of_studies(tmp_path, make_trials):
    for name in ("a", "b"):
        (tmp_path / name / "imported").mkdir(parents=True)
        trials = make_trials(study=name)
        write_trials(trials, tmp_path / name / "imported" / "x.parquet")
    assert analyze([tmp_path]).participants == 20
    with pytest.raises(NothingToAnalyseError):
        analyze([tmp_path / "a" / "imported"])


def test_terminal_text(table):
    text = text_report(analyze([table]))
    assert "10 participants, 600 trials" in text
    assert "Excluded: participant out" in text
    assert "every test is exploratory" in text


def test_report_needs_nothing_else(table, tmp_path):
    html = report_html(analyze([table], AnalysisOptions(selection=Selection())))
    assert html.count("<svg") >= 2
    assert "Wilcoxon signed-rank" in html
    assert not re.search(r"""(src|href)\s*=|url\(|@import""", html)
    assert main(["analyze", str(table), "--report", str(tmp_path / "r.html")]) == 0
    assert (tmp_path / "r.html").stat().st_size > 5000


def test_all_tied_answers_are_marked_not_computed(tmp_path, make_trials):
    trials = make_trials(accuracy={"natural": 1.0, "synthetic": 1.0})
    write_trials(trials, tmp_path / "tied.csv")
    found = analyze([tmp_path / "tied.csv"])
    assert found.tests[0].reason == "no participant differs between the two"
    json.dumps(found.to_json(), allow_nan=False)


def test_repeated_trials_find_their_first_showing(make_trials):
    once = make_trials(people=3, per_condition=7, image_set="1")
    again = once.assign(phase="repeated", block=9)
    again["phase"] = again["phase"].astype("category")
    found = check_quality(pd.concat([once, again], ignore_index=True))
    assert (found.repeated, found.repeated_same) == (42, 42)
    assert check_quality(once).repeated == 0
