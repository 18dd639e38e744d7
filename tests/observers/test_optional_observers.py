"""Observers that need a table of labels, or packages and weights that may not be here."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from imi_desktop.experiment.trial import Trial
from imi_desktop.models.catalogue import find
from imi_desktop.models.loading import load_network
from imi_desktop.models.unit import Unit
from imi_desktop.observers import lpips as lpips_module
from imi_desktop.observers.build import build_observer
from imi_desktop.observers.extras import ExtraMissingError
from imi_desktop.observers.object_boxes import Box, ObjectLabelsError, in_stimulus, read_boxes
from imi_desktop.observers.patches import Patch
from imi_desktop.stimuli.image_folder import ImageFile, index_folder
from imi_desktop.stimuli.manifest import Record, append
from imi_desktop.stimuli.pack import natural_path, occlusion_path

MODEL = "efficientnet_lite0"
UNIT = Unit(MODEL, "blocks.2.1", 3)
HEADER = "image,left,top,right,bottom,object\n"


@pytest.mark.parametrize("name", ["lpips", "dreamsim", "deepgaze"])
def test_missing_packages_are_told(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    with pytest.raises(ExtraMissingError, match=r"not installed. Install it with: pip install"):
        build_observer(name)


@pytest.mark.parametrize(
    ("name", "package"), [("dreamsim", "dreamsim"), ("deepgaze", "deepgaze_pytorch")]
)
def test_missing_weights_are_told_and_nothing_is_fetched(
    name: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / f"{package}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    importlib.invalidate_caches()
    with pytest.raises(ExtraMissingError, match="weights of D"):
        build_observer(name)


def test_lpips_is_the_weighted_distance_of_scaled_features(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sizes = (64, 192, 384, 256, 256)
    weights = [torch.rand(1, size, 1, 1, generator=torch.manual_seed(size)) for size in sizes]
    monkeypatch.setattr(lpips_module, "_fitted_weights", lambda: weights)
    network = load_network("random:alexnet", seed=3)
    monkeypatch.setattr(lpips_module, "load_network", lambda _name: network)
    observer = build_observer("lpips")
    paths = []
    for number in range(3):
        noise = np.random.default_rng(number).integers(0, 256, (224, 224, 3), dtype=np.uint8)
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(noise).save(paths[-1])
    described = np.stack(observer.describe(paths))
    found = observer.similarities(described[0], described)
    assert found[0] == 0
    assert (found[1:] < 0).all()

    pixels = np.stack([np.asarray(Image.open(path)) for path in paths])
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1
    shift = torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1)
    values, distance, taken = (images - shift) / scale, torch.zeros(2), 0
    with torch.inference_mode():
        for layer in network.module.features:
            values = layer(values)
            if isinstance(layer, torch.nn.ReLU):
                unit = values / (values.norm(dim=1, keepdim=True) + 1e-10)
                squared = (unit[1:] - unit[:1]) ** 2 * weights[taken]
                distance += squared.sum(dim=1).mean(dim=(1, 2))
                taken += 1
    assert taken == 5
    np.testing.assert_allclose(-found[1:], distance.numpy(), rtol=1e-4)


def test_boxes_follow_the_crop():
    preprocessing = find(MODEL).preprocessing
    file = ImageFile(path="a.jpg", sha256="", width=512, height=256, mode="RGB")
    assert (preprocessing.resize, preprocessing.crop) == (256, 224)
    assert in_stimulus(Box(144, 16, 368, 240), file, preprocessing) == Patch(0, 0, 224, 224)
    assert in_stimulus(Box(154, 36, 164, 66), file, preprocessing) == Patch(20, 10, 50, 20)
    assert in_stimulus(Box(0, 0, 512, 256), file, preprocessing) == Patch(0, 0, 224, 224)
    assert in_stimulus(Box(0, 0, 100, 256), file, preprocessing) is None
    twice = ImageFile(path="b.jpg", sha256="", width=1024, height=512, mode="RGB")
    assert in_stimulus(Box(308, 72, 328, 132), twice, preprocessing) == Patch(20, 10, 50, 20)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image,left,top,right\na.jpg,1,2,3\n", "lacks the column bottom"),
        (HEADER, "holds no box"),
        (HEADER + "a.jpg,1,2,x,4,dog\n", "line 2: a side of the box is not a number"),
        (HEADER + "a.jpg,1,2,,4,dog\n", "line 2: a side of the box is not a number"),
        (HEADER + "a.jpg,9,2,3,4,dog\n", "line 2: a box goes from left to right"),
        (HEADER + "a.jpg,1,2,inf,4,dog\n", "line 2: a box goes from left to right"),
        (HEADER + "a.jpg,1,2,3,4,dog\na.jpg,1,2,3,4,dog\n", "line 3: a.jpg has two boxes"),
        (HEADER + ",1,2,3,4,dog\n", "line 2: no image is named"),
    ],
)
def test_wrong_labels_are_named(tmp_path: Path, text: str, said: str):
    path = tmp_path / "boxes.csv"
    path.write_text(text)
    with pytest.raises(ObjectLabelsError, match=said):
        read_boxes(path)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study folder with one occluded image: the patches cover the left and the right half."""
    folder, images = tmp_path / "study", tmp_path / "images"
    images.mkdir()
    pixels = np.random.default_rng(1).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(images / "a.png")
    index_folder(images).write(folder / "dataset.csv")
    shown = pixels[16:240, 16:240]
    original = natural_path(UNIT, 0, "max", 9)
    for file, columns in (
        (original, slice(0, 0)),
        (occlusion_path(UNIT, 0, "target"), slice(0, 90)),
        (occlusion_path(UNIT, 0, "distractor"), slice(134, 224)),
    ):
        copy = shown.copy()
        copy[60:150, columns] = 128
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(copy).save(path)
    record = Record(
        file=original, sha256="", unit=UNIT, kind="natural", side="max", index=9, batch=0,
        activation=1.0, task="", made="", source_image="a.png",
    )  # fmt: skip
    append(folder, [record])
    return folder


@pytest.fixture
def trial() -> Trial:
    """Left the patch at the left, right the patch at the right."""
    return Trial(
        number=1, task="counterfactual", phase="main", block=1, condition="none", scheme="none",
        unit=UNIT, unit_selection="random", catch=False, image_set="0", references_min=(),
        references_max=(),
        queries={
            "upper": natural_path(UNIT, 0, "max", 9),
            "left": occlusion_path(UNIT, 0, "target"),
            "right": occlusion_path(UNIT, 0, "distractor"),
        },
        target_position="right", feedback=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("box", "chosen"), [("26,76,60,160", {"right"}), ("160,60,240,200", {"left"})]
)
def test_the_primary_object_stays_visible(
    study: Path, trial: Trial, tmp_path: Path, box: str, chosen: set[str]
):
    labels = tmp_path / "boxes.csv"
    labels.write_text(f"{HEADER}a.png,{box},dog\n")
    observer = build_observer(f"primary-object:{labels}")
    assert observer.name == "primary-object:boxes.csv"
    answers = [observer.respond(trial, study, np.random.default_rng(n)) for n in range(4)]
    assert {answer.position for answer in answers} == chosen
    assert {answer.confidence for answer in answers} == {3}


def test_objects_between_the_patches_leave_a_guess(study: Path, trial: Trial, tmp_path: Path):
    labels = tmp_path / "boxes.csv"
    labels.write_text(f"{HEADER}a.png,120,20,140,40,bird\n")
    observer = build_observer(f"primary-object:{labels}")
    answers = [observer.respond(trial, study, np.random.default_rng(n)) for n in range(20)]
    assert {answer.position for answer in answers} == {"left", "right"}
    assert {answer.confidence for answer in answers} == {1}


def test_labels_of_other_images_are_refused(study: Path, trial: Trial, tmp_path: Path):
    labels = tmp_path / "boxes.csv"
    labels.write_text(f"{HEADER}z.png,1,2,3,4,bird\n")
    observer = build_observer(f"primary-object:{labels}")
    with pytest.raises(ObjectLabelsError, match="None of the images"):
        observer.respond(trial, study, np.random.default_rng(0))


def test_deep_gaze_turns_log_density_into_shares(
    study: Path, trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """With a stand-in for the network that looks at the left only."""

    class LooksLeft(torch.nn.Module):
        def __init__(self, pretrained: bool) -> None:
            super().__init__()
            assert not pretrained

        def forward(self, pixels: torch.Tensor, prior: torch.Tensor) -> torch.Tensor:
            assert pixels.shape == (1, 3, 224, 224)
            assert prior.exp().sum() == pytest.approx(1, abs=1e-3)
            weight = torch.full((1, 224, 224), -20.0)
            weight[..., :100] = 0.0
            return weight

    monkeypatch.setitem(sys.modules, "deepgaze_pytorch", SimpleNamespace(DeepGazeIIE=LooksLeft))
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *a: n if n == "deepgaze_pytorch" else real(n, *a)
    )
    folder = tmp_path / "weights"
    folder.mkdir()
    torch.save({}, folder / "deepgaze2e.pth")
    monkeypatch.setenv("IMI_WEIGHTS", str(folder))
    observer = build_observer("deepgaze")
    image = Image.open(study / trial.queries["upper"])
    density = observer.look(image, study, "")
    assert density.shape == (224, 224)
    assert density.sum() == pytest.approx(1)
    assert observer.respond(trial, study, np.random.default_rng(0)).position == "right"
