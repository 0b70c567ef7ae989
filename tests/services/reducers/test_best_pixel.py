"""The best pixel against a loop over pixels with its formula, and distances against scipy's transform."""

from datetime import date
from math import exp

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from services.recipe import Interval
from services.reducers import NOWHERE, Scenes, distances
from services.reducers.best_pixel import best, of_distance, of_scene
from tests.services.reducers.stacks import many


def test_distances_are_scipys_in_whole_pixels_up_to_50() -> None:
    clear = np.random.default_rng(3).random((4, 90, 120)) < [[[0.5]], [[0.99]], [[0.9999]], [[0.0]]]
    for found, plane in zip(distances(clear), clear, strict=True):
        np.testing.assert_array_equal(found, np.minimum(np.floor(distance_transform_edt(plane) + 1e-6), 50))
    assert (distances(np.ones((1, 5, 5), np.bool_))[0] == 50).all(), "nothing is near where all of it counts"


def test_each_pixel_is_the_highest_score_and_the_earlier_of_equal_ones() -> None:
    observations, clear = many(12, bands=1, side=30)
    apart, clouds = [170 - 15 * (time // 2) for time in range(12)], [float(time % 4) * 10 for time in range(12)]
    near = distances(clear)
    which = best(observations, clear, Scenes(clouds, [20170101] * 12, apart, near))
    for y, x in np.ndindex(which.shape):
        scores = {
            time: round(1000 / (1 + exp(-0.2 * (int(near[time][y, x]) - 25))))
            + round(1000 * exp(-0.5 * (apart[time] / 45) ** 2))
            + round(1000 * (1 - clouds[time] / 100))
            for time in np.flatnonzero(clear[:, y, x]).tolist()
        }
        assert which[y, x] == max(scores, key=lambda time: (scores[time], -time), default=NOWHERE)


def test_each_part_of_the_score_goes_from_0_to_1() -> None:
    assert (of_distance()[0], of_distance()[25], of_distance()[50]) == (7, 500, 993)
    assert (of_scene(0, 0), of_scene(0, 100), of_scene(1000, 0), of_scene(45, 100)) == (2000, 1000, 1000, 607)


@pytest.mark.parametrize(
    ("interval", "day", "apart"),
    [
        ("2017-01-01/2018-01-01", "2017-07-02", 0),
        ("2017-01-01/2018-01-01", "2017-01-01", 182),
        ("2017-06-01/2017-07-01", "2017-06-01", 15),
        ("2016-01-01/2020-01-01", "2018-07-12", 9),
    ],
)
def test_the_middle_is_that_of_the_interval_or_of_the_year(interval: str, day: str, apart: int) -> None:
    assert Interval(*map(date.fromisoformat, interval.split("/"))).apart(date.fromisoformat(day)) == apart


@pytest.mark.parametrize(
    ("months", "day", "apart"),
    [
        ((6, 7, 8), "2018-07-16", 0),
        ((12, 1, 2), "2018-01-16", 0),
        ((12, 1, 2), "2018-12-16", 31),
        (tuple(range(1, 13)), "2018-07-03", 0),
    ],
)
def test_the_middle_of_months_is_that_of_the_season(months: tuple[int, ...], day: str, apart: int) -> None:
    assert Interval(date(2016, 1, 1), date(2020, 1, 1)).apart(date.fromisoformat(day), months) == pytest.approx(
        apart, abs=2
    )
