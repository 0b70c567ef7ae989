"""Numbers against numpy on the whole picture, the curve against a picture at each limit, the knee against calculus."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue import kept
from services.preview import Curve, Knee, Point, PreviewCompositor, knee
from services.preview.statistics import LIMITS, Numbers, curve, share
from services.recipe import Veto
from services.sentinel2 import DATA_MASK, SCL
from tests.services.overpasses import MemoryFrames, overpasses, random_frames
from tests.services.passes import Strict
from tests.services.scenes import RGB, recipe

QUESTION = recipe(px=12, height_px=9)
COVERS = [8.0, 3.0, 20.4, 3.0, 0.0, 40.0, 100.0]
LOOKS: Any = tuple(
    replace(observation, cloud_cover=cover) for observation, cover in zip(overpasses(7), COVERS, strict=True)
)
ALL = [True] * 7


def frames() -> MemoryFrames:
    """Few clear pixels in each, so that each limit counts."""
    made = random_frames(QUESTION, LOOKS)
    for number, planes in enumerate(made.planes.values()):
        random = np.random.default_rng(number)
        planes[SCL] = random.choice(np.array([3, 4, 8, 9], np.uint8), (9, 12), p=[0.2, 0.3, 0.2, 0.3])
    return made


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40))
def test_numbers_are_those_of_the_picture(counts: list[int]) -> None:
    array = np.array(counts)
    numbers = Numbers.of(np.bincount(array, minlength=7), 99)
    there = array[array > 0]
    assert numbers == Numbers(
        dates=6,
        acquisitions=99,
        no_data=(array == 0).sum() / array.size,
        median_observations=float(np.median(array)),
        least_observations=int(there.min()) if there.size else 0,
        most_observations=int(there.max()) if there.size else 0,
    )


def test_each_limit_of_the_curve_is_what_its_picture_shows() -> None:
    room = PreviewCompositor(frames(), 10**9)
    drawn = curve(QUESTION, LOOKS, ALL, room)
    assert [point.limit for point in drawn.points] == list(LIMITS)
    for point in drawn.points:
        chosen = kept(LOOKS, QUESTION.with_(maxcc=point.limit))
        assert point.dates == len(chosen)
        assert point.no_data == room.image(QUESTION, chosen, RGB).no_data
        assert point.here
    assert drawn.missing_from is None
    assert len({point.no_data for point in drawn.points}) == 6


def test_cloud_let_in_is_counted_over_the_looks_that_are_kept() -> None:
    made = frames()
    drawn = curve(QUESTION, LOOKS, ALL, PreviewCompositor(made, 10**9))
    for limit in (0, 3, 39, 100):
        keys = {observation.key for observation in LOOKS if observation.cloud_cover <= limit}
        planes = [one for key, one in made.planes.items() if key.acquisition in keys]
        data = sum((one[DATA_MASK] == 1).sum() for one in planes)
        clouds = sum(((one[DATA_MASK] == 1) & np.isin(one[SCL], (3, 8, 9, 10))).sum() for one in planes)
        assert drawn.points[limit].cloud == pytest.approx(clouds / data)


def test_a_vetoed_date_is_not_in_the_curve() -> None:
    question = QUESTION.with_(vetoes=(Veto(LOOKS[1].key, "haze"), Veto(LOOKS[6].key, "snow")))
    room = PreviewCompositor(frames(), 10**9)
    others = [observation for number, observation in enumerate(LOOKS) if number not in (1, 6)]
    assert curve(question, LOOKS, ALL, room) == curve(QUESTION, others, ALL[:5], room)


def test_a_date_that_shows_too_little_is_not_in_the_curve_at_any_limit() -> None:
    small = tuple(replace(one, coverage=0.001 if number % 2 else 1.0) for number, one in enumerate(LOOKS))
    room = PreviewCompositor(frames(), 10**9)
    drawn = curve(QUESTION.with_(least_coverage=1), small, ALL, room)
    whole = LOOKS[::2]
    assert [point.dates for point in drawn.points] == [
        sum(one.cloud_cover <= limit for one in whole) for limit in LIMITS
    ]
    assert [point.no_data for point in drawn.points] == [
        point.no_data for point in curve(QUESTION, whole, ALL[:4], room).points
    ]


def test_dates_that_are_not_here_are_missing_from_their_limit_on() -> None:
    made = frames()
    here = [observation.key != LOOKS[2].key for observation in LOOKS]  # 20.4 %
    for key in [key for key in made.planes if key.acquisition == LOOKS[2].key]:
        del made.planes[key]
    drawn = curve(QUESTION, LOOKS, here, PreviewCompositor(made, 10**9))
    assert drawn.missing_from == 21
    assert [point.here for point in drawn.points] == [limit < 21 for limit in LIMITS]
    assert drawn.points[30].dates == 5
    assert drawn.points[30].no_data == drawn.points[20].no_data


def test_without_a_classification_nothing_is_said_of_clouds() -> None:
    question = QUESTION.with_(mask="none")
    made = frames()
    for key, planes in made.planes.items():
        if key.acquisition == LOOKS[0].key:
            planes.pop(SCL)

    drawn = curve(question, LOOKS, ALL, PreviewCompositor(Strict(made.planes), 10**9))
    assert drawn.points[7].cloud is not None
    assert drawn.points[8].cloud is None
    assert drawn.points[100].cloud is None


def test_a_limit_that_keeps_nothing_shows_nothing() -> None:
    observations = [replace(observation, cloud_cover=50.0) for observation in LOOKS]
    drawn = curve(QUESTION, observations, ALL, PreviewCompositor(frames(), 10**9))
    assert drawn.points[49] == Point(49, 0, 1.0, None, here=True)
    assert drawn.points[50].dates == 7


def of(no_data: Any, cloud: Any = None, here: int = 101) -> Curve:
    """A curve with these parts without data."""
    points = (
        Point(limit, 1, float(no_data(limit)), None if cloud is None else cloud(limit), limit < here)
        for limit in LIMITS
    )
    return Curve(tuple(points))


@pytest.mark.parametrize("scale", [5.0, 12.0, 25.0])
def test_the_knee_is_where_the_tangent_runs_along_the_chord(scale: float) -> None:
    """Of 1 - exp(-x / scale) from 0 to 100."""
    analytic = -scale * math.log(scale * (1 - math.exp(-100 / scale)) / 100)
    found = knee(of(lambda limit: math.exp(-limit / scale)))
    assert found is not None
    assert abs(found.limit - analytic) <= 0.5


def test_only_limits_whose_dates_are_here_have_a_say() -> None:
    scale = 12.0
    analytic = -scale * math.log(scale * (1 - math.exp(-40 / scale)) / 40)
    found = knee(of(lambda limit: math.exp(-limit / scale), here=41))
    assert found is not None
    assert abs(found.limit - analytic) <= 0.5
    assert "at 40 %" in found.words


@pytest.mark.parametrize(
    "no_data",
    [
        lambda limit: 0.25,
        lambda limit: 0.25 - limit * 0.00000999,
        lambda limit: 1 - limit / 100,
        lambda limit: 1 - (limit / 100) ** 2,
        lambda limit: float(limit < 100),
    ],
    ids=["flat", "all but flat", "straight", "ever steeper", "all at the end"],
)
def test_where_no_limit_stands_out_there_is_no_knee(no_data: Any) -> None:
    assert knee(of(no_data)) is None


@pytest.mark.parametrize("here", [0, 1, 2])
def test_few_limits_have_no_knee(here: int) -> None:
    assert knee(of(lambda limit: 1 / (1 + limit), here=here)) is None


def test_the_knee_says_why_in_a_sentence() -> None:
    falls = of(lambda limit: 0.9 if limit < 14 else 0.021 - 0.00002 * limit, lambda limit: limit / 200)
    assert knee(falls) == Knee(
        14,
        "From 14 % on, a higher limit adds little: 2.1 % is without data, 1.9 % at 100 %. "
        "The cloudy share grows from 7 % to 50 % of the observations.",
    )
    full = knee(of(lambda limit: float(limit < 3)))
    assert full == Knee(3, "From 3 % on, a higher limit adds no pixel: each has a clear observation.")
    ends = knee(of(lambda limit: 1.0 if limit < 5 else 0.01 if limit < 90 else 0.0))
    assert ends == Knee(5, "From 5 % on, a higher limit adds little: 1 % is without data, none at 100 %.")


@pytest.mark.parametrize(
    ("part", "words"),
    [(0.0, "0 %"), (0.0001, "< 0.1 %"), (0.0005, "0.1 %"), (0.0214, "2.1 %"), (0.10, "10 %"), (1.0, "100 %")],
)
def test_a_part_is_said_in_percent(part: float, words: str) -> None:
    assert share(part) == words
