"""What is looked into, and its link."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pages.state.inspection import LINKED_CORNERS, Inspection, inspection_of

metres = some.integers(-99_999_999, 99_999_999).map(lambda tenths: tenths / 10)
points = some.tuples(metres, metres)
BOUNDS = (400_000.0, 6_000_000.0, 410_000.0, 6_010_000.0)


@given(at=points, series=some.sampled_from(["", "ndvi", "B04"]))
def test_a_link_brings_back_the_pixel_to_a_tenth_of_a_metre(at: tuple[float, float], series: str) -> None:
    before = Inspection(at=at, series=series)
    assert inspection_of(before.question()) == (before, ())


@given(ring=some.lists(points, min_size=3, max_size=LINKED_CORNERS).map(tuple))
def test_a_link_brings_back_a_polygon(ring: tuple[tuple[float, float], ...]) -> None:
    before = Inspection(ring=ring)
    assert inspection_of(before.question()) == (before, ())


def test_a_polygon_of_many_corners_is_too_long_for_a_link() -> None:
    ring = tuple((float(number), 0.0) for number in range(LINKED_CORNERS + 1))
    assert Inspection(ring=ring).question() == {}


@pytest.mark.parametrize(
    "link",
    [
        {"at": "here"},
        {"at": "nan,1"},
        {"at": "1e999,1"},
        {"at": "1,2,3"},
        {"polygon": "1,1;2,2"},
        {"polygon": ";".join(["1,1"] * (LINKED_CORNERS + 1))},
        {"polygon": "<b>"},
    ],
)
def test_what_is_no_place_is_left_out_and_told(link: Mapping[str, str]) -> None:
    found, (problem,) = inspection_of(link)
    assert found == Inspection()
    assert "is not usable" in problem.cause


def test_a_pixel_of_a_link_comes_before_its_polygon() -> None:
    found, problems = inspection_of({"at": "1,2", "polygon": "1,1;2,2;3,1"})
    assert (found, problems) == (Inspection(at=(1, 2)), ())


def test_another_picture_shows_nothing_of_it() -> None:
    inside, outside = (400_000.0, 6_010_000.0), (410_000.0, 6_010_000.0)
    assert Inspection(at=inside).within(BOUNDS).at == inside, "its north-western corner"
    assert Inspection(at=outside).within(BOUNDS).at is None, "that of its eastern neighbour"
    ring = (inside, outside, (420_000.0, 6_020_000.0))
    assert Inspection(ring=ring).within(BOUNDS).ring == ring, "a part of it is in the picture"
    assert Inspection(ring=ring[1:]).within(BOUNDS).ring == ()
