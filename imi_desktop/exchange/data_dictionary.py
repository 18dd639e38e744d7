"""What every column of the trial table means, for datasets that leave the program."""

from __future__ import annotations

DESCRIPTIONS: dict[str, str] = {
    "study": "Name of the study.",
    "site": "Laboratory.",
    "participant": "Participant's id within the study.",
    "session": "Session of the participant, named by its start in UTC.",
    "expert_level": "How much the participant knows about networks: expert, lay, or 1 to 3.",
    "task": "forward_prediction, counterfactual or intuitiveness.",
    "phase": "instruction, practice, main or repeated.",
    "catch": "Whether the trial is a catch trial, whose answer is among the references.",
    "block": "Block of the session, from 1.",
    "trial": "Trial of the session as planned, from 1.",
    "attempt": "How often the block was run, this time counted.",
    "condition": "Kind of references: synthetic, natural, mixed, blurred or none.",
    "scheme": "Which references were shown: max or min_max, 1 or 9 of each.",
    "difficulty": "Where the queries come from: easy, medium, hard or very_hard.",
    "model": "Network.",
    "layer": "Layer of the network.",
    "branch": "Branch of an inception module.",
    "channel": "Channel of the layer, from 0.",
    "unit_selection": "How the unit was chosen: random or hand_picked.",
    "image_set": "Batch of images shown.",
    "target_position": "Where the right query was: upper, lower, left or right.",
    "chosen_position": "Which query was chosen.",
    "correct": "Whether the answer was right.",
    "confidence": "1 not confident, 2 somewhat, 3 very.",
    "rating": "How intuitive an explanation was, from -100 to 100.",
    "reaction_time_ms": "From stimulus onset to answer, in milliseconds.",
    "onset_ns": "Monotonic clock at stimulus onset, in nanoseconds.",
    "response_ns": "Monotonic clock at the answer, in nanoseconds.",
    "timeout": "Whether no answer was given in time.",
    "included": "Whether the session passed the planned quality checks.",
    "exclusion_reasons": "Why the session does not count.",
}
LEVELS: dict[str, dict[str, str]] = {
    "confidence": {"1": "not confident", "2": "somewhat confident", "3": "very confident"},
    "condition": {
        "synthetic": "feature visualizations",
        "natural": "strongly activating natural images",
        "mixed": "natural images and feature visualizations",
        "blurred": "natural images, blurred but for one patch",
        "none": "no references",
    },
}
UNITS = {"reaction_time_ms": "ms", "onset_ns": "ns", "response_ns": "ns"}
