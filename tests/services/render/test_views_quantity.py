"""What can be compared."""

import numpy as np
import pytest

from services.composite import INDICES
from services.render import quantities
from tests.services.quantities import quantity_named
from tests.services.scenes import recipe, scene

BANDS = ("B03", "B04", "B08")


def test_the_bands_and_the_indices_that_they_allow_can_be_compared() -> None:
    assert [quantity.name for quantity in quantities(BANDS)] == ["B03", "B04", "B08", "ndvi", "ndwi"]
    assert [quantity.unit for quantity in quantities(BANDS)] == ["reflectance"] * 3 + [""] * 2
    assert [quantity.reach for quantity in quantities(BANDS)] == [0.1] * 3 + [0.4] * 2


def test_a_band_is_its_reflectance_and_an_index_its_view() -> None:
    whole = scene(recipe(bands=BANDS))
    np.testing.assert_array_equal(quantity_named("B04", BANDS).of(whole), whole.reflectance[..., 1])
    assert quantity_named("B04", BANDS).index is None
    np.testing.assert_array_equal(quantity_named("ndwi", BANDS).of(whole), whole.indices["ndwi"])
    assert quantity_named("ndwi", BANDS).index == INDICES["ndwi"]


@pytest.mark.parametrize("name", ["ndvi", "ndwi"])
def test_of_a_look_an_index_counts_where_it_is_defined(name: str) -> None:
    random = np.random.default_rng(3)
    observation = {band: random.integers(0, 65_535, (50, 60)).astype(np.uint16) for band in BANDS}
    for band in BANDS:
        observation[band][0] = 0
        observation[band][1:20] //= 1000
    clear = random.random((50, 60)) < 0.8
    values, counts = quantity_named(name, BANDS).each(observation, clear)
    first, second = (observation[band].astype(np.float64) for band in INDICES[name].bands)
    known = first + second > 0
    np.testing.assert_array_equal(counts, clear & known)
    exact = (first[known] - second[known]) / (first[known] + second[known])
    np.testing.assert_allclose(values[known], exact, rtol=1e-7, atol=1e-9)


def test_the_look_of_a_band_is_its_reflectance() -> None:
    observation = {"B04": np.arange(12, dtype=np.uint16).reshape(3, 4)}
    clear = observation["B04"] > 5
    values, counts = quantity_named("B04", BANDS).each(observation, clear)
    np.testing.assert_array_equal(values, (observation["B04"] / 10_000).astype(np.float32))
    np.testing.assert_array_equal(counts, clear)
