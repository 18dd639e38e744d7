"""Prepares everything IMI Desktop needs; needs nothing but Python itself.

A virtual environment in ``.venv`` of this checkout with the packages of ``pyproject.toml`` in the
versions of ``constraints.txt``, and on Debian and Ubuntu the system libraries that Qt loads. What
was prepared is remembered by a hash, so that the next start goes straight on.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = Path(os.environ.get("IMI_VENV", ROOT / ".venv"))
STAMP = ENVIRONMENT / "imi-desktop-setup.json"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"

OLDEST, NEWEST = (3, 11), (3, 13)

# What the wheels of Qt expect from the system; without a font nothing can be written.
QT_LIBRARIES = (
    "libgl1",
    "libegl1",
    "libdbus-1-3",
    "libfontconfig1",
    "libglib2.0-0",
    "libxkbcommon0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "fonts-inter",
)
TEST_PROGRAMS = ("xvfb", "xdotool")


def stop(sentence: str) -> None:
    """End with a sentence for the person at the keyboard, exit code 2."""
    print(f"\n{sentence}", file=sys.stderr)
    raise SystemExit(2)


def say(sentence: str) -> None:
    """Tell what happens now."""
    print(sentence, flush=True)


def prepare(extras: Sequence[str] = (), system_packages: Sequence[str] = ()) -> Path:
    """Bring the environment up to what this checkout asks for.

    Parameters
    ----------
    extras : sequence of str
        Optional groups of ``pyproject.toml``.
    system_packages : sequence of str
        Debian packages beyond those that Qt needs.

    Returns
    -------
    Path
        The environment's Python.
    """
    base = _suitable_python()
    _install_system_packages((*QT_LIBRARIES, *system_packages))
    python = _python_of(ENVIRONMENT)
    wanted = _fingerprint(base, extras)
    if python.exists() and _is_prepared(wanted, extras):
        return python
    _make_environment(base, python)
    target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    say("Installing the Python packages; the first time this takes some minutes …")
    _run(
        [python, "-m", "pip", "install", "-q", "-c", CONSTRAINTS, "-e", target],
        "The Python packages could not be installed. Check the network connection and the free "
        "disk space (about 7 GB are needed), then start again; what was fetched is kept.",
    )
    STAMP.write_text(json.dumps({**wanted, "extras": sorted(extras)}), encoding="utf-8")
    return python


def _fingerprint(base: str, extras: Sequence[str]) -> dict[str, str]:
    digest = hashlib.sha256()
    for file in (ROOT / "pyproject.toml", CONSTRAINTS):
        digest.update(file.read_bytes())
    return {"files": digest.hexdigest(), "python": base, "checkout": str(ROOT)}


def _is_prepared(wanted: dict[str, str], extras: Sequence[str]) -> bool:
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    has_extras = set(extras) <= set(found.pop("extras", []))
    return has_extras and found == wanted


def _suitable_python() -> str:
    """Path of a Python between OLDEST and NEWEST: this one, or one found by name."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return getattr(sys, "_base_executable", None) or sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", "import venv"], check=False).returncode == 0:
            return found
    stop(
        f"IMI Desktop needs Python {_dotted(OLDEST)} to {_dotted(NEWEST)}, and this is "
        f"{_dotted(sys.version_info[:2])}. Install one of them and start again."
    )
    raise AssertionError


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def _python_of(environment: Path) -> Path:
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def _make_environment(base: str, python: Path) -> None:
    if (
        python.exists()
        and subprocess.run([python, "-m", "pip", "-V"], capture_output=True).returncode == 0
    ):
        return
    say(f"Making a virtual environment in {ENVIRONMENT} …")
    if subprocess.run([base, "-c", "import ensurepip"], capture_output=True).returncode != 0:
        version = subprocess.run(
            [base, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        _install_system_packages((f"python{version}-venv",))
    _run(
        [base, "-m", "venv", "--clear", ENVIRONMENT],
        f"The virtual environment could not be made in {ENVIRONMENT}. On Debian and Ubuntu "
        "install the package python3-venv; otherwise check that the folder can be written.",
    )


def _install_system_packages(packages: Sequence[str]) -> None:
    """Install what is missing on Debian and Ubuntu; elsewhere there is nothing to do."""
    if not sys.platform.startswith("linux") or not shutil.which("dpkg-query"):
        return
    missing = [package for package in packages if not _is_installed(package)]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    by_hand = f"sudo apt-get update && sudo apt-get install {' '.join(missing)}"
    if os.geteuid() != 0:
        if not shutil.which("sudo") or not (sys.stdin.isatty() or _sudo_asks_nothing()):
            stop(
                "System libraries are missing and this user may not install them. Ask someone "
                f"who may to run:\n\n    {by_hand}\n\nand start again."
            )
        command = ["sudo", *command]
    say(f"Installing system packages: {' '.join(missing)} …")
    prefix = ["sudo"] if command[0] == "sudo" else []
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        stop(
            "The system packages could not be installed. Run\n\n"
            f"    {by_hand}\n\nand look at its messages."
        )


def _sudo_asks_nothing() -> bool:
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


def _is_installed(package: str) -> bool:
    # Ubuntu 24.04 and Debian 13 renamed libraries with 64-bit time: libglib2.0-0t64.
    for name in (package, f"{package}t64"):
        answer = subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Status}", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode == 0 and answer.stdout.strip() == "installed":
            return True
    return False


def _run(command: Sequence[str | Path], failure: str) -> None:
    if subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode != 0:
        stop(failure)
