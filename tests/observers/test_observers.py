"""Simulated participants, one trial at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imi_desktop.errors import UserError
from imi_desktop.experiment.trial import Trial
from imi_desktop.models.unit import Unit
from imi_desktop.observers.build import build_observer
from imi_desktop.observers.declared import observer_names
from imi_desktop.observers.observer import UnknownObserverError, choices
from imi_desktop.observers.patches import Patch, find_patch
from imi_desktop.observers.pixel_features import colour_histogram, edge_histogram
from imi_desktop.observers.reaction_times import draw_reaction_time
from imi_desktop.observers.saliency_map import saliency_map

# The others need a table, or packages that are installed on request.
BUILT_IN = [
    name
    for name in observer_names()
    if name not in {"lpips", "dreamsim", "deepgaze", "primary-object"}
]


@pytest.fixture
def trial() -> Trial:
    return Trial(
        number=1,
        task="forward_prediction",
        phase="main",
        block=1,
        condition="natural",
        scheme="min_max_9",
        unit=Unit("net", "layer", 0),
        unit_selection="random",
        catch=False,
        image_set="0",
        references_min=("green_1.png", "green_2.png"),
        references_max=("red_1.png", "red_2.png"),
        queries={"upper": "green_3.png", "lower": "red_3.png"},
        target_position="lower",
        feedback=False,
    )


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Noisy images of two colours."""
    rng = np.random.default_rng(2)
    for name, colour in (("red", (200, 40, 40)), ("green", (40, 190, 60))):
        for number in (1, 2, 3):
            pixels = np.clip(np.array(colour) + rng.normal(0, 15, (224, 224, 3)), 0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / f"{name}_{number}.png")
    return tmp_path


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_chance_is_right_as_often_as_told(trial: Trial, tmp_path: Path) -> None:
    for text, probability in (("chance", 0.5), ("chance:0.9", 0.9), ("chance:0", 0.0)):
        observer = build_observer(text)
        assert observer.name == text
        rng = generator()
        answers = [observer.respond(trial, tmp_path, rng) for _ in range(2000)]
        right = np.mean([answer.position == "lower" for answer in answers])
        assert right == pytest.approx(probability, abs=0.04)
        assert {answer.confidence for answer in answers} == {1, 2, 3}


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_same_generator_gives_the_same_answer(name: str, trial: Trial, images: Path) -> None:
    first = build_observer(name).respond(trial, images, generator(7))
    assert build_observer(name).respond(trial, images, generator(7)) == first
    assert first.position in choices(trial)
    assert first.confidence in (1, 2, 3)
    assert 300 < first.reaction_time_ms < 120_000


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_observer_answers_every_task(name: str, trial: Trial, images: Path) -> None:
    observer = build_observer(name)
    none = replace(trial, condition="none", scheme="none", references_min=(), references_max=())
    assert observer.respond(none, images, generator()).position in ("upper", "lower")
    rating = replace(trial, task="intuitiveness", queries={}, target_position=None)
    answer = observer.respond(rating, images, generator())
    assert answer.position is None
    assert answer.confidence is None
    assert answer.rating is not None
    assert -100 <= answer.rating <= 100
    counterfactual = replace(
        trial,
        task="counterfactual",
        references_min=(),
        queries={"upper": "red_2.png", "left": "green_3.png", "right": "red_3.png"},
        target_position="right",
    )
    assert observer.respond(counterfactual, images, generator()).position in ("left", "right")


def test_pixels_chooses_what_looks_like_the_max_references(trial: Trial, images: Path) -> None:
    observer = build_observer("pixels")
    answer = observer.respond(trial, images, generator())
    assert (answer.position, answer.confidence) == ("lower", 3)
    swapped = replace(
        trial, references_min=trial.references_max, references_max=trial.references_min
    )
    assert observer.respond(swapped, images, generator()).position == "upper"
    only_max = replace(trial, scheme="max_9", references_min=())
    assert observer.respond(only_max, images, generator()).position == "lower"


def test_pixels_guesses_between_equal_queries(trial: Trial, images: Path) -> None:
    same = replace(trial, queries={"upper": "red_3.png", "lower": "red_3.png"})
    observer = build_observer("pixels")
    answers = {observer.respond(same, images, generator(seed)).position for seed in range(20)}
    assert answers == {"upper", "lower"}


def test_pixels_names_an_image_that_is_not_there(trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"green_\d\.png|red_\d\.png"):
        build_observer("pixels").respond(trial, tmp_path, generator())


@pytest.fixture
def occluded(tmp_path: Path) -> Trial:
    """A plain image with a busy, bright spot off the centre; one copy covers it."""
    rng = np.random.default_rng(4)
    pixels = np.full((224, 224, 3), 90, np.uint8)
    pixels[60:90, 60:90] = rng.integers(0, 256, (30, 30, 3))
    boxes = {"left": (50, 50), "right": (0, 134)}  # the second lies in a corner
    Image.fromarray(pixels).save(tmp_path / "upper.png")
    for position, (top, left) in boxes.items():
        copy = pixels.copy()
        copy[top : top + 90, left : left + 90] = (20, 30, 40)
        Image.fromarray(copy).save(tmp_path / f"{position}.png")
    return Trial(
        number=1,
        task="counterfactual",
        phase="main",
        block=1,
        condition="none",
        scheme="none",
        unit=Unit("net", "layer", 0),
        unit_selection="random",
        catch=False,
        image_set="0",
        references_min=(),
        references_max=(),
        queries={name: f"{name}.png" for name in ("upper", "left", "right")},
        target_position="right",
        feedback=False,
    )


def test_the_patch_is_found_where_it_is(occluded: Trial, tmp_path: Path) -> None:
    images = {name: np.asarray(Image.open(tmp_path / f"{name}.png")) for name in occluded.queries}
    assert find_patch(images["upper"], images["left"]) == Patch(50, 50, 140, 140)
    assert find_patch(images["upper"], images["right"]) == Patch(0, 134, 90, 224)
    assert find_patch(images["upper"], images["upper"]) is None


@pytest.mark.parametrize("name", ["centre", "variance", "saliency"])
def test_baselines_choose_the_patch_that_covers_less(
    name: str, occluded: Trial, tmp_path: Path
) -> None:
    answer = build_observer(name).respond(occluded, tmp_path, generator())
    assert answer.position == "right"
    same = replace(occluded, queries=dict.fromkeys(occluded.queries, "upper.png"))
    answers = {
        build_observer(name).respond(same, tmp_path, generator(s)).position for s in range(9)
    }
    assert answers == {"left", "right"}


def test_saliency_lies_on_what_stands_out(occluded: Trial, tmp_path: Path) -> None:
    density = saliency_map(Image.open(tmp_path / "upper.png"))
    assert density.shape == (224, 224)
    assert density.sum() == pytest.approx(1)
    share = 50 * 50 / 224**2
    assert density[50:100, 50:100].sum() > 5 * share


def test_features_of_an_image() -> None:
    stripes = np.zeros((224, 224, 3), np.uint8)
    stripes[:, ::28] = 255
    image = Image.fromarray(stripes)
    colours = colour_histogram(image)
    assert colours.shape == (125,)
    assert np.linalg.norm(colours) == pytest.approx(1, abs=1e-5)
    upright = edge_histogram(image)
    lying = edge_histogram(image.transpose(Image.Transpose.ROTATE_90))
    assert np.linalg.norm(upright) == pytest.approx(1, abs=1e-5)
    assert float(upright @ upright) > 0.99
    assert float(upright @ lying) < 0.2
    assert not edge_histogram(Image.new("RGB", (224, 224), (9, 9, 9))).any()


def test_reaction_times_are_plausible_and_faster_when_sure() -> None:
    rng = generator()
    medians = [np.median([draw_reaction_time(rng, c) for _ in range(500)]) for c in (1, 2, 3)]
    assert medians[0] > medians[1] > medians[2] > 1000


@pytest.mark.parametrize(
    "text",
    ["nobody", "chance:2", "chance:x", "pixels:3", "centre:1", "lpips:2", "primary-object", ""],
)
def test_unknown_observers_are_named(text: str) -> None:
    with pytest.raises(UnknownObserverError):
        build_observer(text)


def test_every_confidence_is_given(trial: Trial, imagenet_sample: Path) -> None:
    """Trials of photographs from easy (sorted by colour) to hopeless (at random)."""
    files = sorted(imagenet_sample.iterdir())[::4]
    small = [np.asarray(Image.open(f).convert("RGB").resize((8, 8)), float) for f in files]
    colour = np.array([pixels.mean(axis=(0, 1)) for pixels in small])
    observer = build_observer("pixels")
    found = Counter()
    for number in range(36):
        rng = generator(number)
        noise = rng.normal(0, 20 * (number % 4), len(files))
        order = [files[i] for i in np.argsort(colour[:, number % 3] + noise)]
        lowest, highest = rng.permutation(order[:40]), rng.permutation(order[-40:])
        made = replace(
            trial,
            references_min=tuple(map(str, lowest[:9])),
            references_max=tuple(map(str, highest[:9])),
            queries={"upper": str(lowest[9]), "lower": str(highest[9])},
        )
        found[observer.respond(made, imagenet_sample, rng).confidence] += 1
    assert min(found[level] for level in (1, 2, 3)) >= 2, found
