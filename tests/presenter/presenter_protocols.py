"""Protocols with short times that the presenter's tests run, put together from the same pieces."""

from __future__ import annotations

from typing import Any

import tomli_w

_ROLES: dict[str, dict[str, Any]] = {
    "main": {"count": 2, "fixed": False},
    "practice": {"count": 1},
    "catch": {"count": 1},
    "intuitiveness": {"count": 1},
}
_FIXED = {"batch": "fixed"}
_PRACTICE = {"condition": "natural", "units": "practice"} | _FIXED
_CATCH = {"condition": "natural", "units": "catch", "count": 1, "catch": True} | _FIXED
_RATED = {"condition": "synthetic", "scheme": "max_9", "units": "intuitiveness"} | _FIXED


def _text(
    blocks: list[dict[str, Any]],
    *,
    roles: dict[str, int | None],
    conditions: tuple[str, ...] = ("natural", "synthetic", "none"),
    opening: tuple[str, ...] = ("welcome",),
    closing: tuple[str, ...] = ("thanks",),
    timings: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """A protocol file; `roles` may override how many units a role has."""
    times = {"feedback_delay_ms": 60, "feedback_ms": 120, "blank_ms": 30} | (timings or {})
    units = [
        {"role": role} | _ROLES[role] | ({} if count is None else {"count": count})
        for role, count in roles.items()
    ]
    whole = {
        "format": 1,
        "name": "tests",
        "title": "Tests of the presenter",
        "source": "Pieces of the published protocols with short times.",
        "description": "Few trials.",
        "conditions": list(conditions),
        "opening": list(opening),
        "closing": list(closing),
        "participant_fields": [],
        "natural_batches": 2,
        "timings": times,
        "units": units,
        "batches": {"main": {"first": 0, "lowest": 0, "highest": 1}, "fixed": {"step": 0}},
        "parts": [{"blocks": blocks}],
    }
    return tomli_w.dumps(whole | more)


def _block(name: str, *trials: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "phase": "main", "feedback": False, "trials": list(trials)} | more


def _practice(units: int, **more: Any) -> dict[str, Any]:
    trials = _PRACTICE | {"count": units, "order": "given"}
    until = {"phase": "practice", "feedback": True, "order": "given", "repeat_until_perfect": True}
    return _block("practice", trials, **until, **more)


def tiny(**timings: Any) -> str:
    """Six trials of three conditions with feedback, in blocks of two."""
    main = {"condition": "$condition", "units": "main", "batch": "main"}
    return _text(
        [_block("main", main, each="condition", feedback=True)],
        roles={"main": None},
        opening=("welcome", "consent"),
        timings=timings,
        factors={"condition": {"levels": ["natural", "synthetic", "none"]}},
    )


EVERY_KIND = _text(
    [
        _practice(1),
        _block(
            "counterfactual",
            {"condition": "natural", "units": "main", "batch": "main"},
            task="counterfactual",
        ),
        _block("intuitiveness", _RATED, task="intuitiveness"),
    ],
    roles={"main": None, "practice": None, "intuitiveness": None},
    conditions=("natural", "synthetic"),
    closing=("comment", "thanks"),
    timings={"continue_button": True},
)
"""Practice until perfect, counterfactual, intuitiveness, a question."""

WHOLE = _text(
    [
        _practice(2, pages=["practice_until_perfect"]),
        _block(
            "nine references",
            {"condition": "natural", "units": "main", "batch": "main"},
            _CATCH,
            pages=["main"],
            feedback=True,
        ),
        _block(
            "one reference",
            {"condition": "synthetic", "scheme": "min_max_1", "batch": "main", "deck": "one"},
            pages=["break"],
        ),
        _block(
            "max only",
            *(
                {"condition": "synthetic", "scheme": scheme, "count": 1}
                | {"batch": "main", "deck": "max"}
                for scheme in ("max_9", "max_1")
            ),
            pages=["block_intro"],
        ),
        _block("none", {"condition": "none", "batch": "main"}, pages=["block_intro"]),
        _block(
            "counterfactual",
            {"condition": "natural", "scheme": "max_9", "batch": "main", "deck": "counterfactual"},
            task="counterfactual",
        ),
        _block("intuitiveness", _RATED, task="intuitiveness", pages=["block_intro"]),
    ],
    roles={"main": None, "practice": 2, "catch": None, "intuitiveness": None},
    positions="balanced",
    opening=("welcome", "consent", "instructions", "instructions_example"),
    closing=("comment", "thanks"),
    participant_fields=["expert_level"],
    timings={"buttons_active_ms": 100, "continue_button": True},
    texts={
        "pages": {
            "instructions": {
                "title": "Your task",
                "paragraphs": ["Choose **one** of two."],
                "button": "Continue",
                "minimum_s": 0.2,
            },
            "instructions_example": {
                "title": "How a question looks",
                "paragraphs": ["**A**, **B**, **C**, **D**."],
                "button": "Continue",
                "minimum_s": 0.2,
                "example": ["practice"],
            },
        }
    },
)
"""Every kind of page and trial."""

ROLES = {
    EVERY_KIND: ("main", "main", "practice", "intuitiveness"),
    WHOLE: ("main", "main", "practice", "practice", "catch", "intuitiveness"),
}
"""Roles of the units that a study of each protocol lists."""
