"""The command line: finds the command, runs it, and turns errors into exit codes.

Exit codes: 0 done, 1 the thing asked for does not hold, 2 wrong use or bad input.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from imi_desktop import __version__
from imi_desktop.errors import UserError
from imi_desktop.log import start_log

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Command:
    """A subcommand: ``imi_desktop.commands.<module>`` has ``add_arguments`` and ``run``."""

    name: str
    module: str
    summary: str


COMMANDS = (
    Command("demo", "demo", "make the demo study and open it"),
    Command("models", "models", "list models, their layers and units"),
    Command("new", "new", "make a study from a protocol"),
    Command("pick", "pick", "exchange drawn units that do not respond or have to be clear"),
    Command("generate", "generate", "generate everything the study's trials need"),
    Command("trials", "trials", "show the trial list of one participant"),
    Command("run", "run", "run a participant's session"),
    Command("calibrate", "calibrate", "measure a display and save its profile"),
    Command("check", "check", "check a study's files, hashes and journals"),
    Command("amend", "amend", "accept a change of a study that people took part in"),
    Command("exclude", "exclude", "leave a participant's sessions out of analyses"),
    Command("analyze", "analyze", "measures and tests of one or many studies"),
    Command("measure", "measure", "compute what units' scores are set against"),
    Command("import", "import_", "read answers or stimuli made elsewhere into a study"),
    Command("export", "export", "write a study's answers or stimuli in other formats"),
    Command("power", "power", "how many units, answers and participants a study needs"),
    Command("bench", "bench", "measure the speed claims"),
    Command("open", "open", "open the app, on a study if one is named"),
)


class SentenceParser(argparse.ArgumentParser):
    """Tells wrong use in one sentence and where more is told, without listing every option."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and end with exit code 2."""
        sentence = message[:1].upper() + message[1:].rstrip(".") + "."
        self.exit(2, f"{sentence}\n{self.prog} --help tells more.\n")


def build_parser() -> argparse.ArgumentParser:
    """Parser of the command's name; each command adds its own arguments when it is chosen."""
    parser = SentenceParser(
        prog="imi-desktop",
        description="Measure how well people understand single units of vision models. "
        "Without a command the app opens on the last study.",
    )
    parser.add_argument("--version", action="version", version=f"imi-desktop {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        commands.add_parser(command.name, help=command.summary, add_help=False)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str or None
        Arguments without the program's name; None takes them from the process.

    Returns
    -------
    int
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser()
    if arguments and arguments[0] in {"-h", "--help", "--version"}:
        parser.parse_args(arguments)
    name = arguments[0] if arguments else "open"
    command = next((command for command in COMMANDS if command.name == name), None)
    if command is None:
        parser.error(f"there is no command “{name}”")
    module = importlib.import_module(f"imi_desktop.commands.{command.module}")
    own = SentenceParser(prog=f"imi-desktop {command.name}", description=command.summary)
    module.add_arguments(own)
    options = own.parse_args(arguments[1:])
    start_log()
    try:
        return int(module.run(options))
    except UserError as error:
        log.info("%s: %s", command.name, error.sentence)
        print(error.sentence, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. What was finished before is kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
