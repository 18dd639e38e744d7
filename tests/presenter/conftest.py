"""An X server, studies with drawn stimuli, and a presenter that is driven by real clicks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tomli_w
from driven_presenter import PARTICIPANT, Driver, draw_stimulus, running_x_server
from presenter_protocols import ROLES, tiny

from imi_desktop.experiment.plan import plan_session
from imi_desktop.experiment.study import Study
from imi_desktop.gui.presenter.x_input import XInput


@pytest.fixture(scope="session")
def x_server() -> Iterator[str]:
    """Display of an X server that belongs to these tests."""
    with running_x_server() as display:
        yield display


@pytest.fixture
def x_input(x_server: str) -> Iterator[XInput]:
    with XInput(x_server) as connection:
        yield connection


@pytest.fixture
def make_study(tmp_path: Path) -> Callable[..., Study]:
    def make(*, protocol: str | None = None, timings: dict | None = None, **fields) -> Study:
        folder = tmp_path / "study"
        folder.mkdir()
        text = protocol or tiny(**(timings or {}))
        (folder / "tests.toml").write_text(text, encoding="utf-8")
        roles = ROLES.get(text, ("main", "main"))
        units = [
            {"model": "toy", "layer": "blocks.1", "channel": channel, "role": role}
            for channel, role in enumerate(roles)
        ]
        table = {"format": 1, "name": "Toy", "protocol": "tests.toml", "seed": 3, "images": "."}
        table |= {"models": ["toy"], "units": units} | fields
        (folder / "study.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
        study = Study.load(folder)
        for file in plan_session(study, PARTICIPANT).images:
            draw_stimulus(folder / file)
        return study

    return make


@pytest.fixture
def driver(
    request: pytest.FixtureRequest,
    make_study: Callable[..., Study],
    x_server: str,
    x_input: XInput,
) -> Iterator[Driver]:
    """A driver of a tiny study; parametrise indirectly with the study's options."""
    made = Driver(make_study(**getattr(request, "param", {})), x_server, x_input)
    x_input.move(5, 5)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.communicate()
