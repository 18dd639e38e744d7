"""The same unit tasks on a Dask cluster (extra ``cluster``).

Workers must see the study folder, the image folder and the weights under the same paths as this
computer, e.g. on a network share. A SLURM cluster is started with ``dask-jobqueue``; the address
of its scheduler is all that is needed here.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from distributed import Client, Event, Future, as_completed, get_client

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
            If the scheduler cannot be reached.
        Cancelled
            If asked to stop; tasks that were reported done stay done.
        """
        with self._connected() as client:
            stop = f"imi-stop-{uuid.uuid4().hex}"
            event = Event(stop, client=client)
            futures = {
                client.submit(
                    do_remotely,
                    task.to_json(),
                    self._arguments,
                    stop,
                    key=f"imi-{task.kind}-{task.hash}",
                    retries=1,
                ): task
                for task in tasks
            }
            try:
                self._collect(futures, on_task, cancel)
            except BaseException:
                event.set()
                client.cancel(list(futures))
                raise

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
        self, futures: dict[Future, UnitTask], on_task: OnTask, cancel: PausableToken
    ) -> None:
        waiting = as_completed(list(futures))
        while not waiting.is_empty():
            if cancel.cancelled:
                raise Cancelled
            if not waiting.has_ready():
                time.sleep(_PATIENCE)
                continue
            future = next(waiting)
            on_task(_news(futures[future], future))


def _news(task: UnitTask, future: Future) -> TaskReport:
    if future.status != "finished":
        problem = future.exception() if future.status == "error" else None
        reason = f"The cluster lost this task ({problem or future.status})."
        return TaskReport(task, "failed", 1.0, {"failed": reason})
    data = future.result()
    return TaskReport(task, "failed" if "failed" in data else "done", 1.0, data)


def do_remotely(task: dict[str, Any], arguments: dict[str, Any], stop: str) -> dict[str, Any]:
    """Do one task on a worker of the cluster.

    Parameters
    ----------
    stop : str
        Name of the event that ends the work early.

    Returns
    -------
    dict
        ``records`` and ``remark``, or ``failed`` with a sentence.
    """
    unit_task = UnitTask.from_json(task)
    workplace = Workplace(
        Path(arguments["study"]),
        Path(arguments["images"]),
        arguments.get("device", "auto"),
        None,
        _RemoteToken(stop),
    )
    try:
        result = make(unit_task, workplace, lambda _share, _data: None)
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
    """Looks at an event of the cluster, at most once a second."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._stop = Event(name, client=get_client())
        self._looked = time.monotonic()

    def check(self) -> None:
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            if self._stop.is_set():
                self.cancel()
        super().check()
