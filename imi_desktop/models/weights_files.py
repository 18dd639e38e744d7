"""Where weights files lie on this computer, and fetching them on request. Knows no torch."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import urllib.error
import urllib.request
from pathlib import Path

from imi_desktop import atomic, paths
from imi_desktop.errors import StorageError
from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.errors import WeightsError, WeightsMissingError
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent

_CHUNK = 1 << 20


def weights_folders() -> tuple[Path, ...]:
    """Folders that are searched: those of ``IMI_WEIGHTS``, the app's own, torch's download cache.

    ``IMI_WEIGHTS`` may name several folders, separated as in ``PATH``.
    """
    named = [Path(p).expanduser() for p in os.environ.get("IMI_WEIGHTS", "").split(os.pathsep) if p]
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
    torch_home = Path(os.environ.get("TORCH_HOME", cache / "torch")).expanduser()
    return (*named, paths.data_dir() / "weights", torch_home / "hub" / "checkpoints")


def find_weights(entry: ModelEntry) -> Path | None:
    """Weights file of a network, None if it is not on this computer."""
    weights = entry.weights
    if weights.path is not None:
        return weights.path if weights.path.is_file() else None
    if weights.package is not None:
        spec = importlib.util.find_spec(weights.package[0])
        if spec is not None and spec.origin is not None:
            packaged = Path(spec.origin).parent / weights.package[1]
            if packaged.is_file():
                return packaged
    names = (*weights.file_names, *(f"{entry.name}{s}" for s in (".safetensors", ".pth", ".pt")))
    for folder in weights_folders():
        for name in names:
            if "/" not in name and (folder / name).is_file():
                return folder / name
    return None


def require_weights(entry: ModelEntry) -> Path:
    """Weights file of a network.

    Raises
    ------
    WeightsMissingError
        If it is not on this computer; the sentence says which file goes where.
    """
    path = find_weights(entry)
    if path is not None:
        return path
    if entry.weights.path is not None:
        raise WeightsMissingError(
            f"The weights of {entry.title} are missing: there is no file {entry.weights.path}."
        )
    name = entry.weights.file_names[0] if entry.weights.file_names else f"{entry.name}.safetensors"
    download = (
        f", or download them with: imi-desktop models {entry.name} --download"
        if entry.weights.url
        else ""
    )
    raise WeightsMissingError(
        f"The weights of {entry.title} are not on this computer. Put the file {name} into "
        f"{paths.data_dir() / 'weights'} or a folder that IMI_WEIGHTS names{download}."
    )


def download_weights(
    entry: ModelEntry,
    *,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
) -> Path:
    """Fetch the published weights of a network, check their hash, and keep them.

    Returns
    -------
    Path
        In the app's own weights folder.

    Raises
    ------
    WeightsMissingError
        If nothing is known to download, or the server cannot be reached.
    WeightsError
        If the file is not the published one.
    StorageError
        If it cannot be written.
    Cancelled
        If asked to stop; nothing is kept.
    """
    url = entry.weights.url
    if not url:
        raise WeightsMissingError(f"No weights of {entry.title} are known that can be downloaded.")
    target = paths.data_dir() / "weights" / entry.weights.file_names[0]
    cancel = cancel or CancelToken()
    digest = hashlib.sha256()
    request = urllib.request.Request(url, headers={"User-Agent": "imi-desktop"})
    with atomic.replacing(target) as file:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                total = int(answer.headers.get("Content-Length") or 0)
                done = 0
                while chunk := answer.read(_CHUNK):
                    cancel.check()
                    file.write(chunk)
                    digest.update(chunk)
                    done += len(chunk)
                    progress(Progress("Downloading weights", done, total, target.name))
        except (urllib.error.URLError, TimeoutError) as error:
            raise WeightsMissingError(
                f"Could not download {url}: {getattr(error, 'reason', error)}. Check the "
                f"connection, or put the file into {target.parent} yourself."
            ) from error
        expected = entry.weights.sha256
        if expected and not digest.hexdigest().startswith(expected):
            raise WeightsError(
                f"What {url} sent is not the published file (its SHA-256 begins with "
                f"{digest.hexdigest()[:8]}, not {expected[:8]}). Nothing was kept; try again later."
            )
    return target


def check_hash(path: Path, expected: str) -> None:
    """Refuse a file whose SHA-256 does not begin with `expected`.

    Raises
    ------
    WeightsError
        If it does not.
    StorageError
        If the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise StorageError(f"Could not read {path}: {error.strerror}.") from error
    if not digest.hexdigest().startswith(expected):
        raise WeightsError(
            f"{path} is not the file that its description names: its SHA-256 begins with "
            f"{digest.hexdigest()[:8]}, not {expected[:8]}."
        )
