"""Our own trial table as CSV, from another computer or another program."""

from __future__ import annotations

from pathlib import Path

from imi_desktop.analysis.columns import NAMES
from imi_desktop.analysis.csv_chunks import csv_chunks
from imi_desktop.analysis.load import study_name
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
        If there is no such file, or it holds several studies.
    TrialTableError
        If a required column is missing, a value cannot be, or a trial is there twice.
    """
    if not source.is_file():
        raise ForeignFormatError(f"There is no file {source}.")
    report = ImportReport("trials-csv", str(source))
    study, rows = study_name(into), 0
    studies: set[str] = set()
    with imported_table(into, source.stem, report, source=source.name) as table:
        for first, chunk in csv_chunks(source):
            if "study" in chunk.columns:
                studies |= set(chunk["study"].dropna().str.strip().unique())
            if len(studies) > 1:
                raise ForeignFormatError(
                    f"{source} holds {' and '.join(sorted(studies)[:2])}, and participants of "
                    "several studies can have the same names. Import each study on its own, or "
                    "analyse the file itself."
                )
            for name in chunk.columns:
                if name not in NAMES:
                    report.dropped[name] = "no column of the trial table"
            table.append(chunk.assign(study=study), first_row=first)
            rows += len(chunk)
        absent = [name for name in NAMES if name not in chunk.columns]
        if absent:
            report.mapped.append(f"Missing from the file and left missing: {', '.join(absent)}.")
        if "trial" in absent:
            report.mapped.append("Trials have no numbers, so copies of trials cannot be noticed.")
        report.files.append({"name": source.name, "sha256": sha256_of(source), "rows": rows})
    return report
