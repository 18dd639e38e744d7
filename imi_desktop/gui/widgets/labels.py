"""Labels of the text roles and tones of the theme.

label("Accuracy by layer", "card_title")
label("n = 10", "caption", "ink3")
wrapped("One or two sentences …", tone="ink2")
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget


def label(
    text: str = "", role: str = "body", tone: str = "ink", parent: QWidget | None = None
) -> QLabel:
    """One line of plain text."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setProperty("tone", tone)
    return made


def wrapped(
    text: str = "", role: str = "body", tone: str = "ink", parent: QWidget | None = None
) -> QLabel:
    """Plain text that wraps and can be selected with the mouse."""
    made = label(text, role, tone, parent)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    policy.setHeightForWidth(True)
    made.setSizePolicy(policy)
    return made


def set_tone(widget: QLabel, tone: str) -> None:
    """Change a label's tone (``ink`` … ``warn``, ``error``)."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def rule(kind: str = "rule") -> QFrame:
    """Line of 1 px: ``rule`` within a card, ``edge`` between parts, ``upright`` vertical."""
    line = QFrame()
    line.setProperty("kind", kind)
    return line


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where there is no room; the tooltip has it whole."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        tone: str = "ink",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._mode = mode
        self._whole = text
        self._elide()

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self.updateGeometry()
        self._elide()

    @property
    def whole_text(self) -> str:
        """The text before it was cut."""
        return self._whole

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        self.ensurePolished()
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        return QSize(24, QFontMetrics(self.font()).height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.ensurePolished()
        cut = QFontMetrics(self.font()).elidedText(self._whole, self._mode, max(self.width(), 24))
        super().setText(cut)
        self.setToolTip(self._whole if cut != self._whole else "")
        self.setAccessibleName(self._whole)
