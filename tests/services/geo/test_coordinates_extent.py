"""How far polygons reach, and how large they are."""

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.polygon import orient

from services.geo import bounds_of, geometry_of, square_kilometres, to_polygons
from tests.services.shapes import Ring, outlines

STARTS = st.lists(st.tuples(st.integers(-180, 170), st.integers(1, 10)), min_size=1, max_size=6)


@given(outlines())
def test_the_area_is_what_pyproj_finds_of_the_same_polygons(polygons: list[list[Ring]]) -> None:
    found, _ = to_polygons([tuple(map(tuple, rings)) for rings in polygons], repair=False)
    parts = [orient(Polygon(rings[0], rings[1:])) for rings in found]
    oracle = sum(abs(Geod(ellps="WGS84").geometry_area_perimeter(part)[0]) for part in parts) / 1e6
    assert square_kilometres(found) == pytest.approx(oracle, rel=1e-9)


def test_holes_are_no_area() -> None:
    ring = ((24.0, 60.0), (25.0, 60.0), (25.0, 61.0), (24.0, 61.0), (24.0, 60.0))
    hole = tuple((24.5 + (x - 24.5) / 2, 60.5 + (y - 60.5) / 2) for x, y in ring)
    whole, part = square_kilometres(((ring,),)), square_kilometres(((hole,),))
    assert square_kilometres(((ring, hole),)) == pytest.approx(whole - part)
    assert square_kilometres(((ring, hole[::-1]),)) == pytest.approx(whole - part)
    assert whole == pytest.approx(111.4 * 111.3 * math.cos(math.radians(60.5)), rel=0.01)


@given(STARTS)
def test_bounds_are_the_narrowest_that_hold_every_part(starts: list[tuple[int, int]]) -> None:
    boxes = MultiPolygon([shapely.box(west, 0, west + width, 1) for west, width in starts])
    west, south, east, north = bounds_of(boxes)
    assert (south, north) == (0, 1)
    taken = {(step + 180) % 360 for start, width in starts for step in range(start, start + width)}
    free = max(
        next((n for n in range(360) if (start + n) % 360 in taken), 360) for start in range(360)
    )  # the longest run of whole degrees that no box covers
    assert (east - west) % 360 in {(360 - free) % 360, 360 - free}
    within = {(int(west) + 180 + n) % 360 for n in range(int(east - west) if east >= west else int(east - west) + 360)}
    assert taken <= within


def test_one_polygon_has_its_own_bounds() -> None:
    ring = ((24.0, 60.0), (25.0, 60.5), (24.0, 61.0), (24.0, 60.0))
    assert bounds_of(geometry_of([(ring,)])) == (24.0, 60.0, 25.0, 61.0)
