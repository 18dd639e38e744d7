"""Our own trial table as CSV, from another computer or another program."""

from __future__ import annotations

from pathlib import Path

from imi_desktop.analysis.columns import NAMES
from imi_desktop.analysis.load import csv_chunks, study_name
from imi_desktop.exchange.imported_table import (
    ForeignFormatError,
    ImportReport,
    imported_table,
    sha256_of,
)


def import_trials_csv(source: Path, into: Path) -> ImportReport:
    """Import a CSV file with the columns of the trial table, in pieces.

    Columns that are missing become missing values, unknown ones are dropped and named; the study
    column is replaced by the study imported into.

    Raises
    ------
    ForeignFormatError
        If there is no such file.
    TrialTableError
        If a required column is missing, a value cannot be, or a trial is there twice.
    """
    if not source.is_file():
        raise ForeignFormatError(f"There is no file {source}.")
    report = ImportReport("trials-csv", str(source))
    study, rows = study_name(into), 0
    with imported_table(into, source.stem, report) as table:
        for first, chunk in csv_chunks(source):
            for name in chunk.columns:
                if name not in NAMES:
                    report.dropped[name] = "no column of the trial table"
            table.append(chunk.assign(study=study), first_row=first)
            rows += len(chunk)
        absent = [name for name in NAMES if name not in chunk.columns]
        if absent:
            report.mapped.append(f"Missing from the file and left missing: {', '.join(absent)}.")
        report.files.append({"name": source.name, "sha256": sha256_of(source), "rows": rows})
    return report
