"""Whether what was imported into a study is still what the import wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from imi_desktop.analysis.columns import TrialTableError, check_apart
from imi_desktop.analysis.load import IMPORTED, read_table
from imi_desktop.errors import UserError, storage_error
from imi_desktop.exchange.imported_table import ForeignFormatError, sha256_of


@dataclass(frozen=True)
class ImportedProblem:
    """One thing that is wrong with imported data.

    Parameters
    ----------
    sentence : str
        What is wrong, where, and what to do.
    file : Path
        The file it is about.
    """

    sentence: str
    file: Path


def has_imports(study: Path) -> bool:
    """Whether anything was imported into the folder, which then need not have a study file."""
    return any((study / IMPORTED).glob("*.json")) or any((study / IMPORTED).glob("*.parquet"))


def describe_imports(study: Path) -> str:
    """What the folder holds: ``answers recorded elsewhere: 1 890 trials in imported/a.parquet``.

    Files that cannot be read are left out; :func:`imported_problems` names them.
    """
    parts = []
    for file in sorted((study / IMPORTED).glob("*.json")):
        try:
            report = _provenance(file)
        except UserError:
            continue
        trials, outputs = int(report.get("trials", 0)), report.get("outputs", [])
        amount = f"{trials} trials" if trials else f"{len(outputs)} images"
        parts.append(f"{amount} from {report.get('source', 'an unnamed source')}")
    return "data made elsewhere: " + ("; ".join(parts) or "nothing that can be read")


def imported_problems(study: Path) -> Iterator[ImportedProblem]:
    """Check tables, hashes, provenance and images of everything that was imported.

    Parameters
    ----------
    study : Path
        Study folder, with or without a study file.
    """
    folder = study / IMPORTED
    tables: list[tuple[str, pd.DataFrame]] = []
    for path in sorted(folder.glob("*.parquet")):
        provenance = path.with_suffix(".json")
        if not provenance.is_file():
            yield ImportedProblem(
                f"{path} has no {provenance.name} that says where it comes from. Import it again.",
                path,
            )
        try:
            trials = read_table(path)
        except UserError as error:
            yield ImportedProblem(f"{error.sentence} Import the table again.", path)
            continue
        tables.append((str(path), trials))
        yield from _against_provenance(path, provenance, len(trials))
    try:
        check_apart([(name, trials) for name, trials in tables if len(trials)])
    except TrialTableError as error:
        yield ImportedProblem(error.sentence, folder)
    for path in sorted(folder.glob("*.json")):
        yield from _missing_outputs(study, path)


def _against_provenance(path: Path, provenance: Path, rows: int) -> Iterator[ImportedProblem]:
    if not provenance.is_file():
        return
    try:
        report = _provenance(provenance)
    except UserError:
        return  # told with the outputs
    sha256 = report.get("table_sha256")
    changed = sha256_of(path) != sha256 if sha256 else rows != report.get("trials")
    if changed:
        yield ImportedProblem(
            f"{path} is not the table that the import wrote. Import it again.", path
        )


def _missing_outputs(study: Path, provenance: Path) -> Iterator[ImportedProblem]:
    try:
        report = _provenance(provenance)
    except UserError as error:
        yield ImportedProblem(error.sentence, provenance)
        return
    gone = [name for name in report.get("outputs", []) if not (study / name).is_file()]
    if gone:
        files = "1 file is" if len(gone) == 1 else f"{len(gone)} files are"
        yield ImportedProblem(
            f"{files} missing that {provenance} names, the first is {gone[0]}. Import them again.",
            study / gone[0],
        )


def _provenance(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise storage_error("read", path, error) from error
    except ValueError as error:
        raise ForeignFormatError(f"{path} is not JSON ({error}). Import the data again.") from error
    outputs = report.get("outputs", []) if isinstance(report, dict) else None
    named = isinstance(outputs, list) and all(isinstance(name, str) for name in outputs)
    if not named or not isinstance(report.get("trials", 0), int):
        raise ForeignFormatError(f"{path} does not describe an import. Import the data again.")
    return report
