"""Any trial can be looked at before anything is made, with grey squares for images."""

import pytest
from PIL import Image
from small_study import make_study

from imi_desktop.errors import UserError
from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.repeated_trials import with_examples
from imi_desktop.experiment.study import Study
from imi_desktop.gui.presenter.preview import trials_from
from imi_desktop.gui.workbench.new_study_draft import Draft, outlook
from imi_desktop.gui.workbench.stand_ins import rehearsal_folder
from imi_desktop.gui.workbench.trial_preview import TrialPreviewDialog


@pytest.fixture
def planned(tmp_path) -> Study:
    """A study that is not on disk."""
    return Draft(folder=tmp_path / "new", images=str(tmp_path)).study()


def test_the_trials_of_any_participant_are_listed(theme, planned, qtbot):
    dialog = TrialPreviewDialog(theme, planned)
    qtbot.addWidget(dialog)
    rows = len(plan_session(planned, "P01").trials)
    assert dialog.table.model().rowCount() == rows
    assert dialog.play_button.isEnabled()
    dialog.participant.setText("a/b")
    assert not dialog.play_button.isEnabled()
    assert "cannot be a participant id" in dialog._words.text()
    dialog.participant.setText("P02")
    assert dialog.play_button.isEnabled()
    assert not planned.folder.exists()


def test_stand_ins_make_a_study_that_can_be_played(planned, tmp_path):
    plan = plan_session(planned, "P3")
    trials = plan.blocks[-1].trials
    folder = rehearsal_folder(planned, tmp_path / "rehearsal", trials)
    again = plan_session(Study.load(folder), "P3")
    assert again.trials == plan.trials
    for file in trials[0].images:
        with Image.open(folder / file) as image:
            assert (image.size, image.mode) == ((224, 224), "RGB")


def test_images_that_are_made_are_shown_themselves(theme, tmp_path, qtbot):
    study = make_study(tmp_path / "s")
    dialog = TrialPreviewDialog(theme, study)
    qtbot.addWidget(dialog)
    block = dialog._plan.blocks[0]
    assert dialog._with_images(block.number) != study.folder
    for file in {file for trial in block.trials for file in trial.images}:
        (study.folder / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (224, 224)).save(study.folder / file)
    assert dialog._with_images(block.number) == study.folder
    dialog.reject()
    assert dialog._folder is None


def test_a_dialog_that_goes_takes_its_folder_along(theme, planned, qtbot):
    dialog = TrialPreviewDialog(theme, planned)
    folder = dialog._with_images(dialog._plan.blocks[0].number)
    assert folder.is_dir()
    dialog.deleteLater()
    qtbot.waitUntil(lambda: not folder.exists(), timeout=5_000)


def test_a_trial_is_played_with_the_rest_of_its_block(planned):
    plan = plan_session(planned, "P1")
    block = plan.blocks[1]
    steps = trials_from(plan, block.trials[2].number)
    assert [step.trial for step in steps] == list(block.trials[2:])
    assert [step.block_position for step in steps] == list(range(3, len(block.trials) + 1))
    with pytest.raises(UserError, match="has no trial 999"):
        trials_from(plan, 999)


def test_repeated_blocks_are_shown_with_examples_that_say_so(theme, tmp_path, qtbot):
    draft = Draft(folder=tmp_path / "new", images=str(tmp_path), protocol="borowski2021-1")
    study = draft.study()
    dialog = TrialPreviewDialog(theme, study)
    qtbot.addWidget(dialog)
    model = dialog.table.model()
    phases = [model.index(row, 2).data() for row in range(model.rowCount())]
    assert phases[-18:] == ["repeated, example"] * 18
    assert "repeated, example" not in phases[:-18]
    assert "The last 18 are examples" in dialog._words.text()
    last = dialog._plan.trials[-1]
    folder = dialog._with_images(last.block)
    assert all((folder / file).is_file() for file in last.images)
    # The player, a process of its own, comes to the same examples.
    again = with_examples(plan_session(Study.load(folder), "P01"))
    assert trials_from(again, last.number)[0].trial == last


def test_the_outlook_tells_where_the_study_departs_from_its_protocol(tmp_path):
    draft = Draft(folder=tmp_path / "new", images=str(tmp_path), protocol="zimmermann2023")
    notes = outlook(draft.changed(participants=10)).notes
    assert any("equally often" in note for note in notes)
    assert any("imi-desktop pick" in note for note in notes)
