import dataclasses

import numpy as np
import pytest
import torch
from lucent.optvis import objectives, param
from lucent.optvis.param.color import color_correlation_normalized
from timm.layers import Conv2dSame
from tiny_network import Tiny, Untraceable, tiny_network, unit

from imi_desktop.progress import Cancelled, CancelToken
from imi_desktop.stimuli.visualization import presets
from imi_desktop.stimuli.visualization.diversity import (
    gram_similarity,
    similarity_gradient,
    spatial_similarity,
)
from imi_desktop.stimuli.visualization.frozen_operations import ClampInPlace, SameConvolution
from imi_desktop.stimuli.visualization.maco import natural_magnitudes
from imi_desktop.stimuli.visualization.network_cut import (
    cut_network,
    stopped_forward,
    traced_cut,
)
from imi_desktop.stimuli.visualization.optimise import OptimisationError
from imi_desktop.stimuli.visualization.parameterisation import FourierImages
from imi_desktop.stimuli.visualization.presets import AdaptiveStop, Preset, Transforms
from imi_desktop.stimuli.visualization.results import NaturalRange
from imi_desktop.stimuli.visualization.stopping import FlatGradient
from imi_desktop.stimuli.visualization.transforms import draw_warps, warp
from imi_desktop.stimuli.visualization.unit_view import UnitView
from imi_desktop.stimuli.visualization.visualise import visualise
from imi_desktop.stimuli.visualization.weight import FixedWeight
from imi_desktop.stimuli.visualization.workshop import Workshop

NATURAL = NaturalRange(-0.2, 0.2, 0.1)


def workshop(side="max", steps=6, images=3, seed=1, network=None, name="standard", **changes):
    preset = presets.find(name).with_overrides(steps, images)
    settings = {name: changes.pop(name) for name in ("cancel", "observe") if name in changes}
    return Workshop(
        view=UnitView.of(network or tiny_network(), unit(), 224),
        side=side,
        preset=dataclasses.replace(preset, **changes),
        natural=NATURAL,
        seed=seed,
        cancel=settings.get("cancel", CancelToken()),
        **({"observe": settings["observe"]} if "observe" in settings else {}),
    )


def test_images_are_those_of_lucent():
    torch.manual_seed(42)
    _params, lucent_images = param.image(64, batch=2)
    generator = torch.Generator().manual_seed(42)
    ours = FourierImages(2, 64, generator, torch.device("cpu"))
    assert torch.equal(ours.images(), lucent_images())


@pytest.mark.parametrize("shape", [(4, 12, 3, 5), (3, 40, 2, 2)])
def test_both_similarity_kernels_equal_lucents_diversity(shape):
    features = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    lucent = -objectives.diversity("layer")(lambda _: features) * shape[0]
    flat = features.flatten(2)
    assert gram_similarity(flat) == pytest.approx(float(lucent), rel=1e-4)
    assert spatial_similarity(flat) == pytest.approx(float(lucent), rel=1e-4)


def test_both_similarity_kernels_have_the_same_gradient():
    gradients = []
    for kernel in (gram_similarity, spatial_similarity):
        features = torch.randn(4, 9, 7, generator=torch.Generator().manual_seed(1))
        features.requires_grad_(True)
        kernel(features).backward()
        gradients.append(features.grad)
    torch.testing.assert_close(gradients[0], gradients[1])


@pytest.mark.parametrize("shape", [(4, 9, 70), (3, 40, 2)])
@pytest.mark.parametrize("companions", [0, 2])
def test_the_similaritys_gradient_is_that_of_lucents_diversity(shape, companions):
    generator = torch.Generator().manual_seed(1)
    features = torch.randn(shape, generator=generator).requires_grad_(True)
    others = torch.randn(companions, *shape[1:], generator=generator)
    everybody = torch.cat([features, others])
    lucent = -objectives.diversity("layer")(lambda _: everybody[..., None]) * len(everybody)
    lucent.backward()
    found = similarity_gradient(features.detach(), others if companions else None)
    torch.testing.assert_close(found, features.grad, rtol=1e-3, atol=1e-5)


def test_warp_without_transforms_is_the_central_window():
    images = torch.rand(2, 3, 40, 40)
    still = Transforms(jitter=(1, 1), scales=(1.0,), degrees=(0,))
    warps = draw_warps(2, still, 40, 30, torch.Generator())
    torch.testing.assert_close(warp(images, warps, 30), images[:, :, 5:35, 5:35], atol=1e-4, rtol=0)


def test_jitter_shifts_towards_the_lower_right():
    images = torch.rand(1, 3, 40, 40)
    shifting = Transforms(jitter=(8, 1), scales=(1.0,), degrees=(0,))
    generator = torch.Generator().manual_seed(5)
    dx, dy = torch.randint(8, (1, 2), generator=torch.Generator().manual_seed(5))[0].tolist()
    assert (dx, dy) != (0, 0)
    seen = warp(images, draw_warps(1, shifting, 40, 40, generator), 40)
    torch.testing.assert_close(
        seen[:, :, dy:, dx:], images[:, :, : 40 - dy, : 40 - dx], atol=1e-4, rtol=0
    )
    assert not seen[:, :, :dy].any()


def test_every_image_gets_its_own_transform():
    warps = draw_warps(9, Transforms(), 256, 224, torch.Generator().manual_seed(0))
    assert len({tuple(w.flatten().tolist()) for w in warps}) == 9


@pytest.mark.parametrize("layer", ["conv1", "bn2", "relu2"])
def test_traced_cut_gives_the_networks_own_values(layer):
    module = tiny_network().module
    images = torch.randn(2, 3, 224, 224)
    expected = stopped_forward(module, layer)(images)
    cut = traced_cut(module, layer)
    torch.testing.assert_close(cut(images), expected, atol=1e-5, rtol=1e-4)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in cut.modules())
    assert not any(isinstance(m, torch.nn.Linear) for m in cut.modules())


def test_the_original_network_stays_as_it_is():
    module = tiny_network().module
    before = {name: value.clone() for name, value in module.state_dict().items()}
    traced_cut(module, "relu2")
    assert not module.relu2.inplace
    assert not module.relu1.inplace
    assert len(module._forward_hooks) == 0
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])
        assert value.is_contiguous()


def test_what_cannot_be_traced_is_stopped_by_a_hook():
    module = tiny_network(Untraceable).module
    images = torch.randn(1, 3, 224, 224)
    cut = cut_network(module, "bn2", images)
    assert cut.graph is None
    assert torch.equal(cut.forward(images), stopped_forward(module, "bn2")(images))
    assert not any(m._forward_hooks for m in module.modules())


def test_same_seed_gives_the_same_bytes_and_another_seed_others():
    first, second, other = (visualise(workshop(seed=s)).images for s in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("side", ["max", "min"])
def test_images_come_from_the_weakest_to_the_strongest_and_beat_noise(side):
    sign = 1 if side == "max" else -1
    plain = {"method": "fixed", "controller": None}
    result = visualise(workshop(side, steps=60, **plain))
    start = visualise(workshop(side, steps=1, **plain))
    assert result.images.shape == (3, 224, 224, 3)
    assert result.images.dtype == np.uint8
    assert (np.diff(sign * result.activations) >= 0).all()
    assert sign * result.activations[0] > sign * start.activations[-1]


def test_activations_are_those_of_the_original_network_for_the_final_pixels():
    network = tiny_network()
    result = visualise(workshop(network=network))
    seen = []
    network.module.bn2.register_forward_hook(lambda _m, _i, output: seen.append(output))
    network.module((torch.from_numpy(result.images).permute(0, 3, 1, 2) / 255 - 0.5) / 0.5)
    np.testing.assert_allclose(result.activations, seen[0][:, 1].mean((1, 2)).numpy(), rtol=1e-5)


def test_every_step_is_reported():
    reports = []
    visualise(workshop(steps=4, retries=0, observe=reports.append))
    assert [r.step for r in reports] == [1, 2, 3, 4]
    assert all(len(r.activations) == 3 and r.images().shape == (3, 3, 256, 256) for r in reports)


def test_cancelling_stops_at_the_next_step():
    cancel = CancelToken()
    steps = []

    def observe(report):
        steps.append(report.step)
        if report.step == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        visualise(workshop(steps=50, cancel=cancel, observe=observe))
    assert steps == [1, 2, 3]


def test_a_network_of_nan_is_reported_with_the_unit():
    network = tiny_network()
    network.module.conv2.weight[:] = float("nan")
    with pytest.raises(OptimisationError, match="tiny bn2:1 gave values that are not numbers"):
        visualise(workshop(network=network))


def test_memory_that_does_not_suffice_halves_the_batch(monkeypatch):
    expected = visualise(workshop(steps=2, images=4, retries=0)).images
    refused = []

    class Small(Tiny):
        def forward(self, x):
            if x.requires_grad and len(x) > 1:
                refused.append(len(x))
                raise torch.OutOfMemoryError
            return super().forward(x)

    network = tiny_network(Small)
    images = visualise(workshop(steps=2, images=4, retries=0, network=network)).images
    assert refused
    assert np.abs(images.astype(int) - expected).max() <= 2


def test_memory_for_not_even_one_image_is_a_sentence():
    class Tiniest(Tiny):
        def forward(self, x):
            if x.requires_grad:
                raise torch.OutOfMemoryError
            return super().forward(x)

    with pytest.raises(OptimisationError, match="not even one image"):
        visualise(workshop(network=tiny_network(Tiniest)))


def test_flat_gradients_end_a_run_after_the_minimum():
    rule = FlatGradient(AdaptiveStop(minimum_steps=20, window=10))
    assert [rule.update(1.0) for _ in range(21)] == [False] * 20 + [True]
    falling = FlatGradient(AdaptiveStop(minimum_steps=20, window=10, smoothing=0.0))
    assert not any(falling.update(0.8**step) for step in range(60))


def test_search_finds_the_largest_weight_that_keeps_the_guarantee():
    made = workshop(
        steps=3,
        name="imi-2023",
        window=224,
        stop=None,
        search=presets.DiversitySearch(bisections=3),
    )
    result = visualise(made)
    weights = [run["diversity"] for run in result.runs]
    assert weights[:2] == [0.0, 1.0]
    assert len(result.images) == 3
    worked = [run["diversity"] for run in result.runs[1:] if run["weakest"] > NATURAL.highest]
    assert result.diversity == max(worked, default=0.0)
    assert result.activations[-1] == pytest.approx(result.runs[0]["strongest"])
    assert all(run["seed"] == 42 for run in result.runs)


def test_presets_survive_json():
    for preset in presets.PRESETS:
        again = Preset.from_json(preset.to_json())
        assert again.to_json() == preset.to_json()


def test_unknown_preset_names_those_there_are():
    with pytest.raises(presets.UnknownPresetError, match="imi-2023"):
        presets.find("imi")


def test_limited_images_stay_at_the_natural_level():
    network = tiny_network()
    free = visualise(workshop(steps=24, network=network, method="fixed", controller=None))
    level = float(free.activations[0]) / 2
    made = workshop(steps=24, network=network, name="limited", diversity=0.0)
    result = visualise(dataclasses.replace(made, natural=NaturalRange(-level, level, 0.1)))
    assert result.missed == 0
    assert (result.activations >= level).all()
    assert result.activations[-1] < free.activations[-1]
    assert all(step < 24 for step in result.runs[0]["halted_at"])


def test_maco_keeps_the_natural_magnitudes():
    random = np.random.default_rng(0)
    natural = [random.integers(60, 190, (256, 256, 3), np.uint8) for _ in range(2)]
    magnitudes = natural_magnitudes(natural, 256)
    made = dataclasses.replace(workshop(steps=4, name="maco"), magnitudes=magnitudes)
    optimisation = made.begin(2, 1)
    before = optimisation.current()
    optimisation.run(4, FixedWeight(0.0), CancelToken(), lambda _report: None)
    after = optimisation.current()
    assert not torch.allclose(before, after)
    inverse = torch.linalg.inv(torch.tensor(color_correlation_normalized.T))
    colours = torch.logit(after).permute(0, 2, 3, 1) @ inverse
    found = torch.fft.rfft2(colours.permute(0, 3, 1, 2), norm="ortho").abs()
    inner = found[:, :, 1:128, 1:128]
    torch.testing.assert_close(
        inner, magnitudes[None, :, 1:128, 1:128].expand_as(inner), rtol=1e-2, atol=1e-3
    )


def test_clamping_in_place_has_the_values_and_gradient_of_relu6():
    values = torch.linspace(-3, 9, 25)
    gradients = []
    for activation in (torch.nn.ReLU6(), ClampInPlace()):
        x = values.clone().requires_grad_(True)
        y = activation(x * 1)
        y.square().sum().backward()
        gradients.append((y.detach(), x.grad))
    assert torch.equal(gradients[0][0], gradients[1][0])
    assert torch.equal(gradients[0][1], gradients[1][1])


@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (5, 2), (5, 1), (3, 3)])
@pytest.mark.parametrize("size", [16, 17])
def test_same_padding_without_copies_gives_the_same_values(kernel, stride, size):
    original = Conv2dSame(6, 6, kernel, stride=stride, groups=6)
    x = torch.randn(2, 6, size, size)
    torch.testing.assert_close(SameConvolution(original)(x), original(x))
