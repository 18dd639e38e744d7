"""The lock: what defines the experiment is fixed when the first participant starts.

``lock.json`` holds hashes of the study, its protocol, hypotheses, stimuli and trial lists, and the
fields themselves, so that a change can be named. A later change is refused until it is recorded as
a dated amendment, which every report shows (preregistration; Leavitt & Morcos 2020, section 5).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from imi_desktop import __version__, atomic
from imi_desktop.errors import UserError, storage_error
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import SessionPlan
from imi_desktop.stimuli.pack import StimulusPack

FORMAT = 1
FILE_NAME = "lock.json"
LISTED_PARTICIPANTS = 24
"""Participants P1 … whose trial lists are hashed."""

FREE_FIELDS = frozenset({"images", "site"})
"""Fields that may differ from computer to computer."""

Part = Literal["study", "protocol", "hypotheses", "stimuli", "trial_lists"]


class LockError(UserError):
    """The lock file cannot be understood."""


class StudyLockedError(UserError):
    """The experiment was changed after its first participant had started."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was locked.

    Parameters
    ----------
    part : str
        ``study``, ``protocol``, ``hypotheses``, ``stimuli`` or ``trial_lists``.
    key : str
        Key in the file, or the file; empty for the whole part.
    locked, now : str
        Both values, as JSON; empty where there is none.
    """

    part: Part
    key: str
    locked: str
    now: str

    @property
    def sentence(self) -> str:
        """What changed, for people."""
        where = f"{self.part}: {self.key}" if self.key else self.part.replace("_", " ")
        if not self.locked and not self.now:
            return f"{where} changed."
        return f"{where} was {self.locked or 'not there'} and is {self.now or 'not there'}."


@dataclass(frozen=True)
class Amendment:
    """A change that was made on purpose after the lock.

    Parameters
    ----------
    made : str
        UTC time, ISO 8601.
    author, reason : str
        Who changed it, and why.
    changes : tuple of str
        Sentences of the differences.
    """

    made: str
    author: str
    reason: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Lock:
    """What was fixed, and when.

    Parameters
    ----------
    made : str
        UTC time, ISO 8601.
    version : str
        Of this program.
    hashes : mapping of str to str
        SHA-256 of each part as it holds now, amendments included.
    contents : mapping
        The fields of study, protocol and hypotheses, and the SHA-256 of each stimulus.
    amendments : tuple of Amendment
        In order.
    """

    made: str
    version: str
    hashes: Mapping[Part, str]
    contents: Mapping[Part, Any]
    amendments: tuple[Amendment, ...] = ()


def lock_study(study: Study) -> Lock:
    """Lock a study; an existing lock stays as it is.

    Raises
    ------
    StorageError
        If the lock cannot be written.
    LockError
        If there is a lock that cannot be read.
    """
    existing = read_lock(study.folder)
    if existing is not None:
        return existing
    new = _new_lock(study)
    _write(study.folder, new)
    return new


def lock_again(study: Study, *, author: str, reason: str) -> Lock:
    """Lock a study whose lock was lost after its first session, and record that.

    Raises
    ------
    LockError
        If author or reason is empty.
    StorageError
        If the lock cannot be written.
    """
    lost = "The lock was lost and made anew; what changed before is not known."
    new = replace(_new_lock(study), amendments=(_amendment(author, reason, (lost,)),))
    _write(study.folder, new)
    return new


def read_lock(folder: Path) -> Lock | None:
    """The lock of a study folder; None if it is not locked.

    Raises
    ------
    StorageError, LockError
        If it cannot be read or understood.
    """
    path = folder / FILE_NAME
    try:
        values = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error("read", path, error) from error
    except ValueError as error:
        raise LockError(f"{path} is damaged ({error}). Restore it from a copy.") from error
    try:
        if values["format"] > FORMAT:
            raise LockError(
                f"{path} was written by a newer version of IMI Desktop. Update the program."
            )
        amendments = tuple(
            Amendment(a["made"], a["author"], a["reason"], tuple(a["changes"]))
            for a in values["amendments"]
        )
        return Lock(
            values["made"], values["version"], values["hashes"], values["contents"], amendments
        )
    except (KeyError, TypeError) as error:
        raise LockError(f"{path} lacks {error}. Restore it from a copy.") from error


def verify_lock(study: Study, hashes: Mapping[str, str] | None = None) -> list[Difference]:
    """What is not as it was locked (and amended); empty if all is, or if there is no lock.

    Stimuli that are missing, or that were made after the lock, are no difference.

    Parameters
    ----------
    hashes : mapping of str to str, or None
        SHA-256 of the stimuli to compare, as they are now
        (:meth:`imi_desktop.stimuli.pack.StimulusPack.hashes`); None compares all, by what the
        manifest says of them where it knows them.

    Raises
    ------
    StorageError, LockError
        If the lock or a stimulus cannot be read.
    """
    lock = read_lock(study.folder)
    if lock is None:
        return []
    found = _found(study, lock, _contents(study, hashes))
    return [d for d in found if d.part != "stimuli" or (d.locked and d.now)]


def refuse_changes(study: Study, hashes: Mapping[str, str] | None = None) -> None:
    """Refuse to go on with a study that is not as it was locked; see :func:`verify_lock`.

    Raises
    ------
    StudyLockedError
        Naming every difference.
    StorageError, LockError
        If the lock cannot be read.
    """
    differences = verify_lock(study, hashes)
    if differences:
        lines = "\n".join(f"  {sentence}" for sentence in sentences(differences))
        raise StudyLockedError(
            f"{study.folder} was changed after its first participant had started:\n{lines}\n"
            "Undo the change, or record it as an amendment with its reason: imi-desktop amend "
            f"{study.folder} --author NAME --reason TEXT."
        )


def sentences(differences: Sequence[Difference]) -> list[str]:
    """What changed, for people; trial lists and stimuli in one sentence each."""
    lists = [d.key for d in differences if d.part == "trial_lists" and d.key]
    files = [d for d in differences if d.part == "stimuli" and d.key]
    said = [d.sentence for d in differences if d.key not in lists and d not in files]
    if lists:
        who = lists[0] if len(lists) == 1 else f"{lists[0]}…{lists[-1]}"
        if len(lists) != LISTED_PARTICIPANTS and len(lists) > 1:
            who = ", ".join(lists)
        said.append(f"trial list{'s' if len(lists) > 1 else ''} of {who} changed.")
    if len(files) == 1:
        gone = not files[0].now
        said.append(f"stimuli: {files[0].key} {'is missing' if gone else 'changed'}.")
    elif files:
        said.append(f"stimuli: {len(files)} files changed, the first is {files[0].key}.")
    return said


def amend(study: Study, *, author: str, reason: str) -> Lock:
    """Accept the study as it is now, and record what changed, when, by whom and why.

    Raises
    ------
    LockError
        If the study is not locked, nothing changed, or author or reason is empty.
    StorageError
        If the lock cannot be written.
    """
    lock = read_lock(study.folder)
    if lock is None:
        raise LockError(f"{study.folder} is not locked yet; change it freely.")
    contents = _contents(study, _files_now(study))
    differences = _found(study, lock, contents)
    if not differences:
        raise LockError(f"{study.folder} is as it was locked; there is nothing to amend.")
    amendment = _amendment(author, reason, tuple(sentences(differences)))
    new = replace(
        lock,
        hashes=_hashes(study, contents),
        contents=contents,
        amendments=(*lock.amendments, amendment),
    )
    _write(study.folder, new)
    return new


def _new_lock(study: Study) -> Lock:
    contents = _contents(study, _files_now(study))
    return Lock(_now(), __version__, _hashes(study, contents), contents)


def _amendment(author: str, reason: str, changes: tuple[str, ...]) -> Amendment:
    if not author.strip() or not reason.strip():
        raise LockError("An amendment needs the name of whoever makes it, and a reason.")
    return Amendment(_now(), author.strip(), reason.strip(), changes)


def _found(study: Study, lock: Lock, contents: Mapping[Part, Any]) -> list[Difference]:
    differences: list[Difference] = []
    for part, sha256 in _hashes(study, contents).items():
        if lock.hashes.get(part) == sha256:
            continue
        found = list(_differences(part, lock.contents.get(part), contents[part]))
        differences += found or [Difference(part, "", "", "")]
    return differences


def _contents(study: Study, hashes: Mapping[str, str] | None) -> dict[Part, Any]:
    fields = study.model_dump(mode="json", exclude_none=True)
    hypotheses = {entry["id"]: entry for entry in fields.pop("hypotheses", [])}
    locked = {key: value for key, value in fields.items() if key not in FREE_FIELDS}
    return {
        "study": locked,
        "protocol": study.design.model_dump(mode="json", exclude_none=True),
        "hypotheses": hypotheses,
        "stimuli": _told_hashes(study) if hashes is None else dict(hashes),
        "trial_lists": _trial_lists(study),
    }


def _files_now(study: Study) -> dict[str, str]:
    """SHA-256 of every stimulus that is there, by its bytes."""
    return StimulusPack(study.folder).hashes(stimuli_needed(study).files)


def _told_hashes(study: Study) -> dict[str, str]:
    """SHA-256 of every stimulus that is there; the manifest's, where it knows the file."""
    pack = StimulusPack(study.folder)
    needed = stimuli_needed(study).files
    records = {file: pack.manifest.get(file) for file in needed if pack.path(file).is_file()}
    unknown = pack.hashes(file for file, record in records.items() if record is None)
    return {file: record.sha256 if record else unknown[file] for file, record in records.items()}


def _trial_lists(study: Study) -> dict[str, str]:
    plans = (plan_session(study, f"P{n}") for n in range(1, LISTED_PARTICIPANTS + 1))
    return {plan.participant: _sha256(_listed(plan)) for plan in plans}


def _listed(plan: SessionPlan) -> list[list[Any]]:
    """What a participant is asked, in a form that outlives changes to the program."""
    return [
        [
            trial.number,
            trial.block,
            trial.task,
            trial.phase,
            trial.condition,
            trial.scheme,
            str(trial.unit),
            trial.catch,
            trial.target_position,
            trial.feedback,
            *trial.images,
        ]
        for trial in plan.trials
    ]


def _hashes(study: Study, contents: Mapping[Part, Any]) -> dict[Part, str]:
    """Hash every part; what has its default counts as not said.

    So a later version of the program may know more keys without finding older studies changed.
    """
    fields = study.model_dump(mode="json", exclude_defaults=True, exclude=set(FREE_FIELDS))
    protocol = study.design.model_dump(mode="json", exclude_defaults=True)
    said = {"hypotheses": fields.pop("hypotheses", []), "study": fields, "protocol": protocol}
    return {part: _sha256(said.get(part, content)) for part, content in contents.items()}


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _differences(part: Part, locked: Any, now: Any, key: str = "") -> Iterator[Difference]:
    """Leaves that differ; of lists of different length the whole list."""
    if isinstance(locked, dict) and isinstance(now, dict):
        for name in [*locked, *(name for name in now if name not in locked)]:
            inner = f"{key}.{name}" if key else name
            yield from _differences(part, locked.get(name), now.get(name), inner)
    elif isinstance(locked, list) and isinstance(now, list) and len(locked) == len(now):
        for index, (before, after) in enumerate(zip(locked, now, strict=True), start=1):
            yield from _differences(part, before, after, f"{key}[{index}]")
    elif locked != now:
        yield Difference(part, key, _shown(locked), _shown(now))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _write(folder: Path, lock: Lock) -> None:
    values = {"format": FORMAT, **asdict(lock)}
    text = json.dumps(values, ensure_ascii=False, indent=1, default=dict) + "\n"
    atomic.write_text(folder / FILE_NAME, text)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
