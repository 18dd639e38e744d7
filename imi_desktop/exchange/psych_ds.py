"""Export as a Psych-DS dataset (schema 0.4; https://psychds-docs.readthedocs.io)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from imi_desktop import __version__, atomic
from imi_desktop.exchange.data_dictionary import DESCRIPTIONS
from imi_desktop.exchange.table_files import csv_text


def export_psych_ds(trials: pd.DataFrame, into: Path, name: str) -> list[Path]:
    """Write ``dataset_description.json``, a README and ``data/study-<name>_data.csv``.

    Parameters
    ----------
    trials : DataFrame
        A trial table; participants are the ids used in the lab, without personal fields.

    Returns
    -------
    list of Path
        The files written.
    """
    keyword = re.sub(r"[^A-Za-z0-9]", "", name) or "imi"
    data = into / "data" / f"study-{keyword}_data.csv"
    columns = [column for column in trials.columns if trials[column].notna().any()]
    description: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": name,
        "description": (
            "Answers of people asked which of two images activates a unit of a vision model "
            f"strongly, one row per trial. Written by IMI Desktop {__version__}."
        ),
        "variableMeasured": [
            {"@type": "PropertyValue", "name": column, "description": DESCRIPTIONS[column]}
            for column in columns
        ],
    }
    written = [into / "dataset_description.json", into / "README.md", into / "CHANGES.md", data]
    atomic.write_text(written[0], json.dumps(description, indent=2, ensure_ascii=False) + "\n")
    atomic.write_text(written[1], f"# {name}\n\n{description['description']}\n")
    atomic.write_text(written[2], f"# Changes\n\n- Exported by IMI Desktop {__version__}.\n")
    atomic.write_text(data, csv_text(trials[columns]))
    return written
