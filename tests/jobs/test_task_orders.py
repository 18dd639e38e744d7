"""Single tasks of a running generation can be halted and taken out; the others go on."""

import queue

import pytest
from generated_study import LAYER, MODEL, make_images, make_study

from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.generation import Options, generate
from imi_desktop.jobs.task_orders import TaskOrder, orders_of
from imi_desktop.models.unit import Unit

FIRST, SECOND = Unit(MODEL, LAYER, 1), Unit(MODEL, LAYER, 2)


@pytest.fixture
def study(tmp_path):
    return make_study(
        tmp_path / "small", make_images(tmp_path / "images"), steps=120, conditions=["synthetic"]
    )


def test_an_order_survives_the_way_to_the_job():
    inbox = queue.Queue()
    order = TaskOrder("drop", FIRST, "synthetic")
    for message in (order.to_json(), {"task": {}}, {"order": "explode"}, None):
        inbox.put(message)
    read = orders_of(inbox)
    assert read() == [order]
    assert read() == []


def test_single_tasks_are_halted_resumed_and_dropped_while_the_others_go_on(study):
    inbox = queue.Queue()
    states = []

    def watch(progress):
        data = progress.data
        if data.get("kind") != "synthetic":
            return
        states.append((data["unit"], data["state"]))
        if not data.get("side"):
            return
        if (SECOND.address, "dropped") not in states:
            for act, unit in (("pause", FIRST), ("resume", FIRST), ("drop", SECOND)):
                inbox.put(TaskOrder(act, unit, "synthetic").to_json())
        else:  # it went on after its pause
            inbox.put(TaskOrder("drop", FIRST, "synthetic").to_json())

    options = Options(units=(FIRST, SECOND), workers=1)
    outcome = generate(study.folder, options, watch, PausableToken(), orders_of(inbox))
    assert (FIRST.address, "dropped") in states
    assert (SECOND.address, "dropped") in states
    assert (outcome.failed, outcome.made) == ([], 2)  # the natural images of both
