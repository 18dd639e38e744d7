"""Wrong input gets one clear sentence and exit code 2, and loses nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """90 small images of noise."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    noise = np.random.default_rng(1)
    for number in range(90):
        pixels = noise.integers(0, 256, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:03d}.png")
    return folder


@pytest.fixture
def study(imi, photographs: Path, tmp_path: Path) -> Path:
    """A study of random units, nothing generated yet."""
    folder = tmp_path / "study"
    imi(
        *("new", folder, "--protocol", "quick", "--model", "efficientnet_lite0"),
        *("--images", photographs, "--units", 2, "--batches", 3, "--seed", 3),
    )
    return folder


def new(imi, images: Path, folder: Path, *more: object, exit_code: int = 2) -> str:
    """Make a study and give what was said on stderr."""
    result = imi(
        *("new", folder, "--protocol", "quick", "--model", "efficientnet_lite0"),
        *("--images", images, *more),
        exit_code=exit_code,
    )
    return result.stderr


def test_image_folder_missing(imi, tmp_path: Path):
    said = new(imi, tmp_path / "nowhere", tmp_path / "study", "--units", 2)
    assert "nowhere" in said
    assert not (tmp_path / "study").exists()


def test_image_folder_empty(imi, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert "empty" in new(imi, tmp_path / "empty", tmp_path / "study", "--units", 2)


def test_too_few_images(imi, photographs: Path, tmp_path: Path):
    for file in sorted(photographs.iterdir())[5:]:
        file.unlink()
    said = new(imi, photographs, tmp_path / "study", "--units", 2, "--batches", 3)
    assert "5" in said


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--unit", "blocks.99:1"], "blocks.99"),
        (["--unit", "conv_stem:100000"], "100000"),
        (["--unit", "conv_stem"], "conv_stem"),
        (["--model", "no_such_network", "--units", "2"], "no_such_network"),
        (["--protocol", "no-such-protocol", "--units", "2"], "no-such-protocol"),
    ],
)
def test_unknown_names(imi, photographs: Path, tmp_path: Path, arguments: list[str], named: str):
    said = new(imi, photographs, tmp_path / "study", *arguments)
    assert named in said
    assert not (tmp_path / "study" / "study.toml").exists()


def test_existing_study_is_not_replaced(imi, photographs: Path, study: Path):
    before = (study / "study.toml").read_bytes()
    new(imi, photographs, study, "--units", 2)
    assert (study / "study.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("seeed = 3\n", "seeed"),
        ('name = ["not", "a", "text"]\n', "name"),
        ("this is not TOML\n", "study.toml"),
    ],
)
def test_wrong_study_file(imi, study: Path, text: str, named: str):
    file = study / "study.toml"
    lines = file.read_text().splitlines(keepends=True)
    key = text.partition(" ")[0]
    kept = [line for line in lines if not line.startswith(f"{key} =")]
    file.write_text(text + "".join(kept))
    damaged = file.read_bytes()
    said = imi("trials", study, "--participant", "P01", exit_code=2).stderr
    assert named in said
    assert file.read_bytes() == damaged


@pytest.mark.parametrize("participant", ["a/b", "..", "", "a\\b", "x" * 200, "CON"])
def test_participant_id_that_is_no_folder_name(imi, study: Path, participant: str):
    imi("trials", study, "--participant", participant, exit_code=2)
    imi("run", study, "--participant", participant, "--observer", "chance", exit_code=2)


def test_run_before_generate(imi, study: Path):
    said = imi("run", study, "--participant", "P01", "--observer", "chance", exit_code=2).stderr
    assert "generate" in said


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_study(imi, study: Path):
    study.chmod(0o500)
    try:
        imi("generate", study, exit_code=2)
    finally:
        study.chmod(0o700)


@pytest.mark.slow
def test_odd_images_are_handled_or_named(imi, photographs: Path, tmp_path: Path):
    odd = photographs
    first = odd / "000.png"
    (odd / "text.jpg").write_text("This is no image.")
    Image.open(first).convert("RGB").resize((300, 200)).save(odd / "whole.jpg")
    whole = (odd / "whole.jpg").read_bytes()
    (odd / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    Image.open(first).convert("L").save(odd / "grey.png")
    Image.open(first).convert("CMYK").save(odd / "cmyk.jpg")
    Image.open(first).convert("P").save(odd / "palette.png")
    Image.open(first).resize((1, 1)).save(odd / "one_pixel.png")
    Image.fromarray(np.arange(40 * 60, dtype=np.uint16).reshape(40, 60) * 27).save(odd / "deep.png")
    rotated = Image.open(first)
    exif = rotated.getexif()
    exif[0x0112] = 6
    rotated.convert("RGB").save(odd / "rotated.jpg", exif=exif)
    study = tmp_path / "study"
    new(imi, odd, study, "--units", 2, "--batches", 3, exit_code=0)
    imi("generate", study, "--only", "natural")
    listed = (study / "dataset.csv").read_text()
    unusable = [line for line in listed.splitlines() if "text.jpg" in line or "truncated" in line]
    assert len(unusable) == 2
    for name in ("grey.png", "cmyk.jpg", "palette.png", "deep.png", "rotated.jpg"):
        assert name in listed
    shutil.rmtree(study)
