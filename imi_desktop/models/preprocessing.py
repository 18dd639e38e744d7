"""From an RGB image to what a network sees, as numbers. Knows no torch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Triple = tuple[float, float, float]

IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
IMAGENET_STD: Triple = (0.229, 0.224, 0.225)
CLIP_MEAN: Triple = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD: Triple = (0.26862954, 0.26130258, 0.27577711)
INCEPTION_MEAN: Triple = (0.5, 0.5, 0.5)
INCEPTION_STD: Triple = (0.5, 0.5, 0.5)
LUCID_MEAN: Triple = (117 / 255, 117 / 255, 117 / 255)
LUCID_STD: Triple = (1 / 255, 1 / 255, 1 / 255)


class Preprocessing(BaseModel):
    """Resize the shorter side, crop the centre, normalise each colour channel.

    A network's input is ``(rgb / 255 - mean) / std`` of the cropped image.

    Parameters
    ----------
    resize : int
        Length of the shorter side after resizing, px.
    crop : int
        Side of the centre crop, px.
    mean, std : tuple of 3 floats
        Per colour channel, on the scale 0 … 1.
    interpolation : {"bilinear", "bicubic"}
        Antialiased resampling of Pillow.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    resize: int = Field(default=256, ge=1)
    crop: int = Field(default=224, ge=1)
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
