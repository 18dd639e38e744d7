"""Whether participants paid attention: catch trials, positions, timeouts, exclusions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imi_desktop.analysis.measures import PARTICIPANT, number, plain, row_keys

SAME_POSITION_SHARE = 0.9
_SHOWN = (*PARTICIPANT, "session", "condition", "scheme", "model", "layer", "channel", "image_set")


@dataclass(frozen=True)
class ExcludedSession:
    """A session that is kept but does not count."""

    study: str | None
    participant: str
    session: str | None
    trials: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Quality:
    """Counts of the quality checks over main trials.

    Parameters
    ----------
    catch_trials, catch_missed : int
        Catch trials answered, and answered wrongly.
    participants_missing_catch : int
        Participants who missed at least one catch trial.
    same_position : int
        Participants who chose one position in more than 90 % of their answers (Zimmermann et
        al. 2023, appendix A.5).
    timeouts : int
    without_time : int
        Answers whose reaction time is not known.
    repeated, repeated_same : int
        Trials that were shown again, and answered alike both times (Borowski et al. 2021, A.1.1).
    """

    participants: int
    catch_trials: int
    catch_missed: int
    participants_missing_catch: int
    same_position: int
    timeouts: int
    without_time: int
    repeated: int
    repeated_same: int
    excluded: tuple[ExcludedSession, ...]

    def to_json(self) -> dict[str, Any]:
        """The checks as JSON-able values."""
        return {
            "catch_trials": self.catch_trials,
            "catch_missed": self.catch_missed,
            "participants_missing_catch": self.participants_missing_catch,
            "same_position": self.same_position,
            "timeouts": self.timeouts,
            "without_time": self.without_time,
            "repeated": self.repeated,
            "repeated_same": self.repeated_same,
            "excluded": [
                {
                    "study": session.study,
                    "participant": session.participant,
                    "session": session.session,
                    "trials": session.trials,
                    "reasons": list(session.reasons),
                }
                for session in self.excluded
            ],
        }


def check_quality(trials: pd.DataFrame, *, include_excluded: bool = False) -> Quality:
    """Count what the quality checks look at.

    Parameters
    ----------
    trials : DataFrame
        All trials, catch and excluded ones too.
    include_excluded : bool
        Whether excluded sessions enter the counts.
    """
    counted = (trials["phase"] == "main").fillna(False).to_numpy(dtype=bool)
    if not include_excluded:
        counted = counted & _counts(trials)
    main = trials[counted]
    catch = main[main["catch"].fillna(False).to_numpy(dtype=bool)]
    answered = catch[catch["correct"].notna().to_numpy()]
    missed = answered[number(answered["correct"]) == 0]
    judged = main[main["correct"].notna().to_numpy()]
    repeated, same = _consistency(trials if include_excluded else trials[_counts(trials)])
    return Quality(
        participants=len(main[list(PARTICIPANT)].drop_duplicates()),
        catch_trials=len(answered),
        catch_missed=len(missed),
        participants_missing_catch=len(missed[list(PARTICIPANT)].drop_duplicates()),
        same_position=_same_position(judged),
        timeouts=int(main["timeout"].fillna(False).sum()),
        without_time=int(np.isnan(number(judged["reaction_time_ms"])).sum()),
        repeated=repeated,
        repeated_same=same,
        excluded=excluded_sessions(trials),
    )


def excluded_sessions(trials: pd.DataFrame) -> tuple[ExcludedSession, ...]:
    """Sessions marked as excluded, with the reasons given."""
    out = trials[~trials["included"].fillna(True).to_numpy(dtype=bool)]
    if not len(out):
        return ()
    keys = ["study", "participant", "session"]
    texts = out[[*keys, "exclusion_reasons"]].astype("string")
    sessions = []
    for key, rows in texts.groupby(keys, dropna=False, sort=True):
        reasons = {
            reason.strip()
            for text in rows["exclusion_reasons"].dropna().unique()
            for reason in text.split(";")
            if reason.strip()
        }
        study, participant, session = (plain(value) for value in key)
        sessions.append(
            ExcludedSession(study, str(participant), session, len(rows), tuple(sorted(reasons)))
        )
    return tuple(sessions)


def _counts(trials: pd.DataFrame) -> np.ndarray:
    return trials["included"].fillna(True).to_numpy(dtype=bool)


def _consistency(trials: pd.DataFrame) -> tuple[int, int]:
    """Repeated trials that find their first showing, and those answered alike."""
    known = trials[trials["correct"].notna().to_numpy() & trials["channel"].notna().to_numpy()]
    again = known[(known["phase"] == "repeated").to_numpy(dtype=bool)]
    if not len(again):
        return 0, 0
    catch = known["catch"].fillna(False).to_numpy(dtype=bool)
    first = known[(known["phase"] == "main").to_numpy(dtype=bool) & ~catch]
    before = pd.Series(number(first["correct"]), index=row_keys(first, _SHOWN).to_numpy())
    before = before[~before.index.duplicated()]
    earlier = before.reindex(row_keys(again, _SHOWN).to_numpy()).to_numpy()
    found = np.isfinite(earlier)
    return int(found.sum()), int((earlier[found] == number(again["correct"])[found]).sum())


def _same_position(judged: pd.DataFrame) -> int:
    known = judged[judged["chosen_position"].notna().to_numpy()]
    if not len(known):
        return 0
    person = row_keys(known, PARTICIPANT)
    shares = known["chosen_position"].astype("string").groupby(person).value_counts(normalize=True)
    return int((shares > SAME_POSITION_SHARE).sum())
