"""The demo takes no folder that is not its own, and finishes what was begun."""

import pytest
from generated_study import make_study

from imi_desktop.experiment.study import Study
from imi_desktop.jobs import demo_study
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.demo_study import NotTheDemoError, make_demo
from imi_desktop.progress import Cancelled


def make(folder, cancel=None):
    return make_demo(folder, None, lambda _progress: None, cancel or PausableToken())


def test_another_study_is_left_alone(tmp_path):
    study = make_study(tmp_path / "study", tmp_path / "images")
    before = sorted(study.folder.rglob("*"))
    with pytest.raises(NotTheDemoError, match="holds the study “small”, which is not the demo"):
        make(study.folder)
    assert sorted(study.folder.rglob("*")) == before


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear …")
    with pytest.raises(NotTheDemoError, match="is not empty"):
        make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_demo_that_was_cancelled_while_its_images_were_cut_goes_on(tmp_path, monkeypatch):
    cancel = PausableToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        make(tmp_path / "demo", cancel)
    assert Study.load(tmp_path / "demo").name == "Demo"

    class ReachedError(Exception):
        pass

    def generate(*_arguments):
        raise ReachedError

    monkeypatch.setattr(demo_study, "generate", generate)
    with pytest.raises(ReachedError):
        make(tmp_path / "demo")
    assert len(list((tmp_path / "demo" / "images").glob("*.jpg"))) > 100


def test_a_demo_that_somebody_changed_is_opened_as_it_is(tmp_path):
    cancel = PausableToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        make(tmp_path / "demo", cancel)
    study = Study.load(tmp_path / "demo")
    study.replace(seed=99).save()
    before = sorted(study.folder.rglob("*"))
    assert make(tmp_path / "demo") == study.folder
    assert sorted(study.folder.rglob("*")) == before
