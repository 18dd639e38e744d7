"""Every format of other programs that can be read or written, as data; light to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """One format.

    Parameters
    ----------
    name : str
        As ``imi-desktop import`` and ``imi-desktop export`` know it.
    title : str
        For people, in few words.
    about : str
        What is read or written, in a sentence.
    is_file : bool
        Whether a single file is read instead of a folder.
    needs_model : bool
        Whether the network has to be named, because the files do not.
    """

    name: str
    title: str
    about: str
    is_file: bool = False
    needs_model: bool = False


IMPORTS = (
    Format(
        "borowski2021",
        "Borowski et al. 2021, released answers",
        "The folder with the released CSV files of Experiment I or II. Unit tables are found "
        "beside it.",
    ),
    Format(
        "imi",
        "IMI, released answers",
        "The folder with the released responses_*.csv files of Zimmermann et al. 2023.",
    ),
    Format(
        "trials-csv",
        "Table of trials (CSV)",
        "A CSV file with the columns of this app's trial table, from another computer or program.",
        is_file=True,
    ),
    Format(
        "stimuli-folder",
        "Published stimulus folder",
        "A folder of layer folders with natural and optimized images. They are copied into the "
        "study.",
        needs_model=True,
    ),
    Format(
        "jspsych-tasks",
        "Task folders of the online experiment",
        "The folder with the task folders and their index. Images are copied into the study.",
    ),
)
EXPORTS = (
    Format("csv", "Table of trials, CSV", "One row per trial with every column."),
    Format("parquet", "Table of trials, Parquet", "One row per trial with every column, typed."),
    Format("psych-ds", "Psych-DS dataset", "A dataset folder with metadata and one data file."),
    Format("bids", "BIDS behavioural data", "One file per participant and task, with sidecars."),
    Format(
        "stimuli-folder",
        "Stimulus folder",
        "The study's natural and synthetic images under the published names.",
    ),
    Format(
        "jspsych-tasks",
        "Task folders for an online experiment",
        "Task folders with their images, their index and their units.",
    ),
)
