"""Sparseness, contrast, selectivity and ablation are what their definitions say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_network import Tiny, Untraceable, tiny_network, unit

from imi_desktop.models.channels import channels_first
from imi_desktop.stimuli.class_selectivity import class_selectivity
from imi_desktop.stimuli.image_folder import index_folder
from imi_desktop.stimuli.image_labels import (
    LabelsError,
    class_indices,
    labels_from_names,
    read_labels,
)
from imi_desktop.stimuli.map_measures import local_contrast, map_measures
from imi_desktop.stimuli.network_rest import network_rest
from imi_desktop.stimuli.unit_ablation import ablated, rectified_activations, right_answers


class Overwriting(Tiny):
    """Its activations overwrite what the layers before them gave, which a sum needs again."""

    def __init__(self):
        super().__init__()
        self.relu2 = torch.nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.conv1(x)
        before = x * 1
        x = self.conv2(self.pool(self.bn1(x.relu_() + before)))
        return self.head(self.relu2(self.bn2(x)).mean((2, 3)))


@pytest.fixture(scope="module")
def network():
    return tiny_network()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    for number in range(10):
        pixels = np.random.default_rng(number).integers(0, 256, (9, 9, 3), dtype=np.uint8)
        name = f"n0000000{number % 2}_{number}.png"
        Image.fromarray(pixels).resize((256, 256)).save(root / name)
    return index_folder(root)


def maps_of(network, folder, wanted):
    """Maps of one unit for every image, by a plain forward pass."""
    from imi_desktop.stimuli.images import crop_for, open_rgb

    crop = network.entry.preprocessing
    pixels = np.stack([crop_for(crop, open_rgb(folder.file(f.path))) for f in folder.usable])
    layer = network.layer(wanted.layer)
    with torch.inference_mode():
        inputs = network.input_from_pixels(torch.from_numpy(pixels))
        output = network.capture([layer], inputs)[wanted.layer]
    return inputs, channels_first(output, layer)[:, wanted.channel].numpy()


def test_local_contrast_of_one_bright_place():
    maps = torch.zeros(1, 1, 3, 3)
    maps[0, 0, 1, 1] = 2.0
    # The bright place differs from its four neighbours, and each of them from it.
    assert local_contrast(maps)[0, 0] == pytest.approx((4 * 2 + 4 * 2) / 9)
    # Beyond the border counts as 0.
    assert local_contrast(torch.ones(1, 1, 2, 2))[0, 0] == pytest.approx(2.0)


def test_measures_of_maps(network, folder):
    units = [unit(1), unit(4), unit(2, "conv1")]
    found, images = map_measures(network, units, folder, folder.usable, batch_size=3)
    assert images == 10
    for one in units:
        _, maps = maps_of(network, folder, one)
        assert found[one]["pixel_sparseness"] == pytest.approx((maps <= 0).mean(), abs=1e-6)
        silent = (maps <= 0).all(axis=(1, 2)).mean()
        assert found[one]["channel_sparseness"] == pytest.approx(silent)
        padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)))
        total = sum(
            np.abs(padded - np.roll(padded, shift, axis))[:, 1:-1, 1:-1]
            for axis in (1, 2)
            for shift in (1, -1)
        )
        assert found[one]["local_contrast"] == pytest.approx(total.mean(), rel=1e-4)


def test_an_ablated_unit_is_silent_for_the_rest_of_the_network(network, folder):
    one = unit(1)
    inputs, _ = maps_of(network, folder, one)
    with torch.inference_mode():
        before = network.module(inputs)
        with ablated(network, one, 0.25):
            layer = network.layer("bn2")
            output = network.capture([layer], inputs)["bn2"]
            changed = network.module(inputs)
        after = network.module(inputs)
    assert (output[:, 1] == 0.25).all()
    assert not torch.allclose(before, changed)
    assert torch.equal(before, after)


def test_accuracy_with_and_without_units(network, folder):
    inputs, _ = maps_of(network, folder, unit(1))
    with torch.inference_mode():
        answers = network.module(inputs).argmax(1).tolist()
    classes = {file.path: answers[i] for i, file in enumerate(folder.usable)}
    held = [None, (unit(1), 0.0), (unit(2), 1e6)]
    images, right = right_answers(network, held, folder, folder.usable, classes, batch_size=4)
    assert images == [file.path for file in folder.usable]
    assert right[0].all()
    assert right.shape == (3, 10)
    assert right[2].sum() < 10 or len(set(answers)) == 1


@pytest.mark.parametrize("kind", [Tiny, Overwriting, Untraceable])
def test_answers_without_a_unit_are_those_of_the_whole_network(kind, folder):
    network = tiny_network(kind)
    held = [(unit(1), 0.0), (unit(2), 3.0), (unit(5, "conv1"), -2.0), (unit(0, "relu2"), 50.0)]
    inputs, _ = maps_of(network, folder, unit(1))
    rest = network_rest(network.module, ["bn2", "conv1", "relu2"], inputs[:1])
    assert (rest is None) == (kind is Untraceable)
    with torch.inference_mode():
        if rest is not None:
            assert torch.equal(rest.begin(inputs), network.module(inputs))
        for one, value in held:
            with ablated(network, one, value):
                expected = network.module(inputs)
            if rest is not None:
                changed = rest.again(one.layer, lambda x, c=one.channel, v=value: held_at(x, c, v))
                assert torch.equal(changed, expected)
            answers = zip(folder.usable, expected.argmax(1).tolist(), strict=True)
            classes = {file.path: answer for file, answer in answers}
            _, right = right_answers(network, [(one, value)], folder, folder.usable, classes)
            assert right.all()


def held_at(output, channel, value):
    output[:, channel] = value
    return output


def test_selectivity_is_that_of_the_definition(network, folder):
    labels = labels_from_names(folder.usable)
    assert set(labels.values()) == {"n00000000", "n00000001"}
    run = rectified_activations(network, [unit(1), unit(4)], folder, folder.usable, batch_size=4)
    _, maps = maps_of(network, folder, unit(1))
    expected = np.maximum(maps, 0).mean(axis=(1, 2))
    assert run.activations[:, 0] == pytest.approx(expected, rel=1e-5)
    assert run.means[0] == pytest.approx(maps.mean(), rel=1e-4)
    names = [labels[image] for image in run.images]
    found = class_selectivity(run.activations[:, 0], names, seed=1)
    means = sorted(expected[np.array(names) == name].mean() for name in set(names))
    assert found.index == pytest.approx((means[1] - means[0]) / (means[1] + means[0]), rel=1e-4)


def test_selectivity_at_its_ends():
    labels = ["a"] * 5 + ["b"] * 5 + ["c"] * 5
    only_b = np.array([0.0] * 5 + [2.0] * 5 + [0.0] * 5, dtype=np.float32)
    found = class_selectivity(only_b, labels, seed=1)
    assert (found.index, found.preferred) == (1.0, "b")
    assert found.shuffled < 0.9
    assert class_selectivity(np.ones(15, np.float32), labels, seed=1).index == 0
    assert class_selectivity(np.zeros(15, np.float32), labels, seed=1).index is None


def test_labels(folder, tmp_path):
    table = tmp_path / "labels.csv"
    first, second = (file.path for file in folder.usable[:2])
    table.write_text(f"image,label\n{first},3\n{second},n00000001\n", encoding="utf-8")
    labels = read_labels(table, folder.usable)
    assert labels == {first: "3", second: "n00000001"}
    assert class_indices(labels, 5, ["x", "n00000001"]) == {first: 3, second: 1}
    assert class_indices(labels, 5, []) is None
    assert class_indices({first: "7"}, 5, []) is None
    for text in (
        "file,label\na,1\n", "image,label\nnone.png,1\n", f"image,label\n{first},\n",
        f"image,label\n{first},1\n{first},2\n", "image,label\n",
    ):  # fmt: skip
        table.write_text(text, encoding="utf-8")
        with pytest.raises(LabelsError):
            read_labels(table, folder.usable)
