"""Participants' records."""

from __future__ import annotations

from pathlib import Path

import pytest

from imi_desktop.errors import StorageError
from imi_desktop.experiment.participant import InvalidParticipantIdError
from imi_desktop.recording.errors import NewerJournalError, SimilarParticipantError
from imi_desktop.recording.participants import (
    Participant,
    list_participants,
    read_participant,
    write_participant,
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = Participant(
        "P07",
        fields={"age": 31, "gender": None, "background": "Bäckerei", "name": "A. B."},
        identifying=frozenset({"name"}),
        number=3,
        audience="lay",
        registered="2026-11-12T14:07:00+00:00",
    )
    write_participant(tmp_path, written)
    assert read_participant(tmp_path, "P07") == written
    assert written.shareable() == {"age": 31, "gender": None, "background": "Bäckerei"}


def test_registering_again_keeps_the_day_of_the_first_time_if_it_is_passed_on(
    tmp_path: Path,
) -> None:
    write_participant(tmp_path, Participant("P07"))
    first = read_participant(tmp_path, "P07")
    assert first.registered
    write_participant(tmp_path, Participant("P07", {"age": 3}, registered=first.registered))
    assert read_participant(tmp_path, "P07").registered == first.registered


def test_participants_without_a_record_have_only_an_id(tmp_path: Path) -> None:
    (tmp_path / "sessions" / "P02").mkdir(parents=True)
    (tmp_path / "sessions" / "README.md").write_text("")
    write_participant(tmp_path, Participant("P01", {"age": 30}))
    assert [(p.id, dict(p.fields)) for p in list_participants(tmp_path)] == [
        ("P01", {"age": 30}),
        ("P02", {}),
    ]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("{", StorageError, "not a participant's record"),
        ('{"format": 1}', StorageError, "not a participant's record"),
        ('{"format": 2}', NewerJournalError, "newer version"),
    ],
)
def test_records_that_cannot_be_read_are_named(
    tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    path = tmp_path / "sessions" / "P01" / "participant.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(error, match=said):
        read_participant(tmp_path, "P01")


def test_an_id_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidParticipantIdError):
        write_participant(tmp_path / "study", Participant("../P01"))
    assert list(tmp_path.iterdir()) == []


def test_an_id_that_differs_only_in_capitals_is_not_registered(tmp_path: Path) -> None:
    write_participant(tmp_path, Participant("P07"))
    with pytest.raises(SimilarParticipantError, match="P07 already"):
        write_participant(tmp_path, Participant("p07"))
