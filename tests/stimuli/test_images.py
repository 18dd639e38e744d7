"""Every kind of image file ends up as the square that the network's own library would make."""

import io

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import v2
from torchvision.transforms.functional import InterpolationMode

from imi_desktop.models.preprocessing import Preprocessing
from imi_desktop.stimuli.images import UnreadableImageError, crop_for, open_rgb


def gradient(width: int, height: int) -> np.ndarray:
    x = np.linspace(0, 255, width)[None, :, None]
    y = np.linspace(0, 255, height)[:, None, None]
    red, green, blue = np.broadcast_arrays(x, y, (x + y) / 2)
    return np.concatenate([red, green, blue], axis=2).astype(np.uint8)


@pytest.fixture
def photograph() -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 40, (90, 120, 3), dtype=np.uint8)
    return Image.fromarray(gradient(120, 90) // 2 + noise)


@pytest.mark.parametrize(
    "size", [(500, 375), (375, 500), (68, 121), (257, 256), (224, 224), (1, 9)]
)
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_the_crop_is_torchvisions_pixel_for_pixel(size, interpolation):
    rng = np.random.default_rng(size[0])
    image = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    reference = v2.Compose([v2.Resize(256, InterpolationMode(interpolation)), v2.CenterCrop(224)])
    ours = crop_for(Preprocessing(interpolation=interpolation), image)
    assert ours.dtype == np.uint8
    assert (ours == np.asarray(reference(image))).all()


@pytest.mark.parametrize(("resize", "crop"), [(232, 224), (272, 240), (224, 224), (200, 224)])
def test_other_sizes_are_torchvisions_too(resize, crop):
    image = Image.fromarray(gradient(333, 251))
    reference = v2.Compose([v2.Resize(resize), v2.CenterCrop(crop)])
    ours = crop_for(Preprocessing(resize=resize, crop=crop), image)
    assert (ours == np.asarray(reference(image))).all()


def test_real_photographs_are_cropped_as_torchvision_does(imagenet_sample):
    reference = v2.Compose([v2.Resize(256), v2.CenterCrop(224)])
    for path in sorted(imagenet_sample.glob("*.JPEG"))[::80]:
        expected = reference(Image.open(path).convert("RGB"))
        assert (crop_for(Preprocessing(), open_rgb(path)) == np.asarray(expected)).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_undone(tmp_path, photograph, orientation):
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = photograph.transpose(turned[orientation]) if orientation > 1 else photograph
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "camera.png", exif=exif)
    assert (np.asarray(open_rgb(tmp_path / "camera.png")) == np.asarray(photograph)).all()


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "CMYK", "YCbCr"])
def test_other_pixel_modes_become_rgb(tmp_path, photograph, mode):
    path = tmp_path / ("image.tif" if mode in {"CMYK", "YCbCr"} else "image.png")
    converted = photograph.convert("L").convert(mode) if mode == "LA" else photograph.convert(mode)
    converted.save(path)
    opened = open_rgb(path)
    assert (opened.mode, opened.size) == ("RGB", photograph.size)
    original = np.asarray(photograph.convert("RGB"), dtype=float)
    tolerance = {"1": 120, "L": 40, "LA": 40, "P": 30}.get(mode, 6)
    assert abs(np.asarray(opened, dtype=float) - original).mean() < tolerance


def test_16_bit_greyscale_keeps_its_shades(tmp_path):
    shades = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(shades).save(tmp_path / "deep.png")
    opened = np.asarray(open_rgb(tmp_path / "deep.png"))
    assert (opened[..., 0] == np.round(shades / 257.0)).all()
    assert (opened[..., 0] == opened[..., 2]).all()


def test_transparent_pixels_are_grey_and_opaque_ones_unchanged(tmp_path):
    pixels = np.full((40, 40, 4), 255, dtype=np.uint8)
    pixels[:, :20] = (200, 0, 0, 0)
    Image.fromarray(pixels, "RGBA").save(tmp_path / "logo.png")
    opened = np.asarray(open_rgb(tmp_path / "logo.png"))
    assert (opened[:, :20] == 128).all()
    assert (opened[:, 20:] == 255).all()


def test_a_palette_with_a_transparent_colour_is_read(tmp_path, photograph):
    photograph.quantize(8).save(tmp_path / "old.gif", transparency=0)
    assert open_rgb(tmp_path / "old.gif").mode == "RGB"


class TestDamagedFiles:
    def test_text_named_like_an_image(self, tmp_path):
        (tmp_path / "notes.jpg").write_text("Dear diary")
        with pytest.raises(UnreadableImageError, match=r"notes\.jpg: it is not an image\.$"):
            open_rgb(tmp_path / "notes.jpg")

    def test_empty_file(self, tmp_path):
        (tmp_path / "empty.png").touch()
        with pytest.raises(UnreadableImageError, match="the file is empty"):
            open_rgb(tmp_path / "empty.png")

    def test_missing_file(self, tmp_path):
        with pytest.raises(UnreadableImageError, match="No such file"):
            open_rgb(tmp_path / "gone.png")

    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "gif", "bmp"])
    def test_truncated_file(self, tmp_path, photograph, kind):
        whole = io.BytesIO()
        photograph.save(whole, kind)
        path = tmp_path / f"half.{kind}"
        path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
        with pytest.raises(UnreadableImageError, match=r"half\.\w+: .*\.$"):
            open_rgb(path)

    def test_damaged_content_never_raises_anything_else(self, tmp_path, photograph):
        rng = np.random.default_rng(3)
        for kind in ("jpeg", "png", "gif"):
            whole = io.BytesIO()
            photograph.save(whole, kind)
            for trial in range(15):
                data = bytearray(whole.getvalue())
                for place in rng.integers(0, len(data), 12):
                    data[place] = rng.integers(0, 256)
                path = tmp_path / f"{trial}.{kind}"
                path.write_bytes(data)
                try:
                    assert open_rgb(path).mode == "RGB"
                except UnreadableImageError as error:
                    assert error.sentence.endswith(".")

    def test_floating_point_pixels(self, tmp_path):
        Image.fromarray(np.zeros((40, 40), dtype=np.float32)).save(tmp_path / "float.tif")
        with pytest.raises(UnreadableImageError, match="floating-point"):
            open_rgb(tmp_path / "float.tif")
