"""Generation on a real Dask cluster of two worker processes on this computer."""

import json
import shutil
import subprocess
import sys

import pytest
from generated_study import make_images, make_study

from imi_desktop.cli import main
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.stimuli.pack import StimulusPack


def test_a_scheduler_that_is_not_there_is_a_sentence(generated, monkeypatch, capsys):
    pytest.importorskip("distributed", reason="needs the extra “cluster”")
    monkeypatch.setattr("imi_desktop.jobs.cluster.CONNECT_SECONDS", 1.0)
    shutil.rmtree(generated.folder / "stimuli")
    code = main(["generate", str(generated.folder), "--scheduler", "tcp://127.0.0.1:9"])
    assert code == 2
    assert "no Dask scheduler at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_without_the_extra_it_is_asked_for(generated, monkeypatch, capsys):
    shutil.rmtree(generated.folder / "stimuli", ignore_errors=True)
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "imi_desktop.jobs.cluster", raising=False)
    code = main(["generate", str(generated.folder), "--scheduler", "tcp://127.0.0.1:9"])
    assert code == 2
    assert "imi-desktop[cluster]" in capsys.readouterr().err


def test_two_workers_of_a_cluster_make_the_same_stimuli(generated, cluster, capsys):
    before = {
        file: (generated.folder / file).read_bytes() for file in stimuli_needed(generated).files
    }
    shutil.rmtree(generated.folder / "stimuli")
    assert main(["generate", str(generated.folder), "--scheduler", cluster, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["made"] == 4
    assert StimulusPack(generated.folder).missing(before) == []
    assert {file: (generated.folder / file).read_bytes() for file in before} == before


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    images = make_images(folder / "images")
    study = make_study(folder / "study", images, conditions=["natural"])
    assert main(["generate", str(study.folder), "--workers", "1"]) == 0
    return study.folder


@pytest.fixture
def generated(original, tmp_path):
    return Study.load(shutil.copytree(original, tmp_path / "study"))


@pytest.fixture
def cluster():
    pytest.importorskip("distributed", reason="needs the extra “cluster”")
    code = (
        "from distributed import LocalCluster\n"
        "import sys\n"
        "if __name__ == '__main__':\n"
        "    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as c:\n"
        "        print(c.scheduler_address, flush=True)\n"
        "        sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    address = process.stdout.readline().strip()
    assert address.startswith("tcp://")
    yield address
    process.stdin.close()
    try:
        process.wait(30)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
