"""Which device each worker computes on."""

import pytest

from imi_desktop.jobs import worker_devices as module
from imi_desktop.jobs.process import run_job
from imi_desktop.jobs.protocol import JobSpec
from imi_desktop.jobs.worker_devices import gpus_for, worker_devices


@pytest.mark.parametrize(
    ("device", "workers", "gpus", "expected"),
    [
        ("auto", 0, 0, ["auto"] * 4),
        ("auto", 3, 0, ["auto"] * 3),
        ("cpu", 0, 2, ["cpu"] * 4),
        ("auto", 0, 3, ["cuda:0", "cuda:1", "cuda:2"]),
        ("cuda", 0, 1, ["cuda:0"]),
        ("cuda", 3, 2, ["cuda:0", "cuda:1", "cuda:0"]),
        ("auto", 1, 2, ["cuda:0"]),
        ("cuda:1", 0, 2, ["cuda:1"]),
        ("cuda:1", 2, 2, ["cuda:1", "cuda:1"]),
        ("cuda", 0, 0, ["cuda"]),
        ("mps", 0, 0, ["mps"]),
    ],
)
def test_each_gpu_gets_a_worker_and_each_processor_where_there_is_none(
    device, workers, gpus, expected
):
    assert worker_devices(device, workers, gpus=gpus, processors=4) == expected


def test_a_worker_at_least_and_eight_at_most_by_themselves():
    assert worker_devices("cpu", 0, gpus=0, processors=0) == ["cpu"]
    assert len(worker_devices("cpu", 0, gpus=0, processors=64)) == 8
    assert len(worker_devices("cpu", 20, gpus=0, processors=64)) == 20


def test_torch_is_asked_only_where_a_driver_may_be(monkeypatch):
    asked = []
    monkeypatch.setattr(module, "run_job", lambda spec: asked.append(spec) or {"cuda": 2})
    monkeypatch.setattr(module.shutil, "which", lambda _name: None)
    assert gpus_for("auto") == 0
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert gpus_for("cpu") == gpus_for("cuda:1") == 0
    assert not asked
    assert gpus_for("auto") == gpus_for("cuda") == 2


def test_torch_counts_in_a_process_of_its_own():
    assert run_job(JobSpec("count_devices"))["cuda"] >= 0
