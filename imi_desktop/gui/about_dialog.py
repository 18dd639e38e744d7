"""About: version, licence, citation and the libraries the app stands on."""

from __future__ import annotations

import platform
from importlib import metadata

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from imi_desktop import __version__
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import label, wrapped

LICENCE = "GPL-3.0-or-later"
CITATION = f"The IMI Desktop authors (2026). IMI Desktop, version {__version__}. {LICENCE}."
_LIBRARIES = (
    "PySide6-Essentials",
    "pyqtgraph",
    "torch",
    "torchvision",
    "timm",
    "torch-lucent",
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "pingouin",
    "pillow",
    "pyarrow",
    "pydantic",
)


def versions() -> dict[str, str]:
    """Library → installed version; those that are missing are left out."""
    found = {"Python": platform.python_version(), "Qt": qVersion()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


class AboutDialog(Dialog):
    """What this is, and how to cite it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "IMI Desktop", f"Version {__version__} · {LICENCE}", parent)
        self.setMinimumWidth(560)
        self.body.addWidget(
            wrapped(
                "Laboratory software that measures how well people understand single units of "
                "vision models. It works without internet; nothing leaves this computer."
            )
        )
        self.body.addWidget(label("How to cite", "card_title"))
        self.body.addWidget(wrapped(CITATION))
        self.body.addWidget(
            wrapped(
                "Cite the paper of the protocol that you use too; the Study page names it.",
                tone="ink3",
            )
        )
        self.body.addWidget(label("Libraries", "card_title"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        for place, (name, version) in enumerate(versions().items()):
            row, column = divmod(place, 2)
            grid.addWidget(label(name, "caption", "ink3"), row, 2 * column)
            grid.addWidget(label(version, "caption"), row, 2 * column + 1)
        grid.setColumnStretch(3, 1)
        self.body.addLayout(grid)
        copy = secondary("Copy versions", theme, "copy")
        copy.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(
                "\n".join(
                    f"{name} {version}"
                    for name, version in {"IMI Desktop": __version__, **versions()}.items()
                )
            )
        )
        self.foot.addWidget(copy)
        self.add_primary("Close").clicked.connect(self.accept)


class ErrorDialog(Dialog):
    """An unexpected error: what is safe, where the details are, how to go on."""

    def __init__(
        self, theme: Theme, summary: str, details: str, log: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "Something went wrong in the app", parent=parent)
        self.setMinimumWidth(620)
        self.body.addWidget(
            wrapped(
                "Everything that was saved is safe, and running sessions and jobs go on in their "
                "own processes. You can go on; if the app behaves oddly, close and open it again."
            )
        )
        self.body.addWidget(wrapped(summary, "value"))
        text = QPlainTextEdit(details)
        text.setReadOnly(True)
        text.setFixedHeight(200)
        text.setAccessibleName("Details")
        self.body.addWidget(text)
        self.body.addWidget(wrapped(f"The log has it too: {log}", "caption", "ink3"))
        copy = secondary("Copy details", theme, "copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        self.foot.addWidget(copy)
        self.add_primary("Go on").clicked.connect(self.accept)
