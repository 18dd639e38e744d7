"""Exports pass the validators of their standards, where these are at hand."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from imi_desktop.exchange.export import export_study
from imi_desktop.exchange.trials_csv import import_trials_csv

TERMS = {"@type", "name", "description", "variableMeasured"}
"""What the Psych-DS schema asks of ``dataset_description.json``."""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    rows = [
        {
            "participant": f"P{person}", "session": "1", "task": "forward_prediction",
            "phase": "main", "catch": False, "block": 1, "trial": trial, "attempt": 1,
            "condition": "natural", "correct": trial % 3 > 0, "confidence": 1 + trial % 3,
            "reaction_time_ms": 1000.5 + trial, "included": True,
        }
        for person in (1, 2)
        for trial in range(1, 6)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "answers.csv", index=False)
    import_trials_csv(tmp_path / "answers.csv", tmp_path / "my study")
    return tmp_path / "my study"


def validator(variable: str, command: str) -> list[str]:
    """The command of a validator: from a variable, from the path, or from npm's own folder."""
    if path := os.environ.get(variable):
        return ["node", path] if path.endswith((".js", ".mjs")) else [path]
    if found := shutil.which(command):
        return [found]
    pytest.skip(f"needs {command} from npm on the path, or {variable} with its place")


def test_psych_ds_validator(study, tmp_path):
    command = validator("PSYCHDS_VALIDATOR", "psychds-validator")
    export_study(study, tmp_path / "out", "psych-ds")
    run = subprocess.run(
        [*command, str(tmp_path / "out"), "--json"], capture_output=True, text=True, timeout=120
    )
    found = json.loads(run.stdout[run.stdout.index("{") :])
    errors = [issue for issue in found["issues"] if issue["severity"] == "error"]
    assert found["valid"], errors


def test_bids_validator(study, tmp_path):
    command = validator("BIDS_VALIDATOR", "bids-validator")
    export_study(study, tmp_path / "out", "bids")
    run = subprocess.run(
        [*command, str(tmp_path / "out"), "--json"], capture_output=True, text=True, timeout=120
    )
    found = json.loads(run.stdout[run.stdout.index("{") :])
    assert found["issues"]["errors"] == []


def test_psych_ds_rules_without_the_validator(study, tmp_path):
    """The required rules of the published schema, so that they are checked everywhere."""
    export_study(study, tmp_path / "out", "psych-ds")
    description = json.loads((tmp_path / "out/dataset_description.json").read_text("utf-8"))
    assert set(description) >= TERMS
    assert description["@type"] == "Dataset"
    assert description["@context"].rstrip("/") == "https://schema.org"
    variables = description["variableMeasured"]
    assert all(variable["@type"] == "PropertyValue" for variable in variables)
    data = [path for path in (tmp_path / "out/data").rglob("*") if path.is_file()]
    assert data
    for path in data:
        assert re.fullmatch(r"([a-z]+-[A-Za-z0-9]+_)+data\.csv", path.name)
        table = pd.read_csv(path)
        assert set(table.columns) <= {variable["name"] for variable in variables}
        assert b"\r" not in path.read_bytes()
        assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
