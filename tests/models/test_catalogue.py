"""Every model has a name, and a wrong name gets a sentence that helps."""

import json
import subprocess
import sys

import pytest

from imi_desktop.models import catalogue
from imi_desktop.models.description_file import DescriptionError
from imi_desktop.models.errors import (
    ModelNotDescribedError,
    UnknownChannelError,
    UnknownLayerError,
    UnknownModelError,
)
from imi_desktop.models.layer_tables import check_unit, is_described, layer_of, layers_of
from imi_desktop.models.unit import Unit

PUBLISHED = {
    "inceptionv1",
    "inceptionv1_229",
    "googlenet",
    "densenet201",
    "resnet50",
    "resnet50_robust_l2",
    "resnet50_clip",
    "wide_resnet50_2",
    "vit_b_32",
    "vit_b_32_clip",
    "convnext_base",
}


def test_the_papers_networks_are_all_there():
    assert {entry.name for entry in catalogue.entries() if entry.published} == PUBLISHED
    assert catalogue.entries()[0].name == catalogue.DEFAULT_MODEL == "efficientnet_lite0"


def test_the_default_model_has_its_own_normalisation():
    preprocessing = catalogue.find("efficientnet_lite0").preprocessing
    assert (preprocessing.mean, preprocessing.std) == ((0.5,) * 3, (0.5,) * 3)
    assert (preprocessing.resize, preprocessing.crop) == (256, 224)


def test_the_networks_of_2023_see_256_and_224():
    for name in PUBLISHED - {"resnet50_clip", "vit_b_32_clip", "inceptionv1_229"}:
        preprocessing = catalogue.find(name).preprocessing
        assert (preprocessing.resize, preprocessing.crop) == (256, 224), name
    released = catalogue.find("inceptionv1_229").preprocessing
    assert (released.resize, released.crop) == (256, 229)


def test_a_random_network_has_the_layers_of_the_trained_one():
    entry = catalogue.find("random:resnet50")
    assert entry.random
    assert "random weights" in entry.title
    assert layers_of("random:resnet50") == layers_of("resnet50")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("resnet_50", "Did you mean resnet50"),
        ("efficientnet-lite0", "efficientnet_lite0"),
        ("qwertz", "imi-desktop models lists them"),
        ("random:qwertz", "qwertz"),
        ("random:random:resnet18", "says random twice"),
    ],
)
def test_an_unknown_name_gets_a_hint(name, hint):
    with pytest.raises(UnknownModelError, match=hint):
        catalogue.find(name)


def test_a_network_never_looked_at_says_how_to():
    with pytest.raises(ModelNotDescribedError, match="Run: imi-desktop models timm:resnet18"):
        catalogue.find("timm:resnet18")
    with pytest.raises(ModelNotDescribedError, match="imi-desktop models vgg11"):
        layers_of("vgg11")
    assert not is_described("vgg11")


def test_units_are_checked_against_layers_and_channels():
    assert check_unit(Unit("efficientnet_lite0", "blocks.3.1", 17)).channels == 80
    with pytest.raises(UnknownLayerError, match=r"Did you mean blocks\.3\.1"):
        layer_of("efficientnet_lite0", "block.3.1")
    with pytest.raises(UnknownChannelError, match="80 channels, 0 to 79; there is no channel 80"):
        check_unit(Unit("efficientnet_lite0", "blocks.3.1", 80))


class TestPublishedUnits:
    """The 2021 papers number the channels of a module's concatenated branches before the ReLU."""

    def test_every_released_unit_is_where_the_papers_say(self, published_units):
        import csv

        n_units = 0
        for table in sorted(published_units.glob("*.csv")):
            lines = table.read_text().splitlines()[1:]
            for row in csv.DictReader(lines):
                unit = Unit("inceptionv1", row["layer_name"], int(row["feature_map_number"]))
                assert check_unit(unit).branch_of(unit.channel) == row["kernel_size"], unit
                n_units += 1
        assert n_units > 100

    @pytest.mark.parametrize(
        ("layer", "channels"),
        [("mixed3a", 256), ("mixed3b", 480), ("mixed4a", 508), ("mixed4e", 832), ("mixed5b", 1024)],
    )
    def test_modules_have_the_channels_of_lucid(self, layer, channels):
        assert layer_of("inceptionv1", layer).channels == channels

    def test_released_stimuli_name_layers_that_exist(self, published_formats):
        for folder in (published_formats / "stimuli-folder").iterdir():
            layer = layer_of("inceptionv1", folder.name)
            assert (layer.branch, layer.of_interest) == ("pool", True)


class TestDescriptionFile:
    def write(self, tmp_path, text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return f"file:{path}"

    def test_it_names_architecture_weights_and_preprocessing(self, tmp_path):
        name = self.write(
            tmp_path,
            'title = "Mine"\narchitecture = "resnet50"\nweights = "mine.pth"\nnum_classes = 7\n'
            "[preprocessing]\nresize = 240\nmean = [0.5, 0.5, 0.5]\n",
        )
        entry = catalogue.find(name)
        assert (entry.title, entry.num_classes) == ("Mine", 7)
        assert entry.preprocessing.resize == 240
        assert entry.weights.path == tmp_path / "mine.pth"
        layers = layers_of(name)
        assert (layers[-1].kind, layers[-1].channels) == ("classifier", 7)
        assert layers[:-1] == layers_of("resnet50")[:-1]

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("architecture = ", "not valid TOML"),
            ('weights = "a.pth"', "architecture: Field required"),
            ('architecture = "resnet50"\nweights = "a"\nwidth = 3', "width: Extra inputs"),
            ('architecture = "random:resnet50"\nweights = "a"', "name the network itself"),
            ('architecture = "resnet50"\nweights = "a"\n[preprocessing]\ncrop = 0', "crop"),
        ],
    )
    def test_a_wrong_key_is_named(self, tmp_path, text, complaint):
        with pytest.raises(DescriptionError, match=complaint):
            catalogue.find(self.write(tmp_path, text))

    def test_a_bare_checkpoint_says_what_is_missing(self, tmp_path):
        with pytest.raises(DescriptionError, match=r"Write a file mine\.toml beside it"):
            catalogue.find(f"file:{tmp_path / 'mine.pth'}")


def test_the_catalogue_needs_no_torch():
    code = (
        "import sys; from imi_desktop.models import layer_tables, unit_sampling, weights_files;"
        "layer_tables.layers_of('inceptionv1'); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "False", result.stderr


class TestCommand:
    def run(self, *arguments):
        from imi_desktop.cli import main

        return main(["models", *arguments])

    def test_it_lists_models_with_weights_presence(self, capsys, monkeypatch, tmp_path):
        monkeypatch.setenv("IMI_WEIGHTS", str(tmp_path))
        (tmp_path / "resnet50-0676ba61.pth").touch()
        assert self.run("--json") == 0
        listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
        assert listed["efficientnet_lite0"]["weights_present"]
        assert listed["resnet50"]["weights_present"]
        assert not listed["densenet201"]["weights_present"]

    def test_it_lists_layers_of_interest_or_all(self, capsys):
        assert self.run("resnet50", "--json") == 0
        some = json.loads(capsys.readouterr().out)
        assert self.run("resnet50", "--layers", "--json") == 0
        everything = json.loads(capsys.readouterr().out)
        assert all(layer["of_interest"] for layer in some["layers"])
        assert len(everything["layers"]) > len(some["layers"]) == some["layers_of_interest"]

    def test_it_prints_a_table(self, capsys):
        assert self.run("inceptionv1", "--layers") == 0
        text = capsys.readouterr().out
        assert "1x1 64, 3x3 128, 5x5 32, pool 32" in text
        assert self.run() == 0
        assert "EfficientNet-Lite0" in capsys.readouterr().out

    def test_it_looks_at_a_new_network_once(self, capsys):
        assert self.run("timm:resnet10t", "--json") == 0
        first = capsys.readouterr().out
        assert is_described("timm:resnet10t")
        assert self.run("timm:resnet10t", "--json") == 0
        assert capsys.readouterr().out == first

    @pytest.mark.parametrize("arguments", [("nonsense",), ("timm:nonsense",), ("--rebuild",)])
    def test_wrong_use_is_one_sentence(self, capsys, arguments):
        assert self.run(*arguments) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert error.endswith(".\n")
