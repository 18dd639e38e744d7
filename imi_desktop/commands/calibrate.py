"""``imi-desktop calibrate``: measure a display, save a version of its profile, print profiles."""

from __future__ import annotations

import argparse
import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imi_desktop.errors import UserError, storage_error

if TYPE_CHECKING:
    from imi_desktop.display.profile import DisplayProfile
    from imi_desktop.gui.presenter.measured_screen import MeasuredScreen

_MEASURING = ("card_px", "ruler_mm", "distance_mm", "readings", "background", "diode")
_TESTING = ("self_test", "mouse_test")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--screen", type=int, metavar="N", help="screen, from 1; default: the last")
    parser.add_argument("--report", action="store_true", help="print the newest profile and end")
    parser.add_argument(
        "--self-test", action="store_true", help="time 660 frames on the full screen"
    )
    parser.add_argument(
        "--mouse-test", action="store_true", help="polling rate and click clock of the mouse"
    )
    parser.add_argument(
        "--card-px", type=float, metavar="PX", help="px that match a bank card of 85.60 mm"
    )
    parser.add_argument("--ruler-mm", type=float, metavar="MM", help="width of the picture, mm")
    parser.add_argument("--distance-mm", type=float, metavar="MM", help="eyes to screen, mm")
    parser.add_argument(
        "--readings", type=Path, metavar="CSV", help="luminance: columns level, cd_m2"
    )
    parser.add_argument(
        "--background",
        choices=("level_128", "half_luminance"),
        help="grey as published, or half the luminance range",
    )
    parser.add_argument(
        "--flip-test", type=Path, metavar="CSV", help="flip the photodiode's patch; write the times"
    )
    parser.add_argument("--flips", type=Path, metavar="CSV", help="times written by --flip-test")
    parser.add_argument(
        "--diode", type=Path, metavar="CSV", help="what the photodiode saw: time in ms, signal"
    )
    parser.add_argument("--name", help="name of the profile, such as “Booth A, screen 2”")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Do what the options ask; without any, open the app on its Display page.

    Returns
    -------
    int
        0; with ``--report`` 1 where the screen has no profile.
    """
    from imi_desktop.display.profile import latest
    from imi_desktop.gui.presenter.measured_screen import MeasuredScreen

    screen = MeasuredScreen(options.screen)
    if options.report:
        return _report(latest(screen.key), options)
    measures = any(getattr(options, name) is not None for name in _MEASURING)
    if options.flip_test is not None:
        _flip_test(screen, options.flip_test)
    if not measures and not any(getattr(options, name) for name in _TESTING):
        if options.flip_test is not None:
            return 0
        del screen  # and with it the application that the window would need
        return _open_page(options.screen)
    profile, swaps = _measured(options, screen)
    if measures:
        from imi_desktop.display.profile import save_version

        profile = save_version(profile)
    _print(profile, options, swaps, saved=measures)
    return 0


def _measured(
    options: argparse.Namespace, screen: MeasuredScreen
) -> tuple[DisplayProfile, list[int] | None]:
    """The newest profile with everything that the options bring."""
    from imi_desktop.display.profile import DisplayProfile, latest

    key = screen.key
    profile = latest(key) or DisplayProfile(key=key, measured_at=datetime.now(UTC))
    changes: dict[str, Any] = {"measured_at": datetime.now(UTC), "key": key}
    size = {"card_px": options.card_px, "ruler_mm": options.ruler_mm}
    size = {name: value for name, value in size.items() if value is not None}
    if size:
        changes["size"] = profile.size.model_dump() | size | {"edid_mm": screen.claimed_mm}
    if options.distance_mm is not None:
        changes["viewing_distance_mm"] = options.distance_mm
    if options.name is not None:
        changes["name"] = options.name
    if options.readings is not None:
        from imi_desktop.display.luminance import fit_luminance, read_csv

        readings = read_csv(_read(options.readings))
        changes |= {"readings": tuple(readings), "luminance": fit_luminance(readings)}
    if options.diode is not None:
        changes["photodiode"] = _photodiode(options)
    swaps = None
    if options.self_test:
        tested = screen.self_test()
        changes["refresh"], swaps = tested.measurement, tested.swaps_ns
    if options.mouse_test:
        changes["mouse"] = screen.mouse_test()
    return _with_background(profile.revised(**changes), options.background), swaps


def _with_background(profile: DisplayProfile, choice: str | None) -> DisplayProfile:
    if choice is None:
        return profile
    if choice == "level_128":
        return profile.model_copy(update={"background": choice, "background_level": 128})
    if profile.luminance is None:
        raise UserError(
            "Half the luminance range is known only after luminance was measured. "
            "Give the readings with --readings."
        )
    from imi_desktop.display.luminance import half_luminance_level

    level = half_luminance_level(profile.luminance)
    return profile.model_copy(update={"background": choice, "background_level": level})


def _flip_test(screen: MeasuredScreen, path: Path) -> None:
    from imi_desktop import atomic
    from imi_desktop.display.photodiode import FLIPS

    flips = screen.flip_test(FLIPS)
    atomic.write_text(path, "time_ms\n" + "".join(f"{flip / 1e6:.4f}\n" for flip in flips))
    print(f"{len(flips)} flips, their times are in {path}")


def _photodiode(options: argparse.Namespace) -> Any:
    from imi_desktop.display.photodiode import PhotodiodeError, evaluate, read_trace

    if options.flips is None:
        raise UserError("Name the file that --flip-test wrote with --flips.")
    rows = list(csv.reader(_read(options.flips).splitlines()))[1:]
    try:
        flips = [float(row[0]) for row in rows if row]
    except ValueError as error:
        raise PhotodiodeError(
            f"{options.flips} is not a file of --flip-test: it needs one column of times in ms."
        ) from error
    return evaluate(flips, *read_trace(_read(options.diode)))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise storage_error("read", path, error) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a text file in UTF-8.") from error


def _report(profile: DisplayProfile | None, options: argparse.Namespace) -> int:
    if profile is None:
        print("null" if options.json else "This screen has no profile yet.")
        return 1
    _print(profile, options, None, saved=True)
    return 0


def _print(
    profile: DisplayProfile,
    options: argparse.Namespace,
    swaps: list[int] | None,
    *,
    saved: bool,
) -> None:
    if options.json:
        table = profile.model_dump(mode="json") | {
            "px_per_degree": profile.px_per_degree,
            "hash": profile.hash,
            "saved": saved,
        }
        if swaps is not None:
            table["swaps_ns"] = swaps
        print(json.dumps(table))
        return
    for name, value in _rows(profile, saved=saved):
        print(f"{name:18} {value}")


def _rows(profile: DisplayProfile, *, saved: bool) -> list[tuple[str, str]]:
    def told(value: float | None, form: str) -> str:
        return "not measured" if value is None else form.format(value)

    refresh, luminance, mouse = profile.refresh, profile.luminance, profile.mouse
    return [
        ("Screen", f"{profile.key.name or 'unnamed'} on {profile.key.connector}"),
        ("Mode", profile.key.mode),
        ("Version", str(profile.version) if saved else "not saved"),
        ("Measured", f"{profile.measured_at:%d %b %Y, %H:%M} UTC, {profile.age_days()} days ago"),
        ("Density", told(profile.px_per_mm, "{:.3f} px/mm")),
        ("Viewing distance", f"{profile.viewing_distance_mm:.0f} mm"),
        ("Pixels per degree", told(profile.px_per_degree, "{:.1f}")),
        ("Refresh", told(None if refresh is None else refresh.hz, "{:.2f} Hz")),
        ("SD of intervals", told(None if refresh is None else refresh.sd_ms, "{:.3f} ms")),
        (
            "Long intervals",
            "not measured" if refresh is None else f"{refresh.long_intervals} of {refresh.frames}",
        ),
        ("Surface", "not measured" if refresh is None else refresh.surface),
        ("Compositor", "not measured" if refresh is None else refresh.compositor or "unknown"),
        ("Mouse", told(None if mouse is None else mouse.mouse_hz, "{:.0f} Hz")),
        ("Click clock", "not measured" if mouse is None else mouse.clock),
        ("Gamma", told(None if luminance is None else luminance.gamma, "{:.2f}")),
        ("Background", f"level {profile.background_level}"),
    ]


def _open_page(screen: int | None) -> int:
    from imi_desktop.gui.calibration.window import open_window

    return open_window(screen)
