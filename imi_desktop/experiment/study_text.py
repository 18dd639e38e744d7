"""How a study is written down: TOML for people, with a line of explanation per table."""

from __future__ import annotations

from typing import Any

import tomli_w

_HEAD = """\
# A study of IMI Desktop. Edit it while no participant has started; afterwards it is locked.
# What each key means: docs/study-file.md
"""
_COMMENTS = {
    "stimuli.natural": "# Natural images: references per side, batches per unit, and the rule.",
    "stimuli.synthetic": "# Feature visualizations: a preset, and what differs from it.",
    "stimuli.occlusion": "# Counterfactual stimuli, in px of 224.",
    "display": "# What the participant's screen must offer.",
    "hypotheses": "# A falsifiable statement, fixed before the data.",
}


def study_text(fields: dict[str, Any]) -> str:
    """Write a study's fields as TOML.

    Parameters
    ----------
    fields : dict
        JSON-able values without None.

    Returns
    -------
    str
        The file's text; reading it gives the same fields.
    """
    plain = {
        k: v for k, v in fields.items() if k not in {"stimuli", "display", "units", "hypotheses"}
    }
    lines = [_HEAD + tomli_w.dumps(_listed(plain)).rstrip(), ""]
    lines += ["# role: main, practice, catch, instruction or intuitiveness", "units = ["]
    lines += [f"  {_inline(unit)}," for unit in fields["units"]]
    lines += ["]", ""]
    for name, table in fields["stimuli"].items():
        lines += _table(f"stimuli.{name}", table)
    lines += _table("display", fields["display"])
    for hypothesis in fields.get("hypotheses", ()):
        body = tomli_w.dumps({"hypotheses": [_listed(hypothesis)]}, multiline_strings=False)
        lines += [_COMMENTS["hypotheses"], body.rstrip(), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(name: str, values: dict[str, Any]) -> list[str]:
    return [_COMMENTS[name], f"[{name}]", tomli_w.dumps(_listed(values)).rstrip(), ""]


def _inline(values: dict[str, Any]) -> str:
    shown = {k: v for k, v in values.items() if not (k == "set" and v == "")}
    return "{ " + ", ".join(tomli_w.dumps({k: v}).strip() for k, v in shown.items()) + " }"


def _listed(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _listed(value) for key, value in values.items()}
    if isinstance(values, tuple | list):
        return [_listed(value) for value in values]
    return values
