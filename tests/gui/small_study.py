"""A small real study for tests of pages: drawn images, written activations, no network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

from imi_desktop.experiment.study import Study
from imi_desktop.models.unit import Unit
from imi_desktop.stimuli.activation_table import FORMAT, table_path
from imi_desktop.stimuli.image_folder import index_folder

MODEL = "efficientnet_lite0"
LAYERS = {"blocks.1.0": 24, "blocks.3.1": 80}


def draw_images(folder: Path, n: int = 60) -> None:
    """Coloured discs on coloured grounds, each different."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    for i in range(n):
        ground, disc = (tuple(int(c) for c in random.integers(0, 255, 3)) for _ in range(2))
        image = Image.new("RGB", (96, 72), ground)
        x, y, r = (int(v) for v in random.integers(8, 50, 3))
        ImageDraw.Draw(image).ellipse((x, y, x + r, y + r), fill=disc)
        image.save(folder / f"n{i:05d}_disc.jpg", quality=90)


def write_activations(study: Study, layer: str, channels: int, seed: int = 0) -> None:
    """Activations that differ by channel, in the format of the activation recorder."""
    folder = index_folder(study.images_folder)
    folder.write(study.folder / "dataset.csv")
    images = [file.path for file in folder.usable]
    random = np.random.default_rng(seed)
    values = random.gamma(1.5, 1.0, (len(images), channels)).astype(np.float32) - 1.0
    columns = {"image": images} | {f"c{c}": values[:, c] for c in range(channels)}
    metadata = {
        "imi.format": str(FORMAT),
        "imi.model": study.model,
        "imi.layer": layer,
        "imi.dataset": folder.fingerprint,
        "imi.weights": "none",
    }
    path = table_path(study.folder, study.model, layer)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path)


def make_study(folder: Path, layers: dict[str, int] | None = None, n_images: int = 60) -> Study:
    """A study by the protocol `quick` with activations of some of its layers."""
    layers = LAYERS if layers is None else layers
    images = folder / "images"
    draw_images(images, n_images)
    main = [Unit(MODEL, layer, channel) for layer in LAYERS for channel in (0, 3)]
    study = Study.create(
        folder / "study",
        name="small",
        protocol="quick",
        seed=7,
        images=str(images),
        models=[MODEL],
        stimuli={"natural": {"batches": 3}},
        units=[
            *(_row(unit, "main") for unit in main),
            *(_row(Unit(MODEL, "blocks.3.1", c), "practice") for c in (5, 6)),
            _row(Unit(MODEL, "blocks.3.1", 7), "catch"),
        ],
    )
    for seed, (layer, channels) in enumerate(layers.items()):
        write_activations(study, layer, channels, seed)
    return study


def _row(unit: Unit, role: str) -> dict[str, object]:
    return {"model": unit.model, "layer": unit.layer, "channel": unit.channel, "role": role}
