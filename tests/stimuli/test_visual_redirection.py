"""ReLUs whose gradient is redirected for the first steps."""

import dataclasses
import math

import pytest
import torch
from lucent.modelzoo.inceptionv1.helper_layers import RedirectedReluLayer
from tiny_network import tiny_network, unit
from torch import nn
from torch.nn import functional

from imi_desktop.progress import CancelToken
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.redirected_gradient import (
    RedirectedReLUs,
    redirected_relu,
)
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.visualise import visualise
from imi_desktop.stimuli.visualization.workshop import Workshop


def gradient_of(function, x, gradient):
    x = x.clone().requires_grad_(True)
    y = function(x)
    y.backward(gradient)
    return y.detach(), x.grad


def test_values_are_those_of_lucents_redirected_relu():
    x = torch.randn(3, 4, 5)
    lucent, _ = gradient_of(RedirectedReluLayer(), x, torch.ones_like(x))
    ours, _ = gradient_of(redirected_relu, x, torch.ones_like(x))
    assert torch.equal(ours, lucent)


def test_where_gradients_get_through_they_are_those_of_relu():
    x, gradient = torch.randn(3, 4, 5), torch.randn(3, 4, 5)
    _, plain = gradient_of(torch.relu, x, gradient)
    _, ours = gradient_of(redirected_relu, x, gradient)
    assert torch.equal(ours, plain)
    _, lucent = gradient_of(RedirectedReluLayer(), x.abs(), gradient)
    _, ours = gradient_of(redirected_relu, x.abs(), gradient)
    assert torch.equal(ours, lucent)


def test_images_without_any_gradient_are_pulled_up_only_as_lucent_does():
    x, gradient = -torch.rand(2, 3, 4) - 0.1, torch.randn(2, 3, 4)
    x[1, 0, 0], gradient[1, 0, 0] = 1.0, -1.0  # the second image has a gradient of its own
    _, ours = gradient_of(redirected_relu, x, gradient)
    _, lucent = gradient_of(RedirectedReluLayer(), x, gradient)
    upwards = gradient[0] < 0
    torch.testing.assert_close(ours[0][upwards], 10 * lucent[0][upwards])
    assert not ours[0][~upwards].any()
    assert ours[1].count_nonzero() == 1


def test_values_above_six_are_pulled_down_only():
    x, gradient = torch.full((1, 4), 7.0), torch.tensor([[1.0, -1.0, 2.0, -3.0]])
    y, ours = gradient_of(lambda x: redirected_relu(x, 6.0), x, gradient)
    assert (y == 6).all()
    assert ours.tolist() == [[1.0, 0.0, 2.0, 0.0]]


@pytest.mark.parametrize(
    ("function", "upper"),
    [
        (nn.ReLU(), math.inf),
        (nn.ReLU(inplace=True), math.inf),
        (nn.ReLU6(), 6.0),
        (functional.relu6, 6.0),
        (torch.relu, math.inf),
        (lambda x: x.relu(), math.inf),
        (nn.Hardtanh(0.0, 2.0), 2.0),
        (nn.Hardtanh(), None),
        (nn.SiLU(), None),
    ],
)
def test_every_relu_of_a_network_is_redirected_and_nothing_else(function, upper):
    x, gradient = torch.linspace(-3, -1, 6).view(1, 6), -torch.ones(1, 6)
    expected = gradient_of(
        function if upper is None else lambda x: redirected_relu(x, upper), x, gradient
    )
    with RedirectedReLUs():
        found = gradient_of(lambda x: function(x * 1), x, gradient)
    torch.testing.assert_close(found, expected)


def silent_network():
    network = tiny_network()
    network.module.bn2.bias[1] = -30.0
    return network


@pytest.mark.parametrize(("redirected", "moves"), [(None, False), (3, True)])
def test_a_silent_unit_wakes_up(redirected, moves):
    view = UnitView.of(silent_network(), unit(layer="relu2"), 224)
    preset = dataclasses.replace(
        presets.find("borowski-2021"), steps=4, images=1, redirected_steps=redirected
    )
    changes = []
    made = Workshop(view, "max", preset, NaturalRange(0, 1, 1), 1, CancelToken())
    start = made.begin(1, made.run_seed()).current()
    made = dataclasses.replace(
        made, observe=lambda report: changes.append(float((report.images() - start).abs().max()))
    )
    visualise(made)
    assert (changes[-1] > 0.01) == moves


def test_redirection_leaves_the_values_of_a_network_alone():
    view = UnitView.of(tiny_network(), unit(layer="relu2"), 224)
    images = torch.rand(2, 3, 224, 224)
    torch.testing.assert_close(
        view.redirected_features(images), view.features(images), atol=1e-5, rtol=1e-4
    )
