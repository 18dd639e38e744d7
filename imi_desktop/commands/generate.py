"""``imi-desktop generate``: everything the study's trials need."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from imi_desktop.jobs.context import PausableToken
from imi_desktop.jobs.generation import Options, Outcome, generate
from imi_desktop.jobs.unit_tasks import KINDS
from imi_desktop.progress import Cancelled, Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("study", type=Path, metavar="STUDY", help="study folder")
    parser.add_argument("--only", choices=KINDS, help="make only this kind of stimuli")
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1, mps")
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="worker processes (default: one per processor, at most 8)",
    )
    parser.add_argument(
        "--reindex", action="store_true", help="look through the image folder again"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(options: argparse.Namespace) -> int:
    """Generate; 0 when everything is there, 1 when some stimuli could not be made."""
    cancel = PausableToken()
    display = _ProgressLine(sys.stderr.isatty())

    def stop(_signal: int, _frame: FrameType | None) -> None:
        cancel.cancel()

    previous = signal.signal(signal.SIGINT, stop)
    try:
        outcome = generate(
            options.study,
            Options(
                only=options.only,
                device=options.device,
                workers=options.workers,
                reindex=options.reindex,
            ),
            display.show,
            cancel,
        )
    except Cancelled as cancelled:
        raise KeyboardInterrupt from cancelled
    finally:
        signal.signal(signal.SIGINT, previous)
        display.close()
    _print(outcome, options.json)
    return 1 if outcome.failed else 0


def _print(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        print(json.dumps(outcome.to_json(), ensure_ascii=False, indent=1))
        return
    print(
        f"{outcome.made} made, {outcome.skipped} there already, {len(outcome.failed)} failed "
        "(units × kinds of stimuli)."
    )
    for entry in outcome.failed:
        print(f"Failed: {entry['unit']}, {entry['kind']}: {entry['reason']}", file=sys.stderr)
    for entry in outcome.remarks:
        print(f"Note: {entry['unit']}, {entry['kind']}: {entry['reason']}", file=sys.stderr)


class _ProgressLine:
    """Progress on stderr: one line that is rewritten on a terminal, few lines elsewhere."""

    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal
        self._stage = ""
        self._begun = 0.0
        self._last = 0.0
        self._open = False

    def show(self, progress: Progress) -> None:
        """Show a report, at most four times a second (every ten seconds without a terminal)."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self.close()
            self._stage, self._begun = progress.stage, now
        elif now - self._last < (0.25 if self._terminal else 10.0):
            return
        self._last = now
        words = [progress.stage]
        if progress.total:
            share = min(1.0, progress.done / progress.total)
            words.append(f"{share:.0%}")
            if share > 0.02 and now - self._begun > 3:
                words.append(f"about {_duration((now - self._begun) * (1 - share) / share)} left")
        if progress.detail:
            words.append(progress.detail)
        line = " · ".join(words)
        if self._terminal:
            sys.stderr.write(f"\r\x1b[2K{line[:160]}")
            self._open = True
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def close(self) -> None:
        """End the line."""
        if self._open:
            sys.stderr.write("\n")
            self._open = False


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
