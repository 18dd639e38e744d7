"""Activations of one layer over an image folder, read from Parquet. Knows no torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from imi_desktop.errors import UserError, storage_error
from imi_desktop.models.unit import folder_name

FORMAT = 1


class ActivationsError(UserError):
    """Activations are missing, damaged, or of something else."""


def table_path(study: Path, model: str, layer: str) -> Path:
    """``activations/<model>/<layer>.parquet`` of a study."""
    return Path(study) / "activations" / folder_name(model) / f"{folder_name(layer)}.parquet"


@dataclass(frozen=True)
class ActivationTable:
    """One row per image, one float32 column per unit; columns are read when asked for.

    Parameters
    ----------
    path : Path
        The Parquet file.
    model, layer : str
        What was recorded.
    channels : tuple of int
        Recorded channels, ascending.
    n_images : int
        Number of rows.
    dataset : str
        Fingerprint of the image folder (:attr:`ImageFolder.fingerprint`).
    weights : str
        Fingerprint of the network's weights.
    """

    path: Path
    model: str
    layer: str
    channels: tuple[int, ...]
    n_images: int
    dataset: str
    weights: str

    @classmethod
    def read(cls, study: Path, model: str, layer: str) -> ActivationTable:
        """Open the table of a layer.

        Raises
        ------
        ActivationsError
            If the layer has not been recorded, or the file is damaged, of a newer version, or of
            another layer.
        """
        path = table_path(study, model, layer)
        try:
            schema = pq.read_schema(path)
            n_images = int(pq.read_metadata(path).num_rows)
        except FileNotFoundError as error:
            raise ActivationsError(
                f"The activations of {model} {layer} have not been recorded yet ({path} is "
                "missing). Generate the study's stimuli first."
            ) from error
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise _damaged(path) from error
        except OSError as error:
            raise storage_error("read the activations", path, error) from error
        metadata = {k.decode(): v.decode() for k, v in (schema.metadata or {}).items()}
        version = metadata.get("imi.format", "")
        if not version.isdigit() or schema.names[:1] != ["image"]:
            raise _damaged(path)
        if int(version) > FORMAT:
            raise ActivationsError(
                f"{path} was written by a newer version of IMI Desktop. Update this one."
            )
        if (metadata.get("imi.model"), metadata.get("imi.layer")) != (model, layer):
            raise ActivationsError(
                f"{path} holds the activations of {metadata.get('imi.model')} "
                f"{metadata.get('imi.layer')}, not of {model} {layer}. "
                "Delete it and generate again."
            )
        channels = []
        for name in schema.names[1:]:
            if not re.fullmatch(r"c\d+", name):
                raise _damaged(path)
            channels.append(int(name[1:]))
        return cls(
            path=path,
            model=model,
            layer=layer,
            channels=tuple(channels),
            n_images=n_images,
            dataset=metadata.get("imi.dataset", ""),
            weights=metadata.get("imi.weights", ""),
        )

    @cached_property
    def images(self) -> list[str]:
        """Paths relative to the image folder, in the order of the rows."""
        return [str(value) for value in self._column("image").to_pylist()]

    def unit(self, channel: int) -> NDArray[np.float32]:
        """Activations of one unit, the spatial (token) mean of its map, one value per image.

        Returns
        -------
        ndarray of float32, shape (n_images,)

        Raises
        ------
        ActivationsError
            If the channel was not recorded.
        """
        self._check_recorded([channel])
        return np.asarray(self._column(f"c{channel}").to_numpy(), dtype=np.float32)

    def all_units(self) -> NDArray[np.float32]:
        """Activations of all recorded units.

        Returns
        -------
        ndarray of float32, shape (n_images, n_channels)
            Columns in the order of :attr:`channels`.
        """
        return self.units(self.channels)

    def units(self, channels: Sequence[int]) -> NDArray[np.float32]:
        """Activations of some units; one read is much faster than one for each.

        Parameters
        ----------
        channels : sequence of int
            Recorded channels.

        Returns
        -------
        ndarray of float32, shape (n_images, len(channels))

        Raises
        ------
        ActivationsError
            If a channel was not recorded.
        """
        self._check_recorded(channels)
        names = [f"c{channel}" for channel in channels]
        table = self._read(names)
        values = np.empty((self.n_images, len(names)), dtype=np.float32)
        for index, name in enumerate(names):
            values[:, index] = table.column(name).to_numpy()
        return values

    def _check_recorded(self, channels: Sequence[int]) -> None:
        unknown = sorted(set(channels) - set(self.channels))
        if unknown:
            raise ActivationsError(
                f"Channel {unknown[0]} of {self.model} {self.layer} was not recorded; "
                f"the table holds {_channel_words(self.channels)}."
            )

    def _column(self, name: str) -> pa.ChunkedArray:
        return self._read([name]).column(0)

    def _read(self, names: list[str]) -> pa.Table:
        try:
            return pq.read_table(self.path, columns=names)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise _damaged(self.path) from error
        except OSError as error:
            raise storage_error("read the activations", self.path, error) from error


def _damaged(path: Path) -> ActivationsError:
    return ActivationsError(
        f"{path} is damaged or not a table of activations. Delete it and generate again."
    )


def _channel_words(channels: tuple[int, ...]) -> str:
    if not channels:
        return "no channels"
    if channels == tuple(range(len(channels))):
        return f"channels 0 to {channels[-1]}"
    return f"{len(channels)} channels between {channels[0]} and {channels[-1]}"
