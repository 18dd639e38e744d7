"""Page: what the navigation shows; head with title, subtitle and actions, and a body.

class UnitsPage(Page):
    def __init__(self, context, parent=None):
        super().__init__(context, "units", "Units", parent)
        self.add_action(secondary("Import list…"))
        self.body.addWidget(…)                     fixed body, or
        self.scroll_body().addWidget(…)            cards scroll under the fixed head
    def set_study(self, study): super().set_study(study); …
    def state_word(self): return "44 / 45"         emit state_changed when it changes
    def show_detail(self, detail): …               show one thing, e.g. a unit's address
    def theme_changed(self, theme): …              repaint what was painted by hand
    def width_changed(self, width): …              reflow: compact below 1440, narrow below 1280
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.experiment.study import Study
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.labels import ElidedLabel, label
from imi_desktop.gui.widgets.scroll import ScrollColumn

HEAD = 52
"""Height of the page's head in px."""
EDGE = 16
"""Space around the page in px."""
COMPACT = 1440
"""Window width in px below which cards reflow and gaps are 10."""


class Page(QWidget):
    """Base of all pages.

    Parameters
    ----------
    context : AppContext
        What pages share.
    name : str
        Key in the navigation: ``study``, ``units``, ``stimuli``, ``display``, ``sessions``,
        ``results``.
    title : str
        As shown.

    Attributes
    ----------
    body : QVBoxLayout
        Below the head.
    study : Study or None
        What :meth:`set_study` got last.
    """

    state_changed = Signal()
    """The word in the navigation is another one."""
    subtitle_changed = Signal(str)

    def __init__(
        self, context: AppContext, name: str, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.theme = context.theme
        self.name = name
        self.study: Study | None = None
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.head = QWidget()
        self.head.setFixedHeight(HEAD)
        row = QHBoxLayout(self.head)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(12)
        self._title = label(title, "page_title")
        self._subtitle = ElidedLabel("", "body", "ink3")
        row.addWidget(self._title)
        row.addWidget(self._subtitle, 1)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(8)
        row.addLayout(self._actions)
        outer.addWidget(self.head)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(EDGE, 0, EDGE, EDGE)
        self.body.setSpacing(12)
        outer.addLayout(self.body, 1)
        self.theme.changed.connect(lambda: self.theme_changed(self.theme))

    @property
    def title(self) -> str:
        """Title in the head and the navigation."""
        return self._title.text()

    @property
    def subtitle(self) -> str:
        """What the head says beside the title."""
        return self._subtitle.whole_text

    def set_subtitle(self, text: str) -> None:
        """Say beside the title what holds now."""
        if text != self._subtitle.whole_text:
            self._subtitle.set_text(text)
            self.subtitle_changed.emit(text)

    def add_action(self, widget: QWidget) -> None:
        """Put a button (or a reason beside one) at the right of the head."""
        self._actions.addWidget(widget)

    def scroll_body(self) -> QVBoxLayout:
        """Make the body scroll under the fixed head; returns the layout inside."""
        area = ScrollColumn((EDGE, 0, EDGE, EDGE), 12)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(area)
        return area.column

    def set_study(self, study: Study | None) -> None:
        """Show another study, or none. Called again when the study was reread."""
        self.study = study

    def state_word(self) -> str:
        """One word of state for the navigation, ``""`` for none."""
        return ""

    def show_detail(self, detail: str) -> None:
        """Show one thing of this page, e.g. a unit's address."""

    def close_reason(self) -> str:
        """Why the app had better not be closed now, as one sentence; ``""`` if nothing speaks."""
        return ""

    def theme_changed(self, theme: Theme) -> None:
        """Repaint what was painted by hand; style sheets are already changed."""

    def width_changed(self, width: int) -> None:
        """Reflow for a window of `width` px."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Reflow with the window."""
        super().resizeEvent(event)
        self.width_changed(self.window().width())
