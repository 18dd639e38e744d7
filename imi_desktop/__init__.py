"""IMI Desktop: measure how well people understand single units of vision models."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("imi-desktop")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
