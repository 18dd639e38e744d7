"""The demo is ready to run, whole, and left as it is the next time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.mark.slow
def test_demo_is_ready_to_run(imi, tmp_path: Path):
    study = tmp_path / "demo"
    imi("demo", study, "--no-gui")
    assert json.loads(imi("check", study, "--json").stdout)["problems"] == []
    assert json.loads(imi("generate", study, "--json").stdout)["made"] == 0

    records = [
        json.loads(line) for line in (study / "stimuli/manifest.jsonl").read_text().splitlines()
    ]
    synthetic = [record for record in records if record["kind"] == "synthetic"]
    assert len(synthetic) == 9 * 2 * 9
    assert all(record["parameters"]["reaches_natural"] for record in synthetic)

    results = json.loads(imi("analyze", study, "--json").stdout)
    assert results["participants"] == 6
    before = sorted(study.rglob("*"))
    imi("demo", study, "--no-gui")
    assert sorted(study.rglob("*")) == before

    imi("run", study, "--participant", "P01", "--observer", "pixels")
    assert (study / "lock.json").is_file()
