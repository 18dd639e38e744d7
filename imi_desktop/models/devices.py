"""Choosing the device that networks compute on."""

from __future__ import annotations

import torch

from imi_desktop.models.errors import DeviceError


def pick_device(name: str = "auto") -> torch.device:
    """Device by name.

    Parameters
    ----------
    name : str
        ``auto`` takes a GPU if there is one; otherwise ``cpu``, ``cuda``, ``cuda:1``, ``mps``.

    Raises
    ------
    DeviceError
        If this computer has no such device.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(
            f"“{name}” is not a device. Use auto, cpu, cuda, cuda:1 or mps."
        ) from error
    present = {
        "cpu": True,
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }.get(device.type, False)
    if not present:
        raise DeviceError(
            f"This computer has no device “{name}”. Use cpu, or auto to take the best there is."
        )
    return device


def cuda_devices() -> int:
    """Number of CUDA devices that networks can compute on here."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0
