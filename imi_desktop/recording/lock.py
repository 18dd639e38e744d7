"""One writer at a time: a lock that the operating system drops when its owner dies."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from imi_desktop.errors import StorageError, storage_error
from imi_desktop.recording.errors import SessionLockedError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# A look at the lock from another process holds it for microseconds; a writer outlasts that.
_PATIENCE_S = 0.5
_WINDOWS_LOCK_OFFSET = 1 << 30  # Windows locks are mandatory; the owner must stay readable


@dataclass(frozen=True)
class LockOwner:
    """Who holds a lock.

    Parameters
    ----------
    pid : int
        Process id.
    host : str
        Name of the computer.
    started : str
        When the lock was taken, ISO 8601, UTC.
    """

    pid: int
    host: str
    started: str


class FileLock:
    """Exclusive lock on a file that names its owner.

    The lock itself is the operating system's (`flock`, on Windows `locking`), so it ends with the
    process, however that ends, and a copied folder is not locked. The file's content only tells
    people who holds it; a file left behind by a dead owner is taken over.

    Parameters
    ----------
    path : Path
        The lock file; it exists only while somebody holds the lock or after its owner died.

    Attributes
    ----------
    taken_over_from : LockOwner or None
        The dead owner whose file was found.

    Raises
    ------
    SessionLockedError
        If another process holds the lock.
    StorageError
        If the file cannot be written or the file system has no locks.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.taken_over_from: LockOwner | None = None
        try:
            self._descriptor = self._acquire()
        except OSError as error:
            raise storage_error("lock", path, error) from error

    def release(self) -> None:
        """Give the lock back and remove the file; calling it again changes nothing."""
        if self._descriptor < 0:
            return
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)  # an empty file names no owner to take over from
            self.path.unlink()  # which Windows refuses while the file is open
        os.close(self._descriptor)
        self._descriptor = -1

    def _acquire(self) -> int:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                if _try_lock(descriptor) and _same_file(descriptor, self.path):
                    self.taken_over_from = _parse_owner(os.read(descriptor, 4096))
                    _write_owner(descriptor)
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
            if time.monotonic() > deadline:
                raise SessionLockedError(locked_sentence(self.path))
            time.sleep(0.02)


def holder(path: Path) -> LockOwner | None:
    """Tell who holds the lock of `path` now, or None if nobody does.

    Raises
    ------
    StorageError
        If the file cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    except PermissionError:
        return None  # a read-only copy: nobody writes here
    except OSError as error:
        raise storage_error("read", path, error) from error
    try:
        if _try_lock(descriptor):
            return None
        owner = _parse_owner(os.read(descriptor, 4096))
        return owner or LockOwner(pid=0, host="another computer", started="")
    except OSError as error:
        raise storage_error("read", path, error) from error
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _WINDOWS_LOCK_OFFSET, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return False
        if error.errno in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
            raise StorageError(
                "The file system of the study folder cannot lock files, so two programs could "
                "write into one session. Move the study to a local disk."
            ) from error
        raise
    return True


def _same_file(descriptor: int, path: Path) -> bool:
    """Whether the locked file is still the one at `path` (its last owner may have removed it)."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _write_owner(descriptor: int) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    owner = LockOwner(pid=os.getpid(), host=socket.gethostname(), started=now)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, json.dumps(asdict(owner)).encode())
    os.fsync(descriptor)


def _parse_owner(text: bytes) -> LockOwner | None:
    try:
        values = json.loads(text)
        return LockOwner(int(values["pid"]), str(values["host"]), str(values["started"]))
    except (ValueError, KeyError, TypeError):
        return None  # empty, or torn when its owner died


def locked_sentence(path: Path) -> str:
    """Sentence for somebody who wants the lock while another holds it."""
    owner = holder(path)
    who = f"process {owner.pid} on {owner.host}" if owner and owner.pid else "another process"
    return (
        f"The session in {path.parent} is being recorded by {who}. "
        "End that session, or wait until it has ended."
    )
