"""Dialogs that register participants, ask for reasons, and let observers take part."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.participant import open_number, participant_id, participant_number
from imi_desktop.experiment.study import Study
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.labels import label, set_tone, wrapped
from imi_desktop.gui.widgets.number import NumberField
from imi_desktop.gui.workbench.sessions_form import ParticipantForm
from imi_desktop.observers.declared import OBSERVERS
from imi_desktop.recording.participants import Participant

_MOST = 500


def next_id(taken: Collection[str], prefix: str = "P") -> str:
    """First free id of the usual form: ``P01``, or what follows the highest number."""
    numbers = [int(found[1]) for name in taken if (found := re.fullmatch(rf"{prefix}(\d+)", name))]
    return f"{prefix}{max(numbers, default=0) + 1:02d}"


def place_left_open(people: Iterable[tuple[Participant, bool]]) -> int | None:
    """Number in the design that an excluded session left to be filled; None if none did.

    Parameters
    ----------
    people : iterable of (Participant, bool)
        Registered participants, and whether they count (all but excluded ones do).
    """
    numbered = [
        (participant_number(person.id) if person.number is None else person.number, counts)
        for person, counts in people
        if re.fullmatch(r"P\d+", person.id)
    ]
    number = open_number(numbered)
    return number if (number, False) in numbered else None


def following_ids(first: str, number: int) -> list[str]:
    """`number` ids that count up from `first`.

    Raises
    ------
    InvalidParticipantIdError
        If one of them cannot be used.
    """
    digits = re.search(r"\d+$", first)
    if digits is None:
        names = (
            [first] if number == 1 else [f"{first}{place:02d}" for place in range(1, number + 1)]
        )
    else:
        stem, start, width = first[: digits.start()], int(digits[0]), len(digits[0])
        names = [f"{stem}{start + place:0{width}d}" for place in range(number)]
    return [participant_id(name) for name in names]


class _IdDialog(Dialog):
    """A dialog about ids of new participants."""

    form: ParticipantForm

    def __init__(
        self,
        theme: Theme,
        title: str,
        subtitle: str,
        taken: Collection[str],
        prefix: str,
        parent: QWidget | None,
    ) -> None:
        super().__init__(theme, title, subtitle, parent)
        self.setMinimumWidth(480)
        self._taken = {name.casefold() for name in taken}
        self.first = QLineEdit(next_id(taken, prefix))
        self.first.setMaximumWidth(160)
        self.number = NumberField(1, _MOST)
        self.number.setMaximumWidth(90)
        self._hint = wrapped("", "caption", "ink3")
        self.first.textChanged.connect(self._check)
        self.number.valueChanged.connect(self._check)

    def ids(self) -> list[str]:
        """The ids; see :func:`following_ids`."""
        return following_ids(self.first.text().strip(), self.number.value())

    def _finish_foot(self, text: str) -> None:
        self.add_cancel()
        self.go = self.add_primary(text)
        self.go.clicked.connect(self.accept)
        self._check()

    def _check(self) -> None:
        problem = ""
        names: list[str] = []
        try:
            names = self.ids()
        except UserError as error:
            problem = error.sentence
        used = [name for name in names if name.casefold() in self._taken]
        if used:
            problem = f"{used[0]} is registered already. Choose another id."
        self._hint.setText(problem or _range_words(names))
        self.form.show_row(self._hint, bool(self._hint.text()))
        set_tone(self._hint, "error" if problem else "ink3")
        self.go.set_enabled(not problem, problem)
        self._number_changed(len(names))

    def _number_changed(self, number: int) -> None:
        """React to the number of ids."""


class RegisterDialog(_IdDialog):
    """Registers one participant with what the protocol asks for, or several by their ids."""

    def __init__(
        self,
        theme: Theme,
        study: Study,
        taken: Collection[str],
        parent: QWidget | None = None,
        number: int | None = None,
    ) -> None:
        self._open = number
        words = "Ids are pseudonyms. The number at their end decides the order of blocks."
        if number is not None:
            words += f" The first one gets the order of number {number}, who was excluded."
        super().__init__(
            theme,
            "Add participants",
            words,
            taken,
            "P",
            parent,
        )
        self.form = ParticipantForm(study.design.participant_fields)
        self.form.insert_row(0, "First id", self.first)
        self.form.insert_row(1, "How many", self.number)
        self.form.insert_row(2, "", self._hint)
        self.body.addWidget(self.form)
        self._finish_foot("Add participants")

    def participants(self) -> list[Participant]:
        """What was entered."""
        names = self.ids()
        if len(names) > 1:
            first, *others = names
            return [Participant(first, number=self._open), *map(Participant, others)]
        fields, identifying = self.form.values(), self.form.identifying
        return [Participant(names[0], fields, identifying, number=self._open)]

    def _number_changed(self, number: int) -> None:
        for field in self.form.fields:
            self.form.enable(field.name, number <= 1)


class EditDialog(Dialog):
    """Changes what is known of a participant."""

    def __init__(
        self, theme: Theme, study: Study, participant: Participant, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, f"Participant {participant.id}", parent=parent)
        self.setMinimumWidth(440)
        self._participant = participant
        names = dict.fromkeys([*study.design.participant_fields, *participant.fields])
        self.form = ParticipantForm(names)
        self.form.set_values(participant.fields)
        self.body.addWidget(self.form)
        self.add_cancel()
        self.add_primary("Save").clicked.connect(self.accept)

    def participant(self) -> Participant:
        """What was entered."""
        kept = self._participant.identifying
        return replace(
            self._participant,
            fields=self.form.values(),
            identifying=kept | self.form.identifying,
        )


class SimulateDialog(_IdDialog):
    """Lets observers take part in place of people."""

    def __init__(
        self, theme: Theme, study: Study, taken: Collection[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(
            theme,
            "Run simulated participants",
            "An observer answers every trial through the same code as a person, without a screen. "
            "Its answers are recorded like those of people; use ids that tell them apart.",
            taken,
            "S",
            parent,
        )
        self.observer = QComboBox()
        for declared in OBSERVERS:
            self.observer.addItem(declared.title, declared)
        self.parameter = QLineEdit()
        self.parameter.setMaximumWidth(120)
        self._summary = wrapped("", "caption", "ink3")
        self.form = ParticipantForm(())
        self.form.add_row("Observer", self.observer)
        self.form.add_row("", self._summary)
        self._parameter_name = label("Parameter", tone="ink2")
        self.form.add_row("Parameter", self.parameter)
        self.form.add_row("First id", self.first)
        self.form.add_row("How many", self.number)
        self.form.add_row("", self._hint)
        self.body.addWidget(self.form)
        self.observer.currentIndexChanged.connect(self._show_observer)
        self._show_observer()
        self._finish_foot("Run")

    def observer_name(self) -> str:
        """Name with its parameter."""
        declared = self.observer.currentData()
        parameter = self.parameter.text().strip()
        return f"{declared.name}:{parameter}" if declared.parameter and parameter else declared.name

    def _show_observer(self) -> None:
        declared = self.observer.currentData()
        self._summary.setText(declared.summary)
        self.parameter.setEnabled(bool(declared.parameter))
        self.parameter.setPlaceholderText("0.5" if declared.parameter else "none")
        self.parameter.setToolTip(declared.parameter or "This observer has no parameter.")


class ReasonDialog(Dialog):
    """Asks for a reason or a note; empty ones are not taken."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        sentence: str,
        go: str,
        parent: QWidget | None = None,
        *,
        irreversible: bool = False,
    ) -> None:
        super().__init__(theme, title, parent=parent)
        self.setMinimumWidth(440)
        self.body.addWidget(wrapped(sentence))
        self.text = QLineEdit()
        self.text.setAccessibleName("Reason")
        self.body.addWidget(self.text)
        self.add_cancel()
        self.go = self.add_primary(go)
        if irreversible:
            self.go.set_kind("danger")
        self.go.clicked.connect(self.accept)
        self.text.textChanged.connect(self._check)
        self._check()

    def reason(self) -> str:
        """What was entered."""
        return self.text.text().strip()

    def _check(self) -> None:
        self.go.set_enabled(bool(self.reason()), "Write something first.")


def _range_words(names: list[str]) -> str:
    if len(names) < 2:
        return ""
    return f"{names[0]} to {names[-1]}; what is asked of them is filled in when they come."
