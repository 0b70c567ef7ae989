"""Outlines in other coordinate systems."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from services.densify import MOST
from services.errors import AreaError
from services.formats import Outline
from services.geo import to_degrees

BOX = ((24.0, 60.0), (24.1, 60.0), (24.1, 60.1), (24.0, 60.1), (24.0, 60.0))
WIDE = ((4.3e6, 4.0e6), (4.8e6, 4.0e6), (4.8e6, 4.4e6), (4.3e6, 4.4e6), (4.3e6, 4.0e6))
"""500 × 400 km of EPSG:3035, straight there."""


@pytest.mark.parametrize("epsg", [3067, 32635, 3857, 4258])
def test_other_coordinate_systems_are_brought_to_degrees_as_pyproj_does(epsg: int) -> None:
    degrees = np.array(BOX)
    there = Transformer.from_crs(4326, epsg, always_xy=True).transform(*degrees.T)
    ring = tuple(zip(*(part.tolist() for part in there), strict=True))
    found = to_degrees(Outline(((ring,),), name="a", epsg=epsg, features=2, notes=("b",)))
    assert np.allclose(found.polygons[0][0], degrees, atol=1e-8)
    assert (found.epsg, found.name, found.features) == (4326, "a", 2)
    assert found.notes == ("b", f"The coordinates were brought from EPSG:{epsg} to longitude and latitude.")


@pytest.mark.parametrize(("epsg", "words"), [(999_999, "999999"), (4978, "4978"), (5773, "5773")])
def test_what_is_no_coordinate_system_of_a_map_is_refused(epsg: int, words: str) -> None:
    with pytest.raises(AreaError, match=f"EPSG:{words} is not known"):
        to_degrees(Outline(((BOX,),), epsg=epsg))


@pytest.mark.parametrize("closed", [True, False])
def test_a_long_line_of_a_national_system_is_followed_to_a_metre(closed: bool) -> None:
    outline = Outline(((WIDE if closed else WIDE[:-1],),), epsg=3035)
    found = np.array(to_degrees(outline).polygons[0][0])
    assert len(WIDE) < len(found) < 1000
    true = dense(WIDE, 3035, 200)
    ring = shapely.LineString(found if closed else [*found, found[0]])
    assert np.max(apart(ring, true)) < 1.0
    corners = {tuple(place) for place in dense(WIDE, 3035, 1).tolist()}
    assert corners <= {tuple(place) for place in found.tolist()}, "the corners are as they were"


def test_a_line_along_a_parallel_is_long_for_a_projection_and_short_for_degrees() -> None:
    ring = ((20.0, 60.0), (30.0, 60.0), (30.0, 62.0), (20.0, 62.0), (20.0, 60.0))
    assert to_degrees(Outline(((ring,),), epsg=4258)).polygons == ((ring,),)
    mercator = tuple(map(tuple, to(3857, ring).tolist()))
    (found,) = to_degrees(Outline(((mercator,),), epsg=3857)).polygons[0]
    assert len(found) == 5, "a box of Mercator is a box of degrees"


def test_across_the_180th_meridian_a_line_goes_the_short_way() -> None:
    there = tuple(map(tuple, to(32760, [(179.0, -17.0), (181.0, -17.0), (181.0, -16.0), (179.0, -16.0)]).tolist()))
    found = np.array(to_degrees(Outline(((there,),), epsg=32760)).polygons[0][0])
    assert 4 < len(found) < 100
    assert np.all(np.abs(found[:, 0]) >= 178.99)


def test_lines_without_number_get_some_positions_each() -> None:
    comb = [(4.3e6 + 100 * n, 4.0e6 + 4e5 * (n % 2)) for n in range(4000)]
    found = to_degrees(Outline(((tuple(comb),),), epsg=3035))
    assert 4000 < found.vertices <= 4000 + MOST


def to(epsg: int, places: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Degrees in another system."""
    return np.column_stack(Transformer.from_crs(4326, epsg, always_xy=True).transform(*np.array(places).T))


def dense(ring: Sequence[tuple[float, float]], epsg: int, parts: int) -> NDArray[np.float64]:
    """Places in degrees along straight lines of a projection."""
    steps = np.arange(parts)[:, np.newaxis] / parts
    places = np.concatenate([a + (np.array(b) - a) * steps for a, b in pairwise(map(np.array, ring))])
    return np.column_stack(Transformer.from_crs(epsg, 4326, always_xy=True).transform(*places.T))


def apart(line: shapely.LineString, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres of each place from the line, by geodesics."""
    nearest = shapely.get_coordinates(
        shapely.line_interpolate_point(line, shapely.line_locate_point(line, shapely.points(places)))
    )
    return np.array(Geod(ellps="WGS84").inv(*places.T, *nearest.T)[2])


def test_numbers_outside_of_their_coordinate_system_are_refused_with_the_first() -> None:
    with pytest.raises(AreaError, match=r"1e\+15, 6700000 are outside of EPSG:3067"):
        to_degrees(Outline((((*BOX, (1e15, 6.7e6)),),), epsg=3067))
