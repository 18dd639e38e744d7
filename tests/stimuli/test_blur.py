import numpy as np
import pytest

from imi_desktop.stimuli.blur import blurred, gaussian_kernel, sharp_patch


def test_the_kernel_is_opencvs():
    weights = gaussian_kernel(21)
    assert weights.sum() == pytest.approx(1)
    assert weights[10] / weights[7] == pytest.approx(np.exp(9 / (2 * 3.5**2)))
    with pytest.raises(ValueError, match="odd"):
        gaussian_kernel(20)


def test_a_point_becomes_the_kernel():
    picture = np.zeros((61, 61, 3), np.uint8)
    picture[30, 30] = 255
    weights = gaussian_kernel(21)
    expected = np.rint(255 * np.outer(weights, weights))
    np.testing.assert_array_equal(blurred(picture, 21)[20:41, 20:41, 1], expected)


def test_flat_images_stay_as_they_are_up_to_the_edge():
    picture = np.full((50, 50, 3), 77, np.uint8)
    assert np.array_equal(blurred(picture), picture)


def test_one_patch_stays_sharp():
    picture = np.random.default_rng(0).integers(0, 255, (224, 224, 3), np.uint8)
    background = blurred(picture)
    result = sharp_patch(picture, background, 30, 40, 90)
    assert np.array_equal(result[30:120, 40:130], picture[30:120, 40:130])
    outside = np.ones((224, 224), bool)
    outside[30:120, 40:130] = False
    assert np.array_equal(result[outside], background[outside])
    assert background.std() < picture.std() / 3
