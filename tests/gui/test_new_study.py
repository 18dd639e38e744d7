"""The new-study flow: step by step to a study on disk, refusing what cannot work."""

import pytest
from small_study import draw_images

from imi_desktop.errors import UserError
from imi_desktop.experiment.protocol import Protocol
from imi_desktop.experiment.study import Study
from imi_desktop.gui.workbench.new_study import NewStudyDialog
from imi_desktop.gui.workbench.new_study_draft import (
    Draft,
    draft_of,
    free_folder,
    offered_hypotheses,
    outlook,
    suggested_hypotheses,
)
from imi_desktop.gui.workbench.protocol_facts import facts_of
from imi_desktop.paths import resource


@pytest.fixture
def images(tmp_path):
    draw_images(tmp_path / "images", 100)
    return tmp_path / "images"


@pytest.fixture
def dialog(context, qtbot) -> NewStudyDialog:
    dialog = NewStudyDialog(context, "quick")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.step == 0, timeout=30_000)
    return dialog


def go_on(dialog: NewStudyDialog, qtbot) -> None:
    qtbot.waitUntil(dialog._next.isEnabled, timeout=60_000)
    dialog.go_on()


def test_the_whole_way(dialog, images, qtbot, imi_home):
    go_on(dialog, qtbot)
    dialog._steps[1]._units.setValue(4)
    go_on(dialog, qtbot)
    assert not dialog._next.isEnabled()
    dialog._images._folder.setText(str(images))
    dialog._images.check()
    go_on(dialog, qtbot)
    dialog._steps[3]._name.setText("My first study")
    go_on(dialog, qtbot)
    dialog._steps[4]._rows[0][0].setChecked(True)
    go_on(dialog, qtbot)
    with qtbot.waitSignal(dialog.created, timeout=60_000) as blocker:
        go_on(dialog, qtbot)
    study = Study.load(blocker.args[0])
    assert study.folder == imi_home / "studies" / "My-first-study"
    assert study.name == "My first study"
    assert sum(unit.role == "main" for unit in study.units) == 4
    assert study.hypotheses[0].comparison.a == "natural"
    assert study.images_folder == images


def test_an_unknown_model_is_refused_where_it_is_typed(dialog, qtbot):
    go_on(dialog, qtbot)
    dialog._steps[1]._model.setCurrentText("resnet51")
    assert not dialog._next.isEnabled()
    assert "resnet51" in dialog._reason.text()


def test_too_few_images_are_told_with_both_numbers(dialog, tmp_path, qtbot):
    draw_images(tmp_path / "few", 12)
    go_on(dialog, qtbot)
    go_on(dialog, qtbot)
    dialog._images._folder.setText(str(tmp_path / "few"))
    dialog._images.check()
    qtbot.waitUntil(lambda: "12" in dialog._reason.text(), timeout=60_000)
    assert "80 different" in dialog._reason.text()
    assert not dialog._next.isEnabled()


def test_a_typed_folder_is_looked_at_without_enter(dialog, images, qtbot):
    go_on(dialog, qtbot)
    go_on(dialog, qtbot)
    assert not dialog._next.isEnabled()
    qtbot.keyClicks(dialog._images._folder, str(images))
    qtbot.waitUntil(dialog._next.isEnabled, timeout=10_000)


def test_folders_that_hold_a_study_are_passed_over(tmp_path):
    (tmp_path / "a-study").mkdir()
    (tmp_path / "a-study" / "study.toml").write_text("")
    assert free_folder(tmp_path, "a study") == tmp_path / "a-study-2"
    assert free_folder(tmp_path, "../..").parent == tmp_path


def test_outlook_counts_before_anything_is_written(tmp_path):
    found = outlook(Draft(folder=tmp_path / "new", images=str(tmp_path)))
    assert found.trials == 22
    assert found.images_needed == 80
    assert found.synthetic > 0
    assert found.seconds > 60
    assert not (tmp_path / "new").exists()


def test_hypotheses_are_suggested_for_each_pair():
    found = suggested_hypotheses(Protocol.load("quick"))
    assert [entry["id"] for entry in found] == ["H1", "H2", "H3"]
    assert found[0]["test"] == "wilcoxon"
    assert found[0]["baselines"] == ["none"]
    between = suggested_hypotheses(Protocol.load("zimmermann2021-replication"))
    assert between[0]["test"] == "mann_whitney"


def test_a_study_can_be_taken_over(tmp_path):
    from small_study import make_study

    study = make_study(tmp_path / "old")
    draft = draft_of(study, tmp_path)
    assert (draft.protocol, draft.units, draft.seed) == ("quick", 4, 7)
    assert draft.folder == tmp_path / "small-2"


def test_an_own_protocol_file_is_as_good_as_a_built_in_one(dialog, tmp_path, qtbot):
    own = tmp_path / "mine.toml"
    text = resource("protocols", "quick.toml").read_text(encoding="utf-8")
    own.write_text(text.replace("Quick comparison", "My own design").replace('"quick"', '"mine"'))
    steps = dialog._steps[0]
    steps._take_file(facts_of(str(own)))
    go_on(dialog, qtbot)
    assert dialog.draft.protocol == str(own)
    steps._refuse_file(UserError("This file is broken."))
    assert steps.missing() == "Select a protocol."


def test_hypotheses_taken_already_stay():
    design = Protocol.load("quick")
    mine = suggested_hypotheses(design)[1] | {"id": "H1", "sentence": "Mine."}
    offered = offered_hypotheses(design, [mine])
    assert offered[0] == (mine, True)
    assert [entry["id"] for entry, _ in offered] == ["H1", "H2", "H3"]
    assert sum(taken for _, taken in offered) == 1
