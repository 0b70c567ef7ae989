"""PNG and JPEG, read back by other libraries."""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from services.demo.bands import Plane
from services.demo.pictures import jpeg, png


def planes(count: int, height: int, width: int, dtype: type) -> list[Plane]:
    rng = np.random.default_rng(0)
    return [(rng.random((height, width)) * 100).astype(dtype) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_png_holds_the_pixels_and_the_word_simulated(count: int, dtype: type) -> None:
    made = planes(count, 20, 31, dtype)
    content = png(made)
    if dtype is np.uint8:
        with Image.open(io.BytesIO(content)) as image:
            assert np.array_equal(np.asarray(image).reshape(20, 31, count), np.stack(made, axis=-1))
            assert "Simulated data" in image.info["Comment"]
    decoded = imagecodecs.png_decode(content).reshape(20, 31, count)
    assert np.array_equal(decoded, np.stack(made, axis=-1))


@pytest.mark.parametrize("count", [1, 3])
def test_a_jpeg_is_close_to_the_pixels_and_holds_the_word_simulated(count: int) -> None:
    gradient = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    content = jpeg([gradient] * count, 95)
    with Image.open(io.BytesIO(content)) as image:
        difference = np.asarray(image).reshape(64, 64, count).astype(int) - gradient[..., None]
        assert np.abs(difference).max() < 5
        assert b"Simulated data" in image.info["comment"]
    assert len(jpeg([gradient] * count, 10)) < len(content)
