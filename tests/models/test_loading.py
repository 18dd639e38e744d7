"""Weights are read safely, and every file that does not fit gets a sentence."""

import os

import pytest
import torch
from safetensors.torch import save_file

from imi_desktop.models import catalogue
from imi_desktop.models.architectures import build
from imi_desktop.models.entry import ModelEntry, Weights
from imi_desktop.models.errors import (
    DeviceError,
    UnknownLayerError,
    UnknownModelError,
    WeightsError,
    WeightsMissingError,
)
from imi_desktop.models.loading import describe, load_network
from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.models.unit import Unit
from imi_desktop.models.weights import load_weights
from imi_desktop.models.weights_files import download_weights, find_weights
from imi_desktop.progress import Cancelled, CancelToken

SMALL = "squeezenet1_1"


@pytest.fixture(autouse=True)
def described():
    describe(SMALL)


@pytest.fixture
def state():
    return build(catalogue.find(SMALL), seed=9).state_dict()


def loads(path, state):
    network = load_network(SMALL, device="cpu", weights=path)
    return all(torch.equal(network.module.state_dict()[name], state[name]) for name in state)


class TestFiles:
    def test_a_state_dict(self, tmp_path, state):
        torch.save(state, tmp_path / "w.pth")
        assert loads(tmp_path / "w.pth", state)

    def test_safetensors(self, tmp_path, state):
        save_file(state, tmp_path / "w.safetensors")
        assert loads(tmp_path / "w.safetensors", state)

    @pytest.mark.parametrize("key", ["state_dict", "model"])
    def test_a_checkpoint_around_a_state_dict(self, tmp_path, state, key):
        torch.save({key: state, "epoch": 3, "optimizer": {"lr": 0.1}}, tmp_path / "w.ckpt")
        assert loads(tmp_path / "w.ckpt", state)

    def test_names_of_data_parallel(self, tmp_path, state):
        torch.save({f"module.{name}": value for name, value in state.items()}, tmp_path / "w.pth")
        assert loads(tmp_path / "w.pth", state)

    def test_the_robust_checkpoint_of_2023(self, tmp_path, monkeypatch):
        robust = build(catalogue.find("resnet50_robust_l2"), seed=2).state_dict()
        wrapped = {f"module.model.{name}": value for name, value in robust.items()}
        wrapped |= {f"module.attacker.model.{name}": value for name, value in robust.items()}
        wrapped["module.normalizer.new_mean"] = torch.zeros(3, 1, 1)
        torch.save({"model": wrapped, "epoch": 105}, tmp_path / "resnet50_l2_eps3.ckpt")
        monkeypatch.setenv("IMI_WEIGHTS", str(tmp_path))
        network = load_network("resnet50_robust_l2", device="cpu")
        assert torch.equal(network.module.layer4[2].conv3.weight, robust["layer4.2.conv3.weight"])
        assert network.weights_file == tmp_path / "resnet50_l2_eps3.ckpt"

    def test_old_names_of_densenet_and_vit(self, tmp_path):
        entry = catalogue.find("densenet121")
        module = build(entry, seed=1)
        old = {
            name.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): value
            for name, value in module.state_dict().items()
        }
        torch.save(old, tmp_path / "old.pth")
        load_weights(build(entry, seed=2), entry, tmp_path / "old.pth")
        entry = catalogue.find("vit_b_32")
        old = {
            name.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."): value
            for name, value in build(entry, seed=1).state_dict().items()
        }
        torch.save(old, tmp_path / "old.pth")
        load_weights(build(entry, seed=2), entry, tmp_path / "old.pth")

    def test_weights_used_only_in_training_are_left_out(self, tmp_path):
        import torchvision

        full = torchvision.models.googlenet(weights=None, aux_logits=True, init_weights=False)
        torch.save(full.state_dict(), tmp_path / "w.pth")
        network = load_network("googlenet", device="cpu", weights=tmp_path / "w.pth")
        assert torch.equal(
            network.module.inception3a.branch1.conv.weight, full.inception3a.branch1.conv.weight
        )


class RunsCode:
    def __reduce__(self):
        return (os.system, ("exit 0",))


class TestFilesThatDoNotFit:
    def message(self, path):
        with pytest.raises(WeightsError) as caught:
            load_network(SMALL, device="cpu", weights=path)
        assert str(path) in caught.value.sentence
        assert caught.value.sentence.endswith(".")
        return caught.value.sentence

    def test_another_architecture_names_the_parameters(self, tmp_path):
        torch.save(build(catalogue.find("densenet121")).state_dict(), tmp_path / "w.pth")
        text = self.message(tmp_path / "w.pth")
        assert f"does not belong to {SMALL}" in text
        assert "features.0.weight" in text
        assert "features.conv0.weight" in text

    def test_other_widths_are_given(self, tmp_path, state):
        state["classifier.1.weight"] = torch.zeros(10, 512, 1, 1)
        state["classifier.1.bias"] = torch.zeros(10)
        torch.save(state, tmp_path / "w.pth")
        assert "classifier.1.weight 10×512×1×1 instead of 1000×512×1×1" in self.message(
            tmp_path / "w.pth"
        )

    def test_missing_parameters_are_named(self, tmp_path, state):
        del state["features.3.squeeze.weight"]
        torch.save(state, tmp_path / "w.pth")
        assert "1 of its parameters are missing (features.3.squeeze.weight)" in self.message(
            tmp_path / "w.pth"
        )

    def test_code_is_never_run(self, tmp_path, state):
        torch.save({"state_dict": state, "extra": RunsCode()}, tmp_path / "w.pth")
        assert "contains code" in self.message(tmp_path / "w.pth")

    def test_a_whole_pickled_network(self, tmp_path):
        torch.save(build(catalogue.find(SMALL)), tmp_path / "w.pth")
        assert "contains code" in self.message(tmp_path / "w.pth")

    @pytest.mark.filterwarnings("ignore:.torch.jit:FutureWarning")
    def test_a_script_archive(self, tmp_path):
        torch.jit.script(torch.nn.Linear(2, 2)).save(str(tmp_path / "w.pt"))
        assert "contains code" in self.message(tmp_path / "w.pt")

    @pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
    @pytest.mark.parametrize("content", [b"", b"not weights at all", b"PK\x03\x04" + b"\0" * 99])
    def test_no_weights_file(self, tmp_path, name, content):
        (tmp_path / name).write_bytes(content)
        assert "not a weights file" in self.message(tmp_path / name)

    def test_a_torn_file(self, tmp_path, state):
        torch.save(state, tmp_path / "w.pth")
        whole = (tmp_path / "w.pth").read_bytes()
        (tmp_path / "w.pth").write_bytes(whole[: len(whole) // 2])
        assert "not a weights file" in self.message(tmp_path / "w.pth")

    @pytest.mark.parametrize("content", [torch.zeros(3), {"a": 1}, {"state_dict": {"a": 1}}, {}])
    def test_no_weights_by_name(self, tmp_path, content):
        torch.save(content, tmp_path / "w.pth")
        assert "Save network.state_dict()" in self.message(tmp_path / "w.pth")

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(WeightsMissingError, match=r"no weights file .*gone\.pth"):
            load_network(SMALL, device="cpu", weights=tmp_path / "gone.pth")


class TestWhereWeightsAre:
    def test_the_default_model_brings_its_weights(self):
        network = load_network("efficientnet_lite0", device="cpu")
        assert network.weights_file.suffix == ".pth"
        assert network.check_unit(Unit("efficientnet_lite0", "conv_head", 1279)).channels == 1280
        with pytest.raises(UnknownLayerError):
            network.submodule("nowhere")

    def test_missing_weights_say_what_goes_where(self, monkeypatch):
        monkeypatch.setenv("TORCH_HOME", "/nonexistent")
        with pytest.raises(WeightsMissingError, match=r"squeezenet1_1-b8a52dc0\.pth into .*IMI_"):
            load_network(SMALL, device="cpu")

    def test_folders_are_searched(self, tmp_path, monkeypatch, imi_home):
        monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
        entry = catalogue.find(SMALL)
        assert find_weights(entry) is None
        places = [
            tmp_path / "torch" / "hub" / "checkpoints" / "squeezenet1_1-b8a52dc0.pth",
            imi_home / "data" / "weights" / "squeezenet1_1.safetensors",
            tmp_path / "mine" / "squeezenet1_1-b8a52dc0.pth",
        ]
        monkeypatch.setenv("IMI_WEIGHTS", f"{tmp_path / 'empty'}{os.pathsep}{tmp_path / 'mine'}")
        for place in places:
            place.parent.mkdir(parents=True)
            place.touch()
            assert find_weights(entry) == place

    def test_a_described_checkpoint(self, tmp_path, state):
        state["classifier.1.weight"] = torch.zeros(10, 512, 1, 1)
        state["classifier.1.bias"] = torch.zeros(10)
        torch.save({"net": {f"backbone.{k}": v for k, v in state.items()}}, tmp_path / "mine.pth")
        (tmp_path / "mine.toml").write_text(
            'architecture = "squeezenet1_1"\nweights = "mine.pth"\nnum_classes = 10\n'
            'state_key = "net"\nprefix = "backbone."\n'
        )
        network = load_network(f"file:{tmp_path / 'mine.toml'}", device="cpu")
        assert network.module.classifier[1].out_channels == 10
        assert torch.equal(network.module.features[0].weight, state["features.0.weight"])

    def test_a_described_checkpoint_with_another_hash(self, tmp_path, state):
        torch.save(state, tmp_path / "mine.pth")
        (tmp_path / "mine.toml").write_text(
            f'architecture = "squeezenet1_1"\nweights = "mine.pth"\nsha256 = "{"0" * 64}"\n'
        )
        with pytest.raises(WeightsError, match="SHA-256 begins with"):
            load_network(f"file:{tmp_path / 'mine.toml'}", device="cpu")

    def test_a_timm_network(self, tmp_path, monkeypatch):
        describe("timm:resnet10t")
        entry = catalogue.find("timm:resnet10t")
        state = build(entry, seed=4).state_dict()
        save_file(state, tmp_path / "resnet10t.safetensors")
        monkeypatch.setenv("IMI_WEIGHTS", str(tmp_path))
        network = load_network("timm:resnet10t", device="cpu")
        assert torch.equal(network.module.fc.weight, state["fc.weight"])


class TestDownload:
    def entry(self, source, sha256=None):
        return ModelEntry(
            "small",
            "Small",
            "torchvision",
            "resnet18",
            Preprocessing(),
            Weights(("small.pth",), source.as_uri(), sha256),
        )

    @pytest.fixture
    def source(self, tmp_path):
        (tmp_path / "remote.pth").write_bytes(b"weights")
        return tmp_path / "remote.pth"

    def test_the_file_is_kept_if_its_hash_is_right(self, source, imi_home):
        import hashlib

        entry = self.entry(source, hashlib.sha256(b"weights").hexdigest()[:8])
        path = download_weights(entry)
        assert path == find_weights(entry) == imi_home / "data" / "weights" / "small.pth"
        assert path.read_bytes() == b"weights"

    def test_another_file_is_not_kept(self, source):
        with pytest.raises(WeightsError, match="Nothing was kept"):
            download_weights(self.entry(source, "0123"))
        assert find_weights(self.entry(source)) is None

    def test_a_stopped_download_is_not_kept(self, source):
        cancel = CancelToken()
        cancel.cancel()
        with pytest.raises(Cancelled):
            download_weights(self.entry(source), cancel=cancel)
        assert find_weights(self.entry(source)) is None

    def test_no_connection(self, tmp_path):
        with pytest.raises(WeightsMissingError, match="Could not download"):
            download_weights(self.entry(tmp_path / "nothing.pth"))


def test_unknown_names_and_devices():
    with pytest.raises(UnknownModelError, match=r"timm .* has no model"):
        load_network("timm:nonsense", device="cpu")
    with pytest.raises(DeviceError, match="no device “cuda:77”"):
        load_network(f"random:{SMALL}", device="cuda:77")
    with pytest.raises(DeviceError, match="not a device"):
        load_network(f"random:{SMALL}", device="toaster")
