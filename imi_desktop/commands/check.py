"""``imi-desktop check``: lists everything that is wrong with a study's files.

Notes tell what is not wrong, but worth knowing before anybody takes part.
"""

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
    from imi_desktop.stimuli.pack import StimulusPack


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    about : str
        ``study``, ``lock``, ``images``, ``stimuli``, ``sessions`` or ``imports``.
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
    parser.add_argument("--json", action="store_true", help="print problems and notes as JSON")


def run(options: argparse.Namespace) -> int:
    """Print every problem and note; 0 if there is no problem, 1 otherwise."""
    problems = list(check_study(options.study))
    notes = study_remarks(options.study)
    if options.json:
        print(
            json.dumps(
                {
                    "study": str(options.study),
                    "problems": [asdict(problem) for problem in problems],
                    "notes": notes,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        for problem in problems:
            print(problem.sentence)
        for note in notes:
            print(f"Note: {note}")
        if problems:
            print(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found.")
        else:
            print(f"{options.study}: no problems found.")
    return 1 if problems else 0


def check_study(folder: Path) -> Iterator[Problem]:
    """Check the study file, the image index, the stimuli, the lock, the sessions and imports.

    A folder without a study file that holds imported data is checked for these alone.

    Raises
    ------
    StorageError
        If `folder` is neither a study nor holds imported data.
    """
    from imi_desktop.exchange.imported_check import has_imports, imported_problems
    from imi_desktop.experiment.feasibility import load_telling_all
    from imi_desktop.experiment.study import FILE_NAME

    folder = _folder(folder)
    imports = has_imports(folder)
    if imports:
        for found in imported_problems(folder):
            yield Problem("imports", found.sentence, [str(found.file)])
    if imports and not (folder / FILE_NAME).exists():
        return
    study: Study | None = None
    try:
        study = load_telling_all(folder)
    except StorageError:
        raise
    except UserError as error:
        yield Problem("study", error.sentence, [str(folder / FILE_NAME)])
    if study is not None:
        yield from _design_problems(study)
        yield from _lock_problems(study)
        yield from _image_problems(study)
    if not _was_run_elsewhere(folder):
        yield from _stimulus_problems(folder, study)
    yield from _session_problems(folder, study)


def study_remarks(folder: Path) -> list[str]:
    """What the study's protocol and stimuli should be known for; empty if they cannot be read."""
    from imi_desktop.commands.hypothesis_notes import hypothesis_notes
    from imi_desktop.commands.stimulus_notes import stimulus_notes
    from imi_desktop.exchange.imported_check import describe_imports, has_imports
    from imi_desktop.experiment.feasibility import study_notes
    from imi_desktop.experiment.requirements import stimuli_needed
    from imi_desktop.experiment.study import Study
    from imi_desktop.stimuli.manifest import Manifest

    imported = []
    if has_imports(_folder(folder)):
        imported = [f"{folder} holds {describe_imports(_folder(folder))}."]
        if _was_run_elsewhere(_folder(folder)):
            imported += ["Its images are not here; only people who take part here would need them."]
    try:
        study = Study.load(_folder(folder))
        return [
            *imported,
            *study_notes(study),
            *hypothesis_notes(study),
            *stimulus_notes(Manifest.read(study.folder), stimuli_needed(study).files),
        ]
    except UserError:
        return imported  # check_study tells what is wrong


def _was_run_elsewhere(folder: Path) -> bool:
    """Whether answers were imported, and there is neither a stimulus nor a session of its own."""
    from imi_desktop.exchange.imported_check import has_imports

    own = any((folder / name).is_dir() for name in ("stimuli", "sessions"))
    return has_imports(folder) and not own


def _folder(path: Path) -> Path:
    from imi_desktop.experiment.study import FILE_NAME

    return (path.parent if path.name == FILE_NAME else path).resolve()


def _design_problems(study: Study) -> Iterator[Problem]:
    from imi_desktop.experiment.feasibility import study_problems

    for sentence in study_problems(study):
        yield Problem("study", sentence, [str(study.file)])


def _lock_problems(study: Study) -> Iterator[Problem]:
    from imi_desktop.experiment.lock import FILE_NAME, sentences, verify_lock
    from imi_desktop.experiment.requirements import stimuli_needed
    from imi_desktop.recording.lost_lock import lock_is_lost, lost_sentence
    from imi_desktop.stimuli.manifest import ManifestError
    from imi_desktop.stimuli.pack import StimulusPack

    file = str(study.folder / FILE_NAME)
    try:
        hashes = StimulusPack(study.folder).hashes(stimuli_needed(study).files)
        differences = verify_lock(study, hashes)
        if lock_is_lost(study.folder):
            yield Problem("lock", lost_sentence(study.folder), [file])
    except ManifestError:
        return  # told with the stimuli
    except UserError as error:
        yield Problem("lock", error.sentence, [file])
        return
    for sentence in sentences(differences):
        yield Problem("lock", f"Changed since the first session: {sentence}", [file])


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
            f"{gone[0]}. Restore {_them(gone)}, or index the folder again.",
            gone,
        )


def _stimulus_problems(folder: Path, study: Study | None) -> Iterator[Problem]:
    from imi_desktop.experiment.requirements import stimuli_needed
    from imi_desktop.stimuli.manifest import manifest_path
    from imi_desktop.stimuli.pack import StimulusPack

    pack = StimulusPack(folder)
    manifest = manifest_path(folder)
    readable = True
    try:
        known = [record.file for record in pack.manifest]
    except UserError as error:
        yield Problem("stimuli", error.sentence, [str(manifest)])
        known, readable = [], False
    needed = list(stimuli_needed(study).files) if study is not None else []
    missing = pack.missing(dict.fromkeys([*needed, *known]))
    if missing:
        yield Problem(
            "stimuli",
            f"{_count(missing, 'stimulus image')} missing, the first is {missing[0]}. "
            f"Make {_them(missing)} with imi-desktop generate {folder}.",
            missing,
        )
    if not readable:
        return
    if _is_torn(manifest):
        yield Problem(
            "stimuli",
            f"The last line of {manifest} is torn. imi-desktop generate {folder} cuts it off and "
            "makes its images again.",
            [str(manifest)],
        )
    unknown = _without_record(pack, needed)
    if unknown:
        yield Problem(
            "stimuli",
            f"{_count(unknown, 'stimulus image')} not in {manifest}, so nobody can tell whether "
            f"{'it was' if len(unknown) == 1 else 'they were'} changed; the first is {unknown[0]}. "
            "Restore the manifest from a copy, or make the images anew with "
            f"imi-desktop generate {folder}.",
            unknown,
        )
    if study is not None:
        yield from _outdated(study, pack)
    try:
        damaged = pack.damaged(known)
    except UserError as error:
        yield Problem("stimuli", error.sentence, [])
        return
    if damaged:
        yield Problem(
            "stimuli",
            f"{_count(damaged, 'stimulus image')} not what the manifest says, the first is "
            f"{damaged[0]}. Delete {_them(damaged)} and run imi-desktop generate {folder}.",
            damaged,
        )


def _outdated(study: Study, pack: StimulusPack) -> Iterator[Problem]:
    from imi_desktop.jobs.outdated import outdated_files, study_tasks

    try:
        outdated = list(outdated_files(study, study_tasks(study), pack.manifest))
    except UserError as error:
        yield Problem("stimuli", error.sentence, [])
        return
    if outdated:
        yield Problem(
            "stimuli",
            f"{_count(outdated, 'stimulus image')} outdated: made with other settings, images or "
            f"weights than the study has now; the first is {outdated[0]}. Replace "
            f"{_them(outdated)} with imi-desktop generate {study.folder}.",
            outdated,
        )


def _is_torn(manifest: Path) -> bool:
    return manifest.is_file() and not (manifest.read_bytes() or b"\n").endswith(b"\n")


def _without_record(pack: StimulusPack, needed: list[str]) -> list[str]:
    """Needed images that are there, were not imported, and that the manifest does not know."""
    from imi_desktop.exchange.imported_table import IMPORTED

    try:
        report = (pack.study_dir / IMPORTED / "stimuli-folder.json").read_text("utf-8")
        imported = set(json.loads(report)["outputs"])
    except (OSError, ValueError, KeyError):
        imported = set()  # nothing was imported
    return [
        file
        for file in needed
        if file not in imported
        and file.endswith(".png")
        and pack.manifest.get(file) is None
        and pack.path(file).is_file()
    ]


def _session_problems(folder: Path, study: Study | None) -> Iterator[Problem]:
    from imi_desktop.recording.participants import plan_for
    from imi_desktop.recording.verify import session_problems

    plan_of: Callable[[str], SessionPlan] | None = None
    if study is not None:
        plan_of = partial(plan_for, study)
    for problem in session_problems(folder, plan_of):
        yield Problem("sessions", problem.sentence, [str(problem.file)])


def _them(files: list[str]) -> str:
    return "it" if len(files) == 1 else "them"


def _count(files: list[str], noun: str) -> str:
    return f"1 {noun} is" if len(files) == 1 else f"{len(files)} {noun}s are"
