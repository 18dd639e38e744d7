"""Trial tables as files: CSV and Parquet, with every column and nothing rounded."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from imi_desktop import atomic
from imi_desktop.analysis.columns import COLUMNS
from imi_desktop.errors import UserError


def write_trials(trials: pd.DataFrame, path: Path) -> None:
    """Write a trial table as ``.csv`` or ``.parquet``, which `imi-desktop analyze` reads again.

    Raises
    ------
    UserError
        If the file's name ends otherwise.
    StorageError
        If the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        atomic.write_text(path, csv_text(trials))
    elif suffix == ".parquet":
        with atomic.replacing(path) as file:
            _plain(trials).to_parquet(file, index=False)
    else:
        raise UserError(f"{path} must end in .csv or .parquet.")


def csv_text(trials: pd.DataFrame) -> str:
    """A trial table as CSV text; missing values are empty."""
    return str(_plain(trials).to_csv(index=False, lineterminator="\n"))


def _plain(trials: pd.DataFrame) -> pd.DataFrame:
    texts = {
        column.name: "string"
        for column in COLUMNS
        if column.kind == "text" and column.name in trials.columns
    }
    return trials.astype(texts)
