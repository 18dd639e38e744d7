"""Reading weights safely and fitting them to a network, with a sentence for every failure."""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from imi_desktop.errors import storage_error
from imi_desktop.models.architectures import adapt_names
from imi_desktop.models.entry import ModelEntry
from imi_desktop.models.errors import WeightsError

_SHOWN = 3


def load_weights(module: nn.Module, entry: ModelEntry, path: Path) -> None:
    """Put the weights of a file into a network.

    Parameters
    ----------
    module : nn.Module
        The network of `entry`.
    entry : ModelEntry
        Says how the file is wrapped.
    path : Path
        Safetensors, or a state dict that torch saved.

    Raises
    ------
    WeightsError
        If the file is no checkpoint, holds code, or belongs to another architecture; the
        sentence names the parameters.
    StorageError
        If it cannot be read.
    """
    state = _unwrap(read_checkpoint(path), entry, path)
    if entry.weights.by_position:
        state = _match_by_position(state, module, path, entry)
    _load(adapt_names(entry, module, state), module, path, entry)


def read_checkpoint(path: Path) -> Mapping[str, Any]:
    """Content of a checkpoint; never runs code that may be in it.

    Raises
    ------
    WeightsError, StorageError
        See :func:`load_weights`.
    """
    try:
        if path.suffix.lower() == ".safetensors":
            content: Any = load_file(path)
        elif _is_script(path):
            raise _with_code(path)
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise storage_error("read the weights", path, error) from error
    except pickle.UnpicklingError as error:
        if "GLOBAL" in str(error):  # it names a function or class to be called
            raise _with_code(path) from error
        raise _damaged(path) from error
    except SafetensorError as error:
        raise _damaged(path) from error
    except (RuntimeError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _damaged(path) from error
    if not isinstance(content, Mapping):
        raise WeightsError(
            f"{path} holds a {type(content).__name__}, not the weights of a network by name. "
            "Save network.state_dict() to a file."
        )
    return content


def _is_script(path: Path) -> bool:
    """Whether a file is a TorchScript archive, which holds a program."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _unwrap(content: Mapping[str, Any], entry: ModelEntry, path: Path) -> dict[str, Tensor]:
    wrapper = entry.weights.state_key
    if wrapper is None and not _is_state(content):
        wrapper = next((k for k in ("state_dict", "model") if _is_state(content.get(k))), None)
    if wrapper is not None and not _is_state(content):
        content = content.get(wrapper, {})
    if not _is_state(content):
        raise WeightsError(
            f"{path} holds no weights by name (its entries: {_some(list(map(str, content)))}). "
            "Save network.state_dict() to a file."
        )
    prefix = entry.weights.prefix
    if not prefix and all(name.startswith("module.") for name in content):
        prefix = "module."  # saved from torch.nn.DataParallel
    if prefix and any(name.startswith(prefix) for name in content):
        kept = OrderedDict(
            (name.removeprefix(prefix), value)
            for name, value in content.items()
            if name.startswith(prefix)
        )
    else:
        kept = OrderedDict(content)
    # Modules read their old formats by the version number kept here.
    metadata = getattr(content, "_metadata", None)
    if metadata is not None and not prefix:
        kept._metadata = metadata  # type: ignore[attr-defined]
    return kept


def _is_state(content: object) -> bool:
    return (
        isinstance(content, Mapping)
        and bool(content)
        and all(isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items())
    )


def _match_by_position(
    state: Mapping[str, Tensor], module: nn.Module, path: Path, entry: ModelEntry
) -> dict[str, Tensor]:
    own = module.state_dict()
    pairs = list(zip(own.items(), state.items(), strict=False))
    agree = len(own) == len(state) and all(
        mine.shape == theirs.shape and name.rpartition(".")[2] == other.rpartition(".")[2]
        for (name, mine), (other, theirs) in pairs
    )
    if agree:
        return {name: theirs for (name, _), (_, theirs) in pairs}
    if own.keys() & state.keys():
        return dict(state)  # the same network saved under its own names
    raise WeightsError(
        f"{path} does not belong to {entry.title}: it holds {len(state)} parameters "
        f"({_some(list(state))}), the network has {len(own)} ({_some(list(own))})."
    )


def _load(state: Mapping[str, Tensor], module: nn.Module, path: Path, entry: ModelEntry) -> None:
    own = module.state_dict()
    shaped = [
        f"{name} {_shape(state[name])} instead of {_shape(own[name])}"
        for name in own
        if name in state and state[name].shape != own[name].shape
    ]
    fitting = OrderedDict(
        (n, v) for n, v in state.items() if n not in own or v.shape == own[n].shape
    )
    metadata = getattr(state, "_metadata", None)
    if metadata is not None:
        fitting._metadata = metadata  # type: ignore[attr-defined]
    result = module.load_state_dict(fitting, strict=False)
    missing = [
        name
        for name in result.missing_keys
        if name not in state and not name.endswith("num_batches_tracked")
    ]
    unknown = list(result.unexpected_keys)
    complaints = []
    if missing:
        complaints.append(f"{len(missing)} of its parameters are missing ({_some(missing)})")
    if unknown and missing:
        complaints.append(f"{len(unknown)} in the file are unknown to it ({_some(unknown)})")
    elif unknown:
        complaints.append(f"the file holds {len(unknown)} that it does not have ({_some(unknown)})")
    if shaped:
        complaints.append(f"{len(shaped)} have another shape ({_some(shaped)})")
    if complaints:
        raise WeightsError(
            f"{path} does not belong to {entry.title}: {', '.join(complaints)}. "
            "Choose the weights of this architecture, or the architecture of these weights."
        )


def _shape(value: Tensor) -> str:
    return "×".join(str(n) for n in value.shape) or "scalar"


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown}, …" if len(names) > _SHOWN else shown


def _with_code(path: Path) -> WeightsError:
    return WeightsError(
        f"{path} contains code, not only weights, and was not opened. Load it where you trust it "
        "and save network.state_dict() to a new file, best as safetensors."
    )


def _damaged(path: Path) -> WeightsError:
    return WeightsError(
        f"{path} is not a weights file that torch or safetensors wrote, or it is damaged. "
        "Fetch or save it again."
    )
