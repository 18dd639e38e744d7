"""A written study."""

from __future__ import annotations

from pathlib import Path

import pytest
from assembled_study import assemble

from imi_desktop.experiment.study import Study


@pytest.fixture
def quick(tmp_path: Path) -> Study:
    """A written study of the protocol ``quick`` with six main units."""
    study = assemble("quick", tmp_path / "study", "efficientnet_lite0", participants=12)
    study.write_new()
    return study
