import numpy as np

from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.image_files import write_png
from imi_desktop.stimuli.manifest import Record, append
from imi_desktop.stimuli.pack import (
    StimulusPack,
    mixed_references,
    natural_path,
    sha256_of,
    synthetic_path,
)

UNIT = Unit("googlenet", "inception3a/relu", 7)


def test_paths_are_those_of_published_packs():
    assert natural_path(UNIT, 4, "max", 9) == (
        "stimuli/googlenet/inception3a-relu/channel_7/natural_images/batch_4/max_9.png"
    )
    assert synthetic_path(UNIT, "min", 0).endswith("channel_7/optimized_images/min_0.png")


def test_mixed_sets_hold_five_natural_and_four_synthetic_images():
    files = mixed_references(UNIT, 2)
    assert len(set(files)) == 9
    assert sum("natural_images/batch_2/" in file for file in files) == 5
    assert sum("optimized_images" in file for file in files) == 4
    assert natural_path(UNIT, 2, "max", 8) in files  # the most extreme reference


def test_missing_and_damaged_images_are_told_apart(tmp_path):
    pixels = np.zeros((4, 4, 3), np.uint8)
    whole, broken, gone = (synthetic_path(UNIT, "max", i) for i in range(3))
    records = []
    for index, file in enumerate((whole, broken, gone)):
        digest = write_png(tmp_path / file, pixels)
        records.append(
            Record(file, digest, UNIT, "synthetic", "max", index, 1.0, "task", "2026-01-01")
        )
    append(tmp_path, records)
    (tmp_path / broken).write_bytes(b"not what it was")
    (tmp_path / gone).unlink()
    pack = StimulusPack(tmp_path)
    assert pack.missing([whole, broken, gone]) == [gone]
    assert pack.damaged([whole, broken, gone]) == [broken]
    assert sha256_of(tmp_path / whole) == pack.manifest.get(whole).sha256
