import json

import pytest

from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.manifest import Manifest, ManifestError, Record, append, manifest_path

UNIT = Unit("efficientnet_lite0", "blocks.1.1", 3)


def record(file="stimuli/a.png", **changes):
    values = {
        "file": file,
        "sha256": "0" * 64,
        "unit": UNIT,
        "kind": "synthetic",
        "side": "max",
        "index": 0,
        "activation": 1.5,
        "task": "t",
        "made": "2026-01-01T00:00:00+00:00",
        "parameters": {"preset": {"name": "fast"}},
        "versions": {"torch": "2"},
    }
    return Record(**{**values, **changes})


def test_records_come_back_as_they_were(tmp_path):
    first, second = record(), record("stimuli/b.png", kind="natural", batch=2, rank=3)
    append(tmp_path, [first])
    append(tmp_path, [second])
    manifest = Manifest.read(tmp_path)
    assert list(manifest) == [first, second]
    assert manifest.of_unit(UNIT, "natural") == [second]


def test_the_last_record_of_an_image_counts(tmp_path):
    append(tmp_path, [record(), record(activation=2.0)])
    assert Manifest.read(tmp_path).get("stimuli/a.png").activation == 2.0


def test_no_manifest_is_an_empty_one(tmp_path):
    assert len(Manifest.read(tmp_path)) == 0


def test_torn_last_line_is_left_out_and_cut_off_by_the_next_append(tmp_path):
    append(tmp_path, [record()])
    with manifest_path(tmp_path).open("ab") as file:
        file.write(b'{"format": 1, "file": "stimuli/torn')
    assert len(Manifest.read(tmp_path)) == 1
    append(tmp_path, [record("stimuli/b.png")])
    assert [r.file for r in Manifest.read(tmp_path)] == ["stimuli/a.png", "stimuli/b.png"]
    for line in manifest_path(tmp_path).read_text().splitlines():
        json.loads(line)


@pytest.mark.parametrize("line", ["nonsense", '{"format": 2}', "[]", '{"format": 1, "x": 1}'])
def test_damage_before_the_end_names_the_line(tmp_path, line):
    append(tmp_path, [record()])
    with manifest_path(tmp_path).open("a") as file:
        file.write(line + "\n")
    append(tmp_path, [record("stimuli/b.png")])
    with pytest.raises(ManifestError, match="Line 2 of"):
        Manifest.read(tmp_path)


def test_values_that_are_not_numbers_are_never_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        append(tmp_path, [record(activation=float("nan"))])
