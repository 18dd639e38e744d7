"""The same unit tasks on a Dask cluster (extra ``cluster``).

Workers must see the study folder, the image folder and the weights under the same paths as this
computer, e.g. on a network share. A SLURM cluster is started with ``dask-jobqueue``; the address
of its scheduler is all that is needed here.
"""

from __future__ import annotations

import logging
import queue
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from distributed import Client, Event, Future, as_completed, get_client, get_worker

from imi_desktop.errors import UserError
from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.make_stimuli import make
from imi_desktop.jobs.task_orders import ReadOrders, no_orders
from imi_desktop.jobs.tasks.workplace import Workplace
from imi_desktop.jobs.unit_tasks import UnitTask
from imi_desktop.jobs.worker_pool import OnTask, TaskReport
from imi_desktop.progress import Cancelled, CancelToken

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
_PATIENCE = 0.2
_LOOK_SECONDS = 1.0


class SchedulerError(UserError):
    """A Dask scheduler is not there, or lost."""


class ClusterPool:
    """Hands tasks to the workers of a Dask cluster and reports what becomes of them.

    Parameters
    ----------
    address : str
        Of the scheduler, e.g. ``tcp://host:8786``.
    arguments : dict
        ``study``, ``images`` and ``device``, as the workers know them.
    """

    def __init__(self, address: str, arguments: Mapping[str, Any]) -> None:
        self._address = address
        self._arguments = dict(arguments)

    def run(
        self,
        tasks: Sequence[UnitTask],
        on_task: OnTask,
        cancel: PausableToken,
        orders: ReadOrders = no_orders,
    ) -> None:
        """Do all tasks; one that fails does not stop the others.

        Orders about single tasks are not obeyed: a cluster's workers hear one stop for all.

        Raises
        ------
        SchedulerError
            If the scheduler cannot be reached, or is lost on the way.
        Cancelled
            If asked to stop; tasks that were reported done stay done.
        """
        with self._connected() as client:
            run = f"imi-{uuid.uuid4().hex}"
            told: queue.Queue[dict[str, Any]] = queue.Queue()
            client.subscribe_topic(run, lambda event: told.put(event[1]))
            switches = _Switches(run, client)
            futures = {
                client.submit(
                    do_remotely,
                    task.to_json(),
                    self._arguments,
                    run,
                    key=f"imi-{task.kind}-{task.hash}",
                    retries=1,
                ): task
                for task in tasks
            }
            try:
                self._collect(client, futures, told, switches, on_task, cancel)
            except BaseException as error:
                if client.status == "running":
                    switches.stop.set()
                    client.cancel(list(futures))
                elif isinstance(error, OSError):
                    raise self._lost() from error
                raise

    def _lost(self) -> SchedulerError:
        return SchedulerError(
            f"The Dask scheduler at {self._address} was lost. What had been made stays; "
            "generate again when the scheduler is back, or without --scheduler."
        )

    def _connected(self) -> Client:
        try:
            return Client(self._address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise SchedulerError(
                f"There is no Dask scheduler at {self._address} "
                f"({str(error).splitlines()[0] if str(error) else type(error).__name__}). "
                "Start one with dask scheduler, or generate without --scheduler."
            ) from error

    def _collect(
        self,
        client: Client,
        futures: dict[Future, UnitTask],
        told: queue.Queue[dict[str, Any]],
        switches: _Switches,
        on_task: OnTask,
        cancel: PausableToken,
    ) -> None:
        open_tasks = {task.hash: task for task in futures.values()}
        paused = False
        waiting = as_completed(list(futures))
        while not waiting.is_empty():
            if cancel.cancelled:
                raise Cancelled
            if cancel.paused != paused:
                paused = cancel.paused
                (switches.pause.set if paused else switches.pause.clear)()
            for news in _taken(told):
                if news["hash"] in open_tasks:
                    data = _with_preview_that_is_here(news["data"])
                    on_task(TaskReport(open_tasks[news["hash"]], "running", news["share"], data))
            if not waiting.has_ready():
                time.sleep(_PATIENCE)
                continue
            future = next(waiting)
            if future.status != "finished" and client.status != "running":
                raise self._lost()
            task = futures[future]
            open_tasks.pop(task.hash, None)
            on_task(_news(task, future))


class _Switches:
    """What all workers of one generation look at while they work.

    Parameters
    ----------
    run : str
        Name of the generation.
    client : Client
        Of whoever asks: the generation, or a worker.
    """

    def __init__(self, run: str, client: Client) -> None:
        self.stop = Event(f"{run}-stop", client=client)
        self.pause = Event(f"{run}-pause", client=client)


def _taken(told: queue.Queue[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everything that was told since the last look."""
    taken = []
    while True:
        try:
            taken.append(told.get_nowait())
        except queue.Empty:
            return taken


def _with_preview_that_is_here(data: dict[str, Any]) -> dict[str, Any]:
    """What a worker tells, without an image that only its own computer has."""
    preview = data.get("preview")
    if preview is None or Path(preview).is_file():
        return data
    return {name: value for name, value in data.items() if name != "preview"}


def _news(task: UnitTask, future: Future) -> TaskReport:
    if future.status != "finished":
        problem = future.exception() if future.status == "error" else None
        reason = f"The cluster lost this task ({problem or future.status})."
        return TaskReport(task, "failed", 1.0, {"failed": reason})
    data = future.result()
    return TaskReport(task, "failed" if "failed" in data else "done", 1.0, data)


def do_remotely(task: dict[str, Any], arguments: dict[str, Any], run: str) -> dict[str, Any]:
    """Do one task on a worker of the cluster.

    Parameters
    ----------
    run : str
        Name of the generation: of the topic that progress is told under, and of the events that
        halt the work or end it early.

    Returns
    -------
    dict
        ``records`` and ``remark``, or ``failed`` with a sentence.
    """
    unit_task = UnitTask.from_json(task)
    worker = get_worker()
    previews = arguments.get("previews")

    def tell(share: float, data: dict[str, Any]) -> None:
        worker.log_event(run, {"hash": unit_task.hash, "share": share, "data": data})

    workplace = Workplace(
        Path(arguments["study"]),
        Path(arguments["images"]),
        arguments.get("device", "auto"),
        Path(previews) if previews and Path(previews).is_dir() else None,
        _RemoteToken(run),
    )
    tell(0.0, {})
    try:
        result = make(unit_task, workplace, tell)
    except Cancelled:
        return {"failed": "The work was stopped."}
    except UserError as error:
        return {"failed": error.sentence}
    except Exception as error:  # one unit's bug must not stop the others: logged, and reported
        log.exception("%s of %s failed", unit_task.kind, unit_task.unit)
        return {"failed": f"An error in IMI Desktop ({type(error).__name__}: {error})."}
    return {
        "records": [record.to_json() for record in result.records],
        "remark": result.remark,
        "missed": list(result.missed),
    }


class _RemoteToken(CancelToken):
    """Looks at the generation's switches, at most once a second."""

    def __init__(self, run: str) -> None:
        super().__init__()
        self._switches = _Switches(run, get_client())
        self._looked = time.monotonic()

    def check(self) -> None:
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._look()
        super().check()

    def _look(self) -> None:
        while True:
            if self._switches.stop.is_set():
                self.cancel()
            self._looked = time.monotonic()
            if self.cancelled or not self._switches.pause.is_set():
                return
            time.sleep(_LOOK_SECONDS)
