"""Every test gets folders of its own, and a warning or error in the log fails it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "2")

SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def imi_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, logs, caches and studies of the test."""
    home = tmp_path_factory.mktemp("imi-home")
    monkeypatch.setenv("IMI_HOME", str(home))
    return home


class _Collected(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def expected_log() -> list[str]:
    """Texts that this test expects in warnings or errors of the log; append to it."""
    return []


@pytest.fixture(autouse=True)
def _quiet_log(expected_log: list[str]) -> Iterator[None]:
    root = logging.getLogger()
    collected = _Collected()
    root.addHandler(collected)
    yield
    root.removeHandler(collected)
    for handler in list(root.handlers):
        if isinstance(handler, logging.FileHandler):
            root.removeHandler(handler)
            handler.close()
    unexpected = [
        record.getMessage()
        for record in collected.records
        if not any(text in record.getMessage() for text in expected_log)
    ]
    assert not unexpected, f"unexpected warnings in the log: {unexpected}"


@pytest.fixture(scope="session")
def imagenet_sample() -> Path:
    """Folder of 800 real ImageNet images, one per class."""
    return _shared("imagenet-sample")


@pytest.fixture(scope="session")
def experiment_1_data() -> Path:
    """Folder of the released answers of Borowski et al. 2021, Experiment I."""
    return _shared("human", "borowski2021-experiment-1")


@pytest.fixture(scope="session")
def published_units() -> Path:
    """Folder of the released unit tables of Borowski et al. 2021."""
    return _shared("human", "borowski2021-units")


@pytest.fixture(scope="session")
def published_formats() -> Path:
    """Folder with a published stimulus folder and a task of the online experiment."""
    return _shared("formats")


def _shared(*parts: str) -> Path:
    folder = SHARED_DATA.joinpath(*parts)
    if not folder.is_dir():
        pytest.skip(f"needs the folder {'/'.join(parts)} of real data, which is not here")
    return folder
