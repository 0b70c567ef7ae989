"""Overviews before the COG driver: averages of what is seen, as an independent computation has them."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from services.mosaic.pyramid import half, with_overviews
from services.mosaic.vrt import write_vrt
from services.sentinel2 import NO_DATA
from tests.services.mosaic.tiles import order_tiles, pasted, tile_set, write_tiles


def averaged(planes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """By means of floats that leave out NaN; halves up."""
    bands, height, width = planes.shape
    seen = np.full((bands, height + height % 2, width + width % 2), np.nan)
    seen[:, :height, :width] = np.where(planes == NO_DATA, np.nan, planes)
    four = seen.reshape(bands, seen.shape[1] // 2, 2, seen.shape[2] // 2, 2)
    number = np.isfinite(four).sum((2, 4))
    mean = np.nansum(four, (2, 4)) / np.where(number, number, 1)
    return np.where(number, np.floor(mean + 0.5), NO_DATA).astype(np.uint16)


@pytest.mark.parametrize("size", [(4, 6), (5, 7), (1, 1), (2, 3)])
def test_a_level_is_the_average_of_what_is_seen(size: tuple[int, int]) -> None:
    random = np.random.default_rng(sum(size))
    planes = random.integers(0, 12_000, (3, *size)).astype(np.uint16)
    planes[random.random(planes.shape) < 0.3] = NO_DATA
    np.testing.assert_array_equal(half(planes), averaged(planes))


def test_the_virtual_file_has_the_same_numbers_and_each_level_down_to_a_block(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(3, 2), px=400)
    write_tiles(tiles)
    source = write_vrt(tmp_path / "mosaic.vrt", tiles, tiles.indices, {"recipe": "one"})
    place = tmp_path / "levels"
    place.mkdir()
    told: list[float] = []
    with rasterio.open(source) as plain, rasterio.open(with_overviews(source, place, told.append)) as dataset:
        np.testing.assert_array_equal(dataset.read(), pasted(tiles))
        assert (dataset.crs, dataset.transform, dataset.nodata) == (plain.crs, plain.transform, plain.nodata)
        assert dataset.descriptions == plain.descriptions and dataset.tags()["recipe"] == "one"
        below = pasted(tiles)
        assert len(dataset.overviews(1)) == 2
        for level, factor in enumerate(dataset.overviews(1)):
            below = averaged(below)
            with rasterio.open(dataset.name, overview_level=level) as above:
                assert factor == 2 ** (level + 1)
                np.testing.assert_array_equal(above.read(), below)
    assert told == sorted(told) and 0.8 < told[-1] <= 1, "so much of all pixels that have levels above has been read"
