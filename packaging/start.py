"""Set up whatever is missing and open IMI Desktop on the demo study.

python3 packaging/start.py                 the demo study
python3 packaging/start.py open MY-STUDY   any command of imi-desktop instead
"""

from __future__ import annotations

import os
import subprocess
import sys

from environment import prepare, say, stop

SCREEN = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}


def main() -> int:
    """Prepare the environment and run the command."""
    arguments = sys.argv[1:] or ["demo"]
    opens_window = arguments[0] in {"demo", "open"} and "--no-gui" not in arguments
    python = prepare()
    if opens_window and sys.platform.startswith("linux") and not SCREEN & os.environ.keys():
        stop(
            "Everything is set up, but there is no screen here to open the app on. Start it "
            "from a desktop, or make the demo study without the app: "
            "python3 packaging/start.py demo --no-gui"
        )
    say(f"Starting imi-desktop {' '.join(arguments)}")
    return subprocess.run([str(python), "-m", "imi_desktop", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
