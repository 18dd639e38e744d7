"""The dialog before a session: who takes part, and whether everything is as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from imi_desktop.display.profile import DisplayProfile, latest
from imi_desktop.errors import UserError
from imi_desktop.experiment.study import Study
from imi_desktop.experiment.trial import SessionPlan
from imi_desktop.gui.background import in_thread
from imi_desktop.gui.context import AppContext
from imi_desktop.gui.own_command import OwnCommand
from imi_desktop.gui.presenter.environment import physical_px, screen_key
from imi_desktop.gui.widgets.buttons import secondary
from imi_desktop.gui.widgets.dialog import Dialog
from imi_desktop.gui.widgets.format import plural
from imi_desktop.gui.widgets.labels import label, rule, wrapped
from imi_desktop.gui.widgets.rows import CheckRow, ValueRows
from imi_desktop.gui.widgets.screens import screen_of
from imi_desktop.gui.widgets.segments import Segments
from imi_desktop.gui.workbench import sessions_checks
from imi_desktop.gui.workbench.sessions_checks import Check
from imi_desktop.gui.workbench.sessions_form import ParticipantForm
from imi_desktop.gui.workbench.sessions_process import RunOptions
from imi_desktop.gui.workbench.sessions_rows import SessionRow, order_words
from imi_desktop.recording.participants import Participant, plan_for
from imi_desktop.recording.session_folder import planned_trials

_SECONDS_PER_TRIAL = 10
_SHOWN_FACTORS = 3
PREVIEW = "imi_desktop.gui.presenter.preview"
_AUDIENCES = (("expert", "Experts"), ("lay", "Lay people"), ("agnostic", "Agnostic"))
_CONSENT = "Consent is asked on the participant's screen and recorded before the first trial."
_NO_CONSENT = "The protocol has no consent page: ask for consent before you start."
_CHECKS = (
    "Study",
    "Display profile",
    "Screen",
    "Timing self-test",
    "Stimuli",
    "Disk",
    "Background jobs",
)


class StartDialog(Dialog):
    """Starts or resumes one participant's session.

    Parameters
    ----------
    row : SessionRow
        The participant, and the session to resume if it is an interrupted one.
    screen : str
        Name of the screen to propose; ``""`` for the last.
    """

    def __init__(
        self,
        context: AppContext,
        study: Study,
        row: SessionRow,
        screen: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self.resuming = row.state == "interrupted"
        verb = "Resume session" if self.resuming else "Start session"
        super().__init__(context.theme, f"{verb}: {row.participant.id}", " ", parent)
        self.setFixedWidth(820)
        self._study, self._row, self._context = study, row, context
        self._checks: dict[str, Check] = {}
        self._plan: SessionPlan | None = None
        self._reading: OwnCommand | None = None
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addLayout(self._make_left(), 5)
        columns.addWidget(rule("upright"))
        columns.addLayout(self._make_right(screen), 4)
        self.body.addLayout(columns)
        self._problem = wrapped("", "caption", "error")
        self._problem.hide()
        self.body.addWidget(self._problem)
        self.override = QLineEdit()
        self.override.setPlaceholderText("Reason to use this screen all the same")
        self.override.hide()
        self.body.addWidget(self.override)
        self.instructions = secondary("Show instructions only", context.theme, "eye")
        self.instructions.set_hint(
            "Shows the pages before the first trial in a window; nothing is recorded."
        )
        self.instructions.clicked.connect(self._show_instructions)
        self.foot.addWidget(self.instructions)
        self.add_cancel()
        self.go = self.add_primary(verb, "play")
        self.go.clicked.connect(self.accept)
        self.audience.chosen.connect(lambda _: self._plan_session())
        self.screens.currentIndexChanged.connect(lambda _: self._check_screen())
        self.windowed.toggled.connect(lambda _: self._check_screen())
        self.override.textChanged.connect(lambda _: self._show_readiness())
        self._show(sessions_checks.study_check(study))
        self._show(sessions_checks.disk_check(study))
        self._show(sessions_checks.jobs_check(len(context.jobs.active())))
        self._check_screen()
        self._plan_session()

    # -- what was chosen ---------------------------------------------------------------------

    def participant(self) -> Participant:
        """The participant with what was entered."""
        audience = self.audience.current
        return replace(
            self._row.participant,
            fields=dict(self._row.participant.fields) | self.form.values(),
            identifying=self._row.participant.identifying | self.form.identifying,
            audience=None if audience == self._study.audience else audience,
        )

    def options(self) -> RunOptions:
        """How the session is to be started."""
        refused = self._checks["Screen"].state == "error"
        return RunOptions(
            participant=self._row.participant.id,
            resume=self.resuming,
            screen=self.screens.currentIndex() + 1,
            windowed=self.windowed.isChecked(),
            override=self.override.text().strip() if refused else "",
            again=self._row.folder is not None and not self.resuming,
        )

    # -- layout ------------------------------------------------------------------------------

    def _make_left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addWidget(label("Participant", "card_title"))
        self.form = ParticipantForm(self._study.design.participant_fields)
        self.form.set_values(self._row.participant.fields)
        current = self._row.participant.audience or self._study.audience
        self.audience = Segments(_AUDIENCES, current)
        self.audience.setEnabled(not self.resuming)
        if self.resuming:
            self.audience.setToolTip("A session is resumed in the words it began with.")
        self.form.insert_row(0, "Id", label(self._row.participant.id, "value"))
        self.form.add_row("Instructions for", self.audience)
        column.addWidget(self.form)
        if not self.resuming:
            asked = "consent" in self._study.design.opening
            column.addWidget(wrapped(_CONSENT if asked else _NO_CONSENT, "caption", "ink3"))
        column.addStretch(1)
        return column

    def _make_right(self, proposed: str) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(label("Before you start", "card_title"))
        column.addSpacing(4)
        self._rows = {name: CheckRow(self.theme, name, leads=False) for name in _CHECKS}
        for row in self._rows.values():
            row.setFixedHeight(29)
            column.addWidget(row)
        column.addSpacing(14)
        column.addWidget(label("This session", "card_title"))
        column.addSpacing(6)
        self.screens = QComboBox()
        screens = QGuiApplication.screens()
        for number, screen in enumerate(screens, start=1):
            self.screens.addItem(f"Screen {number}: {_screen_words(screen)}", screen.name())
        known = self.screens.findData(proposed)
        self.screens.setCurrentIndex(known if known >= 0 else len(screens) - 1)
        self.windowed = QCheckBox("In a window, for trying out; timing is not measured")
        column.addWidget(self.screens)
        column.addSpacing(4)
        column.addWidget(self.windowed)
        self._session = ValueRows()
        column.addWidget(self._session)
        column.addStretch(1)
        return column

    def _show_instructions(self) -> None:
        """Show the pages before the first trial, with what was chosen here."""
        participant = self.participant()
        arguments = [str(self._study.folder), "--participant", participant.id, "--instructions"]
        arguments += ["--audience", self.audience.current]
        self._reading = OwnCommand(arguments, self, PREVIEW)
        self._reading.ended.connect(self._instructions_shown)
        self.instructions.set_enabled(False, "The instructions are being shown.")

    def _instructions_shown(self, code: int, _out: str, errors: str) -> None:
        self.instructions.set_enabled(True)
        if code not in {0, 1}:
            self._context.show_error(errors.strip() or "The instructions could not be shown.")

    # -- checks ------------------------------------------------------------------------------

    def _check_screen(self) -> None:
        screen = QGuiApplication.screens()[max(self.screens.currentIndex(), 0)]
        profile: DisplayProfile | None = None
        try:
            profile = latest(screen_key(screen))
        except UserError as error:
            self._show(Check("Display profile", "error", "cannot be read", sentence=error.sentence))
        else:
            self._show(sessions_checks.profile_check(self._study, profile))
        windowed = self.windowed.isChecked()
        self._show(
            sessions_checks.screen_check(self._study, physical_px(screen), profile, windowed)
        )
        self._show(sessions_checks.timing_check(profile))
        if windowed and len(QGuiApplication.screens()) == 1:
            self._rows["Screen"].setToolTip("The window opens beside this one.")
        QTimer.singleShot(0, self, self._grow)

    def _plan_session(self) -> None:
        self._rows["Stimuli"].show_state("busy", "looking at every image")
        self._checks.pop("Stimuli", None)
        self._show_readiness()
        study, participant = self._study, self.participant()

        def look() -> tuple[SessionPlan, Check]:
            plan = plan_for(study, participant.id, participant)
            return plan, sessions_checks.stimuli_check(study, plan)

        in_thread(self, look, self._take_plan, self._plan_failed)

    def _take_plan(self, found: tuple[SessionPlan, Check]) -> None:
        self._plan, check = found
        plan = self._plan
        trials = planned_trials(plan)
        minutes = max(5 * round(trials * _SECONDS_PER_TRIAL / 300), 5)
        first = order_words(dict(plan.counterbalancing))
        words = [f"{plural(trials, 'trial')}, about {minutes} minutes"]
        if self.resuming and self._row.facts is not None:
            words = [
                f"{trials - self._row.facts.trials_done} of {plural(trials, 'trial')} are left"
            ]
        words += [first] if first else []
        self.set_title(self.windowTitle(), ". ".join(words) + ".")
        rows = [
            (name.replace("_", " ").capitalize(), str(value))
            for name, value in plan.counterbalancing.items()
            if name != "number"
        ]
        self._session.set_rows(
            [
                *rows[:_SHOWN_FACTORS],
                ("Seed", str(plan.seed)),
                ("Leaving early", "hold Ctrl Shift Q for 3 s"),
            ]
        )
        self._show(check)
        QTimer.singleShot(0, self, self._grow)

    def _grow(self) -> None:
        """Make room for what was found, and stay on the screen."""
        self.resize(self.width(), max(self.height(), self.sizeHint().height()))
        below = self.frameGeometry().bottom() - screen_of(self).availableGeometry().bottom()
        if below > 0:
            self.move(self.x(), max(0, self.y() - below - 8))

    def _plan_failed(self, error: UserError) -> None:
        self._show(Check("Stimuli", "error", "no trial list", sentence=error.sentence))

    def _show(self, check: Check) -> None:
        self._checks[check.name] = check
        self._rows[check.name].show_state(check.state, check.word)
        self._show_readiness()

    def _show_readiness(self) -> None:
        errors = [check for check in self._checks.values() if check.state == "error"]
        sentences = [check.sentence for check in errors if check.sentence]
        self._problem.setText(" ".join(sentences))
        self._problem.setVisible(bool(sentences))
        overridable = any(check.overridable for check in errors)
        self.override.setVisible(overridable)
        lifted = overridable and bool(self.override.text().strip())
        left = [check for check in errors if not (check.overridable and lifted)]
        if "Stimuli" not in self._checks:
            self.go.set_enabled(False, "The images are being looked at.")
        else:
            self.go.set_enabled(not left, _reasons(left))


def _reasons(checks: Sequence[Check]) -> str:
    return "; ".join(f"{check.name}: {check.word}" for check in checks)


def _screen_words(screen: QScreen) -> str:
    width, height = physical_px(screen)
    name = f"{screen.name()}, " if screen.name() else ""
    return f"{name}{width} × {height} at {screen.refreshRate():.0f} Hz"
