"""A study that is generated within seconds: one early layer, noise for images."""

import numpy as np
from PIL import Image

from imi_desktop.experiment.study import Study

MODEL = "efficientnet_lite0"
LAYER = "blocks.0.0"


def make_images(folder, count=44):
    folder.mkdir(parents=True)
    for index in range(count):
        random = np.random.default_rng(index)
        coarse = random.integers(0, 255, (7, 7, 3), np.uint8)
        Image.fromarray(coarse).resize((260, 260)).save(folder / f"{index:03}.png")
    return folder


def make_study(folder, images, steps=1, conditions=("natural", "synthetic"), model=MODEL):
    entries = [("main", 1), ("practice", 2), ("practice", 3), ("catch", 4)]
    return Study.create(
        folder,
        name="small",
        protocol="quick",
        seed=11,
        images=str(images),
        models=[model],
        conditions=list(conditions),
        participants=2,
        units=[
            {"model": model, "layer": LAYER, "channel": channel, "role": role}
            for role, channel in entries
        ],
        stimuli={
            "natural": {"references": 9, "batches": 2},
            "synthetic": {"preset": "standard", "steps": steps},
        },
    )
