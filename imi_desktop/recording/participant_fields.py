"""What can be asked of participants, and which of it could tell who they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["number", "choice", "text"]


@dataclass(frozen=True)
class ParticipantField:
    """One question about a participant.

    Parameters
    ----------
    name : str
        Key in the participant's record.
    label : str
        As shown.
    kind : {"number", "choice", "text"}
        What is entered.
    choices : tuple of (str, str)
        Stored value and its text, for choices.
    identifying : bool
        Whether it stays in the laboratory: exports leave it out.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    choices: tuple[tuple[str, str], ...] = ()
    identifying: bool = False


FIELDS = (
    ParticipantField("age", "Age", "number"),
    ParticipantField(
        "gender",
        "Gender",
        "choice",
        (
            ("female", "female"),
            ("male", "male"),
            ("non_binary", "non-binary"),
            ("no_answer", "prefers not to say"),
        ),
    ),
    ParticipantField(
        "handedness",
        "Handedness",
        "choice",
        (("right", "right"), ("left", "left"), ("both", "both")),
    ),
    ParticipantField(
        "visual_aid",
        "Visual aid",
        "choice",
        (("none", "none"), ("glasses", "glasses"), ("contact_lenses", "contact lenses")),
    ),
    # Levels of Borowski et al. 2021, A.1.1; people without any knowledge are "lay".
    ParticipantField(
        "expert_level",
        "Expertise",
        "choice",
        (
            ("lay", "lay person"),
            ("1", "1, knows convolutional networks"),
            ("2", "2, has read of feature visualization"),
            ("3", "3, has used feature visualization"),
        ),
    ),
    ParticipantField("background", "Background"),
    ParticipantField("languages", "Languages"),
    ParticipantField("name", "Name", identifying=True),
    ParticipantField("email", "E-mail", identifying=True),
)


def fields_of(names: Iterable[str]) -> tuple[ParticipantField, ...]:
    """Fields that a protocol asks for; names that are not known become plain text fields."""
    known = {field.name: field for field in FIELDS}
    return tuple(
        known.get(name, ParticipantField(name, name.replace("_", " ").capitalize()))
        for name in names
    )
