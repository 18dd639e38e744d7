"""The index of an image folder: which images there are, and which can be used."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from PIL import Image

from imi_desktop import atomic
from imi_desktop.errors import UserError, storage_error
from imi_desktop.progress import CancelToken, Progress, ProgressReporter, silent
from imi_desktop.stimuli.images import UnreadableImageError, load_pixels, open_encoded

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".avif", ".jp2"}
    | {".ppm", ".pgm", ".pbm", ".pnm"}
)
MINIMUM_SIDE = 32
_COLUMNS = ("path", "sha256", "width", "height", "mode", "usable", "reason")
_EXIF_ORIENTATION = 0x0112
_TURNED = frozenset({5, 6, 7, 8})


class ImageFolderError(UserError):
    """An image folder is missing, empty, or its index cannot be read."""


@dataclass(frozen=True)
class ImageFile:
    """One file of an image folder.

    Parameters
    ----------
    path : str
        Relative to the folder, with ``/``.
    sha256 : str
        Of the file's content, 64 hexadecimal digits; empty if it could not be read.
    width, height : int
        Upright, px; 0 if unknown.
    mode : str
        Pillow's name of the pixels as stored: ``RGB``, ``L``, ``CMYK`` …
    reason : str
        Why the file cannot be used; empty if it can.
    """

    path: str
    sha256: str
    width: int
    height: int
    mode: str
    reason: str = ""

    @property
    def usable(self) -> bool:
        """Whether activations can be recorded for this image."""
        return not self.reason


@dataclass(frozen=True)
class ImageFolder:
    """A folder and the index of its images, sorted by path.

    Parameters
    ----------
    root : Path
        The folder; the images stay there.
    files : tuple of ImageFile
        Usable and unusable ones.
    """

    root: Path
    files: tuple[ImageFile, ...]

    @property
    def usable(self) -> list[ImageFile]:
        """Images that can be used, sorted by path."""
        return [file for file in self.files if file.usable]

    @property
    def unusable(self) -> list[ImageFile]:
        """Images that cannot be used, each with its reason."""
        return [file for file in self.files if not file.usable]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over path and content of every usable image; equal means the same dataset."""
        digest = hashlib.sha256()
        for file in self.usable:
            digest.update(f"{file.path}\0{file.sha256}\n".encode())
        return digest.hexdigest()

    def file(self, path: str) -> Path:
        """Where the image of this relative path lies."""
        return self.root.joinpath(*path.split("/"))

    def without(self, reasons: dict[str, str]) -> ImageFolder:
        """Return the folder with some images marked unusable.

        Parameters
        ----------
        reasons : dict of str to str
            Why, by relative path.
        """
        files = tuple(replace(f, reason=reasons.get(f.path, f.reason)) for f in self.files)
        return ImageFolder(self.root, files)

    def write(self, path: Path) -> None:
        """Write the index as CSV (``dataset.csv`` of a study), atomically.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for f in self.files:
            usable = "true" if f.usable else "false"
            writer.writerow([f.path, f.sha256, f.width, f.height, f.mode, usable, f.reason])
        atomic.write_text(path, text.getvalue())

    @classmethod
    def read(cls, path: Path, root: Path) -> ImageFolder:
        """Read the index that :meth:`write` wrote.

        Parameters
        ----------
        path : Path
            The CSV file.
        root : Path
            The image folder, as the study names it; it need not be there.

        Raises
        ------
        StorageError
            If the file cannot be read.
        ImageFolderError
            If it is not such an index.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise storage_error(
                "read the index of the image folder", path, error, "Index the folder again."
            ) from error
        except UnicodeDecodeError as error:
            raise _broken_index(path, "it is not UTF-8 text") from error
        reader = csv.DictReader(io.StringIO(text, newline=""))
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise _broken_index(path, f"the column {missing[0]} is missing")
        files = []
        for row in reader:
            try:
                files.append(
                    ImageFile(
                        path=row["path"],
                        sha256=row["sha256"],
                        width=int(row["width"]),
                        height=int(row["height"]),
                        mode=row["mode"],
                        reason=row["reason"],
                    )
                )
            except (TypeError, ValueError) as error:
                raise _broken_index(path, f"line {reader.line_num} is damaged") from error
        return cls(Path(root), tuple(files))


def index_folder(
    folder: Path,
    *,
    progress: ProgressReporter = silent,
    cancel: CancelToken | None = None,
    workers: int | None = None,
) -> ImageFolder:
    """Look at every image below a folder, in subfolders too.

    Hidden files and folders and files that are not named like images are left out. An image is
    unusable if it cannot be decoded, is shorter than 32 px on a side, or has the same content as
    one before it (references and queries must be different images).

    Parameters
    ----------
    folder : Path
        The image folder.
    progress : callable
        Told after every few images.
    cancel : CancelToken or None
        Asked before every image.
    workers : int or None
        Decoding threads; None takes one for each processor, 8 at most.

    Raises
    ------
    ImageFolderError
        If the folder is missing or not a folder, or holds no usable image.
    Cancelled
        If asked to stop.
    """
    root = Path(folder).expanduser().absolute()
    if not root.exists():
        raise ImageFolderError(f"There is no folder {root}. Choose the folder of your images.")
    if not root.is_dir():
        raise ImageFolderError(f"{root} is not a folder. Choose the folder of your images.")
    cancel = cancel or CancelToken()
    paths = sorted(_image_paths(root))
    if not paths:
        raise ImageFolderError(
            f"There is no image in {root} or its subfolders. "
            "Choose a folder with JPEG, PNG, TIFF, WebP, BMP or GIF files."
        )
    workers = workers or min(8, os.cpu_count() or 1)
    files = []
    for file in _map_in_order(root, paths, workers, cancel):
        files.append(file)
        if len(files) % 16 == 0 or len(files) == len(paths):
            progress(Progress("Indexing images", len(files), len(paths), file.path))
    index = ImageFolder(root, tuple(_mark_copies(files)))
    if not index.usable:
        first = index.files[0]
        raise ImageFolderError(
            f"None of the {len(files)} images in {root} can be used; "
            f"{first.path}, for example: {first.reason}. Choose another folder."
        )
    return index


def _map_in_order(
    root: Path, paths: list[str], workers: int, cancel: CancelToken
) -> Iterator[ImageFile]:
    with ThreadPoolExecutor(workers, thread_name_prefix="index") as pool:
        waiting: deque[Future[ImageFile]] = deque()
        remaining = iter(paths)
        try:
            for _ in range(4 * workers):
                for path in _take_one(remaining):
                    waiting.append(pool.submit(examine, root, path))
            while waiting:
                cancel.check()
                yield waiting.popleft().result()
                for path in _take_one(remaining):
                    waiting.append(pool.submit(examine, root, path))
        finally:
            for future in waiting:
                future.cancel()


def _take_one(iterator: Iterator[str]) -> Iterable[str]:
    for item in iterator:
        return (item,)
    return ()


def examine(root: Path, path: str) -> ImageFile:
    """Read one file completely and say what is in it.

    Parameters
    ----------
    root : Path
        The image folder.
    path : str
        Relative to it, with ``/``.
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        shown = path.encode("utf-8", "backslashreplace").decode()
        return ImageFile(shown, "", 0, 0, "", "the file's name is not valid text")
    try:
        data = root.joinpath(*path.split("/")).read_bytes()
    except OSError as error:
        return ImageFile(path, "", 0, 0, "", error.strerror or "it cannot be read")
    digest = hashlib.sha256(data).hexdigest()
    try:
        with open_encoded(data, path) as image:
            mode = image.mode
            width, height = _upright_size(image)
            found = ImageFile(path, digest, width, height, mode)
            if min(width, height) < MINIMUM_SIDE:
                return replace(
                    found,
                    reason=f"it has {width} × {height} px; each side needs {MINIMUM_SIDE}",
                )
            if mode == "F":
                return replace(found, reason="its pixels are floating-point numbers")
            try:
                # An eighth of the size: the whole file is still read and checked, in less time.
                image.draft(mode, (image.width // 8, image.height // 8))
                load_pixels(image, path)
            except UnreadableImageError as error:
                return replace(found, reason=error.reason)
            return found
    except UnreadableImageError as error:
        return ImageFile(path, digest, 0, 0, "", error.reason)


def _upright_size(image: Image.Image) -> tuple[int, int]:
    try:
        orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, TypeError, KeyError):
        orientation = 1
    width, height = image.size
    return (height, width) if orientation in _TURNED else (width, height)


def _mark_copies(files: list[ImageFile]) -> Iterator[ImageFile]:
    first: dict[str, str] = {}
    for file in files:
        if file.usable and file.sha256 in first:
            yield replace(file, reason=f"it has the same content as {first[file.sha256]}")
            continue
        if file.usable:
            first[file.sha256] = file.path
        yield file


def _image_paths(root: Path) -> Iterator[str]:
    seen = {root.resolve()}
    for folder, names, files in os.walk(root, followlinks=True):
        here = Path(folder)
        kept = []
        for name in names:
            target = (here / name).resolve()  # a link may lead back up: enter each folder once
            if not name.startswith(".") and target not in seen:
                seen.add(target)
                kept.append(name)
        names[:] = kept
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield (here / name).relative_to(root).as_posix()


def _broken_index(path: object, reason: str) -> ImageFolderError:
    return ImageFolderError(
        f"{path} is not an index of an image folder: {reason}. Index the folder again."
    )
