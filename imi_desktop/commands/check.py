"""``imi-desktop check``: lists everything that is wrong with a study's files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from imi_desktop.errors import StorageError, UserError

if TYPE_CHECKING:
    from imi_desktop.experiment.study import Study
    from imi_desktop.experiment.trial import SessionPlan


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    about : str
        ``study``, ``lock``, ``images``, ``stimuli`` or ``sessions``.
    sentence : str
        What is wrong, where, and what to do.
    files : list of str
        The files it is about.
    """

    about: str
    sentence: str
    files: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--json", action="store_true", help="print the problems as JSON")


def run(options: argparse.Namespace) -> int:
    """Print every problem; 0 if there is none, 1 otherwise."""
    problems = list(check_study(options.study))
    if options.json:
        print(
            json.dumps(
                {"study": str(options.study), "problems": [asdict(p) for p in problems]},
                ensure_ascii=False,
                indent=2,
            )
        )
    elif not problems:
        print(f"{options.study}: no problems found.")
    else:
        for problem in problems:
            print(problem.sentence)
        print(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found.")
    return 1 if problems else 0


def check_study(folder: Path) -> Iterator[Problem]:
    """Check the study file, the image index, the stimuli, the lock and the sessions.

    Raises
    ------
    StorageError
        If `folder` is not a study.
    """
    from imi_desktop.experiment.study import FILE_NAME, Study

    if folder.name == FILE_NAME:
        folder = folder.parent
    study: Study | None = None
    try:
        study = Study.load(folder)
    except StorageError:
        raise
    except UserError as error:
        yield Problem("study", error.sentence, [str(folder / FILE_NAME)])
    if study is not None:
        yield from _design_problems(study)
        yield from _lock_problems(study)
        yield from _image_problems(study)
    yield from _stimulus_problems(folder, study)
    yield from _session_problems(folder, study)


def _design_problems(study: Study) -> Iterator[Problem]:
    from imi_desktop.experiment.feasibility import study_problems

    for sentence in study_problems(study):
        yield Problem("study", sentence, [str(study.file)])


def _lock_problems(study: Study) -> Iterator[Problem]:
    from imi_desktop.experiment.lock import FILE_NAME, verify_lock

    file = str(study.folder / FILE_NAME)
    try:
        differences = verify_lock(study)
    except UserError as error:
        yield Problem("lock", error.sentence, [file])
        return
    for difference in differences:
        yield Problem("lock", f"Changed since the first session: {difference.sentence}", [file])


def _image_problems(study: Study) -> Iterator[Problem]:
    from imi_desktop.stimuli.image_folder import ImageFolder

    index_file = study.folder / "dataset.csv"
    if not index_file.exists():
        return  # not made yet; what that means for the stimuli is told there
    try:
        index = ImageFolder.read(index_file, study.images_folder)
    except UserError as error:
        yield Problem("images", error.sentence, [str(index_file)])
        return
    if not study.images_folder.is_dir():
        return  # the images stay where they are, and a study may be elsewhere
    gone = [file.path for file in index.usable if not (index.root / file.path).is_file()]
    if gone:
        yield Problem(
            "images",
            f"{_count(gone, 'image')} of {index_file} no longer in {index.root}, the first is "
            f"{gone[0]}. Restore them, or index the folder again.",
            gone,
        )


def _stimulus_problems(folder: Path, study: Study | None) -> Iterator[Problem]:
    from imi_desktop.experiment.requirements import stimuli_needed
    from imi_desktop.stimuli.pack import StimulusPack

    pack = StimulusPack(folder)
    try:
        known = [record.file for record in pack.manifest]
    except UserError as error:
        yield Problem("stimuli", error.sentence, [str(folder / "stimuli" / "manifest.jsonl")])
        known = []
    needed = list(stimuli_needed(study).files) if study is not None else []
    missing = pack.missing(dict.fromkeys([*needed, *known]))
    if missing:
        yield Problem(
            "stimuli",
            f"{_count(missing, 'stimulus image')} missing, the first is {missing[0]}. Make them "
            f"with imi-desktop generate {folder}.",
            missing,
        )
    try:
        damaged = pack.damaged(known)
    except UserError as error:
        yield Problem("stimuli", error.sentence, [])
        return
    if damaged:
        yield Problem(
            "stimuli",
            f"{_count(damaged, 'stimulus image')} not what the manifest says, the first is "
            f"{damaged[0]}. Delete them and run imi-desktop generate {folder}.",
            damaged,
        )


def _session_problems(folder: Path, study: Study | None) -> Iterator[Problem]:
    from imi_desktop.recording.participants import plan_for
    from imi_desktop.recording.verify import session_problems

    plan_of: Callable[[str], SessionPlan] | None = None
    if study is not None:
        plan_of = partial(plan_for, study)
    for problem in session_problems(folder, plan_of):
        yield Problem("sessions", problem.sentence, [str(problem.file)])


def _count(files: list[str], noun: str) -> str:
    return f"1 {noun} is" if len(files) == 1 else f"{len(files)} {noun}s are"
