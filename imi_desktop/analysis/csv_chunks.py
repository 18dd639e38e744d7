"""Large CSV tables, read strictly and in pieces."""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from imi_desktop.analysis.columns import TrialTableError
from imi_desktop.errors import storage_error

CHUNK_ROWS = 200_000
_TAIL_BYTES = 65_536


def csv_chunks(
    path: Path, *, rows: int = CHUNK_ROWS, separator: str = ","
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Read a CSV file in pieces, every value as text.

    Yields
    ------
    first_row : int
        Number of the piece's first row, the row after the header being 1.
    rows : DataFrame

    Raises
    ------
    TrialTableError
        If the file is not UTF-8 text or not a table.
    """
    row = 1
    try:
        check_shape(path, separator)
        with pd.read_csv(
            path,
            chunksize=rows,
            dtype="string",
            encoding="utf-8-sig",
            sep=separator,
            keep_default_na=False,
            na_values=["", "NA", "nan", "NaN", "None"],
        ) as reader:
            for chunk in reader:
                if not isinstance(chunk.index, pd.RangeIndex):
                    raise TrialTableError(
                        f"{path} is not a table: its rows have more cells than its header. Numbers "
                        "with a decimal comma must have a point instead."
                    )
                yield row, chunk.rename(columns=str.strip).reset_index(drop=True)
                row += len(chunk)
    except UnicodeDecodeError as error:
        raise TrialTableError(
            f"{path} is not UTF-8 text (byte {error.start} cannot be read). "
            "Save it as UTF-8 and try again."
        ) from error
    except pd.errors.EmptyDataError as error:
        raise TrialTableError(f"{path} is empty.") from error
    except pd.errors.ParserError as error:
        raise TrialTableError(
            f"{path} is not a table: {str(error).strip().rstrip('.')}."
        ) from error
    except OSError as error:
        raise storage_error("read", path, error) from error


def check_shape(path: Path, separator: str = ",") -> None:
    """Refuse what a reader of CSV would take for a table of other columns, or a part for all.

    Raises
    ------
    TrialTableError
        If the file is UTF-16, has a column twice or other signs between its cells, or is cut off.
    """
    with path.open("rb") as file:
        line = file.readline()
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - _TAIL_BYTES))
        last = file.read().rstrip().splitlines()[-1:]
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TrialTableError(f"{path} is UTF-16 text. Save it as UTF-8 and try again.")
    if b"\0" in line:
        raise TrialTableError(f"{path} is UTF-16 or no text. Save it as UTF-8 and try again.")
    names = [name.strip() for name in _cells(line.decode("utf-8-sig"), separator)]
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise TrialTableError(
            f"{path} has the column “{twice[0]}” twice. Remove one and try again."
        )
    for other, called in ((";", "semicolons"), ("\t", "tabs"), (",", "commas")):
        if len(names) == 1 and other != separator and other in names[0]:
            raise TrialTableError(
                f"{path} has {called} between its cells. Save it with commas, and numbers with a "
                "decimal point, and try again."
            )
    for text in last:
        if b'"' not in text and text.count(separator.encode()) < len(names) - 1:
            raise TrialTableError(
                f"{path} ends in the middle of a row, so something is missing. Get the whole file "
                "and try again."
            )


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])
