"""Makes studies of any protocol, held in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imi_desktop.experiment.new_study import NewStudy, study_fields
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study import Study


def assemble(
    protocol: str, folder: Path = Path("study"), model: str = "inceptionv1", **settings: Any
) -> Study:
    """A study of a protocol with the published or drawn units, not written."""
    new = NewStudy(
        folder=folder,
        protocol=protocol,
        models=(model,),
        images=Path("images"),
        seed=settings.pop("seed", 5),
        units=settings.pop("n_units", None),
        settings=settings,
    )
    design = Protocol.load(protocol)
    return Study.assemble(folder, design, **study_fields(new, design))
