"""The journal's format, its one writer, and what happens when the disk refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imi_desktop.recording import lock
from imi_desktop.recording.errors import (
    JournalDamagedError,
    NewerJournalError,
    RecordingError,
    SessionLockedError,
)
from imi_desktop.recording.follow import JournalFollower
from imi_desktop.recording.journal import JOURNAL_NAME, LOCK_NAME, Journal
from imi_desktop.recording.records import Record, decode, encode, parse, read_journal

texts = st.text('aé☃ \n"\\\u2028{}:,', max_size=6)
json_values = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
data = st.dictionaries(texts, json_values | st.lists(json_values, max_size=3), max_size=4)
patient = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # other work on the computer must not fail a test


def journal_bytes(records: list[dict[str, object]]) -> bytes:
    header = Record(0, 1, "2026-01-01T00:00:00.000Z", "journal_created", {"format": 1})
    rest = [
        Record(number, number * 10, "2026-01-01T00:00:00.000Z", "note", dict(values))
        for number, values in enumerate(records, start=1)
    ]
    return b"".join(encode(record) for record in [header, *rest])


@patient
@given(data)
def test_a_record_survives_its_line(values: dict[str, object]) -> None:
    record = Record(4, 123, "2026-01-01T00:00:00.000Z", "note", values)
    line = encode(record)
    assert line.count(b"\n") == 1
    assert decode(line) == record


def test_the_checksum_can_be_computed_from_the_line_alone() -> None:
    line = encode(Record(0, 1, "2026-01-01T00:00:00.000Z", "note", {"text": "Übung"}))
    members = json.loads(line)
    rest = line[: line.rindex(b',"crc32":')] + b"}"
    assert members["crc32"] == f"{zlib.crc32(rest):08x}"
    assert list(members) == ["seq", "t_ns", "utc", "type", "data", "crc32"]


def test_values_that_json_has_no_word_for_are_a_bug() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode(Record(0, 1, "", "note", {"value": float("nan")}))


@patient
@given(st.lists(data, min_size=1, max_size=4), st.data())
def test_a_journal_torn_anywhere_loses_only_its_last_line(
    records: list[dict[str, object]], draw: st.DataObject
) -> None:
    whole = journal_bytes(records)
    cut = draw.draw(st.integers(0, len(whole)))
    found = parse(whole[:cut], Path("journal.jsonl"))
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    complete = sum(end <= cut or end == cut + 1 for end in ends)
    assert [record.seq for record in found.records] == list(range(complete))
    assert whole[: found.size] + found.torn == whole[:cut]


@patient
@given(st.lists(data, min_size=1, max_size=4), st.data())
def test_a_changed_byte_is_named_or_looks_like_a_torn_end(
    records: list[dict[str, object]], draw: st.DataObject
) -> None:
    whole = bytearray(journal_bytes(records))
    place = draw.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= draw.draw(st.integers(1, 255))
    line = bytes(whole[:place]).count(b"\n") + 1
    try:
        found = parse(bytes(whole), Path("journal.jsonl"))
    except (JournalDamagedError, NewerJournalError) as error:
        assert f"line {line}" in error.sentence
    else:
        assert place == len(whole) - 1, "only the last line end may be lost without damage"
        assert found.torn


def test_lines_out_of_sequence_are_damage() -> None:
    lines = journal_bytes([{}, {}, {}]).splitlines(keepends=True)
    with pytest.raises(JournalDamagedError, match="line 3: it is record 3, expected 2"):
        parse(b"".join([*lines[:2], lines[3]]), Path("journal.jsonl"))


def test_a_newer_format_is_refused_before_its_checksum_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    path.write_text('{"type":"journal_created","data":{"format":2},"sha":"?"}\n{"new": 1}\n')
    before = path.read_bytes()
    with pytest.raises(NewerJournalError, match=r"format 2.*Update"):
        Journal.open(path)
    assert path.read_bytes() == before
    assert not (tmp_path / LOCK_NAME).exists()


def test_appending_continues_where_the_last_writer_stopped(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    first = Journal.open(path)
    first.append("note", {"n": 1})
    first.close()
    second = Journal.open(path)
    second.append("note", {"n": 2}, sync=True)
    second.close()
    records = read_journal(path).records
    assert [(r.seq, r.type) for r in records] == [(0, "journal_created"), (1, "note"), (2, "note")]
    assert not (tmp_path / LOCK_NAME).exists()


def test_a_torn_line_is_kept_beside_cut_off_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    path.write_bytes(journal_bytes([{}]) + b'{"seq":2,"t_ns"')
    journal = Journal.open(path)
    journal.close()
    last = read_journal(path).records[-1]
    assert last.type == "torn_line_cut"
    assert last.data["bytes"] == 15
    assert (tmp_path / last.data["kept_in"]).read_bytes() == b'{"seq":2,"t_ns"'


def test_a_journal_torn_within_its_header_starts_again(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    path.write_bytes(b'{"seq":0')
    Journal.open(path).close()
    assert [r.type for r in read_journal(path).records] == ["journal_created", "torn_line_cut"]


def test_a_last_line_without_its_end_is_completed(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    path.write_bytes(journal_bytes([{"n": 1}])[:-1])
    journal = Journal.open(path)
    journal.append("note", {"n": 2})
    journal.close()
    contents = read_journal(path)
    assert [r.data.get("n") for r in contents.records] == [None, 1, 2]


def test_damage_before_the_end_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    content = bytearray(journal_bytes([{"n": 1}, {"n": 2}]))
    content[content.index(b'"n":1') + 4] = ord("7")
    path.write_bytes(content)
    with pytest.raises(JournalDamagedError, match="line 2: its checksum does not match"):
        Journal.open(path)
    assert path.read_bytes() == bytes(content)
    assert [entry.name for entry in tmp_path.iterdir()] == [JOURNAL_NAME]


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / JOURNAL_NAME)
    with pytest.raises(SessionLockedError, match=r"process \d+ on .*End that session"):
        Journal.open(tmp_path / JOURNAL_NAME)
    journal.append("note", {})
    journal.close()
    assert lock.holder(tmp_path / LOCK_NAME) is None


def test_the_lock_of_a_killed_writer_is_taken_over_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    code = (
        "import os, pathlib, signal, sys\n"
        "from imi_desktop.recording.journal import Journal\n"
        "journal = Journal.open(pathlib.Path(sys.argv[1]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / LOCK_NAME).exists()
    assert lock.holder(tmp_path / LOCK_NAME) is None
    journal = Journal.open(path)
    journal.close()
    last = read_journal(path).records[-1]
    assert last.type == "lock_taken_over"
    assert last.data["from"]["pid"] > 0


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond `size` bytes, as on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_refused_record_leaves_a_valid_journal_that_goes_on_once_there_is_room(
    tmp_path: Path,
) -> None:
    path = tmp_path / JOURNAL_NAME
    journal = Journal.open(path)
    journal.append("note", {"n": 1}, sync=True)
    safe = path.read_bytes()
    with (
        file_size_limit(len(safe) + 20),
        pytest.raises(RecordingError, match="Everything recorded before is safe"),
    ):
        journal.append("response", {"n": 2}, sync=True)
    assert path.read_bytes() == safe
    journal.append("response", {"n": 2}, sync=True)
    journal.close()
    assert [r.data.get("n") for r in read_journal(path).records] == [None, 1, 2]


def test_a_follower_sees_each_complete_record_once(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    follower = JournalFollower(path)
    assert follower.poll() == []
    lines = journal_bytes([{"n": 1}, {"n": 2}]).splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1] + lines[2][:9])
    assert [record.seq for record in follower.poll()] == [0, 1]
    assert follower.poll() == []
    path.write_bytes(b"".join(lines))
    assert [record.seq for record in follower.poll()] == [2]


def test_a_follower_names_a_damaged_line(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    path.write_bytes(journal_bytes([{"n": 1}]).replace(b'"n":1', b'"n":3'))
    with pytest.raises(JournalDamagedError, match="line 2"):
        JournalFollower(path).poll()
