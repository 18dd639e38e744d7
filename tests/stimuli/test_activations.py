"""Activations of real images are what an independent computation gives, and survive a kill."""

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from imi_desktop.models.loading import load_network
from imi_desktop.stimuli.activation_table import ActivationTable, table_path
from imi_desktop.stimuli.activations import record_activations
from imi_desktop.stimuli.exemplars import borowski_batches
from imi_desktop.stimuli.image_folder import ImageFolder, index_folder

LITE_LAYERS = ["blocks.0.0.conv_dw", "blocks.3.1", "conv_head", "classifier"]


@pytest.fixture(scope="module")
def lite():
    return load_network("efficientnet_lite0", device="cpu")


@pytest.fixture(scope="module")
def sample(imagenet_sample) -> ImageFolder:
    """300 images over all classes of the sample."""
    whole = index_folder(imagenet_sample)
    chosen = np.linspace(0, len(whole.files) - 1, 300).astype(int)
    return ImageFolder(whole.root, tuple(whole.files[i] for i in chosen))


@pytest.fixture(scope="module")
def recorded(lite, sample, tmp_path_factory):
    """Study folder with the activations of the default model."""
    study = tmp_path_factory.mktemp("study")
    reports = []
    layers = [lite.layer(name) for name in LITE_LAYERS]
    result = record_activations(lite, sample, layers, study, progress=reports.append)
    return study, result, reports


def few_images(sample: ImageFolder, n: int) -> ImageFolder:
    return ImageFolder(sample.root, sample.files[:n])


def independent(module, folder, layer_outputs, mean, std):
    """Spatial means with the library's own network, transforms and hooks, one image at a time."""
    transform = v2.Compose(
        [
            v2.Resize(256),
            v2.CenterCrop(224),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean, std),
        ]
    )
    seen = {}
    for name, axes in layer_outputs.items():
        module.get_submodule(name).register_forward_hook(
            lambda m, i, o, name=name, axes=axes: seen.setdefault(name, []).append(
                o.mean(axes).flatten() if axes else o.flatten()
            )
        )
    with torch.inference_mode():
        for file in folder.files:
            image = Image.open(folder.file(file.path)).convert("RGB")
            module(transform(image)[None])
    return {name: torch.stack(values).numpy() for name, values in seen.items()}


class TestRealImages:
    def test_the_default_model_names_what_is_in_the_images(self, recorded, sample):
        """Its published accuracy; the wrong normalisation would lose seven per cent."""
        from timm.data import ImageNetInfo

        study, *_ = recorded
        class_of = {name: i for i, name in enumerate(ImageNetInfo().label_names())}
        logits = ActivationTable.read(study, "efficientnet_lite0", "classifier")
        expected = [class_of[path.split("_")[0]] for path in logits.images]
        right = (logits.all_units().argmax(1) == expected).mean()
        assert right > 0.85

    def test_exemplars_are_those_of_an_independent_computation(self, recorded, sample, lite):
        import timm

        study, *_ = recorded
        module = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
        module.load_state_dict(lite.module.state_dict())
        outputs = {"blocks.3.1": (2, 3), "conv_head": (2, 3)}
        expected = independent(module, few_images(sample, 200), outputs, [0.5] * 3, [0.5] * 3)
        for layer, channels in (("blocks.3.1", range(0, 80, 7)), ("conv_head", range(0, 1280, 99))):
            table = ActivationTable.read(study, "efficientnet_lite0", layer)
            for channel in channels:
                ours, theirs = table.unit(channel)[:200], expected[layer][:, channel]
                assert np.allclose(ours, theirs, atol=2e-5, rtol=1e-4)
                mine = borowski_batches(ours, 9, 10, seed=1)
                independent_batches = borowski_batches(theirs, 9, 10, seed=1)
                assert (mine.max[:, -1] == independent_batches.max[:, -1]).all()
                assert set(mine.max.ravel()) == set(independent_batches.max.ravel())

    def test_tables_hold_every_image_in_order(self, recorded, sample):
        study, result, reports = recorded
        table = ActivationTable.read(study, "efficientnet_lite0", "blocks.3.1")
        assert table.images == [file.path for file in sample.files]
        assert table.channels == tuple(range(80))
        assert table.unit(17).dtype == np.float32
        assert (table.all_units()[:, 17] == table.unit(17)).all()
        assert (result.n_images, result.excluded, result.layers) == (300, {}, tuple(LITE_LAYERS))
        assert table.dataset == sample.fingerprint
        recording = [r for r in reports if r.stage == "Recording activations"]
        assert (recording[0].done, recording[-1].done, recording[-1].total) == (0, 300, 300)
        assert recording[-1].data["images_per_second"] > 0

    def test_columns_are_named_after_channels(self, recorded):
        study, *_ = recorded
        schema = pq.read_schema(table_path(study, "efficientnet_lite0", "conv_head"))
        assert schema.names[:3] == ["image", "c0", "c1"]
        assert schema.names[-1] == "c1279"

    def test_what_is_recorded_is_not_recorded_again(self, recorded, sample, lite):
        study, *_ = recorded
        layers = [lite.layer(name) for name in LITE_LAYERS]
        before = table_path(study, lite.name, "conv_head").stat().st_mtime_ns
        assert record_activations(lite, sample, layers, study).layers == ()
        assert table_path(study, lite.name, "conv_head").stat().st_mtime_ns == before

    @pytest.mark.parametrize(
        ("model", "outputs"),
        [
            ("googlenet", {"inception3a": (2, 3), "inception4d": (2, 3)}),
            ("resnet50", {"layer1.0.conv1": (2, 3), "layer3.5.bn3": (2, 3)}),
            (
                "vit_b_32",
                {
                    "encoder.layers.encoder_layer_1.ln_1": (1,),
                    "encoder.layers.encoder_layer_5.mlp.3": (1,),
                },
            ),
            (
                "convnext_base",
                {
                    "features.1.0": (2, 3),
                    "features.1.1.block.3": (1, 2),
                    "features.3.1.block.2": (1, 2),
                },
            ),
        ],
    )
    def test_other_architectures_with_random_weights(self, sample, tmp_path, model, outputs):
        import torchvision

        network = load_network(f"random:{model}", device="cpu", seed=1)
        folder = few_images(sample, 8)
        record_activations(network, folder, [network.layer(n) for n in outputs], tmp_path)
        options = {"aux_logits": False, "init_weights": False, "transform_input": True}
        module = torchvision.models.get_model(
            model, weights=None, **(options if model == "googlenet" else {})
        ).eval()
        module.load_state_dict(network.module.state_dict())
        for part in module.modules():
            if hasattr(part, "inplace"):
                part.inplace = False
        mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
        expected = independent(module, folder, outputs, mean, std)
        for name in outputs:
            ours = ActivationTable.read(tmp_path, network.name, name).all_units()
            scale = np.abs(expected[name]).max()
            assert np.allclose(ours, expected[name], atol=1e-5 * scale, rtol=1e-3)
            alive = [c for c in range(0, ours.shape[1], 41) if np.ptp(ours[:, c]) > 0]
            assert alive
            for channel in alive:
                mine = borowski_batches(ours[:, channel], 1, 2).max
                assert (mine == borowski_batches(expected[name][:, channel], 1, 2).max).all()
