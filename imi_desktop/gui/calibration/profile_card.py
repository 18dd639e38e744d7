"""The profile in use, its earlier versions, and the way in and out of the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from imi_desktop.display.profile import (
    VALID_DAYS,
    DisplayProfile,
    export_profile,
    read_profile,
    save_version,
)
from imi_desktop.errors import UserError
from imi_desktop.gui.calibration.draft import Draft
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.format import MISSING, date, plural
from imi_desktop.gui.widgets.labels import label, rule, wrapped
from imi_desktop.gui.widgets.rows import ValueRows

_SHOWN_VERSIONS = 5


class AgeBar(QWidget):
    """How much of the 90 days has passed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self.setFixedHeight(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_share(self, share: float) -> None:
        """Show another share, 0 … 1."""
        self._share = min(1.0, max(0.0, share))
        self.update()

    def sizeHint(self) -> QSize:
        """A thin line."""
        return QSize(100, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track and share."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("track"))
        tone = "warn" if self._share >= 1 else "ink2"
        painter.fillRect(
            QRectF(0, 0, self.width() * self._share, self.height()), self._theme.colour(tone)
        )


class DetailsDialog(Dialog):
    """Name, brightness, room and photometer of a profile."""

    def __init__(self, theme: Theme, profile: DisplayProfile, parent: QWidget | None) -> None:
        super().__init__(theme, "Details of the profile", "", parent)
        form = QFormLayout()
        self.fields = {}
        for name, title, hint in (
            ("name", "Name", "Booth A, screen 2"),
            ("brightness", "Brightness", "18 of 100, warm-up 30 min"),
            ("room", "Room", "dark, curtains closed"),
            ("photometer", "Photometer", "model, last calibrated"),
        ):
            field = QLineEdit(getattr(profile, name))
            field.setPlaceholderText(hint)
            field.setAccessibleName(title)
            form.addRow(title, field)
            self.fields[name] = field
        self.patch = QCheckBox("Draw the photodiode's patch in every session")
        self.patch.setChecked(profile.photodiode_patch)
        form.addRow("", self.patch)
        self.body.addLayout(form)
        self.add_cancel()
        self.add_primary("Apply").clicked.connect(self.accept)


class CompareDialog(Dialog):
    """Two versions beside each other; only what differs."""

    def __init__(
        self, theme: Theme, newer: DisplayProfile, older: DisplayProfile, parent: QWidget | None
    ) -> None:
        title = f"Version {newer.version} against version {older.version}"
        super().__init__(theme, title, "", parent)
        rows = [
            (name, before, after)
            for (name, after), (_, before) in zip(facts(newer), facts(older), strict=True)
            if before != after
        ]
        if not rows:
            self.body.addWidget(wrapped("Nothing that was measured differs."))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        for line, cells in enumerate(
            [("", f"version {older.version}", f"version {newer.version}"), *rows]
        ):
            for column, text in enumerate(cells):
                tone = "ink3" if line == 0 or column == 0 else "ink"
                grid.addWidget(label(text, "body", tone), line, column)
        if rows:
            self.body.addLayout(grid)
        self.add_primary("Close").clicked.connect(self.accept)


class ProfileCard(Card):
    """Age, key and history of the screen's profile."""

    def __init__(self, context: AppContext, draft: Draft) -> None:
        super().__init__(context.theme, "Profile")
        self._context, self._draft = context, draft
        ages = QHBoxLayout()
        self._age = label("", "caption", "ink2")
        self._left = label("", "caption", "ink3")
        ages.addWidget(self._age, 1)
        ages.addWidget(self._left)
        self.body.addLayout(ages)
        self.bar = AgeBar(context.theme)
        self.body.addWidget(self.bar)
        self.values = ValueRows()
        self.body.addWidget(self.values)
        self._versions = QVBoxLayout()
        self._table: QWidget | None = None
        self.body.addLayout(self._versions)
        note = wrapped("Versions are kept. Each session names the one it used.", "caption", "ink3")
        self.body.addWidget(note)
        self.body.addStretch(1)
        row = QHBoxLayout()
        self.compare_button = secondary("Compare…")
        self.compare_button.clicked.connect(self._compare)
        self.import_button = secondary("Import…")
        self.import_button.clicked.connect(self._choose_import)
        self.export_button = secondary("Export…")
        self.export_button.clicked.connect(self._choose_export)
        for button in (self.compare_button, self.import_button, self.export_button):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self.menu_action("Edit details…", self.edit_details)
        draft.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the newest version and the history."""
        draft = self._draft
        saved, profile = draft.saved, draft.profile
        if saved is None:
            self.set_caption("none saved yet")
            self._age.setText("not measured")
            self._left.setText("")
            self.bar.set_share(0.0)
        else:
            days = saved.age_days()
            left = VALID_DAYS - days
            self.set_caption(f"version {saved.version}, in use")
            self._age.setText(f"{plural(days, 'day')} old")
            self._left.setText(f"{plural(left, 'day')} left" if left >= 0 else "expired")
            self.bar.set_share(days / VALID_DAYS)
        key = draft.key
        identity = f"EDID {key.edid[:4]}…" if key.edid else "no EDID"
        self.values.set_rows(
            [
                ("Name", profile.name or MISSING),
                ("Key", f"{identity}, {key.connector}, {key.mode}"),
                ("Brightness", profile.brightness or MISSING),
                ("Room", profile.room or MISSING),
                ("Photometer", profile.photometer or MISSING),
            ]
        )
        self._show_versions(draft.versions[:_SHOWN_VERSIONS])
        several = len(draft.versions) > 1
        self.compare_button.set_enabled(several, "There is only one version to compare.")
        self.export_button.set_enabled(saved is not None, "No version was saved yet.")

    def edit_details(self) -> None:
        """Ask for name, brightness, room and photometer."""
        dialog = DetailsDialog(self.theme, self._draft.profile, self.window())

        def apply() -> None:
            changes = {name: field.text().strip() for name, field in dialog.fields.items()}
            self._draft.change(**changes, photodiode_patch=dialog.patch.isChecked())

        dialog.accepted.connect(apply)
        dialog.open()

    def import_file(self, path: Path) -> None:
        """Save another computer's profile as the next version of this screen.

        Raises
        ------
        ProfileError
            If it is not a profile.
        """
        save_version(read_profile(path).revised(key=self._draft.key))
        self._draft.reload()

    def _show_versions(self, versions: list[DisplayProfile]) -> None:
        if self._table is not None:
            self._versions.removeWidget(self._table)
            self._table.hide()
            self._table.deleteLater()
            self._table = None
        if not versions:
            return
        self._table = QWidget()
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        heads = ("Version", "Measured", "px/deg", "γ", "Hz")
        lines = [heads, *(_version_cells(version) for version in versions)]
        for row, cells in enumerate(lines):
            for column, text in enumerate(cells):
                tone = "ink3" if row == 0 else "ink"
                cell = label(text, "caption", tone)
                cell.setFixedHeight(26)
                side = Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
                cell.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                grid.addWidget(cell, 2 * row, column)
            grid.addWidget(rule(), 2 * row + 1, 0, 1, len(heads))
        self._versions.addWidget(self._table)

    def _compare(self) -> None:
        newer, older = self._draft.versions[:2]
        CompareDialog(self.theme, newer, older, self.window()).open()

    def _choose_import(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Import a profile", str(Path.home()), "Profile (*.json)"
        )
        if chosen:
            self._try(lambda: self.import_file(Path(chosen)))

    def _choose_export(self) -> None:
        saved = self._draft.saved
        if saved is None:
            return
        name = f"display-{self._draft.key.connector}-v{saved.version}.json"
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export the profile", str(Path.home() / name), "Profile (*.json)"
        )
        if chosen:
            self._try(lambda: export_profile(saved, Path(chosen)))

    def _try(self, does: Callable[[], object]) -> None:
        try:
            does()
        except UserError as error:
            self._context.show_error(error.sentence)


def facts(profile: DisplayProfile) -> list[tuple[str, str]]:
    """What a version says, as shown."""
    size, refresh, luminance = profile.size, profile.refresh, profile.luminance
    return [
        ("Measured", date(profile.measured_at)),
        ("Card", MISSING if size.card_px is None else f"{size.card_px:.1f} px"),
        ("Ruler", MISSING if size.ruler_mm is None else f"{size.ruler_mm:.1f} mm"),
        ("Viewing distance", f"{profile.viewing_distance_mm:.0f} mm"),
        ("Pixels per degree", _told(profile.px_per_degree, "{:.1f}")),
        ("Gamma", _told(luminance and luminance.gamma, "{:.2f}")),
        ("Background", f"level {profile.background_level}"),
        ("Refresh", _told(refresh and refresh.hz, "{:.2f} Hz")),
        ("Brightness", profile.brightness or MISSING),
        ("Room", profile.room or MISSING),
    ]


def _version_cells(version: DisplayProfile) -> tuple[str, ...]:
    refresh, luminance = version.refresh, version.luminance
    return (
        str(version.version),
        date(version.measured_at),
        _told(version.px_per_degree, "{:.1f}"),
        _told(luminance and luminance.gamma, "{:.2f}"),
        _told(refresh and refresh.hz, "{:.2f}"),
    )


def _told(value: float | None, form: str) -> str:
    return MISSING if value is None else form.format(value)
