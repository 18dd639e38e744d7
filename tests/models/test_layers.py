"""Layers are found where the papers measured, with the right channels, order and values."""

import pytest
import torch
from torch import nn

from imi_desktop.models import catalogue
from imi_desktop.models.architectures import build
from imi_desktop.models.channels import channels_first, spatial_mean, unit_map
from imi_desktop.models.featured import FEATURED
from imi_desktop.models.layer_tables import layer_of, layers_of
from imi_desktop.models.loading import describe, load_network
from imi_desktop.models.torchvision_index import torchvision_index
from imi_desktop.models.tracing import trace_layers
from imi_desktop.models.unit import Layer


@pytest.mark.parametrize("entry", [e for e in FEATURED if not e.layers_from], ids=lambda e: e.name)
def test_packaged_tables_are_what_the_networks_have(entry):
    with torch.device("meta"):
        traced = trace_layers(entry, build(entry))
    packaged = layers_of(entry.name)
    assert [(x.name, x.kind, x.channels, x.channel_axis, x.of_interest) for x in traced] == [
        (x.name, x.kind, x.channels, x.channel_axis, x.of_interest) for x in packaged
    ]
    assert [x.relative_depth for x in packaged] == sorted(x.relative_depth for x in packaged)
    assert (packaged[0].relative_depth, packaged[-1].relative_depth) == (0, 1)


def test_the_packaged_list_of_torchvision_is_that_of_the_installed_one():
    index = torchvision_index()
    others = {e.name: e for e in catalogue.entries() if e.source == "torchvision"}
    for name, row in index.items():
        assert name in others
        if not others[name].published:
            assert others[name].preprocessing.model_dump(mode="json") == row["preprocessing"]


@pytest.mark.parametrize(
    ("model", "n_layers", "examples", "never"),
    [
        (
            "resnet50",
            16 * 7,
            ["layer1.0.conv1", "layer4.2.bn3", "layer2.1.shortcut"],
            ["conv1", "bn1", "layer1.0.downsample.0", "layer1.0.relu1", "fc"],
        ),
        ("googlenet", 9, ["inception3a", "inception5b"], ["conv1.conv", "fc"]),
        ("inceptionv1", 54, ["mixed3a_1x1_pre_relu_conv"], ["conv2d0_pre_relu_conv", "mixed3a"]),
        (
            "densenet201",
            4 * 98 + 6,
            ["features.denseblock1.denselayer1.norm1", "features.transition3.conv"],
            ["features.conv0", "features.norm5"],
        ),
        (
            "vit_b_32",
            12 * 4,
            ["encoder.layers.encoder_layer_0.ln_1", "encoder.layers.encoder_layer_11.mlp.3"],
            ["conv_proj", "encoder.ln", "encoder.layers.encoder_layer_0.mlp.1"],
        ),
        ("vit_b_32_clip", 12 * 4, ["blocks.0.norm1", "blocks.11.mlp.fc2"], ["patch_embed.proj"]),
        (
            "convnext_base",
            36 * 5,
            ["features.1.0", "features.5.26.block.0", "features.7.2.block.5"],
            ["features.0.0", "features.2.1", "features.1.0.block.4"],
        ),
        ("wide_resnet50_2", 16 * 7, ["layer1.0.conv2"], ["conv1"]),
        ("resnet50_clip", 16 * 5, ["stages.0.0.conv1_1x1.conv", "stages.3.2"], ["stem.conv1.conv"]),
        (
            "efficientnet_lite0",
            73,
            ["blocks.0.0.conv_dw", "blocks.3.1", "blocks.6.0.conv_pwl", "conv_head"],
            ["conv_stem", "bn1", "blocks.3.1.bn1", "classifier"],
        ),
    ],
)
def test_layers_of_interest_follow_the_published_rules(model, n_layers, examples, never):
    interest = {layer.name for layer in layers_of(model) if layer.of_interest}
    assert len(interest) == n_layers
    assert interest >= set(examples)
    assert not interest & set(never)


@pytest.mark.parametrize(
    ("model", "layer", "channels", "axis"),
    [
        ("resnet50", "layer3.5.conv3", 1024, 1),
        ("convnext_base", "features.1.0.block.3", 512, -1),
        ("convnext_base", "features.1.0.block.0", 128, 1),
        ("convnext_base", "features.1.0", 128, 1),
        ("vit_b_32", "encoder.layers.encoder_layer_3.mlp.0", 3072, -1),
        ("googlenet", "inception4e", 832, 1),
        ("densenet201", "features.transition1.conv", 128, 1),
    ],
)
def test_channels_and_their_place(model, layer, channels, axis):
    found = layer_of(model, layer)
    assert (found.channels, found.channel_axis) == (channels, axis)


def test_branches_of_googlenet():
    block = layer_of("googlenet", "inception3a")
    assert block.branches == (("1x1", 64), ("3x3", 128), ("5x5", 32), ("pool", 32))
    assert [block.branch_of(c) for c in (0, 63, 64, 192, 255, 256)] == [
        "1x1",
        "1x1",
        "3x3",
        "5x5",
        "pool",
        None,
    ]
    assert layer_of("googlenet", "inception3a.branch4.1.relu").branch == "pool"


def image_batch(network, n=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 3, network.input_size, network.input_size, generator=generator)


class TestValues:
    """What a layer puts out is what the same network of the library computes there."""

    def test_a_resnet_block_is_measured_before_its_relu(self):
        network = load_network("random:resnet18", device="cpu")
        names = ["layer1.0.relu1", "layer1.0.bn2", "layer1.0.shortcut", "layer1.0"]
        layers = [network.layer(name) for name in names]
        seen = {}
        handle = network.module.maxpool.register_forward_hook(
            lambda m, i, o: seen.setdefault("x", o)
        )
        with torch.inference_mode():
            out = network.capture(layers, image_batch(network))
        handle.remove()
        shortcut = out["layer1.0.bn2"] + seen["x"]
        assert torch.equal(out["layer1.0.shortcut"], shortcut)
        assert shortcut.min() < 0
        assert torch.equal(out["layer1.0"], shortcut.clamp(min=0))

    @pytest.mark.parametrize("name", ["resnet18", "googlenet"])
    def test_the_networks_compute_what_torchvisions_do(self, name):
        import torchvision

        network = load_network(f"random:{name}", device="cpu", seed=3)
        options = {"aux_logits": False, "init_weights": False, "transform_input": True}
        reference = torchvision.models.get_model(
            name, weights=None, **(options if name == "googlenet" else {})
        ).eval()
        reference.load_state_dict(network.module.state_dict())
        images = image_batch(network)
        with torch.inference_mode():
            assert torch.equal(network.module(images), reference(images))

    def test_inceptionv1_computes_what_lucents_does(self):
        from lucent.modelzoo.inceptionv1.InceptionV1 import InceptionV1

        network = load_network("random:inceptionv1", device="cpu")
        reference = InceptionV1(pretrained=False, redirected_ReLU=False).eval()
        reference.load_state_dict(network.module.state_dict())
        seen = {}
        branches = ["1x1", "3x3", "5x5", "pool_reduce"]
        for branch in branches:
            reference.get_submodule(f"mixed4b_{branch}_pre_relu_conv").register_forward_hook(
                lambda m, i, o, branch=branch: seen.setdefault(branch, o)
            )
        images = image_batch(network) * 60
        with torch.inference_mode():
            probabilities = reference(images)
            block = network.capture([network.layer("mixed4b")], images)["mixed4b"]
            assert torch.allclose(network.module(images).softmax(1), probabilities, atol=1e-6)
        assert torch.allclose(block, torch.cat([seen[b] for b in branches], 1), atol=1e-4)
        assert block.min() < 0

    def test_the_crop_of_2023_is_a_choice_of_its_own_on_the_same_layers(self):
        small, large = (load_network(f"random:{name}", device="cpu", seed=2)
                        for name in ("inceptionv1", "inceptionv1_229"))  # fmt: skip
        assert (small.input_size, large.input_size) == (224, 229)
        assert large.layers == small.layers
        assert large.fingerprint == small.fingerprint
        assert "2023" in large.entry.preprocessing_source
        assert "2021" in small.entry.preprocessing_source
        with torch.inference_mode():
            images = image_batch(large, 1)
            assert large.module(images).shape == (1, 1008)

    def test_nothing_is_overwritten_in_place(self):
        for name in ("densenet121", "googlenet"):
            describe(f"random:{name}")
            network = load_network(f"random:{name}", device="cpu")
            layers = network.layers
            with torch.inference_mode():
                images = image_batch(network, n=1)
                first = network.capture(layers, images, lambda o, _: o.clone())
                kept = network.capture(layers, images)
                network.module(images)
            assert all(torch.equal(first[name], kept[name]) for name in first)

    def test_a_pass_ends_at_the_last_layer_asked_for(self):
        network = load_network("random:resnet18", device="cpu")
        reached = []
        network.module.layer3.register_forward_hook(lambda *_: reached.append(1))
        with torch.inference_mode():
            network.capture([network.layer("layer1.0.conv1")], image_batch(network))
        assert not reached

    def test_weights_are_frozen(self):
        network = load_network("random:resnet18", device="cpu")
        assert not network.module.training
        assert not any(p.requires_grad for p in network.module.parameters())


class TestMeans:
    def test_images_channels_first_and_last(self):
        values = torch.randn(2, 5, 4, 4)
        first = Layer("a", "convolution", 5, None, 0.0)
        last = Layer("b", "linear", 5, None, 0.0, channel_axis=-1)
        expected = values.flatten(2).mean(2)
        assert torch.allclose(spatial_mean(values, first), expected, atol=1e-6)
        moved = values.movedim(1, -1)
        assert torch.allclose(spatial_mean(moved, last), expected, atol=1e-6)
        assert torch.equal(unit_map(moved, last, 3), values[:, 3])
        assert torch.equal(channels_first(moved, last), values)

    def test_every_token_counts_the_class_token_too(self):
        network = load_network("random:vit_b_32", device="cpu")
        layer = network.layer("encoder.layers.encoder_layer_0.ln_1")
        with torch.inference_mode():
            output = network.capture([layer], image_batch(network, 1))[layer.name]
        assert output.shape == (1, 7 * 7 + 1, 768)
        assert torch.allclose(spatial_mean(output, layer), output.mean(1))

    def test_flat_outputs_are_taken_as_they_are(self):
        layer = Layer("fc", "linear", 5, None, 1.0)
        values = torch.randn(2, 5)
        assert torch.equal(spatial_mean(values, layer), values)


class TestRandomWeights:
    def test_the_seed_decides_them(self):
        prints = [
            load_network("random:resnet18", device="cpu", seed=seed).fingerprint
            for seed in (1, 1, 2)
        ]
        assert prints[0] == prints[1] != prints[2]

    def test_the_global_generator_is_left_alone(self):
        torch.manual_seed(5)
        expected = torch.rand(3)
        torch.manual_seed(5)
        load_network("random:resnet18", device="cpu")
        assert torch.equal(torch.rand(3), expected)


def test_a_module_called_twice_or_without_channels_is_no_layer():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)
            self.head = nn.Linear(3, 2)
            self.relu = nn.ReLU()

        def forward(self, x):
            x = self.relu(self.conv(x))
            return self.head(self.relu(x).mean((2, 3)))

    entry = catalogue.find("resnet18")
    assert [layer.name for layer in trace_layers(entry, Twice())] == ["conv", "head"]
