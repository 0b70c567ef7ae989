"""Which observations count, against plain loops and against distances as SciPy finds them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from services.errors import RecipeError
from services.recipe import GROWN, MASKS, MAX_GROW, clear_observations, offered_masks
from services.sentinel2 import SCRIPT_BANDS


def shifted_maxima(masked: NDArray[np.bool_], grow: int) -> NDArray[np.bool_]:
    """A pixel is masked where one of the pixels around it was, each place after the other."""
    height, width = masked.shape
    grown = np.zeros_like(masked)
    for y in range(height):
        for x in range(width):
            window = masked[max(0, y - grow) : y + grow + 1, max(0, x - grow) : x + grow + 1]
            grown[y, x] = window.max()
    return grown


def within(masked: NDArray[np.bool_], grow: int) -> NDArray[np.bool_]:
    """A pixel is masked where the nearest one that was is so many pixels away, from middle to middle."""
    if not masked.any():
        return masked
    distance: NDArray[np.float64] = ndimage.distance_transform_edt(~masked)
    return distance <= grow


BUFFERED = {"cautious": (within, (3, 7, 8, 9, 10)), "csmask": (within, (1, 2))}
"""How a mask grows, and which classes, where it is not a square around clouds and shadows."""


@bounded(deadline=None)
@given(
    mask=st.sampled_from(sorted(MASKS)),
    grow=st.integers(0, MAX_GROW),
    times=st.integers(0, 3),
    height=st.integers(1, 14),
    width=st.integers(1, 14),
    seed=st.integers(0, 2**32),
    cloudy=st.sampled_from([0.005, 0.1, 0.9]),
)
def test_clear_looks_are_those_that_a_plain_loop_finds(
    mask: str, grow: int, times: int, height: int, width: int, seed: int, cloudy: float
) -> None:
    random = np.random.default_rng(seed)
    shape = (times, height, width)
    classes = np.where(random.random(shape) < cloudy, random.integers(0, 12, shape), 4).astype(np.uint8)
    valid = (random.random(shape) < 0.9).astype(np.uint8)
    invalid = MASKS[mask].invalid
    found = clear_observations(valid, classes, MASKS[mask], grow)
    assert found.shape == shape and found.dtype == np.bool_
    for time in range(times):
        around, which = BUFFERED.get(mask, (shifted_maxima, (3, 8, 9, 10)))
        growing = np.isin(classes[time], [klass for klass in invalid if klass in which])
        masked = np.isin(classes[time], invalid) | around(growing, grow)
        np.testing.assert_array_equal(found[time], (valid[time] == 1) & ~masked)
        np.testing.assert_array_equal(clear_observations(valid[time], classes[time], MASKS[mask], grow), found[time])


@pytest.mark.parametrize("grow", [1, 5, MAX_GROW])
def test_one_cloud_becomes_a_square_around_it(grow: int) -> None:
    classes = np.full((64, 64), 4, np.uint8)
    classes[30, 30] = 9
    clear = clear_observations(np.ones_like(classes), classes, MASKS["clear"], grow)
    rows, columns = np.nonzero(~clear)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (30 - grow, 30 + grow) * 2
    assert (~clear).sum() == (2 * grow + 1) ** 2


@pytest.mark.parametrize(("grow", "pixels"), [(1, 5), (2, 13), (3, 29), (MAX_GROW, 1257)])
def test_one_cloud_becomes_a_disk_around_it(grow: int, pixels: int) -> None:
    """As many points of the lattice as lie in a circle of that radius (Gauss's circle problem)."""
    classes = np.full((64, 64), 4, np.uint8)
    classes[30, 30] = 7
    assert (~clear_observations(np.ones_like(classes), classes, MASKS["cautious"], grow)).sum() == pixels


@pytest.mark.parametrize("klass", range(12))
def test_only_clouds_and_their_shadows_grow(klass: int) -> None:
    classes = np.full((9, 9), 4, np.uint8)
    classes[4, 4] = klass
    clear = clear_observations(np.ones_like(classes), classes, MASKS["strict"], 2)
    expected = 25 if klass in GROWN else int(klass in MASKS["strict"].invalid)
    assert (~clear).sum() == expected


def test_a_shadow_that_counts_does_not_grow() -> None:
    classes = np.full((9, 9), 4, np.uint8)
    classes[4, 4] = 3
    assert clear_observations(np.ones_like(classes), classes, MASKS["clouds"], 3).all()
    assert MASKS["clouds"].growing == (8, 9, 10)


def test_without_a_mask_nothing_grows() -> None:
    classes = np.full((9, 9), 9, np.uint8)
    assert clear_observations(np.ones_like(classes), classes, MASKS["none"], MAX_GROW).all()
    assert clear_observations(np.ones_like(classes), None, MASKS["none"], MAX_GROW).all()


def test_planes_that_do_not_lie_row_by_row_give_the_same() -> None:
    random = np.random.default_rng(3)
    classes = random.integers(0, 12, (3, 20, 30)).astype(np.uint8)
    valid = random.integers(0, 2, classes.shape).astype(np.uint8)
    expected = clear_observations(valid, classes, MASKS["clear"], 1)
    columns_first = clear_observations(np.asfortranarray(valid), np.asfortranarray(classes), MASKS["clear"], 1)
    np.testing.assert_array_equal(columns_first, expected)


def test_masks_of_before_mean_to_the_cache_what_they_meant() -> None:
    assert MASKS["clear"].meaning == (1, (0, 1, 3, 8, 9, 10), (3, 8, 9, 10))
    assert len({preset.meaning for preset in MASKS.values()}) == len(MASKS)


def test_a_mask_that_cannot_be_computed_here_is_not_offered_and_says_what_to_install() -> None:
    absent = replace(MASKS["csmask"], packages=("no_such_package",))
    assert not absent.is_here
    with pytest.raises(RecipeError, match="no_such_package") as told:
        absent.require(SCRIPT_BANDS)
    assert "requirements-csmask.txt" in told.value.remedy


@pytest.mark.skipif(not MASKS["csmask"].is_here, reason="requirements-csmask.txt is not installed")
def test_a_mask_that_is_computed_needs_its_bands() -> None:
    assert "csmask" in offered_masks()
    MASKS["csmask"].require(SCRIPT_BANDS)
    with pytest.raises(RecipeError, match="B11, B12"):
        MASKS["csmask"].require(("B02", "B03", "B04", "B08"))
