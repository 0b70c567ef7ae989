"""The masked median, against numpy's, to the last bit."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from services.recipe import MASKS
from services.reducers import BLOCK, masked_median, median_of
from services.reducers.median_network import rank_network


def nanmedian(observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """What numpy makes of the float32 cube of reflectances, looks without data as NaN."""
    cube = (observations / 10_000).astype(np.float32)
    cube[~np.broadcast_to(clear[:, np.newaxis], cube.shape)] = np.nan
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        median: NDArray[np.float32] = np.nanmedian(cube, axis=0)
    assert median.dtype == np.float32
    return median


def bits(values: NDArray[np.float32]) -> NDArray[np.uint32]:
    """The floats as they are stored, all NaNs as one."""
    return np.where(np.isnan(values), np.float32(np.nan), values).view(np.uint32)


def cube(times: int, seed: int, shape: tuple[int, int] = (5, 7), bands: int = 2, *, few: bool = False) -> Any:
    """Looks and which of them are clear; `few` different values make many ties, and the extremes among them."""
    random = np.random.default_rng(seed)
    observations = random.choice([0, 1, 9_999, 65_535], (times, bands, *shape)) if few else None
    observations = random.integers(0, 65_536, (times, bands, *shape)) if observations is None else observations
    clear = random.random((times, *shape)) < random.random(shape)
    return observations.astype(np.uint16), clear


@pytest.mark.parametrize("few", [False, True], ids=["any", "ties"])
@pytest.mark.parametrize("times", range(1, 71))
def test_it_equals_nanmedian_for_any_number_of_looks(times: int, few: bool) -> None:
    observations, clear = cube(times, seed=times, few=few)
    median, count = masked_median(observations, clear)
    np.testing.assert_array_equal(bits(median), bits(nanmedian(observations, clear)))
    np.testing.assert_array_equal(count, clear.sum(axis=0))


@pytest.mark.parametrize("times", range(1, 71))
def test_it_equals_median_where_every_look_counts(times: int) -> None:
    observations, _ = cube(times, seed=times)
    median, count = masked_median(observations, np.ones((times, 5, 7), np.bool_))
    expected = np.median((observations / 10_000).astype(np.float32), axis=0)
    np.testing.assert_array_equal(bits(median), bits(expected))
    assert (count == times).all()


@settings(max_examples=150, deadline=None)
@given(st.data(), st.tuples(st.integers(1, 12), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4)))
def test_it_equals_nanmedian_for_whatever_hypothesis_finds(data: st.DataObject, shape: tuple[int, ...]) -> None:
    values = st.one_of(st.integers(0, 65_535), st.sampled_from([0, 65_535]))
    observations = data.draw(arrays.arrays(np.uint16, shape, elements=values))
    clear = data.draw(arrays.arrays(np.bool_, (shape[0], *shape[2:])))
    median, count = masked_median(observations, clear)
    np.testing.assert_array_equal(bits(median), bits(nanmedian(observations, clear)))
    np.testing.assert_array_equal(count, clear.sum(axis=0))


def test_pixels_beyond_a_block_are_not_forgotten() -> None:
    observations, clear = cube(5, seed=1, shape=(3, BLOCK // 2 + 11), bands=1)
    median, count = masked_median(observations, clear)
    np.testing.assert_array_equal(bits(median), bits(nanmedian(observations, clear)))
    np.testing.assert_array_equal(count, clear.sum(axis=0))


def test_looks_with_the_band_last_in_memory_give_the_same() -> None:
    observations, clear = cube(9, seed=2)
    chunky = np.ascontiguousarray(np.moveaxis(observations, 1, -1))
    np.testing.assert_array_equal(
        masked_median(np.moveaxis(chunky, -1, 1), clear)[0], masked_median(observations, clear)[0]
    )


@pytest.mark.parametrize("times", [1, 2, 7, 40])
def test_planes_that_lie_apart_give_the_same(times: int) -> None:
    observations, clear = cube(times, seed=times, shape=(60, BLOCK // 50))
    apart = [[plane.copy() for plane in observation] for observation in observations]
    median, count = median_of(apart, [observation.copy() for observation in clear])
    np.testing.assert_array_equal(bits(median), bits(nanmedian(observations, clear)))
    np.testing.assert_array_equal(count, clear.sum(axis=0))


def test_planes_that_do_not_fit_together_are_refused() -> None:
    plane, mask = np.zeros((3, 4), np.uint16), np.ones((3, 4), np.bool_)
    for observations, clear in (
        ([], []),
        ([[plane]], [mask, mask]),
        ([[plane], [plane, plane]], [mask, mask]),
        ([[plane]], [mask[:2]]),
    ):
        with pytest.raises(ValueError, match="need observations of one shape"):
            median_of(observations, clear)


def test_what_it_is_given_stays_as_it_was() -> None:
    observations, clear = cube(8, seed=3)
    before = observations.copy(), clear.copy()
    masked_median(observations, clear)
    np.testing.assert_array_equal(observations, before[0])
    np.testing.assert_array_equal(clear, before[1])


@pytest.mark.parametrize("times", [0, 1, 6])
def test_a_pixel_without_a_clear_look_has_no_value(times: int) -> None:
    observations = np.zeros((times, 2, 3, 4), np.uint16)
    median, count = masked_median(observations, np.zeros((times, 3, 4), np.bool_))
    assert np.isnan(median).all()
    assert median.shape == (2, 3, 4)
    assert (count == 0).all()


def test_a_dark_look_is_a_look() -> None:
    observations = np.array([0, 0, 500], np.uint16).reshape(3, 1, 1, 1)
    median, _ = masked_median(observations, np.ones((3, 1, 1), np.bool_))
    assert median[0, 0, 0] == 0.0


def test_a_mask_of_another_shape_is_refused_with_both_shapes() -> None:
    with pytest.raises(ValueError, match=r"\(3, 4, 5\).*\(2, 4, 5\)"):
        masked_median(np.zeros((3, 1, 4, 5), np.uint16), np.zeros((2, 4, 5), np.bool_))


@pytest.mark.parametrize("lines", range(2, 15, 2))
def test_the_network_finds_the_middles_of_every_row_of_zeros_and_ones(lines: int) -> None:
    """A network that sorts all zeros and ones sorts everything (the 0-1 principle), and so does a part of its ranks."""
    rows = (np.arange(2**lines) >> np.arange(lines)[:, np.newaxis]) & 1
    expected = np.sort(rows, axis=0)[lines // 2 - 1 : lines // 2 + 1]
    for first, second, needs_low, needs_high in rank_network(lines, lines // 2 - 1):
        low, high = np.minimum(rows[first], rows[second]), np.maximum(rows[first], rows[second])
        rows[first] = low if needs_low else -1
        rows[second] = high if needs_high else -1
    np.testing.assert_array_equal(rows[lines // 2 - 1 : lines // 2 + 1], expected)


@pytest.mark.parametrize("mask", sorted(MASKS))
def test_real_acquisitions_give_what_nanmedian_gives(shared_data: Path, mask: str) -> None:
    """140 acquisitions of a forest in Romania, clouds and all, with their scene classification."""
    folder = shared_data / "real_s2" / "romania_10m"
    assert json.loads((folder / "metadata.json").read_text())["layout"] == "time, y, x, band"
    with np.load(folder / "data.npz", allow_pickle=False) as series:
        observations, classes = np.moveaxis(series["bands"], -1, 1), series["scl"]
    clear = (observations != 0).all(axis=1) & ~np.isin(classes, MASKS[mask].invalid)
    median, count = masked_median(observations, clear)
    np.testing.assert_array_equal(bits(median), bits(nanmedian(observations, clear)))
    np.testing.assert_array_equal(count, clear.sum(axis=0))
    assert (count.mean() == 140) == (mask == "none")
    assert count.mean() > 20
