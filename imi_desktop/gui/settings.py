"""The user's settings: declared with type, default and description, kept in one TOML file.

Dialog and help are derived from the declaration. A broken file is put aside, never deleted.
"""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path
from typing import Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imi_desktop import atomic, paths
from imi_desktop.errors import StorageError

log = logging.getLogger(__name__)

_RECENT = 8


class Settings(BaseModel):
    """What the user chose. Unknown keys of newer versions are kept."""

    model_config = ConfigDict(extra="allow", validate_assignment=True)

    theme: Literal["system", "light", "dark"] = Field(
        "system", title="Theme", description="System follows the desktop's own choice."
    )
    studies_folder: str = Field(
        "", title="Studies folder", description="Where new studies go. Empty: the usual place."
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", title="Device", description="Where networks run. Automatic takes a GPU if any."
    )
    workers: int = Field(
        1, ge=1, le=16, title="Jobs at once", description="Jobs beyond this number wait."
    )
    scheduler: str = Field(
        "",
        title="Dask scheduler",
        description="Cluster that can make stimuli, e.g. tcp://host:8786. Empty: none.",
    )
    reopen_last: bool = Field(
        True, title="Open the last study at start", description="Else the start page comes first."
    )
    recent: list[str] = Field(default_factory=list, json_schema_extra={"hidden": True})
    window: list[int] = Field(default_factory=list, json_schema_extra={"hidden": True})


class SettingsFile:
    """The settings and the file they live in.

    Parameters
    ----------
    path : Path or None
        The file; None takes ``settings.toml`` of the configuration folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or paths.config_dir() / "settings.toml"
        self.values = self._read()

    @property
    def studies_folder(self) -> Path:
        """Where new studies go."""
        chosen = self.values.studies_folder.strip()
        return Path(chosen).expanduser() if chosen else paths.default_studies_dir()

    @property
    def recent(self) -> list[Path]:
        """Studies opened lately, latest first."""
        return [Path(name) for name in self.values.recent]

    def remember_study(self, folder: Path) -> None:
        """Put a study at the head of the recent ones."""
        name = str(Path(folder).resolve())
        others = [known for known in self.values.recent if known != name]
        self.values.recent = [name, *others][:_RECENT]
        self.save()

    def remember_window(self, width: int, height: int) -> None:
        """Open the window with this size (px) next time."""
        self.values.window = [width, height]
        self.save()

    def save(self) -> None:
        """Write the file. A folder that cannot be written costs the settings, not the work."""
        try:
            atomic.write_text(self.path, tomli_w.dumps(self.values.model_dump()))
        except StorageError as error:
            log.warning("settings not saved: %s", error.sentence)

    def _read(self) -> Settings:
        try:
            return Settings.model_validate(tomllib.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Settings()
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
            log.info("settings of %s not used: %s", self.path, error)
            self._put_aside()
            return Settings()

    def _put_aside(self) -> None:
        try:
            self.path.replace(self.path.with_suffix(".broken.toml"))
        except OSError as error:
            log.info("%s stays where it is: %s", self.path, error)
