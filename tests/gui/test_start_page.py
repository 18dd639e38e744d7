"""The start page: demo first, then recent studies; protocols from their files."""

import pytest
from cut_texts import cut_texts
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from small_study import make_study

from imi_desktop.gui.widgets.labels import ElidedLabel
from imi_desktop.gui.widgets.list_row import ListRow
from imi_desktop.gui.workbench.computer import computer_facts, models_fact
from imi_desktop.gui.workbench.protocol_card import ProtocolCard, first_sentences
from imi_desktop.gui.workbench.protocol_facts import facts_of, known_protocols
from imi_desktop.gui.workbench.start_cards import DEMO_FOLDER
from imi_desktop.gui.workbench.start_page import StartPage


@pytest.fixture
def page(context, qtbot):
    page = StartPage(context)
    qtbot.addWidget(page)
    page.resize(1900, 1000)
    page.show()
    qtbot.waitUntil(lambda: bool(page.findChildren(ProtocolCard)), timeout=30_000)
    return page


def test_the_demo_is_the_primary_until_something_was_opened(page, context, tmp_path, qtbot):
    assert page._demo.button.property("kind") == "primary"
    study = make_study(tmp_path)
    context.settings.remember_study(study.folder)
    page.refresh()
    assert page._demo.button.property("kind") == "secondary"
    rows = page._recent.findChildren(ListRow)
    qtbot.waitUntil(lambda: [row.text() for row in rows if row.isVisible()] == ["study"])


def test_every_protocol_has_a_card_and_starts_a_study(page, qtbot):
    cards = [card for card in page._cards if isinstance(card, ProtocolCard)]
    assert len(cards) == len(known_protocols())
    with qtbot.waitSignal(page.wanted) as blocker:
        cards[0].new_wanted.emit("quick")
    assert blocker.args == ["new_study", "quick"]


def test_cards_show_their_texts_whole(page, qtbot):
    for width in (1900, 1280):
        page.resize(width, 1000)
        qtbot.wait(50)
        for card in page.findChildren(ProtocolCard):
            assert cut_texts(card) == []
            elided = [name.whole_text for name in card.findChildren(ElidedLabel)]
            assert {label.text() for label in card.findChildren(ElidedLabel)} == set(elided)
            assert not [label for label in card.findChildren(QLabel) if "…" in label.text()]


def test_published_numbers_of_trials():
    facts = facts_of("borowski2021-1")
    assert (facts.units, facts.trials, facts.between) == (45, 189, False)
    assert facts_of("zimmermann2021").picture == "counterfactual"


def test_cards_reflow_with_the_width(page, qtbot):
    page.resize(1280, 700)
    qtbot.waitUntil(lambda: page._columns == 2)
    qtbot.waitUntil(lambda: page._cards[0].y() > page._demo.y())
    assert page._cards[1].x() > page._cards[0].x()


def test_cards_never_lie_on_each_other(page, context, tmp_path, qtbot):
    for number in range(5):
        (tmp_path / f"study-{number}").mkdir()
        context.settings.remember_study(tmp_path / f"study-{number}")
    for width in (1280, 1440, 1900):
        page.resize(width, 680)
        page.refresh()
        qtbot.wait(100)
        cards = [card for card in (*page._left, *page._cards) if card.isVisible()]
        for card in cards:
            around = card.geometry().adjusted(-8, -8, 8, 8)
            assert not [
                each for each in cards if each is not card and around.intersects(each.geometry())
            ]


def test_a_recent_study_opens_with_a_click(window, tmp_path, qtbot):
    study = make_study(tmp_path)
    window.context.settings.remember_study(study.folder)
    window.start.refresh()
    row = window.start._recent.findChildren(ListRow)[0]
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert window.context.study.folder == study.folder


def test_the_demo_job_is_shown_and_its_failure_told(window, tmp_path, qtbot):
    folder = window.context.settings.studies_folder / DEMO_FOLDER
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text("broken = ")
    window.commands.open_demo()
    assert not window.start._demo.button.isEnabled()
    qtbot.waitUntil(lambda: window.start._demo.button.isEnabled(), timeout=60_000)
    assert "study.toml" in window.notice.text


def test_facts_of_this_computer(imi_home):
    facts = {fact.name: fact for fact in [*computer_facts(imi_home), models_fact()]}
    assert "core" in facts["CPU, memory"].text
    assert "free" in facts["Disk"].text
    assert facts["Models"].fine


def test_descriptions_are_cut_at_sentences():
    assert first_sentences("One. Two is long enough to go.", 12) == "One."
    assert first_sentences("Short.") == "Short."
