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
    texts = {column.name: "string" for column in COLUMNS if column.kind == "text"}
    plain = trials.astype(texts)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        atomic.write_text(path, plain.to_csv(index=False, lineterminator="\n"))
    elif suffix == ".parquet":
        with atomic.replacing(path) as file:
            plain.to_parquet(file, index=False)
    else:
        raise UserError(f"{path} must end in .csv or .parquet.")
