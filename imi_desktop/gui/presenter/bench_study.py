"""The study that the presenter's benchmark runs: noise images, short times, many trials."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study

_BLOCK = 10
_UNITS = 100
_PROTOCOL = """
format = 1
name = "bench"
title = "Benchmark"
source = "Natural trials of Borowski et al. 2021, Experiment I, with short times."
description = "Nothing but trials."
conditions = ["natural"]
opening = ["welcome", "consent"]
closing = ["thanks"]
participant_fields = []
natural_batches = 2

[timings]
feedback_delay_ms = 60
feedback_ms = 140
blank_ms = 20

[[units]]
role = "main"
count = {units}
fixed = false

[batches.main]
first = 0
lowest = 0
highest = 1

[[parts]]

[[parts.blocks]]
name = "main"
phase = "main"
repeat = {repeat}
feedback = true
trials = [
  {{ condition = "natural", count = 10, batch = "main", deck = "main", reuse = true }},
]
"""


def write_bench_study(folder: Path, trials: int, participants: Sequence[str]) -> Study:
    """Make a study of `trials` trials (in blocks of ten) with 224 × 224 images of coarse noise.

    Parameters
    ----------
    participants : sequence of str
        Ids whose trials get their images.
    """
    folder.mkdir(parents=True)
    blocks = max(1, trials // _BLOCK)
    count = min(blocks * _BLOCK, _UNITS)
    text = _PROTOCOL.format(repeat=blocks, units=count)
    (folder / "bench.toml").write_text(text, encoding="utf-8")
    units = "".join(
        f'\n[[units]]\nmodel = "noise"\nlayer = "layer"\nchannel = {channel}\n'
        for channel in range(count)
    )
    (folder / "study.toml").write_text(
        'format = 1\nname = "Benchmark"\nprotocol = "bench.toml"\nseed = 1\nimages = "."\n'
        f'models = ["noise"]\n{units}',
        encoding="utf-8",
    )
    study = Study.load(folder)
    pool = [_noise(folder / f"noise_{number}.png", number) for number in range(20)]
    for participant in participants:
        for trial in plan_session(study, participant).trials:
            for place, file in enumerate(trial.images):
                path = folder / file
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.exists():
                    os.link(pool[place % len(pool)], path)
    return study


def _noise(path: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (56, 56, 4), dtype=np.uint8)
    pixels = np.ascontiguousarray(coarse.repeat(4, axis=0).repeat(4, axis=1))
    pixels += rng.integers(0, 12, pixels.shape, dtype=np.uint8)
    QImage(pixels.data, 224, 224, QImage.Format.Format_RGB32).save(str(path))
    return path
