"""Every n-th pixel of a neighbourhood, tile by tile."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cache import keys_of
from services.preview import raster, step_for
from services.reducers import BLOCK
from tests.services.overpasses import overpasses
from tests.services.scenes import recipe

SIZES = st.integers(1, 700)


@given(SIZES, SIZES, st.sampled_from([0, 1, 2]), st.integers(1, 1300))
def test_the_step_is_the_smallest_that_fits(width: int, height: int, radius: int, side: int) -> None:
    question = recipe(px=width, height_px=height, radius=radius)
    step = step_for(question, side)
    longest = max(raster(question, step).shape)
    if step < max(width, height):
        assert longest <= side
    else:  # one pixel a tile, and no less
        assert longest == 2 * radius + 1
    if step > 1:
        assert max(raster(question, step - 1).shape) > side


@given(SIZES, SIZES, st.integers(1, 12))
def test_a_tile_has_as_many_pixels_as_slicing_leaves(width: int, height: int, step: int) -> None:
    pixels = raster(recipe(px=width, height_px=height), step)
    assert pixels.tile_shape == np.empty((height, width), np.bool_)[::step, ::step].shape
    assert pixels.shape == tuple(3 * length for length in pixels.tile_shape)
    assert pixels.pixels == pixels.blank(np.uint8).size


@given(SIZES, SIZES, st.integers(1, 12))
def test_places_cover_each_pixel_once_and_strips_each_row(width: int, height: int, step: int) -> None:
    pixels = raster(recipe(px=width, height_px=height), step)
    whole = pixels.blank(np.uint8)
    for position in range(9):
        whole[pixels.place(position)] += 1
    assert (whole == 1).all()
    rows = np.zeros(pixels.tile_shape[0], np.uint8)
    for strip in pixels.strips():
        rows[strip] += 1
        assert (strip.stop - strip.start - 1) * pixels.tile_shape[1] <= BLOCK
    assert (rows == 1).all()


@pytest.mark.parametrize(("wanted", "sizes"), [(1, [1] * 9), (400, [4, 4, 1]), (799, [7, 2]), (10**6, [9])])
def test_small_tiles_are_worked_on_together(wanted: int, sizes: list[int]) -> None:
    groups = list(raster(recipe(px=10)).groups(wanted))
    assert [len(group) for group in groups] == sizes
    assert [position for group in groups for position in group] == list(range(9))


def test_the_first_place_is_the_north_western_tile() -> None:
    question = recipe(px=10)
    pixels = raster(question)
    assert pixels.place(0) == np.s_[0:10, 0:10]
    assert pixels.place(5) == np.s_[10:20, 20:30]
    assert pixels.tiles == question.neighbourhood.tiles
    assert pixels is raster(question.with_(maxcc=77, bands=("B08",)))


def test_keys_are_those_of_the_tiles_that_are_touched() -> None:
    question = recipe(px=10)
    missed = question.neighbourhood.indices[2]
    keys = keys_of(question, overpasses(1, [{missed}])[0])
    assert list(keys) == [0, 1, 3, 4, 5, 6, 7, 8]
    assert [key.bounds for key in keys.values()] == [
        tile.bounds for tile in question.neighbourhood.tiles if tile.index != missed
    ]
