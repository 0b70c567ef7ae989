"""The mean against exact fractions."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import settings as bounded

from services.composite.indices import normalized_difference
from services.reducers.mean import mean_index, mean_picture
from tests.services.reducers.stacks import Drawn, many, stacks


@bounded(deadline=None)
@given(stack=stacks())
def test_it_is_the_nearest_float32_to_the_exact_mean(stack: Drawn) -> None:
    observations, clear = stack
    found, count = mean_picture(observations, clear)
    for band, y, x in np.ndindex(found.shape):
        dn = observations[:, band, y, x][clear[:, y, x]].tolist()
        assert count[y, x] == len(dn)
        if dn:
            assert found[band, y, x] == np.float32(float(Fraction(sum(dn), 10_000 * len(dn))))
        else:
            assert np.isnan(found[band, y, x])


def test_an_index_is_the_mean_of_each_observations() -> None:
    observations, clear = many(30, bands=2, side=20)
    observations[:, :, :4] = 0  # 0 / 0 is no index
    each = np.array([normalized_difference(list(planes)) for planes in observations]).astype(np.float64)
    counted = np.where(clear, each, np.nan)
    there = ~np.isnan(counted)
    with np.errstate(invalid="ignore"):
        expected = np.where(there, counted, 0).sum(axis=0) / there.sum(axis=0)
    found = mean_index(normalized_difference, observations, clear)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert np.isnan(found[:4]).all() and found.dtype == np.float32
