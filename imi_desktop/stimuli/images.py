"""Image files as every other module wants them: upright RGB, and the square a network sees."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from imi_desktop.errors import UserError
from imi_desktop.models.preprocessing import Preprocessing

# Transparent pixels have no colour of their own; they get the grey of the trial screen.
_BACKGROUND = (128, 128, 128, 255)
_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}


class UnreadableImageError(UserError):
    """A file is not an image, is damaged, or holds pixels that have no colours.

    Parameters
    ----------
    path : path-like
        The file.
    reason : str
        Why, without a full stop: ``"the file is truncated"``.
    """

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"Could not read the image {path}: {reason}.")
        self.reason = reason


def open_rgb(path: Path, at_least: int | None = None) -> Image.Image:
    """Read an image as an upright RGB image with 8 bits per colour.

    EXIF rotation is applied; palettes, greyscale, CMYK, 16 bits and one bit are converted;
    transparent pixels are laid over mean grey. The first frame of an animation is taken.

    Parameters
    ----------
    path : Path
        The file.
    at_least : int, optional
        Length in px below which the shorter side must not fall. A JPEG that is much larger is
        decoded at a half, a quarter or an eighth of its size, which is quicker; for thumbnails,
        never for what a network or a participant sees.

    Raises
    ------
    UnreadableImageError
        If the file is missing, not an image, damaged, or of floating-point pixels.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UnreadableImageError(path, error.strerror or str(error)) from error
    return decode_rgb(data, path, at_least)


def decode_rgb(data: bytes, path: object, at_least: int | None = None) -> Image.Image:
    """Decode the content of an image file; see :func:`open_rgb`. `path` is for the error."""
    with open_encoded(data, path) as image:
        if at_least is not None:
            image.draft(image.mode, (at_least, at_least))
        load_pixels(image, path)
        return _to_rgb(_upright(image, path), path)


def open_encoded(data: bytes, path: object) -> Image.Image:
    """Read the header of an image file's content; the pixels are not decoded yet.

    Raises
    ------
    UnreadableImageError
        If the content is not of an image format that Pillow knows.
    """
    if not data:
        raise UnreadableImageError(path, "the file is empty")
    try:
        return Image.open(io.BytesIO(data))
    except UnidentifiedImageError as error:
        raise UnreadableImageError(path, "it is not an image") from error
    except Image.DecompressionBombError as error:
        raise UnreadableImageError(path, "it has too many pixels to be opened safely") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableImageError(path, _reason(error)) from error


def load_pixels(image: Image.Image, path: object) -> None:
    """Decode an opened image.

    Raises
    ------
    UnreadableImageError
        If the content is truncated or damaged.
    """
    try:
        image.load()
    except Image.DecompressionBombError as error:
        raise UnreadableImageError(path, "it has too many pixels to be opened safely") from error
    # Pillow's decoders report damage with any of these.
    except (OSError, ValueError, SyntaxError, IndexError, EOFError) as error:
        raise UnreadableImageError(path, _reason(error)) from error


def crop_for(preprocessing: Preprocessing, image: Image.Image) -> NDArray[np.uint8]:
    """Resize the shorter side and cut out the centre, exactly as torchvision does on Pillow images.

    Parameters
    ----------
    preprocessing : Preprocessing
        Of the model.
    image : PIL.Image.Image
        RGB, any size.

    Returns
    -------
    ndarray of uint8, shape (crop, crop, 3)
    """
    square = np.asarray(resized_crop(preprocessing, image), dtype=np.uint8)
    return square.copy() if not square.flags.owndata else square


def resized_crop(preprocessing: Preprocessing, image: Image.Image) -> Image.Image:
    """Square that the network sees, as an image; see :func:`crop_for`."""
    width, height = resized_size(image.width, image.height, preprocessing.resize)
    if (width, height) != image.size:
        image = image.resize((width, height), _RESAMPLING[preprocessing.interpolation])
    crop = preprocessing.crop
    # torchvision rounds the offsets half to even, as round() does.
    left = round((width - crop) / 2.0)
    top = round((height - crop) / 2.0)
    # Pillow fills with black where the crop is larger than the image, as torchvision pads with 0.
    return image.crop((left, top, left + crop, top + crop))


def resized_size(width: int, height: int, shorter: int) -> tuple[int, int]:
    """Width and height in px when the shorter side is resized to `shorter` px."""
    if width <= height:
        return shorter, int(shorter * height / width)
    return int(shorter * width / height), shorter


def _upright(image: Image.Image, path: object) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, TypeError, KeyError):
        # Unreadable EXIF says nothing about the pixels.
        return image


def _to_rgb(image: Image.Image, path: object) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image.copy()
    if image.mode == "F":
        raise UnreadableImageError(
            path, "its pixels are floating-point numbers, of which white and black are not known"
        )
    if image.mode.startswith("I"):  # I;16, I;16B and 32-bit integers that PNG and TIFF decode to
        wide = np.asarray(image).astype(np.float64)
        grey = np.clip(np.round(wide / 257.0), 0, 255).astype(np.uint8)
        return Image.fromarray(grey, "L").convert("RGB")
    if "transparency" in image.info or image.mode in {"RGBA", "LA", "PA", "RGBa", "La"}:
        straight = image.convert("RGBA")
        return Image.alpha_composite(
            Image.new("RGBA", straight.size, _BACKGROUND), straight
        ).convert("RGB")
    return image.convert("RGB")


def _reason(error: Exception) -> str:
    text = str(error).strip().rstrip(".")
    if "truncated" in text.lower() or isinstance(error, EOFError | IndexError):
        return "the file is truncated or damaged"
    return text[:1].lower() + text[1:] if text else "the file is damaged"
