"""Step 5: refresh rate and dropped frames, and the way from onset to light."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout

from imi_desktop.display.photodiode import evaluate, read_trace
from imi_desktop.display.profile import InputMeasurement, RefreshMeasurement
from imi_desktop.errors import UserError, storage_error
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.calibration.interval_chart import IntervalChart
from imi_desktop.gui.calibration.step_card import StepCard
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.own_command import OwnCommand
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.format import MISSING
from imi_desktop.gui.widgets.labels import label, wrapped
from imi_desktop.gui.widgets.rows import ValueRows
from imi_desktop.paths import data_dir

_FEW_LONG = 0.01


class TimingCard(StepCard):
    """Runs the self-test and the flip test in a process of their own."""

    def __init__(self, context: AppContext, draft: Draft) -> None:
        super().__init__(context.theme, draft, 5, "Timing")
        self._context = context
        self._command: OwnCommand | None = None
        self.set_caption("self-test, 60 warm-up and 600 measured frames")
        middle = QHBoxLayout()
        middle.setSpacing(16)
        self.chart = IntervalChart(context.theme)
        middle.addWidget(self.chart, 1)
        side = QVBoxLayout()
        self.values = ValueRows()
        self.values.setFixedWidth(264)
        side.addWidget(self.values)
        self._advice = wrapped("", "caption", "warn")
        self._advice.setFixedWidth(264)
        side.addWidget(self._advice)
        side.addStretch(1)
        middle.addLayout(side)
        self.body.addLayout(middle, 1)
        row = QHBoxLayout()
        self.run_button = secondary("Run self-test", context.theme, "play")
        self.run_button.set_hint("Covers the participant's screen for some seconds.")
        self.run_button.clicked.connect(self.run_self_test)
        self.diode_button = secondary("Measure with photodiode…")
        self.diode_button.set_hint(
            "Flips the corner patch 1 000 times; then choose the diode's CSV (time in ms, signal)."
        )
        self.diode_button.clicked.connect(self._run_flips)
        self.mouse_button = secondary("Test the mouse…")
        self.mouse_button.set_hint(
            "Asks on the participant's screen for some movements and five clicks: how often the "
            "mouse reports, and which clock times its clicks."
        )
        self.mouse_button.clicked.connect(self.run_mouse_test)
        row.addWidget(self.run_button)
        row.addWidget(self.mouse_button)
        row.addWidget(self.diode_button)
        row.addStretch(1)
        row.addWidget(label("Repeated for 1 s before every block", "caption", "ink3"))
        self.body.addLayout(row)
        self.refresh()

    def refresh(self) -> None:
        """Show the last measurement."""
        profile = self.draft.profile
        found, diode, mouse = profile.refresh, profile.photodiode, profile.mouse
        intervals = np.array(found.intervals_ms if found is not None else ())
        self.chart.show_intervals(intervals, self.draft.key.refresh_hz)
        light = MISSING if diode is None else f"{diode.lag_ms:.1f} ± {diode.sd_ms:.2f} ms"
        self.values.set_rows(
            [
                ("Refresh", _rate(found)),
                ("SD of intervals", MISSING if found is None else f"{found.sd_ms:.3f} ms"),
                (
                    "Longer than 1.5 periods",
                    MISSING if found is None else f"{found.long_intervals} of {found.frames}",
                ),
                ("Surface", MISSING if found is None else found.surface),
                ("Compositor", MISSING if found is None else found.compositor or MISSING),
                ("Mouse", _mouse(mouse)),
                ("Click clock", _click_clock(mouse)),
                ("Onset to light", light),
            ]
        )
        state, words, advice = _judge(found)
        if diode is None and not advice:
            advice = "Onset to light: not measured. Needs a photodiode."
        self._advice.setText(advice)
        self.state.show_state(state, words)

    def run_self_test(self) -> None:
        """Time frames on the participant's screen."""
        arguments = ["calibrate", "--screen", str(self.draft.number), "--self-test", "--json"]
        self._start(arguments, self._take_self_test)

    def _take_self_test(self, out: str) -> None:
        self.draft.change(refresh=json.loads(out.splitlines()[-1])["refresh"])

    def run_mouse_test(self) -> None:
        """Measure how the mouse reports, on the participant's screen."""
        arguments = ["calibrate", "--screen", str(self.draft.number), "--mouse-test", "--json"]
        self._start(arguments, self._take_mouse_test)

    def _take_mouse_test(self, out: str) -> None:
        self.draft.change(mouse=json.loads(out.splitlines()[-1])["mouse"])

    def _run_flips(self) -> None:
        path = data_dir() / "displays" / "last-flips.csv"
        arguments = ["calibrate", "--screen", str(self.draft.number), "--flip-test", str(path)]
        self._start(arguments, lambda _: self._choose_trace(path))

    def _choose_trace(self, flips: Path) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Open what the photodiode saw", str(Path.home()), "CSV (*.csv *.txt)"
        )
        if chosen:
            self._try(lambda: self.take_trace(flips, Path(chosen)))

    def take_trace(self, flips: Path, trace: Path) -> None:
        """Evaluate a diode's recording against the flips' times.

        Raises
        ------
        UserError
            If they do not match; nothing is changed.
        """
        try:
            times = [float(line) for line in flips.read_text("utf-8").splitlines()[1:] if line]
            text = trace.read_text("utf-8")
        except OSError as error:
            raise storage_error("read", error.filename or trace, error) from error
        except UnicodeDecodeError as error:
            raise UserError(f"{trace} is not a text file in UTF-8.") from error
        self.draft.change(photodiode=evaluate(times, *read_trace(text)))

    def _start(self, arguments: list[str], take: Callable[[str], None]) -> None:
        if self._command is not None and self._command.running:
            return
        self._busy(True)
        self._command = OwnCommand(arguments, self)

        def ended(code: int, out: str, err: str) -> None:
            self._busy(False)
            if code != 0:
                sentence = err.strip().splitlines()[-1] if err.strip() else "The test ended early."
                self._context.show_error(sentence)
                return
            self._try(lambda: take(out))

        self._command.ended.connect(ended)

    def _busy(self, busy: bool) -> None:
        reason = "A test is running on the participant's screen."
        self.run_button.set_busy(busy)
        self.mouse_button.set_enabled(not busy, reason)
        self.diode_button.set_enabled(not busy, reason)

    def _try(self, does: Callable[[], object]) -> None:
        try:
            does()
        except UserError as error:
            self._context.show_error(error.sentence)


def _rate(found: RefreshMeasurement | None) -> str:
    if found is None:
        return MISSING
    return f"{found.hz:.2f} Hz" if found.synchronised else f"{found.hz:.0f} frames/s"


def _mouse(found: InputMeasurement | None) -> str:
    return MISSING if found is None else f"{found.mouse_hz:.0f} reports/s"


def _click_clock(found: InputMeasurement | None) -> str:
    if found is None:
        return MISSING
    if found.clock == "handler":
        return "handler, less exact"
    return f"event stamp, +{found.median_ms:.1f} ms"


def _judge(found: RefreshMeasurement | None) -> tuple[str, str, str]:
    if found is None:
        return "open", "not measured", ""
    if not found.synchronised:
        return (
            "warn",
            "not synchronised",
            "OpenGL does not reach this display; sessions are marked as unsynchronised.",
        )
    if found.long_intervals > _FEW_LONG * found.frames:
        return "warn", f"{found.long_intervals} long intervals", "Close other programs, run again."
    return "done", "passed", ""
