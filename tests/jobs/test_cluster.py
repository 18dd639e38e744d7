"""Generation on a real Dask cluster of two worker processes on this computer."""

import json
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from generated_study import LAYER, MODEL, make_images, make_study

from imi_desktop.cli import main
from imi_desktop.experiment.requirements import stimuli_needed
from imi_desktop.experiment.study import Study
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.generation import Options, generate
from imi_desktop.progress import Cancelled
from imi_desktop.stimuli.activation_table import ActivationTable
from imi_desktop.stimuli.manifest import Manifest
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


def test_progress_of_each_unit_comes_from_the_workers_and_pausing_halts_them(generated, cluster):
    shutil.rmtree(generated.folder / "stimuli")
    seen, cancel = [], PausableToken()

    def watch(progress):
        state = progress.data.get("state")
        if state == "running" and not seen:
            cancel.pause()
            threading.Timer(1.5, cancel.resume).start()
        if state:
            seen.append((progress.data["unit"], state))

    outcome = generate(generated.folder, Options(scheduler=cluster), watch, cancel)
    assert (outcome.made, outcome.failed) == (4, [])
    for unit in {unit for unit, _state in seen}:
        states = [state for other, state in seen if other == unit]
        assert states[0] == "running"
        assert states[-1] == "done"


def test_a_cancelled_generation_leaves_the_cluster_free(generated, cluster):
    shutil.rmtree(generated.folder / "stimuli")
    cancel = PausableToken()

    def stop(progress):
        if progress.data.get("state") == "done":
            cancel.cancel()

    with pytest.raises(Cancelled):
        generate(generated.folder, Options(scheduler=cluster), stop, cancel)
    outcome = generate(
        generated.folder, Options(scheduler=cluster), lambda _progress: None, PausableToken()
    )
    assert outcome.made + outcome.skipped == 4
    assert outcome.skipped >= 1


def test_a_unit_that_fails_does_not_stop_the_others(generated, cluster):
    shutil.rmtree(generated.folder / "stimuli")
    table = ActivationTable.read(generated.folder, MODEL, LAYER)
    columns = pq.read_table(table.path)
    place = columns.schema.get_field_index("c2")
    dead = pa.array(np.zeros(len(columns), np.float32))
    pq.write_table(columns.set_column(place, "c2", dead), table.path)
    outcome = generate(
        generated.folder, Options(scheduler=cluster), lambda _progress: None, PausableToken()
    )
    assert outcome.made == 3
    assert [entry["unit"] for entry in outcome.failed] == [f"{LAYER}:2"]
    assert "The unit is dead" in outcome.failed[0]["reason"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_scheduler_that_dies_is_a_sentence_and_what_was_made_stays(generated, expected_log):
    pytest.importorskip("distributed", reason="needs the extra “cluster”")
    from imi_desktop.jobs.cluster import SchedulerError

    expected_log.append("")  # Dask logs the loss in words of its own
    shutil.rmtree(generated.folder / "stimuli")
    with started_cluster() as (address, process):

        def kill(progress):
            if progress.data.get("state") == "done":
                for other in (*psutil.Process(process.pid).children(recursive=True), process):
                    with suppress(psutil.NoSuchProcess):
                        other.kill()

        with pytest.raises(SchedulerError, match="was lost"):
            generate(generated.folder, Options(scheduler=address), kill, PausableToken())
    assert len(Manifest.read(generated.folder)) >= 20


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


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("distributed", reason="needs the extra “cluster”")
    with started_cluster() as (address, _process):
        yield address


@contextmanager
def started_cluster():
    """A scheduler and two worker processes, as one process that can be killed."""
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
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("tcp://")
        yield address, process
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait(30)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
