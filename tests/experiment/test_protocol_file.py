"""Protocols of one's own: broken ones are told everything at once, good ones run without code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from assembled_study import assemble

from imi_desktop.experiment.feasibility import study_problems
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.protocol import Protocol, UnknownProtocolError, protocol_names
from imi_desktop.experiment.toml_file import InvalidFileError, NewerFormatError
from imi_desktop.paths import resource

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "protocols.md"


def quick_with(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The file of ``quick`` with some text replaced."""
    text = resource("protocols", "quick.toml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return path


def test_names():
    assert set(protocol_names()) == {
        "borowski2021-1",
        "borowski2021-2",
        "quick",
        "zimmermann2021",
        "zimmermann2021-replication",
        "zimmermann2023",
    }


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownProtocolError, match="quick"):
        Protocol.load("borowski")


def test_missing_file(tmp_path: Path):
    with pytest.raises(UnknownProtocolError, match=r"absent\.toml"):
        Protocol.load(tmp_path / "absent.toml")


def test_newer_protocol(tmp_path: Path):
    with pytest.raises(NewerFormatError, match="format 9"):
        Protocol.load(quick_with(tmp_path, ("format = 1", "format = 9")))


def test_wrong_types_and_keys_at_once(tmp_path: Path):
    path = quick_with(
        tmp_path,
        ('phase = "main"', 'phase = "mian"'),
        ("count = 6", 'count = "six"'),
        ("first = 1", "frist = 1"),
    )
    with pytest.raises(InvalidFileError) as caught:
        Protocol.load(path)
    assert len(caught.value.problems) == 3
    said = caught.value.sentence
    assert "units[1].count: must be a whole number, not 'six'" in said
    assert "batches.natural.frist: is not a key of this table; did you mean “first”?" in said
    assert "parts[2].blocks[1].phase: must be" in said
    assert str(path) in said


def test_broken_references_at_once(tmp_path: Path):
    path = quick_with(
        tmp_path,
        ('order = "given"', 'order = "given"\neach = "contidion"'),
        ('"$condition", units = "main"', '"$order", units = "main"'),
        ('batch = "fixed", deck', 'batch = "first", deck'),
        ('units = "catch", count = 1', 'units = "foil", count = 1'),
        ('  ["synthetic", "none", "natural"],', '  ["synthetic", "none"],'),
        ('only = ["natural", "synthetic"]', 'only = ["natural", "artificial"]'),
    )
    with pytest.raises(InvalidFileError) as caught:
        Protocol.load(path)
    said = caught.value.sentence
    assert len(caught.value.problems) == 6
    assert "there is no factor “contidion”" in said
    assert "there is no factor “order”" in said
    assert "no batches “first” are declared" in said
    assert "no foil units are declared" in said
    assert "factors.condition.orders[2]: has 2 entries, not 3" in said
    assert "“artificial” is no condition" in said


def test_factor_without_a_level(tmp_path: Path):
    path = quick_with(tmp_path, ('each = "condition"\n', ""))
    with pytest.raises(InvalidFileError, match=r"“\$condition” has no level here"):
        Protocol.load(path)
    path = quick_with(tmp_path, ('each = "condition"\n', 'let = { condition = "blue", a = "b" }\n'))
    with pytest.raises(InvalidFileError) as caught:
        Protocol.load(path)
    assert "“blue” is no level of condition" in caught.value.sentence
    assert "there is no factor “a”" in caught.value.sentence


def test_page_without_text(tmp_path: Path):
    path = quick_with(tmp_path, ('closing = ["thanks"]', 'closing = ["farewell"]'))
    with pytest.raises(InvalidFileError, match=r"closing\[1\]: there is no text for .*“farewell”"):
        Protocol.load(path)


def test_protocol_brings_its_own_words(tmp_path: Path):
    path = quick_with(tmp_path, ('closing = ["thanks"]', 'closing = ["farewell"]'))
    with path.open("a", encoding="utf-8") as file:
        file.write(
            '\n[texts.pages.farewell]\ntitle = "Goodbye"\nparagraphs = ["{trials} trials."]\n'
            'button = "Leave"\n\n[texts.trial.trial]\nquestion = "Which **one**?"\n'
        )
    study = assemble(str(path), tmp_path / "study", "efficientnet_lite0")
    assert study_problems(study) == []
    plan = plan_session(study, "P1")
    assert plan.closing[0].paragraphs == ("22 trials.",)
    assert {block.wording.question for block in plan.blocks} == {"Which **one**?"}
    assert plan.blocks[0].wording.title_min


@pytest.mark.parametrize("text", ["{participants} people", "{", "}", "{0}", "{}"])
def test_fields_that_nobody_fills_in(tmp_path: Path, text: str):
    path = quick_with(tmp_path)
    with path.open("a", encoding="utf-8") as file:
        file.write(f'\n[texts.pages.thanks]\ntitle = "T"\nparagraphs = ["{text}"]\nbutton = "B"\n')
    with pytest.raises(InvalidFileError, match=r"texts\.pages\.thanks\.paragraphs: "):
        Protocol.load(path)


def test_more_trials_than_units(tmp_path: Path):
    path = quick_with(tmp_path, ('units = "main", batch', 'units = "main", count = 9, batch'))
    study = assemble(str(path), tmp_path / "study", "efficientnet_lite0")
    problems = study_problems(study)
    assert len(problems) == 1
    assert "asks for 9 main units" in problems[0]
    assert "only 6 are left" in problems[0]


def documented_protocols() -> list[str]:
    """Whole protocols in the documentation."""
    blocks = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    return [block for block in blocks if block.startswith("format = ")]


@pytest.mark.parametrize("text", documented_protocols())
def test_documented_protocols_work(tmp_path: Path, text: str):
    path = tmp_path / "documented.toml"
    path.write_text(text, "utf-8")
    study = assemble(str(path), tmp_path / "study", "efficientnet_lite0")
    assert study_problems(study) == []
    assert plan_session(study, "P1").trials


def test_documentation_names_every_key():
    text = DOCUMENT.read_text("utf-8")
    pending = [Protocol]
    while pending:
        table = pending.pop()
        for name, found in table.model_fields.items():
            assert f"`{name}`" in text or name == "format", f"{table.__name__}.{name}"
            for part in str(found.annotation).replace("[", " ").replace(",", " ").split():
                inner = part.rsplit(".", 1)[-1].strip("]|")
                for kind in Protocol.__mro__[1].__subclasses__():
                    if kind.__name__ == inner and kind is not table and kind not in pending:
                        pending.append(kind)
