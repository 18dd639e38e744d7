"""A recorded trial painted again, from what its journal says was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from imi_desktop.display.geometry import DESIGN_PX, trial_layout
from imi_desktop.errors import UserError
from imi_desktop.experiment.study import FILE_NAME, Study
from imi_desktop.experiment.trial import Trial, TrialWording
from imi_desktop.gui.presenter.trial_paint import Look, TrialArt
from imi_desktop.models.unit import Unit
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.participants import plan_for
from imi_desktop.recording.records import Record, read_journal
from imi_desktop.recording.session_folder import sessions_of


@dataclass(frozen=True)
class SeenTrial:
    """What was on the screen, and the click.

    Parameters
    ----------
    picture : QImage
        The screen of 1920 × 1080 px after the answer.
    click : tuple of float or None
        Where the pointer was, in px of that screen.
    """

    picture: QImage
    click: tuple[float, float] | None


def study_of(folders: Mapping[str, Path], row: dict[str, Any]) -> Study:
    """The study that a trial is from, by the name that its trials have.

    Raises
    ------
    UserError
        If none of the folders holds it.
    """
    folder = folders.get(str(row["study"]))
    if folder is not None and (folder / FILE_NAME).is_file():
        return Study.load(folder)
    raise UserError(f"The study “{row['study']}” of this trial is not open.")


def seen_trial(study: Study, row: dict[str, Any]) -> SeenTrial:
    """Paint a recorded trial again: its images, texts, the answer and the click.

    Parameters
    ----------
    row : dict
        The trial's row of the trial table.

    Raises
    ------
    UserError
        If the journal does not hold the trial, or an image is missing.
    """
    records = _records_of(study.folder, row)
    shown = next((record.data for record in records if record.type == "trial_shown"), None)
    if shown is None:
        raise UserError("The journal of this session does not hold the trial.")
    told = any(record.type == "feedback" for record in records)
    trial = _trial(shown, feedback=told)
    missing = [path for path in trial.images if not (study.folder / path).is_file()]
    if missing:
        raise UserError(f"{len(missing)} of the trial's images are missing, first {missing[0]}.")
    layout = trial_layout(trial, DESIGN_PX)
    images = {
        place.path: QImage(str(study.folder / place.path)).scaled(
            place.rect.width, place.rect.height,
            Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation,
        )
        for place in layout.images
    }  # fmt: skip
    target = trial.target_position if trial.task != "intuitiveness" else None
    art = TrialArt(layout, _wording(study, row, trial.block), images, target)
    chosen = None
    if row["chosen_position"] is not None and row["confidence"] is not None:
        chosen = (row["chosen_position"], int(row["confidence"]))
    rating = None if row["rating"] is None else float(row["rating"])
    picture = art.whole(Look(answers="answered", chosen=chosen, revealed=told, rating=rating))
    return SeenTrial(picture, _click(records, shown))


def _records_of(folder: Path, row: dict[str, Any]) -> list[Record]:
    """Records of one showing of the trial, in order."""
    for session in sessions_of(folder, str(row["participant"])):
        if session.name == row["session"]:
            return [
                record
                for record in read_journal(session / JOURNAL_NAME).records
                if record.data.get("trial") == row["trial"]
                and record.data.get("attempt") == row["attempt"]
            ]
    return []


def _trial(shown: dict[str, Any], *, feedback: bool) -> Trial:
    return Trial(
        number=shown["trial"],
        task=shown["task"],
        phase=shown["phase"],
        block=shown["block"],
        condition=shown["condition"],
        scheme=shown["scheme"],
        unit=Unit(shown["model"], shown["layer"], shown["channel"]),
        unit_selection=shown["unit_selection"],
        catch=shown["catch"],
        image_set=shown["image_set"],
        references_min=tuple(shown["references_min"]),
        references_max=tuple(shown["references_max"]),
        queries=dict(shown["queries"]),
        target_position=shown["target_position"],
        feedback=feedback,
        difficulty=shown["difficulty"],
        branch=shown["branch"],
    )


def _wording(study: Study, row: dict[str, Any], number: int) -> TrialWording:
    """Texts of the trial's block, which the plan holds."""
    plan = plan_for(study, str(row["participant"]))
    found = next((block.wording for block in plan.blocks if block.number == number), None)
    if found is None:
        raise UserError("The study's plan no longer holds this trial's block.")
    return found


def _click(records: Sequence[Record], shown: dict[str, Any]) -> tuple[float, float] | None:
    """Where the answer was clicked, in px of the published screen; None for keys."""
    screen: list[int] = (shown.get("display") or {}).get("screen_px") or list(DESIGN_PX)
    for record in records:
        data = record.data
        if record.type == "response" and data.get("x") is not None:
            return (
                float(data["x"]) * DESIGN_PX[0] / screen[0],
                float(data["y"]) * DESIGN_PX[1] / screen[1],
            )
    return None
