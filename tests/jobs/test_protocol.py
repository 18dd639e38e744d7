import pytest
from hypothesis import given
from hypothesis import strategies as st

from imi_desktop.jobs import kinds
from imi_desktop.jobs.protocol import (
    Failed,
    Finished,
    JobSpec,
    ProtocolError,
    Stopped,
    decode_command,
    decode_event,
    encode_command,
    encode_event,
)
from imi_desktop.progress import Progress

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
data = st.dictionaries(st.text(), json_values, max_size=3)
events = st.one_of(
    st.builds(Progress, st.text(), st.integers(), st.integers(), st.text(), data),
    st.builds(Finished, data),
    st.just(Stopped()),
    st.builds(Failed, st.text(), st.booleans()),
)


@given(events)
def test_every_event_is_one_line_and_comes_back(event):
    line = encode_event(event)
    assert line.count("\n") == 1
    assert line.endswith("\n")
    assert decode_event(line) == event


@given(st.dictionaries(st.text().filter(lambda name: name != "kind"), json_values, max_size=3))
def test_a_specification_comes_back(arguments):
    spec = JobSpec("generate", arguments)
    assert JobSpec.from_line(spec.to_line()) == spec


@pytest.mark.parametrize(
    "line", ["", "nonsense", "[1]", '{"event": "dance"}', '{"event": "progress", "x": 1}']
)
def test_other_lines_are_not_events(line):
    with pytest.raises(ProtocolError):
        decode_event(line)


def test_commands_come_back_and_other_lines_are_none():
    assert decode_command(encode_command("pause")) == "pause"
    assert decode_command('{"task": 1}\n') is None


def test_kinds_are_found_by_name():
    assert kinds.find("generate").module == "generate"
    with pytest.raises(KeyError):
        kinds.find("dance")
