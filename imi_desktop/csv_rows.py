"""Small tables that people write by hand: CSV, read strictly."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from imi_desktop.errors import UserError, storage_error


def csv_rows(
    path: Path, needed: Sequence[str], wrong: type[UserError]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Read a CSV table row by row, every cell as text without spaces around it.

    Parameters
    ----------
    path : Path
        UTF-8, with or without a byte order mark; commas between cells.
    needed : sequence of str
        Columns that must be there; others may be.
    wrong : type of UserError
        What is raised if the table is not like that.

    Yields
    ------
    place : str
        File and line, for the sentences of errors.
    row : dict of str to str
        Cell by column; empty where the line is too short.

    Raises
    ------
    UserError
        Of type `wrong`, if the file is not such a table.
    StorageError
        If it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = [name.strip() for name in next(reader, [])]
            missing = [name for name in needed if name not in names]
            if missing:
                raise wrong(f"{path} lacks the column {missing[0]}; it needs {', '.join(needed)}.")
            twice = [name for name in names if names.count(name) > 1]
            if twice:
                raise wrong(f"{path} has the column “{twice[0]}” twice.")
            for cells in reader:
                place = f"{path}, line {reader.line_num}"
                if len(cells) > len(names):
                    raise wrong(f"{place}: there are more cells than columns.")
                if cells:
                    row = dict.fromkeys(names, "")
                    row.update(zip(names, (cell.strip() for cell in cells), strict=False))
                    yield place, row
    except (UnicodeDecodeError, csv.Error) as error:
        raise wrong(f"{path} is not a UTF-8 CSV table: {error}.") from error
    except OSError as error:
        raise storage_error("read", path, error) from error
