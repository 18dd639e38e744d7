"""What the table of participants shows, read from a study's folder. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from imi_desktop.errors import UserError
from imi_desktop.experiment.exclusion import exclusion_reasons
from imi_desktop.experiment.study import Study
from imi_desktop.recording.facts import SessionFacts
from imi_desktop.recording.journal import JOURNAL_NAME
from imi_desktop.recording.participants import (
    Participant,
    participant_ids,
    plan_for,
    read_participant,
)
from imi_desktop.recording.quality import quality_checks
from imi_desktop.recording.records import Record, read_journal
from imi_desktop.recording.session_folder import planned_trials, sessions_of, state_of

RowState = Literal["planned", "running", "interrupted", "done", "excluded", "aborted", "damaged"]
_PlanKey = tuple[str, int | None, str | None]
OPEN_STATES: frozenset[RowState] = frozenset({"planned", "running", "interrupted"})


@dataclass(frozen=True)
class SessionRow:
    """One session, or a participant who has none yet.

    Parameters
    ----------
    folder : Path or None
        The session's folder; None while planned.
    facts : SessionFacts or None
        None while planned, and where the journal cannot be read.
    records : tuple of Record
        The last few records, for the details.
    counterbalancing : dict
        What was or will be assigned.
    planned_trials : int
        Trials of the plan.
    why : str
        Reason of an exclusion or an end, or what is wrong with the journal.
    """

    participant: Participant
    state: RowState
    folder: Path | None = None
    facts: SessionFacts | None = None
    records: tuple[Record, ...] = ()
    counterbalancing: dict[str, str | int] = field(default_factory=dict)
    planned_trials: int = 0
    why: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Participant and session; the session is ``""`` while planned."""
        return self.participant.id, "" if self.folder is None else self.folder.name

    @property
    def level(self) -> str:
        """Expertise as stored, ``""`` if it was not asked."""
        value = self.participant.fields.get("expert_level")
        return "" if value is None else str(value)

    @property
    def order(self) -> str:
        """What comes first, or the one condition."""
        return order_words(self.counterbalancing)


def order_words(counterbalancing: dict[str, str | int]) -> str:
    """``Natural first`` for an order of conditions, the level itself for one condition."""
    texts = {name: str(value) for name, value in counterbalancing.items() if name != "number"}
    if not texts:
        return ""
    value = texts.get("condition") or next(iter(texts.values()))
    first, comma, _ = value.partition(",")
    return f"{first.replace('_', ' ').capitalize()} first" if comma else value.replace("_", " ")


class RowReader:
    """Reads the rows of a study, and reads a journal again only when it has grown."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._sessions: dict[Path, tuple[int, SessionFacts, tuple[Record, ...]]] = {}
        self._plans: dict[_PlanKey, tuple[dict[str, str | int], int]] = {}

    def read(self) -> list[SessionRow]:
        """Rows by participant and time; what cannot be read is a row that says why."""
        rows: list[SessionRow] = []
        for name in participant_ids(self.study.folder):
            try:
                rows += self._rows_of(read_participant(self.study.folder, name))
            except UserError as error:
                rows.append(SessionRow(Participant(name), "damaged", why=error.sentence))
        return rows

    def _rows_of(self, participant: Participant) -> list[SessionRow]:
        folders = sessions_of(self.study.folder, participant.id)
        if not folders:
            return [self._planned(participant)]
        return [
            self._session(participant, folder, number)
            for number, folder in enumerate(folders, start=1)
        ]

    def _planned(self, participant: Participant) -> SessionRow:
        key = (participant.id, participant.number, participant.audience)
        if key not in self._plans:
            plan = plan_for(self.study, participant.id)
            self._plans[key] = dict(plan.counterbalancing), planned_trials(plan)
        counterbalancing, trials = self._plans[key]
        return SessionRow(
            participant, "planned", counterbalancing=counterbalancing, planned_trials=trials
        )

    def _session(self, participant: Participant, folder: Path, number: int) -> SessionRow:
        path = folder / JOURNAL_NAME
        try:
            size = path.stat().st_size
            if path not in self._sessions or self._sessions[path][0] != size:
                records = read_journal(path).records
                self._sessions[path] = size, SessionFacts.of(records), tuple(records[-6:])
            _, facts, last = self._sessions[path]
            state = facts.outcome or state_of(folder, list(last))
        except UserError as error:
            return SessionRow(participant, "damaged", folder, why=error.sentence)
        except FileNotFoundError:
            return SessionRow(participant, "damaged", folder, why=f"{path} is gone.")
        failed = () if state == "running" else quality_checks(self.study, facts, number)
        reasons = (*facts.exclusion_reasons, *exclusion_reasons(failed))
        return row_of(participant, folder, facts, last, state, reasons)


def row_of(
    participant: Participant,
    folder: Path,
    facts: SessionFacts,
    last: tuple[Record, ...],
    state: str,
    reasons: tuple[str, ...] = (),
) -> SessionRow:
    """Row of a session from its facts; with reasons against it, it is excluded."""
    row_state: RowState = "excluded" if reasons else state  # type: ignore[assignment]
    return SessionRow(
        participant=participant,
        state=row_state,
        folder=folder,
        facts=facts,
        records=last,
        counterbalancing=dict(facts.started.get("counterbalancing", {})),
        planned_trials=facts.planned_trials,
        why="; ".join(reasons) or facts.reason,
    )
