"""What must hold before a session starts, and what had better hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imi_desktop.display.fit import ScreenRefusedError, fit_screen
from imi_desktop.display.profile import VALID_DAYS, DisplayProfile
from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import SessionPlan
from imi_desktop.gui.study_facts import free_space, locked_since
from imi_desktop.gui.widgets.format import count, date, number, plural, size
from imi_desktop.stimuli.pack import StimulusPack

_LEAST_ROOM = 200_000_000


@dataclass(frozen=True)
class Check:
    """One line of the start dialog.

    Parameters
    ----------
    state : {"fine", "open", "warn", "error"}
        ``error`` keeps the session from starting.
    overridable : bool
        Whether a written reason lifts the error.
    """

    name: str
    state: Literal["fine", "open", "warn", "error"]
    word: str
    overridable: bool = False
    sentence: str = ""


def study_check(study: Study) -> Check:
    """Whether the study is locked; the first participant locks it."""
    since = locked_since(study)
    if since is None:
        return Check("Study", "open", "not locked yet")
    return Check("Study", "fine", f"locked {date(since)}")


def profile_check(study: Study, profile: DisplayProfile | None) -> Check:
    """Whether the screen was measured, and how long ago."""
    if profile is None:
        state = "error" if study.display.calibrated else "open"
        return Check("Display profile", state, "not measured", overridable=False)
    days = round(profile.age_days())
    word = f"version {profile.version}, {plural(days, 'day')} old"
    return Check("Display profile", "warn" if days > VALID_DAYS else "fine", word)


def screen_check(
    study: Study, screen_px: tuple[int, int], profile: DisplayProfile | None, windowed: bool
) -> Check:
    """Whether the screen has room for the trial at the size the study asks for."""
    words = f"{screen_px[0]} × {screen_px[1]} px"
    if windowed:
        return Check("Screen", "warn", "in a window, not synchronised")
    wanted = study.display
    tolerance = (wanted.px_per_degree or 0) * wanted.tolerance
    measured = None if profile is None else profile.px_per_degree
    try:
        fit_screen(screen_px, measured, required=wanted.px_per_degree, tolerance=tolerance)
    except ScreenRefusedError as error:
        return Check("Screen", "error", f"{words}, refused", True, error.sentence)
    return Check("Screen", "fine", words)


def timing_check(profile: DisplayProfile | None) -> Check:
    """What the timing self-test found."""
    refresh = None if profile is None else profile.refresh
    if refresh is None:
        return Check("Timing self-test", "open", "at the start")
    word = f"{number(refresh.hz)} Hz"
    if not refresh.synchronised:
        return Check("Timing self-test", "warn", f"{word}, not synchronised")
    return Check("Timing self-test", "fine", word)


def stimuli_check(study: Study, plan: SessionPlan) -> Check:
    """Whether every image of the participant's trials is there and is what was made.

    Reads every image; run it in a thread.
    """
    files = list(dict.fromkeys(image for trial in plan.trials for image in trial.images))
    pack = StimulusPack(study.folder)
    missing = pack.missing(files)
    if missing:
        return Check("Stimuli", "error", f"{count(len(missing))} of {count(len(files))} missing")
    try:
        damaged = pack.damaged(files)
    except UserError as error:
        return Check("Stimuli", "error", "cannot be read", sentence=error.sentence)
    if damaged:
        return Check("Stimuli", "error", f"{count(len(damaged))} changed since they were made")
    unknown = sum(pack.manifest.get(file) is None for file in files)
    if unknown:
        word = f"{count(len(files))}, {count(unknown)} not in the manifest"
        return Check("Stimuli", "open", word)
    return Check("Stimuli", "fine", f"{count(len(files))}, hashes match")


def disk_check(study: Study) -> Check:
    """Whether there is room for the journal."""
    free = free_space(study.folder)
    return Check("Disk", "fine" if free > _LEAST_ROOM else "error", f"{size(free)} free")


def jobs_check(active: int) -> Check:
    """What happens to background jobs."""
    if active:
        return Check("Background jobs", "fine", "pause during the session")
    return Check("Background jobs", "fine", "none")
