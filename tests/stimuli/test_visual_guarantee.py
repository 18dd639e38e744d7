"""The single-run controller: every image as strong as the folder's strongest, or told."""

import dataclasses

import numpy as np
import pytest
import torch
from lucent.optvis import objectives
from tiny_network import tiny_network, unit

from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.presets import DiversityController, Transforms
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.visualise import visualise
from imi_desktop.stimuli.visualization.weight import ControlledWeights, FixedWeight
from imi_desktop.stimuli.visualization.workshop import Workshop

STILL = Transforms(jitter=(1, 1), scales=(1.0,), degrees=(0,))
STEADY = DiversityController(start=1e-12, rise=0.0, fall=0.0, look_every=4)


def workshop(extreme=0.2, side="max", **changes):
    preset = presets.find("fast").with_overrides(changes.pop("steps", 12), 4)
    return Workshop(
        view=UnitView.of(tiny_network(), unit(), 224),
        side=side,
        preset=dataclasses.replace(preset, **changes),
        natural=NaturalRange(-extreme, extreme, 0.1),
        seed=changes.get("seed") or 1,
        cancel=CancelToken(),
    )


def weights_after(activations, steps=1, measured=None, **settings):
    controller = DiversityController(**{"warm_up": 0.0, "smoothing": 0.0, **settings})
    weights = ControlledWeights(controller, 1.0, 1.0, 100, np.full(len(activations), 1.0))
    for step in range(1, steps + 1):
        weights.update(step, np.array(activations))
        if measured is not None:
            weights.measured(np.array(measured))
    return weights.values


def test_each_image_has_the_weight_that_it_can_bear():
    weak, strong = weights_after([0.2, 3.0])
    assert weak < 1 < strong


def test_images_are_judged_as_they_are_without_transforms():
    spoilt, flattered = weights_after([0.2, 3.0], steps=60, measured=[3.0, 0.2])
    assert flattered < 1 < spoilt


def test_weights_only_rise_while_images_climb_and_only_fall_at_the_end():
    assert (weights_after([0.2, 0.5], warm_up=0.5) == 1).all()
    assert (weights_after([3.0, 4.0], settle=1.0) == 1).all()


def test_the_gradient_is_that_of_lucents_objective():
    made = workshop(transforms=STILL)
    optimisation = made.begin(3, 1)
    images = optimisation.images
    spectrum = images.spectrum.detach().clone().requires_grad_(True)
    optimisation.run(1, FixedWeight(5.0), CancelToken(), lambda _report: None)
    found = images.spectrum.grad

    images.spectrum = spectrum
    central = images.images()[:, :, 16:-16, 16:-16]
    features = made.view.features(central)
    layer = features.unflatten(2, (int(features.shape[2] ** 0.5), -1))
    objective = objectives.channel("bn2", 1) - 5.0 * objectives.diversity("bn2")
    objective(lambda _name: layer).backward()
    scale = float(spectrum.grad.abs().max())
    torch.testing.assert_close(found, spectrum.grad, atol=1e-3 * scale, rtol=1e-3)


def test_kept_images_go_on_as_if_the_others_had_never_been_there():
    finals = []
    for indices in ([0, 1, 2, 3], [1, 3]):
        optimisation = workshop(transforms=STILL, memory=None).begin(4, 1)
        optimisation.run(3, FixedWeight(0.0), CancelToken(), lambda _report: None)
        optimisation.keep(indices)
        optimisation.run(3, FixedWeight(0.0), CancelToken(), lambda _report: None)
        finals.append(optimisation.current())
    differences = (finals[0][[1, 3]] - finals[1]).abs()
    assert (differences < 1e-3).float().mean() > 0.99


@pytest.mark.parametrize("side", ["max", "min"])
def test_every_image_reaches_what_natural_images_reach(side):
    result = visualise(workshop(0.02, side, steps=48))
    sign = 1 if side == "max" else -1
    assert result.missed == 0
    assert (sign * result.activations >= 0.02).all()
    assert (np.diff(sign * result.activations) >= 0).all()


def test_a_miss_is_retried_and_told():
    result = visualise(workshop(1e6, retries=2))
    assert result.missed == 4
    assert [(run["steps"], run["missed"]) for run in result.runs] == [(12, 4), (6, 4), (6, 4)]
    assert result.steps == 24


def test_only_images_that_missed_are_worked_on_again():
    steady = {"controller": STEADY, "transforms": STILL}
    first = visualise(workshop(1e6, retries=0, **steady))
    level = float(first.activations[1:3].mean())
    result = visualise(workshop(level, retries=3, steps=12, **steady))
    again = result.runs[1]["images"]
    assert len(again) == result.runs[0]["missed"] == 2
    assert all(set(run["images"]) <= set(again) for run in result.runs[1:])
    assert result.missed == 0
    unchanged = np.isclose(first.activations[2:, None], result.activations, rtol=1e-4)
    assert unchanged.any(axis=1).all()


class Forgetful:
    """A view by which the first image suffices at the first look, and none ever after."""

    def __init__(self, view):
        self._view = view
        self.first = None

    def __getattr__(self, name):
        return getattr(self._view, name)

    def verify(self, images):
        if self.first is None:
            self.first = images.copy()
            return np.array([1.0, 0.0, 0.0, 0.0], np.float32)
        return np.zeros(len(images), np.float32)


def test_an_image_stays_as_it_was_when_it_last_sufficed():
    made = workshop(0.5, retries=0, controller=STEADY)
    view = Forgetful(made.view)
    images = visualise(dataclasses.replace(made, view=view)).images
    assert any(np.array_equal(image, view.first[0]) for image in images)
    assert not any(np.array_equal(image, other) for image in images for other in view.first[1:])


def test_the_same_seed_gives_the_same_bytes_with_retries():
    first, second = (visualise(workshop(1e6, retries=1)) for _ in range(2))
    assert np.array_equal(first.images, second.images)
    assert first.runs == second.runs
