"""What is known of one image: activation, rank, percentile, original, crop, hash."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import quiet, secondary
from imi_desktop.gui.widgets.format import MISSING, count, hash_short, number
from imi_desktop.gui.widgets.labels import ElidedLabel, label
from imi_desktop.gui.widgets.screens import screen_of
from imi_desktop.gui.widgets.well import Well
from imi_desktop.gui.workbench.exemplar_loader import ThumbnailKey, ThumbnailLoader
from imi_desktop.gui.workbench.histogram_bins import digits_of, percentile_digits
from imi_desktop.gui.workbench.unit_exemplars import ShownImage

_PICTURE = 72


class ExemplarDetails(QFrame):
    """Card with one image and its numbers."""

    full_size_wanted = Signal(object)

    def __init__(
        self, theme: Theme, loader: ThumbnailLoader, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._loader = loader
        self._image: ShownImage | None = None
        self._crop_text = ""
        self._crop = 1.0
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(10)
        self._picture = Well(theme, _PICTURE, 4)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._name = label("", "card_title")
        self._source = ElidedLabel("", "caption", "ink3", Qt.TextElideMode.ElideMiddle)
        self._place = label("", "caption", "ink3")
        for widget in (self._name, self._source, self._place):
            words.addWidget(widget)
        words.addStretch(1)
        head.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        column.addLayout(head)
        column.addSpacing(4)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        self._values: dict[str, QLabel] = {}
        for row, name in enumerate(
            ("Activation", "Rank", "Percentile", "Original", "Crop", "SHA-256")
        ):
            grid.addWidget(label(name, "caption", "ink3"), row, 0)
            value = label(MISSING, "caption")
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(value, row, 1)
            self._values[name] = value
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        self.full = secondary("Show full size", size="small")
        self.full.clicked.connect(self._full)
        self.copy = quiet("Copy details", size="small")
        self.copy.clicked.connect(self._copy)
        buttons.addWidget(self.full)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(1)
        loader.ready.connect(self._show_picture)
        self.show_image(None)

    def set_crop(self, resize: int, crop: int) -> None:
        """Preprocessing of the model: shorter side in px, then the centre square."""
        self._crop_text = f"{resize} → {crop}, centre"
        self._crop = crop / resize

    def show_image(self, image: ShownImage | None) -> None:
        """Show another image; None empties the card."""
        self._image = image
        reason = "" if image is not None else "Choose an image first."
        self.full.set_enabled(image is not None, reason)
        self.copy.set_enabled(image is not None, reason)
        if image is None:
            self._name.setText("No image chosen")
            self._source.set_text("Click one of the images.")
            self._place.setText("")
            self._picture.set_pixmap(None)
            for value in self._values.values():
                value.setText(MISSING)
            return
        self._name.setText(f"{image.name}, {image.kind}")
        self._source.set_text(Path(image.source).stem if image.source else _made_by(image))
        self._place.setText(_place_text(image))
        for name, text in self._texts(image).items():
            self._values[name].setText(hash_short(text) if name == "SHA-256" else text)
            self._values[name].setToolTip(text if name == "SHA-256" else "")
        self._show_picture()

    @property
    def image(self) -> ShownImage | None:
        """What is shown."""
        return self._image

    def _texts(self, image: ShownImage) -> dict[str, str]:
        rank = MISSING
        if image.rank is not None:
            rank = count(image.rank)
            if image.n_images:
                rank += f" of {count(image.n_images)}"
            rank += " lowest" if image.side == "min" else ""
        original = MISSING
        if image.file is not None:
            original = f"{image.file.width} × {image.file.height}, {image.file.mode}"
        return {
            "Activation": number(image.activation, digits_of([image.activation], 3)),
            "Rank": rank,
            "Percentile": _percentile(image.percentile),
            "Original": original,
            "Crop": self._crop_text if image.kind == "natural" else MISSING,
            "SHA-256": image.sha256 or MISSING,
        }

    def _show_picture(self) -> None:
        if self._image is None:
            return
        side = round((_PICTURE - 8) * self.devicePixelRatioF())
        crop = self._crop if self._image.photograph else 1.0
        self._picture.set_pixmap(
            self._loader.pixmap(ThumbnailKey(str(self._image.path), side, crop))
        )

    def _full(self) -> None:
        if self._image is not None:
            self.full_size_wanted.emit(self._image)

    def _copy(self) -> None:
        if self._image is None:
            return
        image = self._image
        rows = {"Image": image.name, "Kind": image.kind, "File": str(image.path)}
        rows |= {"Source": image.source} if image.source else {}
        rows |= self._texts(image)
        rows |= {str(k): str(v) for k, v in image.parameters.items()}
        QGuiApplication.clipboard().setText("\n".join(f"{k}\t{v}" for k, v in rows.items()))


def _place_text(image: ShownImage) -> str:
    if image.kind != "natural":
        return "made for this study" if image.sha256 else ""
    batch = "" if image.batch is None else f"batch {image.batch + 1}, "
    return f"{batch}query" if image.is_query else f"{batch}bin {image.index + 1} of 10"


def _made_by(image: ShownImage) -> str:
    preset = image.parameters.get("preset")
    return f"preset {preset}" if preset else image.path.name


def _percentile(value: float | None) -> str:
    if value is None or value != value:
        return MISSING
    return number(value, max(1, percentile_digits(value)))


def full_size(path: Path, theme: Theme, parent: QWidget) -> QWidget:
    """A window with an image file as it is, on the well."""
    window = Well(theme, 0, 24, parent)
    window.setWindowFlag(Qt.WindowType.Window)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    window.setWindowTitle(path.name)
    window.set_file(path)
    room = screen_of(parent).availableSize() * 0.8
    window.resize(QSize(min(900, room.width()), min(720, room.height())))
    return window
