"""The medoid against a loop over pixels in fractions."""

from fractions import Fraction
from statistics import median

import numpy as np
from hypothesis import given
from hypothesis import settings as bounded

from services.composite.indices import normalized_difference
from services.reducers import NOWHERE, Scenes, picked, picked_index
from services.reducers.medoid import nearest_to_median
from tests.services.reducers.stacks import Drawn, many, stacks

NOTHING = Scenes((), (), ())


@bounded(deadline=None)
@given(stack=stacks())
def test_it_is_the_observation_nearest_to_the_median_and_the_earlier_of_equal_ones(stack: Drawn) -> None:
    observations, clear = stack
    which = nearest_to_median(observations, clear, NOTHING)
    for y, x in np.ndindex(which.shape):
        times = np.flatnonzero(clear[:, y, x]).tolist()
        if not times:
            assert which[y, x] == NOWHERE
            continue
        vectors = {time: [Fraction(dn) for dn in observations[time, :, y, x].tolist()] for time in times}
        middle = [median(values) for values in zip(*vectors.values(), strict=True)]
        apart = {time: sum((a - b) ** 2 for a, b in zip(one, middle, strict=True)) for time, one in vectors.items()}
        assert which[y, x] == min(times, key=lambda time: (apart[time], time))


def test_its_pixels_and_its_index_are_those_of_that_observation() -> None:
    observations, clear = many(20, bands=2, side=15)
    which = nearest_to_median(observations, clear, NOTHING)
    picture, count = picked(observations, clear, which)
    index = picked_index(normalized_difference, observations, which)
    np.testing.assert_array_equal(count, clear.sum(axis=0))
    for y, x in np.ndindex(which.shape):
        if which[y, x] == NOWHERE:
            assert np.isnan(picture[:, y, x]).all() and np.isnan(index[y, x])
            continue
        dn = observations[which[y, x], :, y, x]
        np.testing.assert_array_equal(picture[:, y, x], dn / np.float32(10_000))
        assert index[y, x] == normalized_difference(dn.reshape(2, 1, 1))[0, 0]
