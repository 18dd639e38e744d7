"""The study around answers that were recorded elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imi_desktop.experiment.new_study import NewStudy, study_fields
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study import FILE_NAME, Study


def make_study(folder: Path, protocol: str, model: str, *, seed: int = 1, **settings: Any) -> None:
    """Give a folder without ``study.toml`` the study that its answers come from.

    The study can be opened and analysed; its image folder is the study folder itself until
    another one is named. A study that is there stays as it is.
    """
    if (folder / FILE_NAME).exists():
        return
    design = Protocol.load(protocol)
    new = NewStudy(folder, protocol, (model,), folder, seed=seed, settings=settings)
    fields = study_fields(new, design) | {"images": "."}
    Study.assemble(folder, design, **fields).write_new()
