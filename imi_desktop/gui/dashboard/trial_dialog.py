"""One trial as the participant saw it, with the click and its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from imi_desktop.display.geometry import DESIGN_PX, trial_layout
from imi_desktop.errors import UserError
from imi_desktop.experiment.study import FILE_NAME, Study
from imi_desktop.experiment.trial import Trial, TrialWording
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.presenter.trial_paint import Look, TrialArt
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.empty import EmptyState
from imi_desktop.gui.widgets.format import MISSING, number
from imi_desktop.gui.widgets.labels import wrapped
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.participants import plan_for
from imi_desktop.recording.records import read_journal
from imi_desktop.recording.session_folder import sessions_of

_SIZE = QSize(1120, 720)


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


class TrialDialog(QDialog):
    """The trial's screen, and below it what was recorded.

    Parameters
    ----------
    row : dict
        The trial's row of the trial table.
    folders : sequence of Path
        Studies that it may be from.
    """

    def __init__(
        self,
        theme: Theme,
        row: dict[str, Any],
        folders: Sequence[Path],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Trial {_or_dash(row['trial'])} of participant {row['participant']}")
        self.resize(_SIZE)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(8)
        self.screen_view = _Screen(self)
        self._column.addWidget(self.screen_view, 1)
        self._column.addWidget(wrapped(in_words(row), tone="ink2"))
        if not folders or row["session"] is None:
            self._say("The answers were imported, so this trial's images are not in the study.")
        else:
            in_thread(
                self,
                lambda: seen_trial(study_of(folders, row), row),
                self.screen_view.show_seen,
                lambda error: self._say(error.sentence),
            )

    def _say(self, sentence: str) -> None:
        self.screen_view.hide()
        empty = EmptyState(self._theme, "stimuli", "The screen cannot be shown", sentence)
        self._column.insertWidget(0, empty, 1)


class _Screen(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._seen: SeenTrial | None = None

    def show_seen(self, seen: SeenTrial) -> None:
        self._seen = seen
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = DESIGN_PX
        scale = min(self.width() / width, self.height() / height)
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(QPointF(self.rect().center()))
        painter.fillRect(place, QColor(128, 128, 128))
        if self._seen is not None:
            ratio = self.devicePixelRatioF()
            picture = self._seen.picture.scaled(
                (place.size() * ratio).toSize(),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            painter.drawImage(place, picture)
            if self._seen.click is not None:
                x, y = self._seen.click
                _cross(painter, place.topLeft() + QPointF(x * scale, y * scale))
        painter.end()


def in_words(row: dict[str, Any]) -> str:
    """What was recorded about a trial, in one line."""
    unit = f"{row['model']} {row['layer']}:{_or_dash(row['channel'])}"
    parts = [
        str(row["phase"] or MISSING) + (", catch trial" if row["catch"] else ""),
        str(row["condition"] or MISSING),
        unit if row["layer"] else "unit not known",
    ]
    if row["rating"] is not None:
        parts.append(f"rating {number(float(row['rating']), 0)}")
    if row["chosen_position"] is not None:
        answer = "right" if row["correct"] else "wrong"
        parts.append(f"chose {row['chosen_position']}, {answer}")
    if row["confidence"] is not None:
        parts.append(f"confidence {row['confidence']}")
    if row["reaction_time_ms"] is not None:
        parts.append(f"after {number(float(row['reaction_time_ms']) / 1000)} s")
    return " · ".join(parts)


def study_of(folders: Sequence[Path], row: dict[str, Any]) -> Study:
    """The study that a trial is from, by its name.

    Raises
    ------
    UserError
        If none of the folders holds it.
    """
    for folder in folders:
        if (folder / FILE_NAME).is_file():
            study = Study.load(folder)
            if len(folders) == 1 or study.name == row["study"]:
                return study
    raise UserError(f"The study “{row['study']}” of this trial is not open.")


def seen_trial(study: Study, row: dict[str, Any]) -> SeenTrial:
    """Paint a recorded trial again.

    Raises
    ------
    UserError
        If the plan no longer holds the trial, or an image is missing.
    """
    step = _planned(study, row)
    if step is None:
        raise UserError("The study's plan no longer holds this trial, so it was changed since.")
    trial, wording = step
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
    art = TrialArt(layout, wording, images, target)
    chosen = None
    if row["chosen_position"] is not None and row["confidence"] is not None:
        chosen = (row["chosen_position"], int(row["confidence"]))
    rating = None if row["rating"] is None else float(row["rating"])
    picture = art.whole(
        Look(answers="answered", chosen=chosen, revealed=trial.feedback, rating=rating)
    )
    return SeenTrial(picture, _click(study.folder, row))


def _planned(study: Study, row: dict[str, Any]) -> tuple[Trial, TrialWording] | None:
    plan = plan_for(study, str(row["participant"]))
    for block in plan.blocks:
        for trial in block.trials:
            same = trial.number == row["trial"] and trial.unit.layer == row["layer"]
            if same and trial.unit.channel == row["channel"]:
                return trial, block.wording
    return None


def _click(folder: Path, row: dict[str, Any]) -> tuple[float, float] | None:
    """Where the answer was clicked, in px of the published screen."""
    for session in sessions_of(folder, str(row["participant"])):
        if session.name != row["session"]:
            continue
        screen: list[int] = list(DESIGN_PX)
        for record in read_journal(session / JOURNAL_NAME).records:
            data = record.data
            if data.get("trial") != row["trial"] or data.get("attempt") != row["attempt"]:
                continue
            if record.type == "trial_shown":
                screen = (data.get("display") or {}).get("screen_px") or screen
            elif record.type == "response" and data.get("x") is not None:
                return (
                    float(data["x"]) * DESIGN_PX[0] / screen[0],
                    float(data["y"]) * DESIGN_PX[1] / screen[1],
                )
    return None


def _cross(painter: QPainter, centre: QPointF) -> None:
    for colour, width in ((QColor(255, 255, 255), 4), (QColor(0, 0, 0), 2)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(centre - QPointF(9, 0), centre + QPointF(9, 0))
        painter.drawLine(centre - QPointF(0, 9), centre + QPointF(0, 9))


def _or_dash(value: Any) -> str:
    return MISSING if value is None else str(value)
