import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
from PIL import Image

from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.process import JobFailedError, JobProcess, run_job
from imi_desktop.jobs.protocol import Failed, Finished, JobSpec, Stopped
from imi_desktop.progress import Cancelled, CancelToken

WAITING = JobSpec("make_stimuli", {"study": ".", "images": "."})
"""A job that waits for its first task."""


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for index in range(6):
        pixels = np.random.default_rng(index).integers(0, 255, (40, 40, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")
    return folder


def test_a_job_reports_and_returns_its_result(images, tmp_path):
    seen = []
    spec = JobSpec("index_images", {"folder": str(images), "index": str(tmp_path / "i.csv")})
    result = run_job(spec, seen.append)
    assert result["usable"] == 6
    assert (tmp_path / "i.csv").is_file()
    assert seen[-1].done == seen[-1].total == 6


def test_what_the_user_did_wrong_arrives_as_a_sentence(tmp_path):
    with pytest.raises(JobFailedError, match=r"There is no folder .*nowhere"):
        run_job(JobSpec("index_images", {"folder": str(tmp_path / "nowhere")}))


def test_a_bug_is_reported_as_one(imi_home):
    process = JobProcess(JobSpec("index_images", {}), lambda _event: None)
    outcome = process.wait(60)
    assert isinstance(outcome, Failed)
    assert outcome.bug
    assert "KeyError" in (imi_home / "logs" / "imi-desktop.log").read_text()


@pytest.fixture
def waiting():
    process = JobProcess(WAITING, lambda _event: None)
    worker = psutil.Process(process.pid)
    yield process, worker
    process.stop(0.1)


def test_cancelling_ends_the_process(waiting):
    process, worker = waiting
    process.send("cancel")
    assert isinstance(process.wait(60), Stopped)
    assert not worker.is_running()


def test_the_end_of_the_task_list_finishes(waiting):
    process, _worker = waiting
    process.send_line('{"end": true}\n')
    assert process.wait(60) == Finished({"tasks": 0})


def test_a_killed_worker_is_a_failure_and_leaves_no_zombie(waiting):
    process, worker = waiting
    worker.send_signal(signal.SIGKILL)
    outcome = process.wait(60)
    assert isinstance(outcome, Failed)
    assert "killed by signal 9" in outcome.sentence
    assert not worker.is_running()


def test_workers_go_at_low_priority(waiting):
    _process, worker = waiting
    deadline = time.monotonic() + 60
    while worker.nice() < 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert worker.nice() >= 10


def test_a_worker_does_not_outlive_who_started_it():
    code = (
        "import time\n"
        "from imi_desktop.jobs.process import JobProcess\n"
        "from imi_desktop.jobs.protocol import JobSpec\n"
        "spec = JobSpec('make_stimuli', {'study': '.', 'images': '.'})\n"
        "print(JobProcess(spec, lambda e: None).pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    worker = psutil.Process(int(starter.stdout.readline()))
    starter.kill()
    starter.wait()
    starter.stdout.close()
    psutil.wait_procs([worker], timeout=60)
    assert not worker.is_running()


def test_a_run_is_cancelled_through_its_token():
    cancel = CancelToken()
    timer = threading.Timer(0.2, cancel.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        run_job(WAITING, cancel=cancel)
    timer.join()


def test_a_paused_token_waits_until_it_is_resumed_or_cancelled():
    token = PausableToken()
    token.pause()
    threading.Timer(0.2, token.resume).start()
    begun = time.monotonic()
    token.check()
    assert time.monotonic() - begun > 0.1
    token.pause()
    threading.Timer(0.1, token.cancel).start()
    with pytest.raises(Cancelled):
        token.check()
