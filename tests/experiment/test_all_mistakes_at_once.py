"""Mistakes of spelling and of meaning are told in one list, without what only follows from them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imi_desktop.errors import UserError
from imi_desktop.experiment.feasibility import load_telling_all
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.toml_file import InvalidFileError
from imi_desktop.paths import resource

QUICK = resource("protocols", "quick.toml").read_text("utf-8")
Change = tuple[str, str]

HYPOTHESIS = """
[[hypotheses]]
id = "H1"
sentence = "Natural images help."
null = "They do not."
alternative = "They do."
test = "wilcoxon"

[hypotheses.comparison]
factor = "condition"
a = "natural"
b = "blurred"
"""


def changed(text: str, changes: tuple[Change, ...]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.fixture
def refused_protocol(tmp_path: Path) -> Callable[..., tuple[str, ...]]:
    """Change the text of ``quick`` and give what is said of it."""

    def refused(*changes: Change) -> tuple[str, ...]:
        path = tmp_path / "own.toml"
        path.write_text(changed(QUICK, changes), "utf-8")
        with pytest.raises(InvalidFileError) as caught:
            Protocol.load(path)
        assert str(path) in caught.value.sentence
        return caught.value.problems

    return refused


@pytest.fixture
def refused_study(quick: Study) -> Callable[..., InvalidFileError]:
    """Change the text of a study of ``quick`` and give what is said of it."""

    def refused(*changes: Change, more: str = "") -> InvalidFileError:
        text = quick.file.read_text("utf-8")
        quick.file.write_text(changed(text, changes) + more, "utf-8")
        with pytest.raises(InvalidFileError) as caught:
            load_telling_all(quick.folder)
        return caught.value

    return refused


def test_protocol_with_mistakes_of_both_kinds(refused_protocol):
    problems = refused_protocol(
        ('phase = "main"', 'phase = "mian"'),
        ('units = "catch", count = 1', 'units = "foil", count = "one"'),
        ('batch = "fixed", deck', 'batch = "first", deck'),
        ('closing = ["thanks"]', 'closing = ["farewell"]'),
        ('measure = "proportion_correct"', "mesure = 1"),
        ("format = 1", "format = 0"),
    )
    keys = [problem.partition(": ")[0] for problem in problems]
    assert sorted(keys) == [
        "analyses[1].mesure",
        "closing[1]",
        "format",
        "parts[1].blocks[1].trials[1].batch",
        "parts[2].blocks[1].phase",
        "parts[2].blocks[1].trials[2].count",
        "parts[2].blocks[1].trials[2].units",
    ]
    count = next(problem for problem in problems if "count" in problem)
    assert count.endswith("must be a whole number or a list in square brackets, not 'one'")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        # A misspelt declaration is not also told wherever something refers to it.
        (("[factors.condition]", "[factor.condition]"), "factor"),
        (("[batches.fixed]", "[batchs.fixed]"), "batchs"),
        (('role = "practice"', 'rolle = "practice"'), "units[2].rolle"),
        (('role = "catch"', 'role = "cach"'), "units[3].role"),
        (('levels = ["natural", "synthetic", "none"]', "levels = 3"), "factors.condition.levels"),
        (('levels = ["natural", "synthetic"', 'levels = ["natural", "x"'), "factors.condition"),
        (('conditions = ["natural", "synthetic"', 'conditions = ["natural", "x"'), "conditions[2]"),
        (('name = "quick"', 'nmae = "quick"'), "nmae"),
        (('name = "main"', "name = 3"), "parts[2].blocks[1].name"),
        # Nor is a factor that has no level here because of a misspelt each.
        (('each = "condition"', 'each = "contidion"'), "parts[2].blocks[1].each"),
        (('each = "condition"', 'eech = "condition"'), "parts[2].blocks[1].eech"),
        (('each = "condition"', "each = 3"), "parts[2].blocks[1].each"),
        # Nor what is missing within a part that cannot be read.
        (("trials = [\n", "trials = 3\nfoo = [\n"), "parts[1].blocks[1].trials"),
        (("minimum = 1", 'minimum = "one"'), "exclusion[1].minimum"),
    ],
)
def test_protocol_without_consequences(refused_protocol, change: Change, told: str):
    problems = [problem for problem in refused_protocol(change) if ".foo: " not in problem]
    assert len(problems) == 1, problems
    assert problems[0].startswith(told)


def test_one_reason_at_many_places_is_told_once(refused_protocol):
    problems = refused_protocol(("[batches.fixed]", "[batches.other]"))
    assert problems == (
        "parts[1].blocks[1].trials[1].batch and 2 more: no batches “fixed” are declared",
    )


def test_study_with_mistakes_of_every_kind(refused_study):
    error = refused_study(
        ("seed = 5", "sede = 5"),
        ("references = 9", "references = 4"),
        ("conditions = []", 'conditions = ["mixed", "blured"]'),
        ("channel = ", "channel = 9999"),
    )
    keys = [problem.partition(": ")[0] for problem in error.problems]
    assert sorted(keys) == [
        "conditions[1]",
        "conditions[2]",
        "sede",
        "stimuli.natural.references",
        "units[1]",
    ]
    assert "there is no channel 9999" in error.sentence


def test_untestable_hypotheses_are_told_with_misspelt_keys(refused_study):
    error = refused_study(("seed = 5", "sede = 5"), more=HYPOTHESIS)
    assert len(error.problems) == 2
    assert "condition is never “blurred”" in error.sentence
    # What is compared cannot be judged where it cannot be read.
    error = refused_study(('test = "wilcoxon"', 'test = "wilcoxn"'))
    assert len(error.problems) == 2
    assert "blurred" not in error.sentence


def test_study_and_its_own_protocol_are_told_together(refused_study, quick: Study):
    own = changed(QUICK, (('phase = "main"', 'phase = "mian"'), ("count = 6", 'count = "six"')))
    (quick.folder / "own.toml").write_text(own, "utf-8")
    error = refused_study(('protocol = "quick"', 'protocol = "own.toml"'))
    assert error.path == quick.folder / "own.toml"
    assert len(error.problems) == 2
    error = refused_study(("seed = 5", "sede = 5"), ("channel = ", "channel = 9999"))
    assert len(error.problems) == 2
    assert "own.toml has 2 problems" in error.sentence
    assert "study.toml has 2 problems" in error.sentence


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("units = [", "uints = ["), "uints"),
        (("layer =", "leyer ="), "units[1].leyer"),
        (('role = "catch"', 'role = "cach"'), "units[9].role"),
        (('role = "catch"', "role = 1"), "units[9].role"),
        (('protocol = "quick"', 'protocol = "quik"'), "protocol"),
        (('protocol = "quick"', "protocol = 3"), "protocol"),
        (('models = [\n    "efficientnet_lite0",\n]', "models = 3"), "models"),
        (("[stimuli.natural]", "[stimuli.naturl]"), "stimuli.naturl"),
    ],
)
def test_study_without_consequences(refused_study, change: Change, told: str):
    problems = refused_study(change).problems
    assert len(problems) == 1, problems
    assert problems[0].startswith(told)


def test_study_that_is_fine(quick: Study):
    assert load_telling_all(quick.folder) == quick


def misspelt(line: str) -> list[str]:
    """The line with a key misspelt, with a value of another type, with a table misspelt."""
    pair = re.fullmatch(r"(\w+) = (.*)", line)
    if pair:
        key, value = pair.groups()
        other = '"seven"' if value.isdigit() else "7"
        whole = not value.startswith(('"""', "[")) or value.endswith("]")
        return [f"{key[:-1]}x{key[-1]} = {value}", *([f"{key} = {other}"] if whole else [])]
    table = re.fullmatch(r"\[+([\w.]+)\]+", line)
    return [line.replace(table[1], f"{table[1][:-1]}zz")] if table else []


@pytest.mark.parametrize("name", ["quick", "borowski2021-2", "zimmermann2023"])
def test_one_mistake_gets_one_line(name: str, tmp_path: Path):
    lines = resource("protocols", f"{name}.toml").read_text("utf-8").splitlines()
    path = tmp_path / "own.toml"
    refused = 0
    for index, line in enumerate(lines):
        for wrong in misspelt(line):
            path.write_text("\n".join([*lines[:index], wrong, *lines[index + 1 :]]), "utf-8")
            try:
                Protocol.load(path)
            except InvalidFileError as error:
                assert len(error.problems) == 1, (wrong, error.problems)
                refused += 1
    assert refused > 60


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_damage_gets_a_sentence(quick: Study, data: st.DataObject):
    """Whole lines swapped for other values of the wrong kind never end in anything but a list."""
    for name, text in (("study.toml", quick.file.read_text("utf-8")), ("own.toml", QUICK)):
        lines = text.splitlines()
        for _ in range(data.draw(st.integers(1, 3))):
            index = data.draw(st.integers(1, len(lines) - 1))
            key, equals, _value = lines[index].partition(" = ")
            if equals:
                value = data.draw(
                    st.sampled_from(["3", "-1", "[]", "{}", '"x"', '["x", 3]', "true", "[[]]"])
                )
                lines[index] = f"{key} = {value}"
        folder = quick.folder.parent / "damaged"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_text("\n".join(lines), "utf-8")
        try:
            Protocol.load(path) if name == "own.toml" else load_telling_all(folder)
        except UserError as error:
            assert error.sentence
