"""Recording goes on after interruptions, sees what has changed, and tells what goes wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from imi_desktop.models.collecting import LayerCollector
from imi_desktop.models.errors import NonFiniteOutputError
from imi_desktop.models.loading import load_network
from imi_desktop.progress import Cancelled, CancelToken
from imi_desktop.stimuli.activation_table import ActivationsError, ActivationTable, table_path
from imi_desktop.stimuli.activations import NoImagesLeftError, record_activations
from imi_desktop.stimuli.image_folder import ImageFolder, index_folder


def noise_folder(root: Path, n: int, size: int = 40) -> ImageFolder:
    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for number in range(n):
        pixels = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / f"{number:03d}.png")
    return index_folder(root)


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
