"""A folder of answers that were recorded elsewhere can be checked like a study."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imi_desktop.cli import main

COLUMNS = "participant,trial,task,phase,catch,condition,correct,chosen_position,target_position"
ROWS = (
    "P1,1,forward_prediction,main,false,natural,true,upper,upper",
    "P1,2,forward_prediction,main,false,natural,false,upper,lower",
    "P2,1,forward_prediction,main,false,natural,true,lower,lower",
)


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """A folder with nothing but an imported table."""
    table = tmp_path / "answers.csv"
    table.write_text("\n".join((COLUMNS, *ROWS)) + "\n", "utf-8")
    folder = tmp_path / "elsewhere"
    assert main(["import", "trials-csv", str(table), "--into", str(folder)]) == 0
    assert not (folder / "study.toml").exists()
    return folder


def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict]:
    """Exit code and what is said as JSON."""
    capsys.readouterr()
    code = main(["check", str(folder), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_whole_imports_pass(imported: Path, capsys):
    code, said = check(imported, capsys)
    assert (code, said["problems"]) == (0, [])
    assert any("3 trials" in note for note in said["notes"])
    assert main(["check", str(imported)]) == 0
    assert "no problems found" in capsys.readouterr().out


def test_changed_imports_are_told(imported: Path, capsys):
    (imported / "imported" / "answers.parquet").write_bytes(b"PAR1")
    code, said = check(imported, capsys)
    assert code == 1
    assert said["problems"][0]["about"] == "imports"


def test_released_answers_need_no_stimuli(
    experiment_1_data: Path, published_units: Path, tmp_path: Path, capsys
):
    folder = tmp_path / "released"
    arguments = ["import", "borowski2021", str(experiment_1_data), "--units", str(published_units)]
    assert main([*arguments, "--into", str(folder)]) == 0
    code, said = check(folder, capsys)
    assert (code, said["problems"]) == (0, [])
    assert any("1890 trials" in note for note in said["notes"])
    assert any("images are not here" in note for note in said["notes"])
    (folder / "sessions").mkdir()
    code, said = check(folder, capsys)
    assert code == 1
    assert "missing" in said["problems"][0]["sentence"]
