"""Answers belong to the study whose folder they lie in, whatever it was called before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from imi_desktop.analysis.analyze import analyze
from imi_desktop.analysis.columns import TrialTableError
from imi_desktop.analysis.load import load_trials
from imi_desktop.analysis.report import report_html
from imi_desktop.exchange.imported_study import make_study
from imi_desktop.exchange.table_files import write_trials
from imi_desktop.exchange.trials_csv import import_trials_csv
from imi_desktop.experiment.study import Study

STATED = {
    "id": "H1", "sentence": "Natural helps.", "null": "No.", "alternative": "Yes.",
    "comparison": {"factor": "condition", "a": "natural", "b": "synthetic"},
}  # fmt: skip


@pytest.fixture
def study(tmp_path: Path, make_trials) -> Path:
    write_trials(make_trials(people=12), tmp_path / "trials.csv")
    make_study(tmp_path / "first", "borowski2021-1", "inceptionv1", seed=3)
    Study.load(tmp_path / "first").replace(hypotheses=[STATED]).save()
    import_trials_csv(tmp_path / "trials.csv", tmp_path / "first")
    return tmp_path / "first"


def test_a_renamed_study_keeps_its_verdicts(study):
    before = analyze([study])
    assert before.verdicts[0].outcome == "supported"
    moved = study.rename(study.with_name("moved"))
    Study.load(moved).replace(name="Another name").save()
    after = analyze([moved])
    assert [v.outcome for v in after.verdicts] == [v.outcome for v in before.verdicts]
    assert after.measures == before.measures
    assert set(after.trials["study"]) == {"Another name"}
    assert "<td>first</td></tr>" in report_html(after)


def test_a_renamed_study_still_knows_which_trials_it_has(study, tmp_path):
    Study.load(study).replace(name="Another name").save()
    shutil.copy(tmp_path / "trials.csv", tmp_path / "again.csv")
    with pytest.raises(TrialTableError, match="that are in"):
        import_trials_csv(tmp_path / "again.csv", study)


def elsewhere(study: Path, folder: Path) -> Path:
    """A study of the same name and with participants of the same names, other people."""
    shutil.copytree(study, folder)
    (table,) = (folder / "imported").glob("*.parquet")
    pd.read_parquet(table).assign(session="2").to_parquet(table)
    Study.load(folder).replace(name="first").save()
    return folder


def test_studies_of_the_same_name_are_not_one(study):
    other = elsewhere(study, study.with_name("second"))
    loaded = load_trials([study, other])
    assert loaded.names == ("first (first)", "first (second)")
    found = analyze([study, other])
    assert found.participants == 24
    assert [(v.study, v.test.n) for v in found.verdicts] == [
        ("first (first)", 12), ("first (second)", 12),
    ]  # fmt: skip


def test_even_folders_of_the_same_name_are_told_apart(study, tmp_path):
    other = elsewhere(study, tmp_path / "elsewhere" / "first")
    names = load_trials([study, other]).names
    assert names == (f"first ({tmp_path.name}/first)", "first (elsewhere/first)")


def test_a_copy_of_a_study_is_not_counted_twice(study):
    shutil.copytree(study, study.with_name("copy"))
    with pytest.raises(TrialTableError, match="Leave one of the two out"):
        load_trials([study, study.with_name("copy")])
