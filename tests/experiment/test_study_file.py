"""The study file: written once, read back the same, every mistake named at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from assembled_study import assemble
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imi_desktop.errors import StorageError, UserError
from imi_desktop.experiment.study import Study, StudyChangedError, StudyExistsError
from imi_desktop.experiment.study_text import study_text
from imi_desktop.experiment.toml_file import InvalidFileError, NewerFormatError
from imi_desktop.models.unit import Unit


def edit(study: Study, old: str, new: str) -> None:
    text = study.file.read_text("utf-8")
    assert old in text
    study.file.write_text(text.replace(old, new, 1), "utf-8")


def test_reads_back_what_was_written(quick: Study):
    assert Study.load(quick.folder) == quick
    assert Study.load(quick.file) == quick
    assert Study.load(quick.folder).folder == quick.folder


def test_every_problem_is_told_at_once_with_its_key(quick: Study):
    edit(quick, "seed = 5", 'seed = "five"\nsede = 1')
    edit(quick, "references = 9", "refrences = 9")
    edit(quick, 'language = "en"', 'language = "fr"')
    with pytest.raises(InvalidFileError) as caught:
        Study.load(quick.folder)
    said = caught.value.sentence
    assert str(quick.file) in said
    assert len(caught.value.problems) == 4
    assert "seed: must be a whole number, not 'five'" in said
    assert "sede: is not a key of this table; did you mean “seed”?" in said
    assert (
        "stimuli.natural.refrences: is not a key of this table; did you mean “references”?" in said
    )
    assert "language: must be 'en' or 'de', not 'fr'" in said


def test_units_are_counted_from_one_in_problems(quick: Study):
    edit(quick, 'role = "practice"', 'role = "practise"')
    with pytest.raises(InvalidFileError, match=r"units\[7\]\.role: must be"):
        Study.load(quick.folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format = 1", "format = 2", "Update IMI Desktop"),
        ("format = 1", "format = true", "format: must be a whole number"),
        ("format = 1", "", "format: must be a whole number"),
        ("name =", "name = =", "not valid TOML"),
        ('protocol = "quick"', 'protocol = "quik"', "no protocol “quik”"),
        ('protocol = "quick"', 'protocol = "../own.toml"', "directly in the study folder"),
        ('role = "catch"', 'role = "practice"', "needs 2 practice units, not 3"),
        ('preset = "standard"', 'preset = "best"', "there is no preset “best”"),
        ("references = 9", "references = 4", "must be 9, as many as the trial screen shows"),
        ("references = 9", "references = 0", "must be 1 or more"),
        ("conditions = []", 'conditions = ["mixed"]', "has no condition “mixed”"),
        (
            'models = [\n    "efficientnet_lite0",\n]',
            'models = ["googlenet"]',
            "efficientnet_lite0",
        ),
    ],
)
def test_wrong_study(quick: Study, old: str, new: str, said: str):
    edit(quick, old, new)
    with pytest.raises((InvalidFileError, NewerFormatError, Exception)) as caught:
        Study.load(quick.folder)
    assert said in caught.value.sentence


def test_duplicate_and_shared_units_are_refused(quick: Study):
    first = quick.units[0]
    rows = [unit.model_dump(exclude_none=True) for unit in quick.units]
    with pytest.raises(InvalidFileError, match="listed twice as main"):
        quick.replace(units=[*rows, rows[0]])
    shared = [*rows[:-1], {**rows[0], "role": "catch"}]
    with pytest.raises(InvalidFileError, match="both catch and main") as caught:
        quick.replace(units=shared)
    assert str(first.unit) in caught.value.sentence


def test_fields_need_not_state_the_format(quick: Study):
    fields = quick.model_dump(exclude_none=True)
    del fields["format"]
    assert Study.assemble(quick.folder, quick.design, **fields) == quick


def test_newer_format_is_not_half_read(quick: Study):
    edit(quick, "format = 1", "format = 7\nsomething_new = 1")
    with pytest.raises(NewerFormatError, match="format 7"):
        Study.load(quick.folder)


def test_not_utf8(quick: Study):
    quick.file.write_bytes(b'name = "caf\xe9"\n')
    with pytest.raises(InvalidFileError, match="not UTF-8"):
        Study.load(quick.folder)


def test_folder_without_study(tmp_path: Path):
    with pytest.raises(StorageError, match="is not a study"):
        Study.load(tmp_path)


def test_existing_study_is_never_overwritten(quick: Study):
    before = quick.file.read_bytes()
    with pytest.raises(StudyExistsError):
        Study.create(quick.folder, **quick.model_dump(exclude_none=True))
    with pytest.raises(StudyExistsError):
        quick.write_new()
    assert quick.file.read_bytes() == before


def test_image_folder_relative_to_the_study(quick: Study):
    moved = quick.replace(images="../pictures")
    assert moved.images_folder == quick.folder.parent / "pictures"
    assert moved.folder == quick.folder


def test_own_protocol_travels_with_the_study(tmp_path: Path):
    from imi_desktop.paths import resource

    text = resource("protocols", "quick.toml").read_text("utf-8")
    own = tmp_path / "mine.toml"
    own.write_text(text.replace('name = "quick"', 'name = "mine"'), "utf-8")
    study = assemble(str(own), tmp_path / "study", "efficientnet_lite0")
    study.write_new()
    own.unlink()
    assert Study.load(study.folder).design.name == "mine"


names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    name=names,
    site=names,
    seed=st.integers(0, 2**63 - 1),
    layers=st.lists(names, min_size=6, max_size=6, unique=True),
)
def test_any_text_survives_the_file(name: str, site: str, seed: int, layers: list[str]):
    study = assemble("quick", model="efficientnet_lite0")
    rows = [unit.model_dump(exclude_none=True) for unit in study.units]
    for row, layer in zip(rows, layers, strict=False):
        row["layer"] = layer
    changed = study.replace(name=name, site=site, seed=seed, units=rows)
    text = study_text(changed.model_dump(exclude_none=True))
    assert Study.model_validate(tomllib.loads(text)) == Study.model_validate(changed.model_dump())


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_damage_is_told_or_harmless(quick: Study, data: st.DataObject):
    text = quick.file.read_text("utf-8")
    start = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 40))
    put = data.draw(st.text('abc19"=[]{}.,#\n -', max_size=12))
    folder = quick.folder.parent / "damaged"
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text[:start] + put + text[start + length :], "utf-8")
    try:
        Study.load(folder)
    except UserError as error:
        assert error.sentence.rstrip()[-1] not in "\n"
        assert str(folder) in error.sentence or "protocol" in error.sentence


def test_units_as_values(quick: Study):
    entry = quick.units[0]
    assert entry.unit == Unit(entry.model, entry.layer, entry.channel)
    assert len(quick.units_of("main")) == 6


def test_what_another_window_saved_is_not_overwritten(quick: Study):
    here, elsewhere = Study.load(quick.folder), Study.load(quick.folder)
    elsewhere.replace(site="Lab 2").save()
    with pytest.raises(StudyChangedError, match=r"study\.toml was changed by another window"):
        here.replace(site="Lab 1").save()
    assert Study.load(quick.folder).site == "Lab 2"
    again = Study.load(quick.folder).replace(site="Lab 3")
    again.save()
    again.replace(name="renamed").save()
    assert (Study.load(quick.folder).site, Study.load(quick.folder).name) == ("Lab 3", "renamed")
