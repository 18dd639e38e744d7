"""The rooms of the house keep to their layers, in the source and at run time."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_contracts_hold():
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("imi_desktop.cli", {"torch", "PySide6", "pandas", "pyqtgraph"}),
        ("imi_desktop.gui.main_window", {"torch", "torchvision", "timm", "lucent"}),
        ("imi_desktop.gui.presenter.app", {"torch", "pyqtgraph", "pandas", "scipy"}),
    ],
)
def test_module_leaves_out(module, absent):
    code = f"import sys, {module}; print(' '.join(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    loaded = set(result.stdout.split())
    assert not loaded & absent
