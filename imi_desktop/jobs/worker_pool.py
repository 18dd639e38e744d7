"""Worker processes on this computer that share a list of unit tasks."""

from __future__ import annotations

import json
import os
import queue
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.process import JobFailedError, JobProcess
from imi_desktop.jobs.protocol import Command, Event, Failed, JobSpec
from imi_desktop.jobs.task_orders import ReadOrders, TaskOrder, no_orders
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.progress import Cancelled, Progress

_PATIENCE = 0.1
"""Seconds between two looks at the cancel token."""

_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class TaskReport:
    """News of one task.

    Parameters
    ----------
    task : UnitTask
    state : str
        ``running``, ``done``, ``failed``, or ``dropped`` when it was taken out by an order.
    share : float
        How much of it is done, 0 … 1.
    data : dict
        As reported by the worker: ``records`` and ``remark`` when done, ``failed`` (a sentence)
        when failed, else ``side``, ``step``, ``steps``, ``activations``, ``preview`` …
    """

    task: UnitTask
    state: str
    share: float
    data: dict[str, Any] = field(default_factory=dict)


OnTask = Callable[[TaskReport], None]


class _Worker:
    """One process and the task that it is doing."""

    def __init__(self, process: JobProcess) -> None:
        self.process = process
        self.task: UnitTask | None = None
        self.halted = False

    def halt(self, halted: bool) -> None:
        """Pause or resume this worker alone."""
        self.halted = halted
        self.process.send("pause" if halted else "resume")


class WorkerPool:
    """Hands tasks to worker processes and reports what becomes of them.

    Parameters
    ----------
    spec : JobSpec
        Of kind ``make_stimuli``; every worker gets it.
    devices : sequence of str
        Device of each worker; their number is the number of workers.
    """

    def __init__(self, spec: JobSpec, devices: Sequence[str]) -> None:
        self._spec = spec
        self._devices = tuple(devices)

    def run(
        self,
        tasks: Sequence[UnitTask],
        on_task: OnTask,
        cancel: PausableToken,
        orders: ReadOrders = no_orders,
    ) -> None:
        """Do all tasks; one that fails does not stop the others.

        A worker that crashes fails its task and is replaced; one whose task is dropped is replaced
        too.

        Raises
        ------
        Cancelled
            If asked to stop; tasks that were reported done stay done.
        JobFailedError
            If no worker can work, e.g. because the disk is full.
        """
        waiting = deque(tasks)
        events: queue.Queue[tuple[_Worker, Event]] = queue.Queue()
        workers: list[_Worker] = []
        paused = False
        try:
            for device in self._devices[: len(waiting)]:
                workers.append(self._hire(device, events))
                _feed(workers[-1], waiting, on_task)
            while _some_work(workers) or not events.empty():
                if cancel.cancelled:
                    raise Cancelled
                if cancel.paused != paused:
                    paused = cancel.paused
                    _tell_all(workers, "pause" if paused else "resume")
                for order in orders():
                    self._obey(order, workers, waiting, events, on_task)
                    paused = False  # a worker that was hired for it is told again
                try:
                    worker, event = events.get(timeout=_PATIENCE)
                except queue.Empty:
                    continue
                if worker not in workers:
                    continue  # the last words of a worker whose task was dropped
                if isinstance(event, Progress):
                    task = worker.task
                    _pass_on(worker, event, waiting, on_task)
                    if worker.halted and worker.task is not task:
                        worker.halt(False)  # the pause came too late for its task
                        paused = False
                elif isinstance(event, Failed):
                    self._bury(worker, event, workers, waiting, events, on_task)
            if waiting:
                raise JobFailedError("The worker processes ended before the work was done.")
        finally:
            _stop_all(workers)

    def _hire(self, device: str, events: queue.Queue[tuple[_Worker, Event]]) -> _Worker:
        environment = dict(os.environ)
        if not device.startswith("cuda"):
            environment.update(dict.fromkeys(_ONE_THREAD, "1"))
        hired: list[_Worker] = []
        ready: queue.Queue[None] = queue.Queue()

        def deliver(event: Event) -> None:
            if not hired:
                ready.get()
            events.put((hired[0], event))

        spec = JobSpec(self._spec.kind, {**self._spec.arguments, "device": device})
        hired.append(_Worker(JobProcess(spec, deliver, environment)))
        ready.put(None)
        return hired[0]

    def _bury(
        self,
        worker: _Worker,
        failure: Failed,
        workers: list[_Worker],
        waiting: deque[UnitTask],
        events: queue.Queue[tuple[_Worker, Event]],
        on_task: OnTask,
    ) -> None:
        if not failure.bug or worker.task is None:
            raise JobFailedError(failure.sentence)
        on_task(TaskReport(worker.task, "failed", 1.0, {"failed": failure.sentence}))
        self._replace(worker, workers, waiting, events, on_task)

    def _replace(
        self,
        worker: _Worker,
        workers: list[_Worker],
        waiting: deque[UnitTask],
        events: queue.Queue[tuple[_Worker, Event]],
        on_task: OnTask,
    ) -> None:
        workers.remove(worker)
        if waiting:
            replacement = self._hire(str(worker.process.spec.arguments["device"]), events)
            workers.append(replacement)
            _feed(replacement, waiting, on_task)

    def _obey(
        self,
        order: TaskOrder,
        workers: list[_Worker],
        waiting: deque[UnitTask],
        events: queue.Queue[tuple[_Worker, Event]],
        on_task: OnTask,
    ) -> None:
        """Carry out an order; one about a task that is over changes nothing."""
        for queued in [task for task in waiting if _is_about(order, task)]:
            if order.act == "drop":
                waiting.remove(queued)
                on_task(TaskReport(queued, "dropped", 0.0))
        for worker in list(workers):
            task = worker.task
            if task is None or not _is_about(order, task):
                continue
            if order.act != "drop":
                worker.halt(order.act == "pause")
                continue
            worker.process.stop()
            on_task(TaskReport(task, "dropped", 0.0))
            self._replace(worker, workers, waiting, events, on_task)


def _some_work(workers: Sequence[_Worker]) -> bool:
    # Unlike `outcome`, `wait` ends only after a worker's last event is in the queue.
    return any(worker.process.wait(0) is None for worker in workers)


def _is_about(order: TaskOrder, task: UnitTask) -> bool:
    return (order.unit, order.kind) == (task.unit, task.kind)


def _feed(worker: _Worker, waiting: deque[UnitTask], on_task: OnTask) -> None:
    worker.task = waiting.popleft() if waiting else None
    if worker.task is None:
        worker.process.send_line(json.dumps({"end": True}) + "\n")
        return
    worker.process.send_line(json.dumps({"task": worker.task.to_json()}) + "\n")
    on_task(TaskReport(worker.task, "running", 0.0))


def _pass_on(worker: _Worker, event: Progress, waiting: deque[UnitTask], on_task: OnTask) -> None:
    task = worker.task
    if task is None or event.data.get("hash") != task.hash:
        return
    if "records" in event.data:
        on_task(TaskReport(task, "done", 1.0, event.data))
    elif "failed" in event.data:
        on_task(TaskReport(task, "failed", 1.0, event.data))
    else:
        on_task(TaskReport(task, "running", event.done / event.total, event.data))
        return
    _feed(worker, waiting, on_task)


def _tell_all(workers: Sequence[_Worker], command: Command) -> None:
    for worker in workers:
        if not worker.halted:  # its own pause outlasts that of all
            worker.process.send(command)


def _stop_all(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        if worker.process.outcome is None:
            worker.process.send("cancel")
    for worker in workers:
        if worker.process.outcome is None:
            worker.process.stop()
