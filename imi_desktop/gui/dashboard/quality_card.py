"""Quality checks over all main trials; every row leads to the trials it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.plain_tip import plain_tip
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.format import count
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule

if TYPE_CHECKING:
    from imi_desktop.analysis.judgement import Judgement
    from imi_desktop.analysis.locked_stimuli import LockedStimuli
    from imi_desktop.analysis.recording_checks import RecordingChecks
    from imi_desktop.gui.dashboard.results_work import Opened


@dataclass(frozen=True)
class _Check:
    name: str
    value: str
    state: str
    shows: dict[str, Any] | None
    tip: str


class QualityCard(Card):
    """One row per check: mark, words, number."""

    picked = Signal(object)
    """What the trial table shall show."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "Quality checks", "all main trials", parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.body.setContentsMargins(12, 0, 12, 4)
        self.body.setSpacing(0)
        self._checks: tuple[_Check, ...] = ()
        self._planned: tuple[_Check, ...] = ()
        self._recorded: tuple[_Check, ...] = ()
        self._rows: list[QWidget] = []
        self.body.addStretch(1)
        self.theme.changed.connect(self._fill)

    def show_quality(self, opened: Opened) -> None:
        """Show the checks of the trials opened."""
        self._checks = _checks(opened)
        self._planned = self._recorded = ()
        self._fill()

    def show_deviations(self, judgement: Judgement) -> None:
        """Show below them how often the data depart from the plan."""
        self._planned = _planned(judgement)
        self._fill()

    def show_studies(self, recording: RecordingChecks, stimuli: LockedStimuli) -> None:
        """Show below them how sessions were recorded, and whether stimuli are as locked."""
        self._recorded = (*_recording(recording), _locked(stimuli))
        self._fill()

    def _fill(self) -> None:
        for widget in self._rows:
            self.body.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._rows = []
        for place, check in enumerate((*self._checks, *self._planned, *self._recorded)):
            self._rows += [rule(), self._row(check)]
            self.body.insertWidget(2 * place, self._rows[-2])
            self.body.insertWidget(2 * place + 1, self._rows[-1])

    def _row(self, check: _Check) -> QWidget:
        row = QPushButton()
        row.setProperty("kind", "quiet")
        row.setFixedHeight(30)
        row.setToolTip(plain_tip(check.tip))
        row.setAccessibleName(f"{check.name}: {check.value}")
        row.setStyleSheet("QPushButton { text-align: left; padding: 0; }")
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        icon, token = {"fine": ("check", "ink2"), "look": ("info", "ink2"),
                       "warn": ("warn", "warn")}[check.state]  # fmt: skip
        mark = QLabel()
        mark.setPixmap(self.theme.icon(icon, token).pixmap(QSize(16, 16)))
        across.addWidget(mark)
        across.addWidget(ElidedLabel(check.name, "table"), 1)
        value = label(check.value, "table")
        value.setStyleSheet("font-weight: 500;")
        across.addWidget(value)
        arrow = QLabel()
        if check.shows is not None:
            arrow.setPixmap(self.theme.icon("right", "ink3").pixmap(QSize(14, 14)))
            row.clicked.connect(lambda: self.picked.emit(check.shows))
        else:
            row.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        arrow.setFixedWidth(14)
        across.addWidget(arrow)
        for child in row.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return row


def _checks(opened: Opened) -> tuple[_Check, ...]:
    quality = opened.quality
    right = quality.catch_trials - quality.catch_missed
    none_catch = quality.catch_trials == 0
    repeated = (
        _Check(
            "Repeated trials answered alike",
            f"{count(quality.repeated_same)} of {count(quality.repeated)}",
            "fine",
            None,
            "The same trial was shown twice; chance gives about half",
        ),
    )
    return (
        _Check(
            "Catch trials right",
            "none were shown" if none_catch else f"{count(right)} of {count(quality.catch_trials)}",
            "look" if none_catch else "fine",
            None if none_catch else {"catch": True},
            "Trials whose answer is among the references",
        ),
        _Check(
            "Participants with a missed catch trial",
            f"{quality.participants_missing_catch} of {quality.participants}",
            "look" if quality.participants_missing_catch else "fine",
            {"catch": True, "correct": False},
            "At least one catch trial was answered wrongly",
        ),
        _Check(
            "Same position chosen in over 90 %",
            f"{quality.same_position} of {quality.participants}",
            "warn" if quality.same_position else "fine",
            None,
            "Participants who hardly ever chose the other position",
        ),
        _Check(
            "Timeouts", count(quality.timeouts), "look" if quality.timeouts else "fine",
            {"timeout": True} if quality.timeouts else None, "Trials not answered in time",
        ),
        _Check(
            "Answers without reaction time", count(quality.without_time),
            "look" if quality.without_time else "fine",
            {"untimed": True} if quality.without_time else None,
            "The answer counts; its time was missing or not possible",
        ),
        _Check(
            "Sessions excluded",
            f"{opened.excluded} of {opened.sessions + opened.excluded}",
            "warn" if opened.excluded else "fine",
            {"included": False} if opened.excluded else None,
            "\n".join(
                f"{s.participant}: {'; '.join(s.reasons) or 'no reason given'}"
                for s in quality.excluded
            )
            or "All sessions count",
        ),
        *(repeated if quality.repeated else ()),
    )  # fmt: skip


def _planned(judgement: Judgement) -> tuple[_Check, ...]:
    if not judgement.verdicts:
        return ()
    found = judgement.deviations
    named = [f"{entry.hypothesis or entry.study}: {entry.sentence}" for entry in found]
    return (
        _Check(
            "Departures from the plan",
            count(len(found)),
            "look" if found else "fine",
            None,
            "\n".join(named) or "Samples, tests and lock are as the hypotheses planned",
        ),
    )


def _locked(stimuli: LockedStimuli) -> _Check:
    name = "Stimuli match the lock"
    if not stimuli.studies:
        return _Check(name, stimuli.words, "look", None, "Nothing says what the stimuli were")
    if not stimuli.locked:
        return _Check(name, stimuli.words, "look", None, "There were none when it was locked")
    return _Check(
        name,
        stimuli.words,
        "warn" if stimuli.changed else "look" if stimuli.missing else "fine",
        None,
        f"{stimuli.changed} changed and {stimuli.missing} missing, by what the manifest says; "
        "imi-desktop check reads the images themselves",
    )


def _recording(checks: RecordingChecks) -> tuple[_Check, ...]:
    if not checks.sessions:
        return ()
    simulated = _Check(
        "Simulated sessions",
        f"{checks.simulated} of {checks.sessions}",
        "warn",
        None,
        "An observer answered in a participant's place; nothing is said about people",
    )
    of_people = (
        _Check(
            "Missed frames",
            count(checks.missed_frames) if checks.with_counted_frames else "not measured",
            "fine" if checks.with_counted_frames and not checks.missed_frames else "look",
            None,
            f"Frames that came late, in {checks.with_missed_frames} of {checks.people} sessions; "
            f"counted in {checks.with_counted_frames}, where swaps are synchronised",
        ),
        _Check(
            "Window lost the focus",
            count(checks.focus_lost),
            "look" if checks.focus_lost else "fine",
            None,
            "Something else came before the participant's window",
        ),
        _Check(
            "Display measured",
            f"{checks.calibrated} of {checks.people}",
            "fine" if checks.calibrated == checks.people else "look",
            None,
            "Sessions on a display with a profile of its size, distance and timing",
        ),
    )
    return (*((simulated,) if checks.simulated else ()), *(of_people if checks.people else ()))
