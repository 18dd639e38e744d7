"""Networks of the user's own: a TOML file that names an architecture and a checkpoint.

.. code-block:: toml

    title = "ResNet-50, stylised ImageNet"
    architecture = "resnet50"        # a name of `imi-desktop models`, or timm:<name>
    weights = "resnet50_sin.pth"     # state dict or safetensors, beside this file
    num_classes = 1000
    state_key = "state_dict"         # where the checkpoint holds the state dict, if it is wrapped
    prefix = "module."               # removed from the parameters' names

    [preprocessing]
    resize = 256
    crop = 224
    mean = [0.485, 0.456, 0.406]
    std = [0.229, 0.224, 0.225]
    interpolation = "bilinear"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imi_desktop.errors import storage_error
from imi_desktop.models.entry import ModelEntry, Weights
from imi_desktop.models.errors import ModelError
from imi_desktop.models.preprocessing import Preprocessing


class DescriptionError(ModelError):
    """A description file of a network cannot be used."""


class _Description(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = ""
    architecture: str
    weights: str
    num_classes: int | None = Field(default=None, ge=1)
    state_key: str | None = None
    prefix: str = ""
    sha256: str | None = None
    preprocessing: Preprocessing | None = None


def read_description(name: str, find: Callable[[str], ModelEntry]) -> ModelEntry:
    """Entry of ``file:<path>``.

    Parameters
    ----------
    name : str
        With ``file:``.
    find : callable
        Looks the architecture up by name.

    Raises
    ------
    DescriptionError
        If the file is not a description, or names an architecture that is no network's name.
    StorageError
        If it cannot be read.
    """
    path = Path(name.removeprefix("file:")).expanduser()
    if path.suffix.lower() != ".toml":
        raise DescriptionError(
            f"{path} is not a description of a network. Write a file {path.stem}.toml beside it "
            'with two lines: architecture = "resnet50" and '
            f'weights = "{path.name}"; then use file:{path.with_suffix(".toml")}.'
        )
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise storage_error("read the description of the network", path, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DescriptionError(f"{path} is not valid TOML: {error}.") from error
    try:
        described = _Description.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise DescriptionError(f"{path}: {key}: {first['msg']}.") from error
    if described.architecture.startswith(("file:", "random:")):
        raise DescriptionError(
            f"{path}: architecture: name the network itself, not “{described.architecture}”."
        )
    base = find(described.architecture)
    return replace(
        base,
        name=name,
        title=described.title or path.stem,
        preprocessing=described.preprocessing or base.preprocessing,
        num_classes=described.num_classes or base.num_classes,
        top1=None,
        published=False,
        layers_from=base.table_name,
        weights=Weights(
            path=(path.parent / described.weights),
            sha256=described.sha256,
            state_key=described.state_key,
            prefix=described.prefix,
        ),
    )
