"""From a network and a folder of real images to a result, by the command line alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

UNITS = ("conv_stem:3", "blocks.2.1:7", "blocks.5.2:40")


@pytest.mark.slow
def test_from_network_to_result(imi, real_images: Path, tmp_path: Path):
    study = tmp_path / "study"
    unit_arguments = [part for unit in UNITS for part in ("--unit", unit)]
    imi(
        *("new", study, "--protocol", "quick", "--model", "efficientnet_lite0"),
        *("--images", real_images, *unit_arguments, "--seed", 7, "--batches", 4, "--steps", 8),
    )
    imi("generate", study)
    again = imi("generate", study)
    assert "0 " in again.stdout or "nothing" in (again.stdout + again.stderr).lower()

    trials = json.loads(imi("trials", study, "--participant", "P01", "--json").stdout)
    assert trials == json.loads(imi("trials", study, "--participant", "P01", "--json").stdout)
    shown = {
        image
        for trial in trials["trials"]
        for image in (
            *trial["references_min"],
            *trial["references_max"],
            *trial["queries"].values(),
        )
    }
    for image in shown:
        with Image.open(study / image) as opened:
            assert opened.size == (224, 224)
            assert opened.mode == "RGB"

    for number in range(1, 7):
        observer = "pixels" if number % 2 else "chance:0.9"
        imi("run", study, "--participant", f"S{number:02d}", "--observer", observer)
    assert json.loads(imi("check", study, "--json").stdout)["problems"] == []

    results = json.loads(imi("analyze", study, "--json").stdout)
    excluded = len(results["quality"]["excluded"])
    assert results["participants"] + excluded == 6
    accuracy = {
        measure["condition"]: measure
        for measure in results["measures"]
        if measure["measure"] == "proportion_correct"
    }
    assert set(accuracy) == {"natural", "synthetic", "none"}
    assert all(0 <= measure["mean"] <= 1 for measure in accuracy.values())
    assert accuracy["natural"]["n_participants"] == 6 - excluded
    methods = [test["name"] for test in results["tests"]]
    assert any("Wilcoxon" in method for method in methods), results["tests"]


@pytest.mark.slow
def test_exemplars_are_the_most_and_least_activating(imi, real_images: Path, tmp_path: Path):
    """Activations recomputed with plain timm and torch rank the same images the same way."""
    torch = pytest.importorskip("torch")
    from imi_desktop.models.loading import load_network

    study = tmp_path / "study"
    imi(
        *("new", study, "--protocol", "quick", "--model", "efficientnet_lite0"),
        *("--images", real_images, "--seed", 7, "--batches", 4),
        *(part for unit in UNITS for part in ("--unit", unit)),
    )
    imi("generate", study, "--only", "natural")
    manifest = [
        json.loads(line) for line in (study / "stimuli/manifest.jsonl").read_text().splitlines()
    ]

    network = load_network("efficientnet_lite0", device="cpu")
    layers = {unit.rpartition(":")[0] for unit in UNITS}
    outputs: dict[str, torch.Tensor] = {}
    modules = dict(network.module.named_modules())
    for layer in layers:
        modules[layer].register_forward_hook(
            lambda module, inputs, output, layer=layer: outputs.__setitem__(layer, output)
        )
    names, activations = [], {unit: [] for unit in UNITS}
    for file in sorted(real_images.iterdir()):
        image = Image.open(file).convert("RGB")
        scale = 256 / min(image.size)
        width, height = (max(256, int(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BILINEAR)
        left, top = round((width - 224) / 2), round((height - 224) / 2)
        pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32) / 255
        batch = torch.from_numpy((pixels - 0.5) / 0.5).permute(2, 0, 1)[None]
        with torch.inference_mode():
            network.module(batch)
        names.append(file.name)
        for unit in UNITS:
            layer, _, channel = unit.rpartition(":")
            activations[unit].append(float(outputs[layer][0, int(channel)].mean()))

    for unit in UNITS:
        order = [names[index] for index in np.argsort(activations[unit])]
        for side, expected in (("max", order[::-1]), ("min", order)):
            records = [
                record
                for record in manifest
                if f"{record['unit']['layer']}:{record['unit']['channel']}" == unit
                and record["side"] == side
            ]
            names_of = {record["index"]: set() for record in records}
            for record in records:
                name = Path(record["source_image"]).name
                names_of[record["index"]].add(name)
                assert record["rank"] == 1 + order[::-1].index(name)
            shown = set().union(*names_of.values())
            assert len(shown) == len(records) == 30  # three of four batches are shown
            assert shown <= set(expected[:40])
            assert names_of[9] <= set(expected[:4])
            ranked = sorted(records, key=lambda record: record["activation"], reverse=side == "max")
            found = [Path(record["source_image"]).name for record in ranked]
            assert found == [name for name in expected if name in shown]
