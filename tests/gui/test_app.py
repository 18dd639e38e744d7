"""Starting the app: the command, the last study, and the dialog for what nobody expected."""

import subprocess
import sys

import pytest
from small_study import make_study

from imi_desktop.cli import main
from imi_desktop.gui import app
from imi_desktop.gui.about_dialog import ErrorDialog, versions
from imi_desktop.gui.log_window import tail


def test_a_folder_that_is_not_there_is_refused(tmp_path, capsys):
    assert main(["open", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_the_command_line_starts_without_qt():
    code = "import sys, imi_desktop.commands.open; print('PySide6' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout.strip() == "False", told.stderr


def test_an_unexpected_error_is_shown_once_and_logged(window, monkeypatch, qtbot):
    logged = []
    monkeypatch.setattr(sys, "excepthook", lambda *what: logged.append(what))
    app._catch_errors(window)
    for _ in range(2):
        try:
            raise ZeroDivisionError("seven by nothing")
        except ZeroDivisionError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    dialogs = [d for d in window.findChildren(ErrorDialog) if d.isVisible()]
    assert len(dialogs) == 1
    assert len(logged) == 2
    dialogs[0].accept()


@pytest.mark.parametrize("reopen", [True, False])
def test_the_last_study_opens_again_if_wanted(qapp, context, tmp_path, reopen, monkeypatch, qtbot):
    study = make_study(tmp_path)
    context.settings.remember_study(study.folder)
    context.settings.values.reopen_last = reopen
    context.settings.save()
    opened = []
    monkeypatch.setattr(app.MainWindow, "open_folder", lambda self, folder: opened.append(folder))
    monkeypatch.setattr(app, "_listen_to_interrupt", lambda application: None)
    monkeypatch.setattr(app, "_catch_errors", lambda window: qtbot.addWidget(window))
    monkeypatch.setattr(type(qapp), "exec", lambda *a: qtbot.wait(50) or 0)
    assert app.run() == 0
    assert opened == ([study.folder] if reopen else [])


def test_broken_settings_are_put_aside(imi_home):
    from imi_desktop.gui.settings import SettingsFile

    path = imi_home / "config" / "settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text("theme = 'pink'\n")
    settings = SettingsFile()
    assert settings.values.theme == "system"
    assert path.with_suffix(".broken.toml").read_text() == "theme = 'pink'\n"


def test_settings_of_newer_versions_are_kept(imi_home):
    from imi_desktop.gui.settings import SettingsFile

    path = imi_home / "config" / "settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text("theme = 'dark'\nfuture = 3\n")
    settings = SettingsFile()
    settings.save()
    assert "future = 3" in path.read_text()


def test_the_end_of_a_log_begins_with_a_whole_line(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("first line\nsecond line\nthird line\n")
    assert tail(path, 18) == "third line\n"
    assert tail(path) == "first line\nsecond line\nthird line\n"
    assert tail(tmp_path / "none.log") == ""


def test_about_knows_the_versions():
    assert versions()["numpy"]
