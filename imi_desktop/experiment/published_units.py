"""The units of the published experiments, for the network they belong to."""

from __future__ import annotations

import re

from pydantic import field_validator

from imi_desktop.experiment.toml_file import ListOf, Table, read_table, validate_table
from imi_desktop.paths import resource

_ENTRY = re.compile(r"(?P<layer>\S+):(?P<channel>\d+)(?: (?P<branch>\S+))?(?P<picked> \*)?")


class PublishedSet(Table):
    """Units that served one purpose.

    Parameters
    ----------
    name : str
        What pools of protocols call it.
    source : str
        Table of the paper or file of the release.
    units : tuple of str
        ``layer:channel branch``, with `` *`` after hand-picked ones.
    """

    name: str
    source: str
    units: ListOf[str]

    @field_validator("units")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if not _ENTRY.fullmatch(entry):
                raise ValueError(f"“{entry}” is not “layer:channel branch”")
        return value

    def rows(self, model: str, role: str, unit_set: str) -> list[dict[str, object]]:
        """Entries of a study's ``units``."""
        rows = []
        for entry in self.units:
            found = _ENTRY.fullmatch(entry)
            if found:
                row: dict[str, object] = {
                    "model": model,
                    "layer": found["layer"],
                    "channel": int(found["channel"]),
                    "selection": "hand_picked" if found["picked"] else "random",
                    "role": role,
                    "set": unit_set,
                }
                if found["branch"]:
                    row["branch"] = found["branch"]
                rows.append(row)
        return rows


class _PublishedFile(Table):
    model: str
    sets: ListOf[PublishedSet]


def published_sets(model: str) -> dict[str, PublishedSet]:
    """Published unit sets of `model` by name; empty if none were published for it."""
    path = resource("units", f"{model}.toml")
    if not re.fullmatch(r"[a-z0-9_]+", model) or not path.is_file():
        return {}
    file = validate_table(_PublishedFile, read_table(path), path)
    return {unit_set.name: unit_set for unit_set in file.sets}
