"""Runs the commands as a user does, in processes of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def imi() -> Run:
    """Run ``imi-desktop`` with arguments; checks the exit code (0 unless told otherwise)."""

    def run(
        *arguments: object, exit_code: int = 0, timeout: float = 280
    ) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "imi_desktop", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        said = f"{' '.join(map(str, arguments))}\n{result.stdout}\n{result.stderr}"
        assert result.returncode == exit_code, said
        if exit_code == 2:
            assert "Traceback" not in result.stderr, said
            assert result.stderr.strip(), "wrong use was not explained"
        return result

    return run


@pytest.fixture(scope="session")
def real_images(imagenet_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """160 of the real ImageNet images, copied."""
    folder = tmp_path_factory.mktemp("images")
    for file in sorted(imagenet_sample.iterdir())[::5]:
        shutil.copy(file, folder)
    return folder
