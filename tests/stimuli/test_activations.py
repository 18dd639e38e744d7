"""Activations of real images are what an independent computation gives, and survive a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from imi_desktop.models.collecting import LayerCollector
from imi_desktop.models.errors import NonFiniteOutputError
from imi_desktop.models.loading import load_network
from imi_desktop.progress import Cancelled, CancelToken
from imi_desktop.stimuli.activation_table import ActivationsError, ActivationTable, table_path
from imi_desktop.stimuli.activations import NoImagesLeftError, record_activations
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


def noise_folder(root: Path, n: int, size: int = 40) -> ImageFolder:
    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for number in range(n):
        pixels = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / f"{number:03d}.png")
    return index_folder(root)


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


@pytest.fixture(scope="module")
def small():
    return _small_network()


def _small_network():
    from imi_desktop.models.loading import describe

    describe("random:squeezenet1_1")
    return load_network("random:squeezenet1_1", device="cpu")


def layers_of(network, *names):
    return [network.layer(name) for name in names]


class TestInterruptions:
    def test_stopped_work_goes_on_where_it_was(self, small, tmp_path):
        folder = noise_folder(tmp_path / "images", 24)
        layers = layers_of(small, "features.0", "features.3.squeeze")
        whole = tmp_path / "whole"
        record_activations(small, folder, layers, whole, batch_size=2)

        cancel, done = CancelToken(), []

        def stop_halfway(report):
            done.append(report.done)
            if report.done >= 12:
                cancel.cancel()

        study = tmp_path / "study"
        with pytest.raises(Cancelled):
            record_activations(
                small, folder, layers, study, batch_size=2, progress=stop_halfway, cancel=cancel
            )
        assert not list(study.glob("activations/*/*.parquet"))
        record_activations(small, folder, layers, study, batch_size=2)
        for layer in layers:
            tables = [ActivationTable.read(s, small.name, layer.name) for s in (whole, study)]
            assert tables[0].images == tables[1].images
            assert (tables[0].all_units() == tables[1].all_units()).all()

    def test_whole_chunks_are_not_computed_again(self, small, tmp_path, monkeypatch):
        monkeypatch.setattr("imi_desktop.stimuli.activations._CHUNK_IMAGES", 8)
        folder = noise_folder(tmp_path / "images", 24)
        layers = layers_of(small, "features.0")
        cancel = CancelToken()

        def stop(report):
            if report.done >= 18:
                cancel.cancel()

        with pytest.raises(Cancelled):
            record_activations(
                small, folder, layers, tmp_path, batch_size=2, progress=stop, cancel=cancel
            )
        reports = []
        record_activations(small, folder, layers, tmp_path, batch_size=2, progress=reports.append)
        assert reports[0].done == 16

    @pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
    def test_a_kill_leaves_no_half_table(self, small, tmp_path):
        noise_folder(tmp_path / "images", 40)
        script = """
import json, sys, time
from pathlib import Path
from imi_desktop.models.loading import describe, load_network
from imi_desktop.stimuli import activations
from imi_desktop.stimuli.image_folder import index_folder
activations._CHUNK_IMAGES = 8
images, study = Path(sys.argv[1]), Path(sys.argv[2])
describe("random:squeezenet1_1")
network = load_network("random:squeezenet1_1", device="cpu")
def report(progress):
    print(json.dumps([progress.stage, progress.done]), flush=True)
    time.sleep(0.05)
activations.record_activations(
    network, index_folder(images), [network.layer("features.0")], study,
    progress=report, batch_size=4)
"""
        command = [sys.executable, "-c", script, str(tmp_path / "images"), str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            if json.loads(line)[1] >= 20:
                break
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()
        assert not list(tmp_path.glob("activations/*/*.parquet"))
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout.splitlines()[0]) == ["Recording activations", 16]
        assert ActivationTable.read(tmp_path, small.name, "features.0").n_images == 40
        assert not list(tmp_path.glob("activations/*/.recording*"))

    def test_stopping_does_not_wait_for_the_rest(self, small, tmp_path):
        folder = noise_folder(tmp_path / "images", 16)
        cancel = CancelToken()
        stopped_at = []

        def stop(report):
            if report.done >= 4 and not stopped_at:
                cancel.cancel()
                stopped_at.append(time.monotonic())

        with pytest.raises(Cancelled):
            record_activations(
                small,
                folder,
                layers_of(small, "features.0"),
                tmp_path,
                progress=stop,
                cancel=cancel,
                batch_size=2,
            )
        assert time.monotonic() - stopped_at[0] < 3


class TestChanges:
    def test_other_images_or_weights_are_recorded_anew(self, small, tmp_path):
        folder = noise_folder(tmp_path / "images", 6)
        layers = layers_of(small, "features.0")
        record_activations(small, folder, layers, tmp_path)
        smaller = folder.without({"000.png": "left out"})
        assert record_activations(small, smaller, layers, tmp_path).n_images == 5
        other = load_network("random:squeezenet1_1", device="cpu", seed=1)
        assert record_activations(other, smaller, layers, tmp_path).layers == ("features.0",)

    def test_some_channels_only(self, small, tmp_path):
        folder = noise_folder(tmp_path / "images", 4)
        layers = layers_of(small, "features.0")
        record_activations(small, folder, layers, tmp_path, channels={"features.0": [9, 3]})
        table = ActivationTable.read(tmp_path, small.name, "features.0")
        assert table.channels == (3, 9)
        with pytest.raises(ActivationsError, match=r"Channel 4 .* 2 channels between 3 and 9"):
            table.unit(4)
        chosen = table.unit(9)
        record_activations(small, folder, layers, tmp_path)
        assert (ActivationTable.read(tmp_path, small.name, "features.0").unit(9) == chosen).all()

    def test_images_that_became_unreadable_are_left_out_with_the_reason(self, small, tmp_path):
        folder = noise_folder(tmp_path / "images", 10)
        folder.write(tmp_path / "dataset.csv")
        (tmp_path / "images" / "003.png").unlink()
        (tmp_path / "images" / "005.png").write_bytes(b"now something else")
        result = record_activations(small, folder, layers_of(small, "features.0"), tmp_path)
        assert result.excluded == {
            "003.png": "No such file or directory",
            "005.png": "its content has changed since the folder was indexed",
        }
        table = ActivationTable.read(tmp_path, small.name, "features.0")
        assert table.n_images == result.n_images == 8
        again = ImageFolder.read(tmp_path / "dataset.csv", folder.root)
        assert again.fingerprint == table.dataset == result.folder.fingerprint
        assert {f.path for f in again.unusable} == set(result.excluded)
        layers = layers_of(small, "features.0")
        assert record_activations(small, again, layers, tmp_path).layers == ()

    def test_no_image_left(self, small, tmp_path):
        folder = noise_folder(tmp_path / "images", 3)
        for file in folder.files:
            folder.file(file.path).unlink()
        with pytest.raises(NoImagesLeftError, match=r"None of the 3 images .* could be read"):
            record_activations(small, folder, layers_of(small, "features.0"), tmp_path)


class TestThingsThatGoWrong:
    def test_a_network_of_nan_is_named_with_its_layer(self, tmp_path):
        network = _small_network()
        network.module.features[3].squeeze.bias.fill_(float("nan"))
        folder = noise_folder(tmp_path / "images", 3)
        layers = layers_of(network, "features.0", "features.3.squeeze", "features.12")
        with pytest.raises(NonFiniteOutputError, match=r"first in layer features\.3\.squeeze"):
            record_activations(network, folder, layers, tmp_path)

    @pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="root writes everywhere")
    def test_a_read_only_study(self, small, tmp_path):
        from imi_desktop.errors import StorageError

        folder = noise_folder(tmp_path / "images", 3)
        study = tmp_path / "study"
        study.mkdir(mode=0o500)
        with pytest.raises(StorageError, match=str(study)):
            record_activations(small, folder, layers_of(small, "features.0"), study)

    def test_a_full_disk(self, small, tmp_path, monkeypatch):
        from imi_desktop.errors import StorageError

        folder = noise_folder(tmp_path / "images", 3)

        def full(descriptor):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("imi_desktop.atomic.os.fsync", full)
        with pytest.raises(StorageError, match="No space left on device"):
            record_activations(small, folder, layers_of(small, "features.0"), tmp_path)

    def test_memory_that_does_not_suffice_halves_the_batch(self, small, tmp_path, monkeypatch):
        folder = noise_folder(tmp_path / "images", 8)
        layers = layers_of(small, "features.0")
        record_activations(small, folder, layers, tmp_path / "a")
        sizes = []
        run = LayerCollector.run

        def tight(collector, inputs):
            sizes.append(len(inputs))
            if len(inputs) > 2:
                raise torch.OutOfMemoryError("too much")
            return run(collector, inputs)

        monkeypatch.setattr(LayerCollector, "run", tight)
        record_activations(small, folder, layers, tmp_path / "b", batch_size=8)
        assert max(sizes) == 8
        assert sizes.count(2) == 4
        tables = [
            ActivationTable.read(tmp_path / s, small.name, "features.0").all_units() for s in "ab"
        ]
        assert np.allclose(*tables, atol=1e-6)

    def test_tables_that_cannot_be_used(self, small, tmp_path):
        with pytest.raises(ActivationsError, match="have not been recorded yet"):
            ActivationTable.read(tmp_path, small.name, "features.0")
        path = table_path(tmp_path, small.name, "features.0")
        path.parent.mkdir(parents=True)
        path.write_bytes(b"not a table")
        with pytest.raises(ActivationsError, match="damaged"):
            ActivationTable.read(tmp_path, small.name, "features.0")
        folder = noise_folder(tmp_path / "images", 3)
        record_activations(small, folder, layers_of(small, "features.0"), tmp_path)
        path.rename(table_path(tmp_path, small.name, "features.3.squeeze"))
        with pytest.raises(ActivationsError, match="holds the activations of"):
            ActivationTable.read(tmp_path, small.name, "features.3.squeeze")
