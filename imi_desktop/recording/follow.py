"""Follows a journal that another process is writing."""

from __future__ import annotations

from pathlib import Path

from imi_desktop.errors import storage_error
from imi_desktop.recording.errors import JournalDamagedError
from imi_desktop.recording.records import DamagedLineError, Record, decode


class JournalFollower:
    """Reads what was appended since the last look; never writes and never waits.

    Parameters
    ----------
    path : Path
        The journal; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._line_number = 0

    def poll(self) -> list[Record]:
        """Return the records that are complete by now and were not returned before.

        Raises
        ------
        JournalDamagedError
            If a complete line is damaged; names it.
        StorageError
            If the file cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                content = file.read()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise storage_error("read", self.path, error) from error
        complete = content[: content.rfind(b"\n") + 1]
        records = []
        for line in complete.split(b"\n")[:-1]:
            self._line_number += 1
            try:
                records.append(decode(line))
            except DamagedLineError as error:
                raise JournalDamagedError(
                    f"{self.path} is damaged at line {self._line_number}: {error}."
                ) from error
            self._offset += len(line) + 1
        return records
