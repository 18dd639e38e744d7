"""How the C library treats memory that was freed."""

from __future__ import annotations

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_… of glibc's malloc.h
_LARGEST_BLOCK, _NEVER = 1 << 30, (1 << 31) - 1


def keep_freed_memory() -> bool:
    """Let this process keep freed memory for what it needs next, as far as the library can.

    By default glibc gives large blocks back to the system, which zeroes them before they come
    again; work that needs hundreds of megabytes in every step can wait for that longer than it
    computes.

    Returns
    -------
    bool
        Whether the library was told so; only glibc can be.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_TRIM_THRESHOLD, _NEVER)) and bool(mallopt(_MMAP_THRESHOLD, _LARGEST_BLOCK))
