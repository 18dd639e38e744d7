"""The released answers of Borowski et al. 2021 (Experiments I and II).

Columns and coding: https://github.com/bethgelab/testing_visualizations and the paper's
appendix A.1. Experiment II adds ``instruction_grid_mode``, ``n_instruction_patches``,
``expert_level`` and ``batch_block``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from imi_desktop.analysis.csv_chunks import check_shape, csv_chunks
from imi_desktop.analysis.load import study_name
from imi_desktop.errors import storage_error
from imi_desktop.exchange.borowski2021_units import (
    PublishedUnits,
    find_units_folder,
    read_units,
)
from imi_desktop.exchange.imported_study import make_study
from imi_desktop.exchange.imported_table import (
    ForeignFormatError,
    ImportedTableWriter,
    ImportReport,
    imported_table,
    sha256_of,
)

_TRIALS = ("subject_id", "trial_nr", "block_nr", "instr_type", "trial_type", "catch_trial", "batch",
           "layer", "kernel_size", "channel", "correct", "conf_rating", "RT", "timeout",
           "response", "correct_response")  # fmt: skip
_RATINGS = ("subject_id", "trial_name", "trial_nr", "rating", "rt")
_EXPERIMENT_II = ("instruction_grid_mode", "n_instruction_patches", "expert_level", "batch_block")
_CONDITIONS = {"optimized": "synthetic", "natural": "natural", "none": "none",
               "none_pre": "none", "none_post": "none"}  # fmt: skip
_PHASES = {"practice": "practice", "main": "main", "repeated": "repeated"}
_POSITIONS = {"a": "upper", "b": "lower"}
_GRID_MODES = {"max_max": "max", "max": "max", "max_only": "max", "only_max": "max",
               "min_max": "min_max", "minmax": "min_max", "max_min": "min_max",
               "both": "min_max"}  # fmt: skip
_SEED = 42  # that of the released files
_DROPPED = {
    "": "row numbers of the table it was cut from",
    "Unnamed: 0": "row numbers of the table it was cut from",
    "subject_id_within_expert_type": "subject_id is the one that is unique",
    "query_order": "follows from correct_response",
    "query_image_a": "path on the authors' computer",
    "query_image_b": "path on the authors' computer",
    "old_trial_nr": "a repeated trial's first showing has the same unit, condition and batch",
    "old_block_nr": "a repeated trial's first showing has the same unit, condition and batch",
    "seed": "seed of the authors' program",
    "unit_name": "follows from the unit",
    "abs_conf_rating": "follows from conf_rating",
    "trial_name_as_jittered_number": "horizontal place in a plot",
}


def import_borowski2021(source: Path, into: Path, *, units: Path | None = None) -> ImportReport:
    """Import the released CSV files of one experiment into a study folder.

    Parameters
    ----------
    source : Path
        One CSV file, or a folder with the files of one experiment.
    into : Path
        Study folder; made if it does not exist.
    units : Path or None
        Folder of the unit tables; None looks for it beside `source`.

    Raises
    ------
    ForeignFormatError
        If a file is not one of the released ones, or both experiments are mixed.
    TrialTableError
        If a value cannot be.
    """
    report = ImportReport("borowski2021", str(source))
    trials, ratings, experiment = _recognise(source, report)
    folder = units or find_units_folder(source)
    tables = read_units(folder)
    if folder is None:
        report.mapped.append(
            "No unit tables were found, so channels are missing; name their folder with --units."
        )
    study = study_name(into)
    with imported_table(into, "borowski2021", report) as table:
        for path in trials:
            _import_trials(path, table, tables, study, report)
        for path in ratings:
            _import_ratings(path, table, tables, study, report)
        make_study(into, f"borowski2021-{experiment}", "inceptionv1", seed=_SEED)
    return report


def _recognise(source: Path, report: ImportReport) -> tuple[list[Path], list[Path], int]:
    if source.is_dir():
        files = sorted(source.glob("*.csv"))
    elif source.is_file():
        files = [source]
    else:
        raise ForeignFormatError(f"There is no {source}.")
    trials: list[Path] = []
    ratings: list[Path] = []
    experiments = set()
    for path in files:
        columns = _header(path)
        if set(_TRIALS) <= columns:
            trials.append(path)
            experiments.add(2 if "instruction_grid_mode" in columns else 1)
        elif set(_RATINGS) <= columns:
            ratings.append(path)
        else:
            lacking = ", ".join(sorted(set(_TRIALS) - columns))
            if len(files) == 1:
                raise ForeignFormatError(f"{path} lacks the columns {lacking}.")
            report.problems[f"{path.name} was not recognised and not read"] += 1
    if len(experiments) > 1:
        raise ForeignFormatError(
            f"{source} holds Experiments I and II, whose participants share numbers. "
            "Import each into a study of its own."
        )
    if not trials and not ratings:
        raise ForeignFormatError(
            f"{source} holds none of the released files: a CSV file with the columns "
            f"{', '.join(_TRIALS)} was expected."
        )
    return trials, ratings, max(experiments, default=1)


def _header(path: Path) -> set[str]:
    try:
        check_shape(path)
        with path.open("rb") as file:
            first = file.readline()
    except OSError as error:
        raise storage_error("read", path, error) from error
    return {name.strip().strip('"') for name in first.decode("utf-8-sig", "replace").split(",")}


def _import_trials(
    path: Path, table: ImportedTableWriter, units: PublishedUnits, study: str, report: ImportReport
) -> None:
    rows = 0
    for first, chunk in csv_chunks(path):
        _account_for_columns(chunk, (*_TRIALS, *_EXPERIMENT_II), report)
        table.append(
            _translate_trials(chunk, path.name, first, units, study, report), first_row=first
        )
        rows += len(chunk)
    _file_read(path, rows, report)
    _say(report, "instr_type optimized is condition synthetic; none_pre and none_post are none.")
    _say(report, "conf_rating −3 … 3 became confidence 1 … 3; its sign only repeats the choice.")
    _say(report, "Query image a is the upper one, b the lower one. RT in s became ms.")
    if "instruction_grid_mode" in chunk.columns:
        _say(report, "instruction_grid_mode max_max is scheme max, min_max is min_max; "
             "n_instruction_patches, 1 or 9, is its number of references per side.")  # fmt: skip
        _say(report, "batch_block, a to h, only chooses the unit table; expert_level is kept as "
             "it is, in small letters.")  # fmt: skip
    _say(report, "channel_1 is the hand-picked pool unit of its layer, channel_0 a random unit.")


def _translate_trials(
    chunk: pd.DataFrame,
    source: str,
    first: int,
    units: PublishedUnits,
    study: str,
    report: ImportReport,
) -> pd.DataFrame:
    seconds = pd.to_numeric(chunk["RT"], errors="coerce")
    _refuse(chunk["RT"].notna() & seconds.isna(), chunk["RT"], "RT", source, first)
    negative = seconds < 0
    if negative.any():
        report.problems["A negative reaction time is not possible and became missing"] += int(
            negative.sum()
        )
    rating = pd.to_numeric(chunk["conf_rating"], errors="coerce")
    response = chunk["response"].str.strip()
    contradicts = ((rating < 0) & (response == "b")) | ((rating > 0) & (response == "a"))
    _refuse(contradicts.fillna(False), chunk["conf_rating"], "conf_rating", source, first)
    right = chunk["correct_response"].str.strip()
    answered = response.notna() & right.notna() & chunk["correct"].notna()
    claimed = chunk["correct"].str.strip().str.lower().isin(["true", "1"])
    _refuse(answered & ((response == right) != claimed), chunk["correct"], "correct", source, first)
    condition = _coded(chunk["instr_type"], _CONDITIONS, source, first)
    numbered = chunk["channel"].str.fullmatch(r"(channel_)?\d+")
    picked = chunk["channel"].str.fullmatch(r"(channel_)?1")
    return pd.DataFrame(
        {
            "study": study,
            "participant": chunk["subject_id"],
            "expert_level": _expert_level(chunk, report),
            "task": "forward_prediction",
            "phase": _coded(chunk["trial_type"], _PHASES, source, first),
            "catch": chunk["catch_trial"],
            "block": chunk["block_nr"],
            "trial": chunk["trial_nr"],
            "attempt": 1,
            "condition": condition,
            "scheme": _scheme(chunk, condition, source, first),
            "unit_selection": pd.Series(
                np.where(picked, "hand_picked", "random"), index=chunk.index
            ).where(numbered.fillna(False)),
            "image_set": chunk["batch"],
            "target_position": _coded(right, _POSITIONS, source, first),
            "chosen_position": _coded(response, _POSITIONS, source, first),
            "correct": chunk["correct"],
            "confidence": rating.abs(),
            "reaction_time_ms": (seconds * 1000).mask(negative),
            "timeout": chunk["timeout"],
            "included": True,
        }
    ).join(_unit_columns(chunk, units, report))


def _import_ratings(
    path: Path, table: ImportedTableWriter, units: PublishedUnits, study: str, report: ImportReport
) -> None:
    rows = 0
    attempt = 2 if "end" in path.stem.split("_") else 1
    for first, chunk in csv_chunks(path):
        _account_for_columns(chunk, (*_RATINGS, *_EXPERIMENT_II), report)
        shown = chunk.assign(
            layer=chunk["trial_name"], kernel_size=chunk["trial_name"], channel=chunk["trial_name"]
        )
        seconds = pd.to_numeric(chunk["rt"], errors="coerce")
        _refuse(chunk["rt"].notna() & seconds.isna(), chunk["rt"], "rt", path.name, first)
        trials = pd.DataFrame(
            {
                "study": study,
                "participant": chunk["subject_id"],
                "expert_level": _expert_level(chunk, report),
                "task": "intuitiveness",
                "phase": "main",
                "catch": False,
                "trial": chunk["trial_nr"],
                "attempt": attempt,
                "condition": "synthetic",
                "correct": pd.NA,
                "rating": chunk["rating"],
                "reaction_time_ms": seconds * 1000,
                "included": True,
            }
        ).join(_unit_columns(shown, units, report))
        table.append(trials, first_row=first)
        rows += len(chunk)
    _file_read(path, rows, report)
    when = "after (attempt 2)" if attempt == 2 else "before (attempt 1)"
    _say(report, f"{path.name} holds the intuitiveness ratings {when} the main trials.")


def _unit_columns(chunk: pd.DataFrame, units: PublishedUnits, report: ImportReport) -> pd.DataFrame:
    if "batch_block" in chunk.columns:
        blocks = chunk["batch_block"].str.strip().str.lower().str.removeprefix("batch_block_")
    else:
        blocks = pd.Series(pd.NA, index=chunk.index, dtype="string")
    keys = pd.DataFrame(
        {"block": blocks, **{name: chunk[name] for name in ("layer", "kernel_size", "channel")}}
    )
    distinct = {
        key: units.find(None if pd.isna(key[0]) else key[0], *key[1:])
        for key in set(keys.itertuples(index=False, name=None))
    }
    rows = [distinct[key] for key in keys.itertuples(index=False, name=None)]
    unknown = sum(unit is None for unit in rows)
    if unknown:
        report.problems["The unit is in none of the unit tables and became missing"] += unknown
    return pd.DataFrame(
        {
            "model": pd.Series("inceptionv1", index=chunk.index),
            "layer": [unit.layer if unit else None for unit in rows],
            "branch": [unit.branch if unit else None for unit in rows],
            "channel": pd.array([unit.channel if unit else None for unit in rows], dtype="Int64"),
        },
        index=chunk.index,
    )


def _scheme(chunk: pd.DataFrame, condition: pd.Series, source: str, first: int) -> pd.Series:
    if "instruction_grid_mode" not in chunk.columns:
        return pd.Series("min_max_9", index=chunk.index).where(condition != "none", "none")
    mode = (
        chunk["instruction_grid_mode"]
        .str.strip()
        .str.lower()
        .str.replace(r"[ +-]+", "_", regex=True)
    )
    grid = _coded(mode, _GRID_MODES, source, first)
    patches = chunk["n_instruction_patches"].str.strip().str.replace(r"\.0$", "", regex=True)
    count = _coded(patches, {"1": "1", "9": "9"}, source, first)
    return (grid + "_" + count).where(condition != "none", "none")


def _expert_level(chunk: pd.DataFrame, report: ImportReport) -> pd.Series:
    if "expert_level" in chunk.columns:
        return chunk["expert_level"].str.strip().str.lower()
    _say(report, "All participants of Experiment I were experts (section 4 of the paper).")
    return pd.Series("expert", index=chunk.index)


def _coded(values: pd.Series, codes: dict[str, str], source: str, first: int) -> pd.Series:
    text = values.str.strip()
    _refuse(text.notna() & ~text.isin(list(codes)), values, str(values.name), source, first)
    return text.map(codes)


def _refuse(wrong: pd.Series, values: pd.Series, name: str, source: str, first: int) -> None:
    if wrong.any():
        place = int(np.flatnonzero(wrong.to_numpy(dtype=bool))[0])
        raise ForeignFormatError(
            f"{source}, row {first + place}: {name} is “{values.iloc[place]}”, which is not "
            "possible there. Nothing was imported."
        )


def _account_for_columns(chunk: pd.DataFrame, used: tuple[str, ...], report: ImportReport) -> None:
    for name in chunk.columns:
        if name not in used and name not in report.dropped:
            report.dropped[name] = _DROPPED.get(name, "not known")


def _file_read(path: Path, rows: int, report: ImportReport) -> None:
    report.files.append({"name": path.name, "sha256": sha256_of(path), "rows": rows})


def _say(report: ImportReport, sentence: str) -> None:
    if sentence not in report.mapped:
        report.mapped.append(sentence)
