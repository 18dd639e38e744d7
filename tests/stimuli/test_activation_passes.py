"""Passes on a faster copy measure what the network measures, and leave it as it was."""

import numpy as np
import pytest
import torch
from tiny_network import tiny_network
from torch import nn

from imi_desktop.models.channels import spatial_mean
from imi_desktop.models.errors import NonFiniteOutputError
from imi_desktop.models.loading import load_network
from imi_desktop.stimuli import activation_passes
from imi_desktop.stimuli.activation_passes import ActivationPasses, faster_copy


def pixels(size, n=3):
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


def plainly(network, layers, images):
    with torch.inference_mode():
        return network.capture(
            layers, network.input_from_pixels(torch.from_numpy(images)), spatial_mean
        )


def test_every_layer_of_interest_of_the_default_model_is_measured_alike():
    network = load_network("efficientnet_lite0", device="cpu")
    layers = [layer for layer in network.layers if layer.of_interest]
    images = pixels(network.input_size)
    with ActivationPasses(network, layers) as passes:
        assert passes._channels_last
        first, again = passes.measure(images), passes.measure(images)
    expected = plainly(network, layers, images)
    assert list(first) == list(expected)
    for name, value in expected.items():
        assert torch.equal(first[name], again[name])
        assert torch.allclose(first[name], value, rtol=1e-4, atol=1e-5 * float(value.abs().max()))


def test_the_network_stays_as_it_is():
    network = tiny_network()
    with ActivationPasses(network, network.layers) as passes:
        passes.measure(pixels(network.input_size))
    for part in network.module.modules():
        assert not part._forward_hooks
        assert not getattr(part, "inplace", False)
        if isinstance(part, nn.Conv2d):
            assert part.weight.is_contiguous()


def test_a_copy_shares_what_need_not_be_laid_out_anew():
    module = tiny_network().module
    duplicate = faster_copy(module)
    assert duplicate.head.weight is module.head.weight
    assert duplicate.bn2.running_var is module.bn2.running_var
    assert duplicate.conv2.weight is not module.conv2.weight


def test_a_copy_that_differs_is_not_used(monkeypatch):
    def wrong(module):
        duplicate = faster_copy(module)
        duplicate.bn2 = nn.Identity()
        return duplicate

    monkeypatch.setattr(activation_passes, "faster_copy", wrong)
    network, images = tiny_network(), pixels(224)
    with ActivationPasses(network, network.layers) as passes:
        found = passes.measure(images)
    expected = plainly(network, network.layers, images)
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_what_is_not_finite_is_told_as_of_the_network_itself():
    network = tiny_network()
    network.module.bn2.bias.fill_(float("inf"))
    with (
        ActivationPasses(network, network.layers) as passes,
        pytest.raises(NonFiniteOutputError, match="first in layer bn2"),
    ):
        passes.measure(pixels(224))
