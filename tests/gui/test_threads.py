"""Work on threads never waits for a main thread that waits for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

SCRIPT = Path(__file__).with_name("objects_deleted_meanwhile.py")
# Long enough to stand still in one of three runs where a thread uses what it must not.
SECONDS = 3


@pytest.mark.parametrize("work", ["thumbnail", "broken", "text", "stimulus"])
def test_objects_are_deleted_while_threads_work(work: str, tmp_path: Path) -> None:
    photograph = Image.linear_gradient("L").convert("RGB")
    photograph.save(tmp_path / "image.jpg")
    photograph.save(tmp_path / "image.png")
    (tmp_path / "broken.png").write_bytes(b"not an image")
    command = [sys.executable, str(SCRIPT), str(tmp_path), str(SECONDS), work, work]
    subprocess.run(command, check=True, timeout=60)
