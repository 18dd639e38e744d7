"""From study folders and tables to one trial table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.api.types import union_categoricals

from imi_desktop.analysis.columns import (
    COLUMNS,
    TrialTableError,
    check_apart,
    check_sites,
    check_unique,
    conform,
    empty_trials,
)
from imi_desktop.analysis.csv_chunks import CHUNK_ROWS, csv_chunks
from imi_desktop.errors import UserError, storage_error
from imi_desktop.experiment.study import Study

STUDY_FILE = "study.toml"
IMPORTED = "imported"
SESSIONS = "sessions"


class NothingToAnalyseError(UserError):
    """A path holds neither a study nor a trial table."""


@dataclass(frozen=True)
class Source:
    """One place trials were read from.

    Parameters
    ----------
    kind : {"journals", "imported", "csv", "parquet"}
    trials : int
        Number of rows read.
    recorded_as : tuple of str
        Other names that the study had when the answers were given or imported.
    """

    path: Path
    kind: str
    trials: int
    recorded_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadedTrials:
    """All trials of the paths named, in one table.

    Parameters
    ----------
    trials : DataFrame
        Exactly the columns of :data:`imi_desktop.analysis.columns.COLUMNS`; texts are categories.
    studies : tuple of Path
        Study folders among the sources.
    names : tuple of str
        What the trials of each of them have in the column ``study``.
    """

    trials: pd.DataFrame
    sources: tuple[Source, ...]
    studies: tuple[Path, ...]
    names: tuple[str, ...] = ()

    @property
    def folders(self) -> dict[str, Path]:
        """Study folder by the name that its trials have."""
        return dict(zip(self.names, self.studies, strict=True))


def load_trials(paths: Sequence[Path]) -> LoadedTrials:
    """Read the trials of studies, of folders of studies, and of trial tables.

    Parameters
    ----------
    paths : sequence of Path
        Study folders, folders that hold study folders, ``.csv`` or ``.parquet`` trial tables.

    Raises
    ------
    NothingToAnalyseError
        If a path is none of these.
    TrialTableError
        If a table lacks a column, holds a value that cannot be, or a trial twice.
    """
    tables: list[pd.DataFrame] = []
    sources: list[Source] = []
    studies: list[Path] = []
    for path in dict.fromkeys(Path(path).resolve() for path in paths):
        if path.is_file():
            tables.append(read_table(path))
            sources.append(Source(path, path.suffix.lower().lstrip("."), len(tables[-1])))
            continue
        folders = _study_folders(path)
        studies.extend(folder for folder in folders if folder not in studies)
    names = names_apart(studies)
    labels = [""] * len(tables)
    for folder, name in zip(studies, names, strict=True):
        for source, table in study_tables(folder):
            tables.append(table)
            sources.append(source)
            labels.append(name)
    check_apart(  # before studies of the same name are told apart, so that copies are noticed
        [(str(s.path), t) for s, t in zip(sources, tables, strict=True) if len(t)],
    )
    for table, label in zip(tables, labels, strict=True):
        if label and len(table):
            table["study"] = _constant(label, len(table))
    filled = [table for table in tables if len(table)]
    trials = pd.concat(filled, ignore_index=True) if filled else empty_trials()
    return LoadedTrials(categorical(trials), tuple(sources), tuple(studies), names)


def read_table(path: Path) -> pd.DataFrame:
    """Read one ``.csv`` or ``.parquet`` trial table, strictly.

    Raises
    ------
    TrialTableError
        As :func:`imi_desktop.analysis.columns.conform`, or if the file is not such a table.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        trials = _joined(conform(rows, path.name, first_row=row) for row, rows in csv_chunks(path))
    elif suffix == ".parquet":
        try:
            trials = _joined(
                conform(batch.to_pandas(), path.name)
                for batch in pq.ParquetFile(path).iter_batches(CHUNK_ROWS)
            )
        except pa.ArrowInvalid as error:
            raise TrialTableError(f"{path} is not a Parquet table: {error}.") from error
        except OSError as error:
            raise storage_error("read", path, error) from error
    else:
        raise NothingToAnalyseError(
            f"{path} is neither a study folder nor a .csv or .parquet trial table."
        )
    if trials["study"].isna().any():
        named = trials["study"].astype("string").fillna(path.stem)
        trials["study"] = named.astype("category")
    check_unique(trials, path.name)
    check_sites({}, trials, path.name)
    return trials


def _joined(pieces: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put pieces of a table together; texts are kept once each, so that large tables fit."""
    joined: list[pd.DataFrame] = []
    for piece in pieces:
        joined.append(categorical(piece))
    if not joined:
        return categorical(empty_trials())
    columns = {}
    for column in COLUMNS:
        parts = [piece[column.name] for piece in joined]
        columns[column.name] = union_categoricals(parts) if column.kind == "text" else pd.concat(
            parts, ignore_index=True
        ).array  # fmt: skip
        for piece in joined:
            del piece[column.name]
    return pd.DataFrame(columns)


def categorical(trials: pd.DataFrame) -> pd.DataFrame:
    """Turn the text columns into categories, which makes grouping and filtering fast."""
    texts = [column.name for column in COLUMNS if column.kind == "text"]
    return trials.astype(dict.fromkeys(texts, "category"))


def _study_folders(path: Path) -> list[Path]:
    if _is_study(path):
        return [path]
    if path.is_dir():
        inside = sorted(child for child in path.iterdir() if child.is_dir() and _is_study(child))
        if inside:
            return inside
        raise NothingToAnalyseError(f"{path} holds no study and is none itself.")
    raise NothingToAnalyseError(
        f"There is no {path}. Name a study folder, a folder of studies, or a trial table."
    )


def _is_study(path: Path) -> bool:
    return (path / STUDY_FILE).is_file() or any(
        (path / name).is_dir() for name in (IMPORTED, SESSIONS)
    )


def names_apart(folders: Sequence[Path]) -> tuple[str, ...]:
    """A name for each study folder, none of them twice.

    That of its ``study.toml``, or of the folder; studies of the same name, such as those of two
    sites, get the end of their path added, because their participants share numbers.
    """
    names = [study_name(folder) for folder in folders]
    deepest = max((len(folder.parts) for folder in folders), default=0)
    for depth in range(1, deepest + 1):
        ends = [str(Path(*folder.parts[-depth:])) for folder in folders]
        told = [
            name if names.count(name) == 1 else f"{name} ({end})"
            for name, end in zip(names, ends, strict=True)
        ]
        if len(set(told)) == len(told):
            return tuple(told)
    return tuple(names)


def study_name(folder: Path) -> str:
    """Name of the study in `folder`; that of the folder where there is no ``study.toml``."""
    if (folder / STUDY_FILE).is_file():
        return Study.load(folder).name
    return folder.resolve().name


def study_tables(folder: Path) -> Iterator[tuple[Source, pd.DataFrame]]:
    """The trials of a study, from its journals and from every imported table.

    Whatever lies in the folder belongs to the study, also if it was renamed since.

    Raises
    ------
    UserError
        If a journal or a table cannot be read.
    """
    own = study_name(folder)
    if (folder / SESSIONS).is_dir():
        read_trials = _journal_reader()
        trials = conform(read_trials(folder), f"The journals of {folder.name}")
        yield _of_study(folder / SESSIONS, "journals", trials, own)
    for path in sorted((folder / IMPORTED).glob("*.parquet")):
        yield _of_study(path, "imported", read_table(path), own)


def _of_study(path: Path, kind: str, trials: pd.DataFrame, own: str) -> tuple[Source, pd.DataFrame]:
    others = sorted(set(trials["study"].dropna().astype(str).unique()) - {own})
    trials["study"] = _constant(own, len(trials))
    return Source(path, kind, len(trials), tuple(others)), trials


def _constant(text: str, length: int) -> Any:
    return pd.Categorical([text]).take(np.zeros(length, dtype=np.intp))


def _journal_reader() -> Callable[[Path], pd.DataFrame]:
    from imi_desktop.recording.trial_table import read_trials

    return read_trials
