"""What a participant can write into a question's field."""

from PySide6.QtGui import QGuiApplication

from imi_desktop.gui.presenter.question_screen import AnswerField


def test_nothing_of_the_clipboard_gets_into_an_answer(qtbot):
    field = AnswerField()
    qtbot.addWidget(field)
    QGuiApplication.clipboard().setText("the condition is synthetic")
    qtbot.keyClicks(field, "my own words")
    field.paste()
    assert field.toPlainText() == "my own words"
