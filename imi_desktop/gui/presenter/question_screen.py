"""A question that is answered in free text."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QPlainTextEdit

from imi_desktop.display.geometry import page_layout
from imi_desktop.display.places import Rect
from imi_desktop.experiment.trial import QuestionStep
from imi_desktop.gui.presenter import ink
from imi_desktop.gui.presenter.host import Host
from imi_desktop.gui.presenter.page_paint import button_place, paint_page
from imi_desktop.gui.presenter.picture import Patch, Picture, blank
from imi_desktop.gui.presenter.screen import ButtonScreen, PlainButton
from imi_desktop.gui.presenter.surface import Press, Shown

_FIELD_STYLE = (
    "QPlainTextEdit {{ background: #D2D2D2; color: #000000; border: 1px solid #1A1A1A; "
    "border-radius: {radius}px; padding: {padding}px; }}"
)


class AnswerField(QPlainTextEdit):
    """Takes what is written and nothing from the clipboard, where the experimenter's may be."""

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Insert nothing."""


class QuestionScreen(ButtonScreen):
    """The question, a field to write in, and one button.

    The field is an editor that is never shown itself: keys and composed text go to it, and its
    picture is painted on the surface.
    """

    def __init__(self, host: Host, step: QuestionStep) -> None:
        super().__init__(host)
        self._step = step
        self._shown = False
        self._layout = layout = page_layout(host.stage.screen_px, host.stage.px_per_degree)
        column, scale = layout.column, layout.scale
        self._field = Rect(
            column.x, column.y + column.height // 3, column.width, round(11 * layout.line)
        )
        self._editor = AnswerField()
        self._editor.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._editor.setFont(ink.font(layout.text_size))
        self._editor.setStyleSheet(
            _FIELD_STYLE.format(radius=round(4 * scale), padding=round(12 * scale))
        )
        self._editor.setFixedSize(self._field.width, self._field.height)
        self._editor.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._editor.show()
        self._editor.textChanged.connect(self._edited)
        self._editor.cursorPositionChanged.connect(self._repaint_field)
        button = button_place(layout.button, step.button, scale)
        self.buttons = [PlainButton(button, step.button, self._finish)]
        self.buttons[0].active = not step.required

    def begin(self) -> None:
        stage, layout = self.host.stage, self._layout
        image = paint_page(layout, stage.screen_px, "", (), stage.background)
        painter = QPainter(image)
        height = ink.text_height(
            self._step.question, layout.text_size, layout.line, layout.column.width
        )
        above = Rect(
            layout.column.x,
            self._field.y - height - layout.line // 2,
            layout.column.width,
            height,
        )
        ink.draw_text(
            painter, above, self._step.question, layout.text_size, layout.line, centred=False
        )
        painter.end()
        self._page = Picture(image)
        self.show_with_buttons(self._with_field(), layout.scale, self._on_shown)

    def end(self) -> None:
        self._editor.deleteLater()
        super().end()

    def text_target(self) -> QObject:
        return self._editor

    def key_pressed(self, event: QKeyEvent, press: Press) -> None:
        copy = QKeyEvent(
            event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat()
        )
        QCoreApplication.sendEvent(self._editor, copy)

    def pressed(self, press: Press) -> None:
        if self._field.contains(press.x, press.y):
            inside = QPoint(round(press.x) - self._field.x, round(press.y) - self._field.y)
            viewport = self._editor.viewport().mapFrom(self._editor, inside)
            self._editor.setTextCursor(self._editor.cursorForPosition(viewport))
            return
        super().pressed(press)

    def _on_shown(self, shown: Shown) -> None:
        if not self._shown:
            self._shown = True
            self.host.session.page_shown(shown.swapped_ns)

    def _edited(self) -> None:
        if self._step.required:
            self.buttons[0].active = bool(self._editor.toPlainText().strip())
        self._repaint_field()

    def _repaint_field(self) -> None:
        if self._shown:
            self.show_with_buttons(self._with_field(), self._layout.scale)

    def _with_field(self) -> Picture:
        field = self._field
        image = blank(field.width, field.height, self.host.stage.background)
        painter = QPainter(image)
        self._editor.render(painter, QPoint(0, 0))
        caret = self._editor.cursorRect()
        corner = self._editor.viewport().mapTo(self._editor, caret.topLeft())
        wide = max(1, round(2 * self._layout.scale))
        painter.fillRect(corner.x(), corner.y(), wide, caret.height(), ink.BLACK)
        painter.end()
        return self._page.covered([Patch(field, image)])

    def _finish(self) -> None:
        self.host.session.answer_text(self._editor.toPlainText(), done_ns=self.pressed_ns)
        self.host.next()
