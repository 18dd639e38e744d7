"""The worker process: reads one job from stdin, does it, reports on stdout.

Started as ``python -m imi_desktop.jobs.worker``; see :mod:`imi_desktop.jobs.protocol`. It works
at low priority, so that a participant's session beside it keeps its frames.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any, TextIO

import psutil

from imi_desktop.errors import UserError
from imi_desktop.jobs import kinds
from imi_desktop.jobs.context import JobContext
from imi_desktop.jobs.protocol import (
    Event,
    Failed,
    Finished,
    JobSpec,
    Outcome,
    Stopped,
    decode_command,
    encode_event,
)
from imi_desktop.log import start_log
from imi_desktop.progress import Cancelled

log = logging.getLogger(__name__)


def main() -> int:
    """Do the job whose specification is the first line of stdin."""
    voice = _Voice(_claim_stdout())
    start_log()
    lower_priority()
    lines = _lines_of(sys.stdin.fileno())
    line = next(lines, None)
    if line is None:
        return 0
    context = JobContext(report=voice.say)
    threading.Thread(target=_listen, args=(lines, context), daemon=True).start()
    voice.say(do_job(JobSpec.from_line(line), context))
    return 0


def do_job(spec: JobSpec, context: JobContext) -> Outcome:
    """Do one job and turn whatever happens into its outcome."""
    try:
        kind = kinds.find(spec.kind)
        module = importlib.import_module(f"imi_desktop.jobs.{kind.module}")
        context.cancel.check()
        result: dict[str, Any] = module.run(spec.arguments, context)
    except Cancelled:
        return Stopped()
    except UserError as error:
        log.info("%s: %s", spec.kind, error.sentence)
        return Failed(error.sentence)
    except Exception as error:  # the outermost frame of the process: logged, and reported
        log.exception("job %s failed", spec.kind)
        return Failed(
            f"An error in IMI Desktop stopped this job ({type(error).__name__}: {error}); "
            "the log has the details.",
            bug=True,
        )
    return Finished(result)


def lower_priority() -> None:
    """Let everything else on this computer go first."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(max(10, process.nice()))


class _Voice:
    """Writes whole lines to the starter, from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def say(self, event: Event) -> None:
        with self._lock:
            try:
                self._stream.write(encode_event(event))
                self._stream.flush()
            except BrokenPipeError:
                return  # nobody listens any more; the end of stdin cancels the job


def _claim_stdout() -> TextIO:
    """Keep the protocol's stdout to ourselves; stray prints of libraries go to stderr."""
    descriptor = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return io.TextIOWrapper(os.fdopen(descriptor, "wb"), encoding="utf-8", write_through=True)


def _lines_of(descriptor: int) -> Iterator[str]:
    # Not sys.stdin: a thread waiting in its buffer makes Python abort when it shuts down.
    pending = b""
    while chunk := os.read(descriptor, 1 << 16):
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            yield line.decode()


def _listen(lines: Iterator[str], context: JobContext) -> None:
    for line in lines:
        match decode_command(line):
            case "cancel":
                context.cancel.cancel()
            case "pause":
                context.cancel.pause()
            case "resume":
                context.cancel.resume()
            case None:
                context.inbox.put(json.loads(line))
    context.inbox.put(None)
    context.cancel.cancel()


if __name__ == "__main__":
    raise SystemExit(main())
