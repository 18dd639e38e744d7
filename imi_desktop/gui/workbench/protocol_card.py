"""Card of one protocol on the start page: what the participant sees, and the figures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets import format as written
from imi_desktop.gui.widgets.buttons import quiet, secondary
from imi_desktop.gui.widgets.card import Card
from imi_desktop.gui.widgets.condition_mark import ConditionMark
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import ElidedLabel, label, rule, wrapped
from imi_desktop.gui.workbench.protocol_facts import ProtocolFacts
from imi_desktop.gui.workbench.protocol_picture import ProtocolPicture

_TEXT_HEIGHT = 54
"""Three lines, so that the cards' figures stand on one line."""


def figures(facts: ProtocolFacts) -> list[tuple[str, str]]:
    """Value and caption of the figures of a protocol."""
    return [
        (written.count(facts.units), "units"),
        (written.count(facts.trials), "trials each"),
        (f"{facts.minutes} min", "a session"),
        ("between" if facts.between else "within", "participants"),
    ]


def figure_row(facts: ProtocolFacts) -> QGridLayout:
    """The figures side by side."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(0)
    for column, (value, caption) in enumerate(figures(facts)):
        grid.addWidget(label(value, "subject"), 0, column)
        grid.addWidget(label(caption, "caption", "ink3"), 1, column)
        grid.setColumnStretch(column, 1)
    return grid


class ProtocolCard(Card):
    """One design, ready to become a study."""

    new_wanted = Signal(str)

    def __init__(self, theme: Theme, facts: ProtocolFacts, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        protocol = facts.protocol
        self.setAccessibleName(protocol.title)
        self.body.setSpacing(6)
        self.body.addWidget(ProtocolPicture(theme, facts.picture))
        self.body.addSpacing(4)
        head = QVBoxLayout()
        head.setSpacing(0)
        head.addWidget(ElidedLabel(protocol.title, "subject"))
        head.addWidget(label(protocol.name, "caption", "ink3"))
        self.body.addLayout(head)
        text = wrapped(first_sentences(protocol.description), tone="ink2")
        text.setFixedHeight(_TEXT_HEIGHT)
        self.body.addWidget(text)
        marks = QHBoxLayout()
        marks.setSpacing(10)
        for condition in protocol.conditions:
            marks.addWidget(ConditionMark(theme, condition))
        scheme = protocol.factors.get("scheme")
        if scheme is not None:
            marks.addWidget(label(f"× {len(scheme.levels)} schemes", "caption", "ink3"))
        marks.addStretch(1)
        self.body.addLayout(marks)
        self.body.addWidget(rule())
        self.body.addSpacing(2)
        self.body.addLayout(figure_row(facts))
        self.body.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(4)
        new = secondary("New study…")
        new.setAccessibleName(f"New study: {protocol.title}")
        new.clicked.connect(lambda: self.new_wanted.emit(protocol.name))
        details = quiet("Details")
        details.setAccessibleName(f"Details: {protocol.title}")
        details.clicked.connect(lambda: ProtocolDetails(theme, facts, self.window()).open())
        row.addWidget(new)
        row.addWidget(details)
        row.addStretch(1)
        self.body.addLayout(row)


class ProtocolDetails(Dialog):
    """Source, blocks and rules of a protocol."""

    def __init__(self, theme: Theme, facts: ProtocolFacts, parent: QWidget | None = None) -> None:
        protocol = facts.protocol
        super().__init__(theme, protocol.title, protocol.source, parent)
        self.setMinimumWidth(640)
        self.body.addWidget(wrapped(" ".join(protocol.description.split())))
        self.body.addLayout(figure_row(facts))
        self.body.addWidget(label("Blocks", "card_title"))
        blocks = QVBoxLayout()
        blocks.setSpacing(2)
        for block in protocol.blocks():
            each = f", for each {block.each}" if block.each else ""
            times = f", {block.repeat} times" if block.repeat > 1 else ""
            feedback = "with feedback" if block.feedback else "without feedback"
            blocks.addWidget(
                wrapped(f"{block.name}: {block.phase}, {feedback}{each}{times}", "caption", "ink2")
            )
        self.body.addLayout(blocks)
        if protocol.exclusion:
            self.body.addWidget(label("Exclusion rules", "card_title"))
            for rule_ in protocol.exclusion:
                text = ", ".join(
                    f"{key} {value}"
                    for key, value in rule_.model_dump(exclude_none=True).items()
                    if key != "kind"
                )
                kind = rule_.kind.replace("_", " ")
                self.body.addWidget(wrapped(f"{kind}: {text}", "caption", "ink2"))
        self.body.addWidget(
            wrapped(f"File: {protocol.file}" if protocol.file else "", "caption", "ink3")
        )
        self.add_primary("Close").clicked.connect(self.accept)


def first_sentences(text: str, limit: int = 170) -> str:
    """As many whole sentences of `text` as fit `limit` letters; at least the first, cut."""
    words = " ".join(text.split())
    if len(words) <= limit:
        return words
    end = words.rfind(". ", 0, limit)
    return words[: end + 1] if end > 0 else words[: limit - 1].rstrip() + "…"
