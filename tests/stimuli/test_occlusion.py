import dataclasses

import numpy as np
import pytest
import torch
from tiny_network import Tiny, Untraceable, tiny_network, unit
from torch import nn

from imi_desktop.progress import Cancelled, CancelToken
from imi_desktop.stimuli.occlusion import PatchGrid, occluded, occlusion_map, sharpness_map
from imi_desktop.stimuli.region_forward import Region, RegionForward
from imi_desktop.stimuli.unit_graph import unit_graph
from imi_desktop.stimuli.visualization.frozen_operations import ChannelNormalisation
from imi_desktop.stimuli.visualization.network_cut import stopped_forward, traced_cut
from imi_desktop.stimuli.visualization.unit_view import UnitView


class Branches(Tiny):
    """Residual sums, concatenation, average pooling, dilation and a squeeze gate."""

    def __init__(self):
        super().__init__()
        self.left = nn.Conv2d(8, 8, 3, padding=1)
        self.right = nn.Conv2d(8, 8, 5, padding=2, groups=8)
        self.wide = nn.Conv2d(16, 8, 3, padding=2, dilation=2)
        self.average = nn.AvgPool2d(2)
        self.gate = nn.Conv2d(8, 8, 1)
        self.small = nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)

    def forward(self, x):
        x = self.pool(self.relu1(self.bn1(self.conv1(x))))
        x = x + self.left(x)
        x = torch.cat([x, self.right(x)], dim=1)
        x = self.small(self.wide(x))
        x = x * torch.sigmoid(self.gate(x.mean((2, 3), keepdim=True)))
        return self.head(self.relu2(self.bn2(self.conv2(x))).mean((2, 3)))


class OwnColours(Tiny):
    """Scales and shifts each colour of its input by itself, as torchvision's GoogLeNet does."""

    def forward(self, x):
        colours = [
            torch.unsqueeze(x[:, channel], 1) * (0.4 + channel) + (0.3 - channel)
            for channel in range(3)
        ]
        return super().forward(torch.cat(colours, 1))


def image(seed=0):
    coarse = torch.rand(1, 3, 14, 14, generator=torch.Generator().manual_seed(seed))
    fine = nn.functional.interpolate(coarse, size=(224, 224), mode="bilinear")
    return (fine[0].permute(1, 2, 0) * 255).to(torch.uint8).numpy()


def quiet(_share):
    pass


@pytest.mark.parametrize("patch", [66, 90, 112])
def test_grids_have_the_papers_sizes(patch):
    positions = {66: 80, 90: 68, 112: 57}[patch]
    grid = PatchGrid(patch)
    assert grid.shape == (positions, positions)
    assert grid.corner(0) == (0, 0)
    assert grid.corner(positions**2 - 1) == (224 - patch, 224 - patch)
    assert grid.corner(1) == (0, 2)


def test_a_patch_has_the_mean_colour_of_what_it_covers():
    picture = image()
    result = occluded(picture, 10, 20, 90)
    expected = picture[10:100, 20:110].mean((0, 1))
    assert np.abs(result[10:100, 20:110] - expected).max() <= 0.5 + 1e-6
    result[10:100, 20:110] = picture[10:100, 20:110]
    assert np.array_equal(result, picture)


class Concatenated(Tiny):
    """Ends in a sum and a concatenation of what other layers gave, one of them used elsewhere."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(8, 5, 1)
        self.three = nn.Conv2d(8, 7, 3, padding=1, groups=1)
        self.deep = nn.Conv2d(12, 12, 3, padding=1, groups=12)

    def forward(self, x):
        x = self.pool(self.relu1(self.bn1(self.conv1(x))))
        x = torch.cat([torch.relu(self.one(x)), self.three(x)], 1)
        x = self.bn2(x + self.deep(x))
        return self.head(self.relu2(x).mean((2, 3)))


@pytest.mark.parametrize("channel", [0, 4, 5, 11])
@pytest.mark.parametrize("layer", ["bn2", "relu2", "deep", "three"])
def test_one_channel_alone_is_what_it_is_in_the_layer(channel, layer):
    module = tiny_network(Concatenated).module
    channel = min(channel, 6) if layer == "three" else channel
    whole = traced_cut(module, layer)
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = whole(x)[:, channel : channel + 1]
        narrow = unit_graph(whole, channel, x[:1])
        torch.testing.assert_close(narrow(x), expected)
        torch.testing.assert_close(whole(x)[:, channel : channel + 1], expected)
    weights = [part.weight for part in narrow.modules() if isinstance(part, nn.Conv2d)]
    assert sum(map(torch.numel, weights)) <= sum(
        part.weight.numel() for part in whole.modules() if isinstance(part, nn.Conv2d)
    )


@pytest.mark.parametrize("kind", [Tiny, Branches, OwnColours, Concatenated])
@pytest.mark.parametrize("layer", ["bn2", "relu2"])
def test_local_passes_equal_whole_ones(kind, layer):
    view = UnitView.of(tiny_network(kind), unit(layer=layer))
    assert view.cut.graph is not None
    grid = PatchGrid(60, 41)
    fast, exact = (
        occlusion_map(view, image(), grid, CancelToken(), quiet, exact) for exact in (False, True)
    )
    np.testing.assert_allclose(fast, exact, rtol=1e-4, atol=1e-6)
    assert fast.shape == grid.shape == (5, 5)


def test_sharp_patches_equal_whole_passes():
    view = UnitView.of(tiny_network(), unit())
    grid = PatchGrid(90, 60)
    maps = [
        sharpness_map(view, image(1), image(2), grid, CancelToken(), quiet, exact)
        for exact in (False, True)
    ]
    np.testing.assert_allclose(*maps, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", [Tiny, OwnColours])
def test_early_layers_are_computed_within_the_patchs_reach_only(kind):
    module = tiny_network(kind).module
    graph = traced_cut(module, "conv1")
    base = torch.randn(1, 3, 224, 224)
    patches = torch.randn(2, 3, 40, 40)
    result = RegionForward(graph, base).run(patches, [0, 100], [184, 7])
    assert isinstance(result, Region)
    assert result.height < 56 / 4
    whole = base.repeat(2, 1, 1, 1)
    whole[0, :, :40, 184:], whole[1, :, 100:140, 7:47] = patches
    first = stopped_forward(module, "conv1")
    with torch.no_grad():
        expected = first(whole)
        found = first(base).repeat(2, 1, 1, 1)
    for index, (top, left) in enumerate(zip(result.tops, result.lefts, strict=True)):
        found[index, :, top : top + result.height, left : left + result.width] = result.values[
            index
        ]
    torch.testing.assert_close(found, expected)


def test_colours_that_change_places_or_are_used_otherwise_stay_apart():
    class Swapped(OwnColours):
        def forward(self, x):
            return Tiny.forward(self, torch.cat([x[:, 1:2], x[:, :1], x[:, 2:]], 1))

    class UsedTwice(OwnColours):
        def forward(self, x):
            return super().forward(x) + x.mean()

    for kind in (Swapped, UsedTwice):
        view = UnitView.of(tiny_network(kind), unit())
        maps = [
            occlusion_map(view, image(), PatchGrid(90, 60), CancelToken(), quiet, exact)
            for exact in (False, True)
        ]
        np.testing.assert_allclose(*maps, rtol=1e-4, atol=1e-6)


def test_a_network_that_cannot_be_traced_gets_whole_passes():
    view = UnitView.of(tiny_network(Untraceable), unit())
    assert view.cut.graph is None
    grid = PatchGrid(100, 62)
    fast, exact = (
        occlusion_map(view, image(), grid, CancelToken(), quiet, exact) for exact in (False, True)
    )
    np.testing.assert_allclose(fast, exact, rtol=1e-5)


def test_networks_of_another_input_size_see_the_image_resized():
    network = tiny_network()
    entry = dataclasses.replace(
        network.entry,
        preprocessing=network.entry.preprocessing.model_copy(update={"crop": 288}),
    )
    view = UnitView.of(dataclasses.replace(network, entry=entry), unit())
    grid = PatchGrid(100, 62)
    fast, exact = (
        occlusion_map(view, image(), grid, CancelToken(), quiet, exact) for exact in (False, True)
    )
    assert view.native == 288
    np.testing.assert_allclose(fast, exact, rtol=1e-4)


def test_a_search_can_be_cancelled():
    cancel = CancelToken()
    view = UnitView.of(tiny_network(), unit())
    with pytest.raises(Cancelled):
        occlusion_map(view, image(), PatchGrid(), cancel, lambda _share: cancel.cancel())


@pytest.mark.parametrize("numbers", [(9, 9.99e-5, 0.5, 1.0), (4, 0.3, 0.75, 2.0)])
def test_responses_are_normalised_as_torch_does(numbers):
    x = torch.randn(2, 12, 5, 7, requires_grad=True)
    same = x.detach().contiguous(memory_format=torch.channels_last).requires_grad_(True)
    expected = nn.functional.local_response_norm(x, *numbers)
    found = ChannelNormalisation(*numbers)(same)
    torch.testing.assert_close(found, expected)
    weights = torch.randn_like(expected)
    (expected * weights).sum().backward()
    (found * weights).sum().backward()
    torch.testing.assert_close(same.grad, x.grad)


def test_networks_that_normalise_responses_are_computed_locally():
    class Normalised(Tiny):
        def forward(self, x):
            x = nn.functional.local_response_norm(self.conv1(x), 5, 0.1, 0.5, 1.0)
            return self.head(self.relu2(self.bn2(self.conv2(x))).mean((2, 3)))

    module = tiny_network(Normalised).module
    graph = traced_cut(module, "bn2")
    assert any(isinstance(part, ChannelNormalisation) for part in graph.modules())
    patches = torch.randn(1, 3, 40, 40)
    assert isinstance(
        RegionForward(graph, torch.randn(1, 3, 224, 224)).run(patches, [8], [8]), Region
    )
    view = UnitView.of(tiny_network(Normalised), unit())
    maps = [
        occlusion_map(view, image(), PatchGrid(90, 60), CancelToken(), quiet, exact)
        for exact in (False, True)
    ]
    np.testing.assert_allclose(*maps, rtol=1e-4, atol=1e-6)
