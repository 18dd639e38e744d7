"""The Study page: what it says of a study, its fields, its lock, its check."""

import pytest
from small_study import make_study

from imi_desktop.experiment.lock import lock_study
from imi_desktop.experiment.study import Study
from imi_desktop.gui.workbench.amendment_dialog import AmendmentDialog
from imi_desktop.gui.workbench.hypotheses_dialog import HypothesesDialog
from imi_desktop.gui.workbench.protocol_facts import facts_of_design
from imi_desktop.gui.workbench.study_overview import overview
from imi_desktop.gui.workbench.study_page import StudyPage


@pytest.fixture
def study(tmp_path) -> Study:
    return make_study(tmp_path)


@pytest.fixture
def page(context, study, qtbot) -> StudyPage:
    context.open_study(study.folder)
    page = StudyPage(context)
    qtbot.addWidget(page)
    context.study_changed.connect(page.set_study)
    page.set_study(context.study)
    page.show()
    qtbot.waitUntil(lambda: page._found is not None, timeout=20_000)
    return page


def test_overview_counts_what_is_missing(study):
    found = overview(study)
    assert (found.images, found.usable) == (60, 60)
    assert found.stimuli_missing == found.stimuli > 0
    assert found.locked is None
    assert found.problems == ()
    assert {file.name for file in found.files if file.size} == {
        "study.toml",
        "dataset.csv",
        "activations",
    }


def test_an_image_folder_that_vanished_is_told(study):
    assert not overview(study).images_gone
    study.images_folder.rename(study.images_folder.with_name("elsewhere"))
    found = overview(study)
    assert found.images_gone and found.usable == 60


def test_the_first_open_step_is_the_next_one(page):
    assert page.state_word() == "draft"
    assert page._next.text() == "Next: Stimuli"


def test_fields_are_saved_to_the_file(page, study):
    page._fields._name.setText("A better name")
    page._fields._site.setText("Tübingen")
    page._fields.save()
    read = Study.load(study.folder)
    assert (read.name, read.site) == ("A better name", "Tübingen")


def test_what_another_window_saved_is_shown_instead_of_overwritten(page, context, study, qtbot):
    Study.load(study.folder).replace(site="Lab 2").save()
    page._fields._site.setText("Lab 1")
    with qtbot.waitSignal(context.failed) as failed:
        page._fields.save()
    assert "changed by another window" in failed.args[0]
    assert page._fields._site.text() == "Lab 2"
    assert Study.load(study.folder).site == "Lab 2"


def test_wrong_fields_are_told_beside_them(page, study):
    page._fields._name.setText("")
    page._fields.save()
    assert "name" in page._fields._error.text()
    assert Study.load(study.folder).name == "small"


def test_a_locked_study_cannot_be_edited_and_changes_need_an_amendment(page, context, study, qtbot):
    lock_study(study)
    study.replace(name="Renamed").save()
    context.reload_study()
    qtbot.waitUntil(lambda: page.state_word() == "locked", timeout=20_000)
    assert not page._fields._name.isEnabled()
    assert "locked" in page._fields._name.toolTip()
    assert "Renamed" in page._lock._changes.text()
    dialog = AmendmentDialog(context, context.study, page._found.changed)
    qtbot.addWidget(dialog)
    assert not dialog._go.isEnabled()
    dialog._author.setText("A. Researcher")
    dialog._reason.setPlainText("A typing error in the name.")
    with qtbot.waitSignal(dialog.recorded, timeout=20_000):
        dialog._go.click()
    assert overview(context.study).amendments[0].author == "A. Researcher"


def test_the_check_runs_beside_the_window(page, qtbot):
    page.show_detail("check")
    qtbot.waitUntil(lambda: "problem" in page._check._caption.whole_text, timeout=60_000)


def test_hypotheses_can_be_stated_until_the_lock(page, context, study, qtbot):
    facts = facts_of_design(study.design)
    dialog = HypothesesDialog(context, context.study, facts)
    qtbot.addWidget(dialog)
    box, sentence, _direction, _entry = dialog.step._rows[0]
    box.setChecked(True)
    sentence.setText("")
    assert not dialog._go.isEnabled()
    sentence.setText("Photographs help most.")
    with qtbot.waitSignal(dialog.saved):
        dialog.save()
    stated = Study.load(study.folder).hypotheses
    assert [h.sentence for h in stated] == ["Photographs help most."]
