"""Step 4: luminance of every level, its fit, and the choice of the grey."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from imi_desktop import atomic
from imi_desktop.display.luminance import (
    fit_luminance,
    half_luminance_level,
    luminance_at,
    read_csv,
)
from imi_desktop.display.profile import LuminanceReading
from imi_desktop.display.requirements import LUMINANCE_LIMIT
from imi_desktop.errors import UserError, storage_error
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.calibration.luminance_chart import LuminanceChart, level_rows
from imi_desktop.gui.calibration.readings_dialog import ReadingsDialog
from imi_desktop.gui.calibration.step_card import StepCard
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.dashboard.plot_card import table_text
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.labels import label, rule, wrapped


class LuminanceCard(StepCard):
    """Readings typed or imported; curve, residuals, table; background."""

    def __init__(self, context: AppContext, draft: Draft) -> None:
        super().__init__(context.theme, draft, 4, "Luminance")
        self._context = context
        upper = QHBoxLayout()
        self.chart = LuminanceChart(context.theme)
        upper.addWidget(self.chart, 1)
        side = QVBoxLayout()
        side.setSpacing(6)
        self._table_place = QVBoxLayout()
        side.addLayout(self._table_place)
        self._table: QWidget | None = None
        side.addStretch(1)
        self.type_button = secondary("Type readings…")
        self.type_button.clicked.connect(self._type)
        self.import_button = secondary("Import CSV…")
        self.import_button.set_hint("Columns level and cd_m2, and verification if wanted.")
        self.import_button.clicked.connect(self._choose_file)
        for button in (self.type_button, self.import_button):
            side.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        upper.addLayout(side)
        self.body.addLayout(upper, 1)
        self.body.addWidget(rule())
        self.body.addLayout(self._make_foot())
        self.menu_action("Save plot as SVG…", lambda: self._save("svg"))
        self.menu_action("Save plot as PNG…", lambda: self._save("png"))
        self.menu_action("Save readings as CSV…", lambda: self._save("csv"))
        self.refresh()

    def _make_foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(24)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(label("Fit, weighted", "caption", "ink3"))
        self._formula = label("", "value")
        self._formula.setTextFormat(Qt.TextFormat.RichText)
        self._gamma = label("", "caption", "ink3")
        left.addWidget(self._formula)
        left.addWidget(self._gamma)
        row.addLayout(left)
        right = QVBoxLayout()
        right.setSpacing(4)
        self._group = QButtonGroup(self)
        self.published = QRadioButton("Background at level 128, as published")
        self.half = QRadioButton("Background at half the luminance range")
        for button, choice in ((self.published, "level_128"), (self.half, "half_luminance")):
            self._group.addButton(button)
            button.clicked.connect(lambda _=False, chosen=choice: self._choose_background(chosen))
            right.addWidget(button)
        self._note = wrapped("", "caption", "ink3")
        right.addWidget(self._note)
        row.addLayout(right, 1)
        return row

    def refresh(self) -> None:
        """Show readings, fit and background."""
        profile = self.draft.profile
        fit = profile.luminance
        self.chart.show_fit(profile.readings, fit, profile.background_level)
        self._show_table(level_rows(profile.readings))
        own = [reading for reading in profile.readings if not reading.verification]
        levels = len({reading.level for reading in own})
        self.set_caption(f"{len(own)} readings of {levels} levels" if own else "")
        if fit is None:
            self._formula.setText("–")
            self._gamma.setText("no readings yet")
            self.state.show_state("open", "not measured")
        else:
            self._formula.setText(
                f"L = {fit.offset:.2f} + {fit.gain:.1f} · v<sup>{fit.gamma:.2f}</sup>"
            )
            self._gamma.setText(
                f"γ = {fit.gamma:.3f} ± {fit.gamma_error:.3f}, three free parameters"
            )
            verified = fit.largest_verification_error
            worst = abs(fit.largest_residual if verified is None else verified)
            kind = "residual" if verified is None else "verification error"
            state = "done" if worst <= LUMINANCE_LIMIT else "warn"
            self.state.show_state(state, f"largest {kind} {worst * 100:.1f} %")
        self._show_background()

    def _show_background(self) -> None:
        profile = self.draft.profile
        fit = profile.luminance
        half = profile.background == "half_luminance"
        self.published.setChecked(not half)
        self.half.setChecked(half)
        self.half.setEnabled(fit is not None)
        self.half.setToolTip("" if fit is not None else "Known only after luminance was measured.")
        told = f"Level {profile.background_level}"
        if fit is not None:
            told += f", {float(luminance_at(fit, profile.background_level)):.1f} cd/m²"
        self._note.setText(f"{told}. Images are shown as they are, not linearised.")

    def take(self, readings: list[LuminanceReading]) -> None:
        """Fit other readings and keep both.

        Raises
        ------
        ReadingsError
            If they cannot be fitted; nothing is changed.
        """
        fit = fit_luminance(readings)
        level = self.draft.profile.background_level
        if self.draft.profile.background == "half_luminance":
            level = half_luminance_level(fit)
        self.draft.change(readings=tuple(readings), luminance=fit, background_level=level)

    def _choose_background(self, choice: str) -> None:
        fit = self.draft.profile.luminance
        half = choice == "half_luminance" and fit is not None
        level = half_luminance_level(fit) if half and fit is not None else 128
        self.draft.change(
            background="half_luminance" if half else "level_128", background_level=level
        )

    def _type(self) -> None:
        seed = 1 if self._context.study is None else self._context.study.seed
        dialog = ReadingsDialog(self.theme, self.draft, seed, self.window())
        dialog.accepted.connect(lambda: self._try(lambda: self.take(dialog.readings)))
        dialog.open()

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Import luminance readings", str(Path.home()), "CSV (*.csv *.txt *.tsv)"
        )
        if chosen:
            self._try(lambda: self.import_file(Path(chosen)))

    def import_file(self, path: Path) -> None:
        """Take the readings of a CSV file.

        Raises
        ------
        UserError
            If it cannot be read or fitted; nothing is changed.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise storage_error("read", path, error) from error
        except UnicodeDecodeError as error:
            raise UserError(f"{path} is not a text file in UTF-8.") from error
        self.take(read_csv(text))

    def _save(self, suffix: str) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save luminance", str(Path.home() / f"luminance.{suffix}"), f"*.{suffix}"
        )
        if not chosen:
            return
        path = Path(chosen)
        path = path if path.suffix else path.with_suffix(f".{suffix}")
        rows = self.chart.rows()
        if suffix == "csv":
            self._try(lambda: atomic.write_text(path, table_text(rows, ",")))
        else:
            self._try(lambda: self.chart.save(path))

    def _try(self, does: Callable[[], object]) -> None:
        try:
            does()
        except UserError as error:
            self._context.show_error(error.sentence)

    def _show_table(self, rows: list[tuple[str, str, str]]) -> None:
        if self._table is not None:
            self._table_place.removeWidget(self._table)
            self._table.hide()
            self._table.deleteLater()
        self._table = QWidget()
        self._table.setFixedWidth(190)
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        if rows:
            for row, cells in enumerate([("Level", "cd/m²", "SD"), *rows]):
                for column, text in enumerate(cells):
                    cell = label(text, "caption", "ink3" if row == 0 else "ink")
                    cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                    cell.setFixedHeight(24)
                    grid.addWidget(cell, row, column)
        self._table_place.addWidget(self._table)
