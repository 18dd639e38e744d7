"""What can be wrong with a model, a layer or a unit that someone asks for."""

from __future__ import annotations

from imi_desktop.errors import UserError


class ModelError(UserError):
    """A model cannot be used as asked."""


class UnknownModelError(ModelError):
    """No model has this name."""


class ModelNotDescribedError(ModelError):
    """The model's layers have never been looked at on this computer."""


class UnknownLayerError(ModelError):
    """The model has no layer of this name."""


class UnknownChannelError(ModelError):
    """The layer has no channel of this number."""


class WeightsMissingError(ModelError):
    """The model's weights are not on this computer."""


class WeightsError(ModelError):
    """A weights file cannot be read or does not belong to the architecture."""


class NonFiniteOutputError(ModelError):
    """A network produces values that are not numbers or infinite."""


class DeviceError(ModelError):
    """The device asked for is not there."""
