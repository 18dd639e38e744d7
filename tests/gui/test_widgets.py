"""Small parts that pages share: buttons, number fields, the row under the mouse, plot names."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QStringListModel
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionComboBox

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.choice import Choice
from imi_desktop.gui.widgets.number import SeedField
from imi_desktop.gui.widgets.table import StudyTable
from imi_desktop.gui.workbench.histogram_bins import activation_histogram
from imi_desktop.gui.workbench.histogram_plot import HistogramPlot


@pytest.fixture
def table(theme: Theme, qtbot) -> StudyTable:
    table = StudyTable(theme)
    qtbot.addWidget(table)
    table.setModel(QStringListModel(["one", "two", "three"], table))
    table.resize(400, 200)
    table.show()
    qtbot.waitExposed(table)
    return table


def ground(table: StudyTable, row: int) -> str:
    """Colour at the right end of a row."""
    image: QImage = table.viewport().grab().toImage()
    y = table.rowViewportPosition(row) + table.rowHeight(row) // 2
    return image.pixelColor(image.width() - 3, y).name()


def test_the_whole_row_under_the_mouse_is_lit(table: StudyTable, theme: Theme, qtbot) -> None:
    rest = ground(table, 1)
    row = QPoint(20, table.rowViewportPosition(1) + 5)
    QTest.mouseMove(table.viewport(), row - QPoint(0, table.rowHeight(0)))
    QTest.mouseMove(table.viewport(), row)
    qtbot.waitUntil(lambda: ground(table, 1) == theme.colour("hover").name())
    assert ground(table, 0) == rest
    QApplication.sendEvent(table.viewport(), QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: ground(table, 1) == rest)


def test_a_button_that_changes_its_word_keeps_its_width(theme: Theme, qtbot) -> None:
    button = secondary("Pause all", theme, "pause")
    qtbot.addWidget(button)
    button.keep_room_for("Pause all")
    button.ensurePolished()
    wide = button.sizeHint().width()
    button.setText("Go on")
    assert button.sizeHint().width() == wide


def test_a_busy_button_gets_its_own_icon_back_even_none(theme: Theme, qtbot) -> None:
    button = secondary("Exchange…", theme)
    qtbot.addWidget(button)
    button.set_busy(True)
    assert not button.icon().isNull()
    button.set_busy(False)
    assert button.icon().isNull()
    button.set_icon("shuffle")
    button.set_icon("")
    assert button.icon().isNull()


def test_every_seed_can_be_read(theme: Theme, qtbot) -> None:
    field = SeedField()
    qtbot.addWidget(field)
    field.setValue(field.maximum())
    field.show()
    field.resize(field.sizeHint())
    line = field.lineEdit()
    needed = line.fontMetrics().horizontalAdvance(line.text()) + line.textMargins().left()
    qtbot.waitUntil(lambda: needed <= line.width())


def test_a_drop_down_cuts_its_text_with_an_ellipsis_only(theme: Theme, qtbot) -> None:
    choice = Choice()
    qtbot.addWidget(choice)
    choice.addItem("blocks.5.3.conv_pwl.a_name_without_end  192 units")
    choice.resize(200, 28)
    choice.show()
    option = QStyleOptionComboBox()
    choice.initStyleOption(option)
    field = choice.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox,
        option,
        QStyle.SubControl.SC_ComboBoxEditField,
        choice,
    )
    assert choice.fontMetrics().horizontalAdvance(choice.shown_text()) <= field.width()


def test_a_long_title_ends_in_an_ellipsis_and_is_told_whole(theme: Theme, qtbot) -> None:
    card = Card(theme, "blocks.5.3.conv_pwl.a_name_without_end", "192 units")
    qtbot.addWidget(card)
    card.resize(160, 80)
    card.show()
    assert card.title == "blocks.5.3.conv_pwl.a_name_without_end"
    assert card._title.text().endswith("…")
    assert card._title.toolTip() == card.title
    card.resize(700, 80)
    qtbot.waitUntil(lambda: card._title.text() == card.title)


def test_percentiles_get_their_names_as_soon_as_there_is_room(theme: Theme, qtbot) -> None:
    plot = HistogramPlot(theme)
    qtbot.addWidget(plot)
    plot.resize(260, 200)
    values = np.random.default_rng(0).normal(size=2000).astype(np.float32)
    plot.set_histogram(activation_histogram(values))
    plot.show()
    few = len(plot._bars.getAxis("top")._tickLevels[0])
    plot.resize(1400, 200)
    qtbot.waitUntil(lambda: len(plot._bars.getAxis("top")._tickLevels[0]) > few)
