"""Set up whatever is missing and run every check: style, types, layers and all tests.

python3 packaging/test.py            everything
python3 packaging/test.py -k journal  arguments go to pytest
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from environment import ROOT, TEST_PROGRAMS, prepare, say

# The limit of a single test cannot end one in which Qt itself waits; this says where it stands.
END_A_STANDSTILL = ("-o", "faulthandler_timeout=1000", "-o", "faulthandler_exit_on_timeout=true")


def main() -> int:
    """Prepare the environment and run the checks; 0 only if all of them pass."""
    python = str(prepare(extras=("dev",), system_packages=TEST_PROGRAMS))
    checks = {
        "style": [python, "-m", "ruff", "check", "."],
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "types": [python, "-m", "mypy"],
        "tests": [python, "-m", "pytest", *END_A_STANDSTILL, *sys.argv[1:]],
    }
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONUNBUFFERED": "1"}
    failed = []
    for name, command in checks.items():
        say(f"\n== {name}")
        start = time.monotonic()
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
            failed.append(name)
        outcome = "failed" if name in failed else "passed"
        say(f"== {name}: {outcome} in {time.monotonic() - start:.0f} s")
    if failed:
        say(f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
