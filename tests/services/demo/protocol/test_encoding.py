"""TIFF, PNG and JPEG, read by other programs."""

import io

import imagecodecs
import numpy as np
import pytest
import rasterio
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.demo.protocol.encoding import jpeg, png, tiff
from services.demo.world import Samples, Window

TYPES = [np.uint8, np.uint16, np.float32, np.int8, np.int16]


def planes(count: int, height: int, width: int, dtype: type, seed: int = 0) -> list[Samples]:
    rng = np.random.default_rng(seed)
    return [(rng.random((height, width)) * 100).astype(dtype) for _ in range(count)]


def window(width: int, height: int, epsg: int = 32635) -> Window:
    bounds = (25.0, 60.0, 26.0, 61.0) if epsg == 4326 else (360000.0, 6720000.0, 363300.0, 6723300.0)
    return Window(epsg, bounds, width, height)


@given(st.integers(1, 9), st.integers(1, 40), st.integers(1, 40), st.sampled_from(TYPES))
@settings(max_examples=40, deadline=None)
def test_rasterio_and_tifffile_read_every_pixel_back(count: int, height: int, width: int, dtype: type) -> None:
    made = planes(count, height, width, dtype, seed=height)
    content = tiff(made, window(width, height))
    with rasterio.MemoryFile(content) as memory, memory.open() as opened:
        assert np.array_equal(opened.read(), np.stack(made))
        assert opened.dtypes == (np.dtype(dtype).name,) * count
    image = tifffile.imread(io.BytesIO(content))
    assert np.array_equal(image.reshape(height, width, count), np.stack(made, axis=-1))


@pytest.mark.parametrize("epsg", [32635, 32736, 3857, 4326])
def test_it_lies_where_it_was_asked_for(epsg: int) -> None:
    place = window(33, 11, epsg)
    with rasterio.MemoryFile(tiff(planes(1, 11, 33, np.uint16), place)) as memory, memory.open() as opened:
        assert opened.crs.to_epsg() == epsg
        assert tuple(opened.bounds) == pytest.approx(place.bounds)
        assert opened.tags()["AREA_OR_POINT"] == "Area"


def test_it_is_laid_out_as_the_service_does_and_says_that_it_is_simulated() -> None:
    with tifffile.TiffFile(io.BytesIO(tiff(planes(3, 20, 30, np.uint16), window(30, 20)))) as file:
        page = file.pages.first
        assert file.byteorder == ">"
        assert (page.compression, page.rowsperstrip, page.planarconfig) == (32946, 8, 1)
        assert "Simulated data" in page.tags["ImageDescription"].value
        assert "Simulated data" in page.tags["Software"].value


def test_a_no_data_value_is_declared() -> None:
    with rasterio.MemoryFile(tiff(planes(1, 8, 8, np.uint8), window(8, 8), 255)) as memory, memory.open() as opened:
        assert opened.nodata == 255


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
