"""The Display page: five steps in order, and what the study needs beside them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.gui.calibration.distance_card import DistanceCard
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.calibration.luminance_card import LuminanceCard
from imi_desktop.gui.calibration.needs_card import NeedsCard
from imi_desktop.gui.calibration.profile_card import ProfileCard
from imi_desktop.gui.calibration.screen_card import ScreenCard
from imi_desktop.gui.calibration.size_card import SizeCard
from imi_desktop.gui.calibration.step_card import StepCard
from imi_desktop.gui.calibration.timing_card import TimingCard
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.widgets.buttons import primary, secondary
from imi_desktop.gui.widgets.dialog import ask
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import label
from imi_desktop.gui.widgets.page import COMPACT, Page
from imi_desktop.gui.widgets.segments import Segments

_GAP = 12


class DisplayPage(Page):
    """Calibrates the participant's screen and saves versions of its profile."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "display", "Display", parent)
        self.draft = Draft(QGuiApplication.screens()[-1], self)
        self._reason = label("", "caption", "ink3")
        self.start_over = secondary("Start over…")
        self.start_over.set_hint("Begin with nothing measured; saved versions stay.")
        self.start_over.clicked.connect(self._start_over)
        self.save_button = primary("Save as version 1")
        self.save_button.clicked.connect(self.save)
        for widget in (self._reason, self.start_over, self.save_button):
            self.add_action(widget)
        theme = context.theme
        self.steps: dict[str, StepCard] = {
            "screen": ScreenCard(theme, self.draft),
            "size": SizeCard(theme, self.draft),
            "distance": DistanceCard(theme, self.draft),
            "luminance": LuminanceCard(context, self.draft),
            "timing": TimingCard(context, self.draft),
        }
        self.needs = NeedsCard(theme, self.draft)
        self.profile_card = ProfileCard(context, self.draft)
        self._build()
        self._compact: bool | None = None
        self.draft.changed.connect(self._refresh)
        self._arrange(False)
        self.needs.set_study(None)
        self._refresh()

    def _build(self) -> None:
        column = self.scroll_body()
        self.segments = Segments(
            [(key, f"{n} {card.title}") for n, (key, card) in enumerate(self.steps.items(), 1)]
        )
        self.segments.chosen.connect(lambda _: self._show_step())
        column.addWidget(self.segments, 0, Qt.AlignmentFlag.AlignLeft)
        self._columns = row = QHBoxLayout()
        row.setSpacing(_GAP)
        self._left, self._middle, self._right = QWidget(), QWidget(), QWidget()
        for widget, stretch in ((self._left, 21), (self._middle, 30), (self._right, 17)):
            inside = QVBoxLayout(widget)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(_GAP)
            row.addWidget(widget, stretch)
        places = {
            "screen": (self._left, 4),
            "size": (self._left, 5),
            "distance": (self._left, 5),
            "luminance": (self._middle, 8),
            "timing": (self._middle, 5),
        }
        for key, (widget, stretch) in places.items():
            widget.layout().addWidget(self.steps[key], stretch)
        self._right.layout().addWidget(self.needs, 5)
        self._right.layout().addWidget(self.profile_card, 4)
        column.addLayout(row, 1)

    def set_study(self, study: Study | None) -> None:
        """Compare with another study's needs."""
        super().set_study(study)
        self.needs.set_study(study)
        self._refresh()

    def state_word(self) -> str:
        """Age of the profile, or that there is none."""
        saved = self.draft.saved
        return "not measured" if saved is None else plural(saved.age_days(), "day")

    def close_reason(self) -> str:
        """Measurements that are not saved."""
        return "The display's new measurements are not saved." if self.draft.dirty else ""

    def width_changed(self, width: int) -> None:
        """One step at a time beside the requirements where there is no room for all."""
        self._arrange(width < COMPACT)

    def show_detail(self, detail: str) -> None:
        """Go to a step by its key."""
        if detail in self.steps:
            self.segments.set_current(detail)
            self._show_step()
            self.steps[detail].setFocus()

    def save(self) -> None:
        """Save the next version."""
        try:
            profile = self.draft.save()
        except UserError as error:
            self.context.show_error(error.sentence)
            return
        self.context.tell(f"Saved version {profile.version} of the display profile")

    def _start_over(self) -> None:
        if self.draft.dirty and not ask(
            self.theme,
            self.window(),
            "Start over",
            "What was measured since the last saved version is lost; saved versions stay.",
            "Start over",
        ):
            return
        self.draft.start_over()

    def _refresh(self) -> None:
        draft = self.draft
        self.set_subtitle(self.needs.verdict)
        self.save_button.setText(f"Save as version {draft.next_version}")
        reason = ""
        if not draft.dirty:
            reason = "Nothing measured yet"
            if draft.saved is not None:
                reason = f"Nothing changed since version {draft.saved.version}"
        self._reason.setText(reason)
        self.save_button.set_enabled(draft.dirty, f"{reason}.")
        self.state_changed.emit()

    def _arrange(self, compact: bool) -> None:
        if compact == self._compact:
            return
        self._compact = compact
        self.segments.setVisible(compact)
        # A step alone is as high as it must be, so that its buttons are in sight.
        place = Qt.AlignmentFlag.AlignTop if compact else Qt.Alignment()
        for widget in (self._left, self._middle):
            self._columns.setAlignment(widget, place)
        self._show_step()

    def _show_step(self) -> None:
        current = self.segments.current
        for key, card in self.steps.items():
            card.setVisible(not self._compact or key == current)
        on_left = current in {"screen", "size", "distance"}
        self._left.setVisible(not self._compact or on_left)
        self._middle.setVisible(not self._compact or not on_left)
