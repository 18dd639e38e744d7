"""Plays any trial of any participant in a window of its own; nothing is recorded."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from imi_desktop.errors import UserError
from imi_desktop.experiment.repeated_trials import with_examples
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import SessionPlan
from imi_desktop.gui.own_command import OwnCommand
from imi_desktop.gui.theme import Theme
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import label, set_tone, wrapped
from imi_desktop.gui.widgets.table import StudyTable
from imi_desktop.gui.workbench.sessions_trials import TrialListModel
from imi_desktop.gui.workbench.stand_ins import rehearsal_folder
from imi_desktop.recording.participants import plan_for, read_participant, write_participant
from imi_desktop.stimuli.pack import StimulusPack

PLAYER = "imi_desktop.gui.presenter.preview"
FIRST = "P01"


class TrialPreviewDialog(Dialog):
    """A participant's trials; the selected one is played, and those after it in its block.

    Trials whose images are not made yet are shown with labelled grey squares in their places.
    Blocks whose trials are chosen from the answers show examples, and say so.

    Parameters
    ----------
    study : Study
        On disk, or only planned.
    """

    def __init__(self, theme: Theme, study: Study, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Preview trials",
            "As the participant would see them. Nothing is recorded.",
            parent,
        )
        self.resize(820, 560)
        self._study = study
        self._plan: SessionPlan | None = None
        self._player: OwnCommand | None = None
        self._folder: TemporaryDirectory[str] | None = None
        row = QHBoxLayout()
        row.setSpacing(8)
        self.participant = QLineEdit(FIRST)
        self.participant.setFixedWidth(140)
        self.participant.setAccessibleName("Participant")
        self.participant.setToolTip("Any id; another one gets other trials.")
        self.participant.textChanged.connect(self._list_trials)
        title = label("Participant")
        title.setBuddy(self.participant)
        row.addWidget(title)
        row.addWidget(self.participant)
        row.addStretch(1)
        self.body.addLayout(row)
        self.table = StudyTable(theme)
        self.table.setSortingEnabled(False)
        self.table.setAccessibleName("Trials")
        self.table.opened.connect(lambda _index: self.play())
        self.body.addWidget(self.table, 1)
        self._words = wrapped("", "caption", "ink3")
        self.body.addWidget(self._words)
        self.add_cancel("Close")
        self.play_button = self.add_primary("Play")
        self.play_button.clicked.connect(self.play)
        self.finished.connect(self._forget)
        self._list_trials()

    def play(self) -> None:
        """Play from the selected trial on."""
        if self._plan is None or self._is_playing():
            return
        row = self.table.currentIndex().row()
        trial = self._plan.trials[max(row, 0)]
        try:
            folder = self._with_images(trial.block)
        except UserError as error:
            self._say(error.sentence, "error")
            return
        arguments = [str(folder), "--participant", self._plan.participant]
        self._player = OwnCommand([*arguments, "--trial", str(trial.number)], self, PLAYER)
        self._player.ended.connect(self._ended)
        self._say(f"Trial {trial.number} is played in a window of its own; close it to come back.")
        self.play_button.set_enabled(False, "A trial is being played.")

    def _with_images(self, block: int) -> Path:
        """The study's folder, or one with stand-ins where images of the block are missing."""
        assert self._plan is not None
        trials = [trial for trial in self._plan.trials if trial.block == block]
        files = dict.fromkeys(file for trial in trials for file in trial.images)
        here = self._study.file.is_file()
        if here and not StimulusPack(self._study.folder).missing(files):
            return self._study.folder
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="imi-preview-")
            self.destroyed.connect(self._folder.cleanup)  # a dialog can go without being closed
        folder = rehearsal_folder(self._study, Path(self._folder.name), trials)
        if here:  # the number in the counterbalancing may not be the one that the id tells
            write_participant(folder, read_participant(self._study.folder, self._plan.participant))
        return folder

    def _list_trials(self) -> None:
        try:
            self._plan = with_examples(plan_for(self._study, self.participant.text().strip()))
        except UserError as error:
            self._plan = None
            self._say(error.sentence, "error")
            self.play_button.set_enabled(False, error.sentence)
            return
        model = TrialListModel(self._plan, self.table)
        self.table.setModel(model)
        self.table.resizeColumnsToContents()
        self.table.selectRow(0)
        self._say(_summary(self._plan))
        self.play_button.set_enabled(not self._is_playing(), "A trial is being played.")

    def _is_playing(self) -> bool:
        return self._player is not None and self._player.running

    def _ended(self, code: int, _output: str, errors: str) -> None:
        self._player = None
        self.play_button.set_enabled(self._plan is not None, "The participant’s id cannot be used.")
        if code not in {0, 1}:
            self._say(errors.strip() or "The preview stopped.", "error")
        elif self._plan is not None:
            self._say(_summary(self._plan))

    def _say(self, text: str, tone: str = "ink3") -> None:
        self._words.setText(text)
        set_tone(self._words, tone)

    def _forget(self) -> None:
        if self._player is not None:
            self._player.stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _summary(plan: SessionPlan) -> str:
    """How many trials there are, and which of them are only examples."""
    said = f"{plural(len(plan.trials), 'trial')}; Enter plays the selected one."
    examples = sum(trial.phase == "repeated" for trial in plan.trials)
    if not examples:
        return said
    return (
        f"{said} The last {examples} are examples: which trials are repeated is chosen from the "
        "answers."
    )
