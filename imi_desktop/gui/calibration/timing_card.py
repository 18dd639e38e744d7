"""Step 5: refresh rate and dropped frames, and the way from onset to light."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout

from imi_desktop.display.photodiode import evaluate, read_trace
from imi_desktop.display.profile import RefreshMeasurement
from imi_desktop.display.refresh import intervals_ms
from imi_desktop.errors import UserError, storage_error
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.calibration.luminance_chart import nice_step
from imi_desktop.gui.calibration.step_card import StepCard
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.chart import LEFT, RIGHT, Chart
from imi_desktop.gui.own_command import OwnCommand
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.format import MISSING
from imi_desktop.gui.widgets.labels import label, wrapped
from imi_desktop.gui.widgets.rows import ValueRows
from imi_desktop.paths import data_dir

_BINS = 30
_FEW_LONG = 0.01


class IntervalChart(Chart):
    """Histogram of the intervals between frames, with the nominal period."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Intervals between frames")
        self._intervals = np.empty(0)
        self._nominal_hz = 0.0
        self.setMinimumHeight(150)

    def show_intervals(self, intervals: np.ndarray, nominal_hz: float) -> None:
        """Show other intervals (ms) and the rate that the screen tells (Hz)."""
        self._intervals, self._nominal_hz = intervals, nominal_hz
        self.update()

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw bars, axis and the nominal period."""
        if self._intervals.size < 2:
            words = "Run the self-test to see every interval"
            self.words(painter, area, words, role="caption")
            return
        place = area.adjusted(40, 18, -12, -36)
        low, high = np.percentile(self._intervals, (0.5, 99.5))
        margin = max((high - low) * 0.15, 0.02)
        step = nice_step((high - low + 2 * margin) / 4)
        low = step * math.floor((low - margin) / step)
        high = step * math.ceil((high + margin) / step)
        counts, edges = np.histogram(self._intervals, bins=_BINS, range=(low, high))
        top = 2 * math.ceil(max(int(counts.max()), 1) / 2)
        theme = self.theme
        for share in (0.0, 0.5, 1.0):
            at = place.bottom() - place.height() * share
            tone = theme.colour("grid" if share else "ink3")
            self.line(painter, QPointF(place.left(), at), QPointF(place.right(), at), tone)
            number = f"{top * share:.0f}"
            self.words(painter, QRectF(place.left() - 40, at - 8, 34, 16), number, RIGHT)
        wide = place.width() / _BINS
        for place_of_bar, count in enumerate(counts):
            tall = place.height() * count / top
            bar = QRectF(place.left() + place_of_bar * wide, place.bottom() - tall, wide - 1, tall)
            painter.fillRect(bar, theme.colour("bar"))
        for tick in np.arange(low, high + step / 2, step):
            at = place.left() + place.width() * (tick - low) / (high - low)
            foot = QPointF(at, place.bottom())
            self.line(painter, foot, foot + QPointF(0, 4), theme.colour("ink3"))
            digits = max(0, -math.floor(math.log10(step)))
            self.words(painter, QRectF(at - 30, place.bottom() + 5, 60, 14), f"{tick:.{digits}f}")
        below = QRectF(place.left(), place.bottom() + 21, place.width(), 14)
        n = self._intervals.size
        self.words(painter, below, f"interval between frames, ms (n = {n})", role="caption")
        if self._nominal_hz > 0 and edges[0] < 1000 / self._nominal_hz < edges[-1]:
            share = (1000 / self._nominal_hz - edges[0]) / (edges[-1] - edges[0])
            at = place.left() + place.width() * share
            start, end = QPointF(at, place.top() - 12), QPointF(at, place.bottom())
            self.line(painter, start, end, theme.colour("ink"), dashed=True)
            rate = f"{self._nominal_hz:.0f} Hz"
            self.words(painter, QRectF(at + 5, place.top() - 16, 80, 14), rate, LEFT, token="ink2")


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
        row.addWidget(self.run_button)
        row.addWidget(self.diode_button)
        row.addStretch(1)
        row.addWidget(label("Repeated for 1 s before every block", "caption", "ink3"))
        self.body.addLayout(row)
        self.refresh()

    def refresh(self) -> None:
        """Show the last measurement."""
        profile = self.draft.profile
        found, diode = profile.refresh, profile.photodiode
        intervals = intervals_ms(self.draft.swaps_ns) if self.draft.swaps_ns else np.empty(0)
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
        told = json.loads(out.splitlines()[-1])
        self.draft.swaps_ns = told["swaps_ns"]
        self.draft.change(refresh=told["refresh"])

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
        self.diode_button.set_enabled(not busy, reason)

    def _try(self, does: Callable[[], object]) -> None:
        try:
            does()
        except UserError as error:
            self._context.show_error(error.sentence)


def _rate(found: RefreshMeasurement | None) -> str:
    if found is None:
        return MISSING
    return (
        f"{found.hz:.2f} Hz" if found.synchronised else f"{found.hz:.0f} frames/s, not the screen's"
    )


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
