"""Images of one tile and of many, and their DN."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from services.composite import Composite, mosaic
from services.sentinel2 import NO_DATA
from tests.services.scenes import DATES, TIMES, composites, half_dn, recipe, scene


def image(twice: np.ndarray, count: int = 2) -> Composite:
    """One band whose medians are half of `twice` DN."""
    question = recipe(px=1, radius=0, bands=("B04",))
    tile = question.neighbourhood.tiles[0]
    median = half_dn(twice)[..., np.newaxis]
    return Composite(tile.bounds, tile.epsg, ("B04",), median, np.full(twice.shape, count, np.uint16), TIMES, tile)


def test_every_possible_median_becomes_the_dn_that_exact_arithmetic_gives() -> None:
    twice = np.arange(2 * 65_534 + 1).reshape(1, -1)
    expected = [(two >> 1) + (two & 1 & (two >> 1)) for two in twice[0].tolist()]  # ties to even, in whole numbers
    assert image(twice).dn("B04")[0].tolist() == expected


def test_no_valid_pixel_has_the_value_of_no_data() -> None:
    assert image(np.array([[2 * 65_535]])).dn("B04")[0, 0] == 65_534


def test_a_pixel_without_a_clear_look_has_the_value_of_no_data() -> None:
    bare = image(np.array([[100]]), count=0)
    bare.reflectance[:] = np.nan
    assert bare.dn("B04")[0, 0] == NO_DATA
    assert bare.no_data == 1.0


def test_a_mosaic_has_the_north_west_tile_first_and_no_seam() -> None:
    question = recipe(px=6, height_px=4)
    tiles = composites(question)
    whole = mosaic(tiles, 3)
    assert (whole.height, whole.width, whole.side) == (12, 18, 3)
    rows = [np.hstack([tile.reflectance for tile in tiles[row : row + 3]]) for row in (0, 3, 6)]
    np.testing.assert_array_equal(whole.reflectance, np.vstack(rows))
    np.testing.assert_array_equal(whole.count[4:8, 6:12], tiles[4].count)
    assert whole.bounds == question.neighbourhood.bounds
    assert whole.pixel_size == pytest.approx((10, 10))
    assert [tile.index for tile in whole.tiles] == list(question.neighbourhood.indices)


def test_a_mosaic_has_the_acquisitions_of_all_its_tiles_once_and_two_of_one_day_are_two() -> None:
    first, *others = composites(recipe())
    again = TIMES[1] + timedelta(minutes=100)
    more = replace(first, times=(datetime(2017, 1, 1, tzinfo=UTC), TIMES[1], again))
    whole = mosaic([more, *others], 3)
    assert whole.times == (datetime(2017, 1, 1, tzinfo=UTC), TIMES[0], TIMES[1], again, TIMES[2])
    assert whole.dates == ("2017-01-01", DATES[0], DATES[1], DATES[1], DATES[2])


def test_composites_that_make_no_square_are_refused() -> None:
    with pytest.raises(ValueError, match="3 × 3 composites of one shape, got 8"):
        mosaic(composites(recipe())[:8], 3)
    with pytest.raises(ValueError, match="of one shape, got 9"):
        mosaic([*composites(recipe())[:8], composites(recipe(px=5))[0]], 3)


def test_what_is_said_of_an_image_is_counted() -> None:
    whole = scene()
    assert whole.no_data == pytest.approx(float((whole.count == 0).sum()) / whole.count.size)
    assert whole.median_observations == float(np.median(whole.count))
