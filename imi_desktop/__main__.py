"""``python -m imi_desktop`` is the command line."""

import sys

from imi_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
