"""The presenter's process: opens the surface and runs one session on it.

Imports neither torch nor pyqtgraph: OpenGL and torch crash when they share a process, and a busy
interpreter would delay clicks.
"""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication

from imi_desktop.display.fit import ScreenFit, ScreenRefusedError, fit_screen, fit_window
from imi_desktop.display.profile import DisplayProfile, latest
from imi_desktop.display.requirements import Requirement, check, unmet
from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.garbage import collect_only_when_told
from imi_desktop.gui.presenter import ink
from imi_desktop.gui.presenter.environment import describe, physical_px, screen_key
from imi_desktop.gui.presenter.guard import Guard
from imi_desktop.gui.presenter.picture import GREY_LEVEL
from imi_desktop.gui.presenter.preparation import Stage
from imi_desktop.gui.presenter.runner import Runner
from imi_desktop.gui.presenter.surface import Surface, make_surface
from imi_desktop.gui.presenter.words import words
from imi_desktop.gui.window_system import running_application
from imi_desktop.recording.errors import RecordingError
from imi_desktop.recording.session import Session

log = logging.getLogger(__name__)

WINDOW_PX = (1280, 720)


class NoSuchScreenError(UserError):
    """The screen asked for is not connected."""


def present(
    study_dir: Path,
    participant: str,
    *,
    screen: int | None = None,
    windowed: bool = False,
    resume: bool = False,
    override: str | None = None,
) -> int:
    """Run one participant's session on a screen.

    Parameters
    ----------
    study_dir : Path
        The study's folder.
    participant : str
        The participant's id.
    screen : int or None
        Screen to present on, from 1; None takes the last.
    windowed : bool
        In a normal window, everything scaled by one factor, not synchronised.
    resume : bool
        Continue the participant's unfinished session.
    override : str or None
        Written reason to use a screen that the study would refuse.

    Returns
    -------
    int
        0 when the session is finished, 1 when it ended before its end or something broke.

    Raises
    ------
    ScreenRefusedError, NoSuchScreenError, NoDisplayError
        If the screen cannot be used.
    UserError
        Whatever keeps the session from opening; see :meth:`Session.open`.
    """
    study = Study.load(study_dir)
    app = application(
        "Start the session from a desktop, or let a simulated participant answer with --observer."
    )
    chosen = find_screen(screen)
    profile = latest(screen_key(chosen))
    fit = _fit(study, chosen, profile, windowed=windowed, override=override)
    requirements = check(
        study.display, screen_key(chosen), profile, pixel_ratio=chosen.devicePixelRatio()
    )
    if not windowed and fit.override is None:
        _refuse_unmet(requirements, override)
    surface = make_surface()
    background = GREY_LEVEL if profile is None else profile.background_level
    surface.background = background
    session = Session.open(
        study,
        participant,
        resume=resume,
        environment=describe(
            surface,
            chosen,
            profile,
            fit,
            windowed=windowed,
            font_family=ink.font_family(),
        )
        | {"requirements": [asdict(row) for row in requirements], "override": override},
        lock=True,
    )
    try:
        stage = Stage(
            study_folder=session.study_folder,
            screen_px=WINDOW_PX if windowed else physical_px(chosen),
            px_per_degree=fit.layout_px_per_degree,
            background=background,
            photodiode=profile is not None and profile.photodiode_patch,
        )
        runner = Runner(
            surface,
            session,
            stage,
            words(study.language),
            keyboard=study.keyboard,
            rescale=_window_scale if windowed else None,
        )
        code = run(app, surface, runner, chosen, windowed=windowed)
    except BaseException:
        session.close()
        raise
    return code if _closed(session) else 1


def _closed(session: Session) -> bool:
    """Close a session; False, and the reason on stderr, if its last records were not written."""
    try:
        session.close()
    except RecordingError as error:
        log.error("the session was not closed in its journal: %s", error.sentence)
        sys.stderr.write(error.sentence + "\n")
        return False
    return True


def application(instead: str) -> QApplication:
    """The process's Qt application.

    Parameters
    ----------
    instead : str
        What the user can do where there is no window system, a sentence.

    Raises
    ------
    NoDisplayError
        If there is no window system.
    """
    return running_application(instead, _sharp_application)


def _sharp_application() -> QApplication:
    os.environ["QT_ENABLE_HIGHDPI_SCALING"] = "0"  # images must be drawn pixel by pixel
    os.environ["QT_QPA_UPDATE_IDLE_TIME"] = "0"  # else Qt waits 5 ms before every repaint
    collect_only_when_told()
    return QApplication(["imi-desktop"])  # window systems show this name, never a path


def find_screen(number: int | None) -> QScreen:
    """Screen `number`, counted from 1; the last one for None.

    Raises
    ------
    NoSuchScreenError
        If there are not so many.
    """
    screens = QGuiApplication.screens()
    if number is None:
        return screens[-1]
    if not 1 <= number <= len(screens):
        raise NoSuchScreenError(
            f"There is no screen {number}; {len(screens)} connected. "
            f"Choose a number from 1 to {len(screens)}."
        )
    return screens[number - 1]


def run(
    app: QApplication,
    surface: Surface,
    runner: Any,
    screen: QScreen,
    *,
    windowed: bool,
) -> int:
    """Show the surface, run until `runner` has finished, and return its exit code."""
    guard = Guard(runner, surface)
    codes: list[int] = []

    def finished(code: int) -> None:
        codes.append(code)
        app.quit()

    runner.finished.connect(finished)
    app.focusWindowChanged.connect(guard.focus_changed)
    previous_hook = sys.excepthook
    sys.excepthook = guard.exception
    try:
        surface.setTitle("Experiment")
        surface.setScreen(screen)
        if windowed:
            surface.resize(*WINDOW_PX)
            surface.show()
        else:
            surface.setFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
            surface.setGeometry(screen.geometry())
            surface.showFullScreen()
            guard.watch(app, screen)
        surface.requestActivate()
        runner.start()
        app.exec()
    finally:
        sys.excepthook = previous_hook
        app.focusWindowChanged.disconnect(guard.focus_changed)
        guard.end()
        surface.closing = True
        surface.listener = None
        surface.release()
        surface.close()
    return codes[-1] if codes else 1


def _fit(
    study: Study,
    screen: QScreen,
    profile: DisplayProfile | None,
    *,
    windowed: bool,
    override: str | None,
) -> ScreenFit:
    if windowed:
        return fit_window(WINDOW_PX)
    wanted = study.display
    measured = None if profile is None else profile.px_per_degree
    required = wanted.px_per_degree
    return fit_screen(
        physical_px(screen),
        measured,
        required=required,
        tolerance=wanted.tolerance * (required or 0.0),
        override=override,
    )


def _refuse_unmet(requirements: list[Requirement], override: str | None) -> None:
    missing = unmet(requirements)
    if missing and not (override or "").strip():
        rows = "; ".join(f"{r.name}: {r.needed} needed, {r.measured}" for r in missing)
        raise ScreenRefusedError(
            f"This screen does not meet what the study needs ({rows}). Calibrate it on the "
            "Display page, use another screen, or give the reason why it is used all the same."
        )


def _window_scale(size_px: tuple[int, int]) -> float:
    return fit_window(size_px).layout_px_per_degree
